//! Keys that were looked up, kept to be used again, and honest about it: a copy
//! is used only while the store has proven lately that nothing newer is known.
//!
//! **The promise.** A change that was acknowledged is obeyed within a moment;
//! under any single fault within the lease after its acknowledgement. Without a
//! lease no copy is used: the store is asked, and if it does not answer, nothing
//! passes.
//!
//! **How.** The store tells of each change ([`Copies`]) and, several times within
//! a lease, of a moment before which nothing is missing. Everything that is read
//! is stamped *before* it is read; a copy counts as long as no later stamp is on
//! its key, its owner or everything ([`stamps`]). Using a copy takes one reading
//! of the clock, no allocation, no waiting and a lock for reading. A reading
//! that ends without the lease under which it began must be confirmed.
//!
//! Revoked keys are remembered apart ([`tombs`]): should a store lose the
//! revocation, it stays. Absent ids are kept apart from keys, so that asking for
//! many of them throws no key out.

mod counters;
mod flights;
mod freshness;
mod lease;
mod report;
mod shelf;
mod source;
mod stamps;
mod sync;
mod telling;
mod tombs;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

pub use report::CacheReport;
pub use source::Source;

use self::counters::Counters;
use self::flights::Flights;
use self::freshness::Freshness;
use self::shelf::{Copied, Shelf};
use self::stamps::{Buckets, Stamp};
use self::tombs::Tombs;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::evidence::FiledKey;
use crate::domain::reason::Reason;
use crate::domain::time::Clock;

/// The part of the bytes that absent ids may take.
const ABSENT_PART: usize = 16;

/// How the cache works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheOptions {
    /// How many bytes copies may take; with none, every check asks the store,
    /// but a lease still tells whether that is the right one.
    pub bytes_max: usize,
    /// For how long copies may be used after they were proven fresh.
    pub lease: Duration,
    /// For how much longer, while the store does not answer.
    pub stale_grace: Duration,
}

impl Default for CacheOptions {
    fn default() -> Self {
        Self {
            bytes_max: 64 << 20,
            lease: Duration::from_secs(1),
            stale_grace: Duration::ZERO,
        }
    }
}

/// A key as it was looked up.
#[derive(Debug)]
pub struct LookedUp {
    /// The key with what is known of its owner.
    pub filed: FiledKey,
    /// The sealed record, where its hash is to move under another salt.
    pub record: Option<Vec<u8>>,
}

impl LookedUp {
    /// About how many bytes of memory it takes.
    fn bytes(&self) -> usize {
        self.filed.bytes() + self.record.as_ref().map_or(0, Vec::len)
    }
}

/// What is known of an id: a key, or that there is none.
pub type Known = Option<Arc<LookedUp>>;

/// What a copy may be used for.
enum Recalled {
    /// This is known, as good as asked just now.
    Known(Known),
    /// There is no copy, or none that counts; what is read may be kept.
    Unknown,
    /// No copy may be used, and what is read must be confirmed.
    Unproven,
}

/// What a reading brought.
enum Filled {
    /// This is known.
    Known(Known),
    /// The lease was lost meanwhile, or everything may have changed: what was
    /// read must be confirmed, and so read anew.
    Unproven,
}

/// The copies.
pub struct KeyCache {
    hasher: RandomState,
    freshness: Freshness,
    keys: Shelf<ApiKeyId, Arc<LookedUp>>,
    absent: Shelf<ApiKeyId, ()>,
    tombs: Tombs,
    flights: Flights<Result<Known, Reason>>,
    counters: Counters,
    clock: Arc<dyn Clock>,
    options: CacheOptions,
}

/// Notes when a reading began.
#[derive(Clone, Copy, Debug)]
struct Ticket {
    id: ApiKeyId,
    hash: u64,
    stamp: Stamp,
}

impl KeyCache {
    /// An empty cache, without a lease.
    pub fn new(options: CacheOptions, clock: Arc<dyn Clock>) -> Self {
        let absent = options.bytes_max / ABSENT_PART;
        Self {
            hasher: RandomState::new(),
            freshness: Freshness::new(options.lease),
            keys: Shelf::new(options.bytes_max - absent),
            absent: Shelf::new(absent),
            tombs: Tombs::default(),
            flights: Flights::default(),
            counters: Counters::default(),
            clock,
            options,
        }
    }

    /// What is known of an id.
    fn recall(&self, id: &ApiKeyId) -> Recalled {
        if !self.freshness.lease.holds(self.clock.monotonic()) {
            return Recalled::Unproven;
        }
        let hash = self.hasher.hash_one(id);
        match self.copy_of(hash, id) {
            Some(known) => {
                if known.is_some() {
                    self.counters.hits.one();
                } else {
                    self.counters.negatives.one();
                }
                Recalled::Known(known)
            }
            None => Recalled::Unknown,
        }
    }

    /// What is known of an id although the lease is over, where the settings
    /// allow for that and nothing has been told against it.
    fn recall_stale(&self, id: &ApiKeyId) -> Option<Arc<LookedUp>> {
        let grace = self.options.stale_grace;
        if grace.is_zero()
            || !self
                .freshness
                .lease
                .holds_for(self.clock.monotonic(), grace)
        {
            return None;
        }
        let known = self.copy_of(self.hasher.hash_one(id), id).flatten()?;
        self.counters.stale.one();
        Some(known)
    }

    fn copy_of(&self, hash: u64, id: &ApiKeyId) -> Option<Known> {
        if let Some(copied) = self.keys.get(hash, id)
            && self.freshness.stamps.holds(copied.stamp, copied.buckets)
        {
            return Some(Some(copied.value));
        }
        let absent = self.absent.get(hash, id)?;
        self.freshness
            .stamps
            .holds(absent.stamp, absent.buckets)
            .then_some(None)
    }

    /// Reads what is not known, once for all who ask at the same time.
    async fn fill(&self, id: &ApiKeyId, source: &impl Source) -> Result<Filled, Reason> {
        self.counters.misses.one();
        let asked = self.begin(id);
        let flight = self
            .flights
            .join(id, self.buckets(&asked, None), &self.freshness.stamps);
        let ticket = Ticket {
            stamp: flight.stamp,
            ..asked
        };
        let mut is_mine = false;
        let landed = flight
            .landed
            .get_or_init(|| async {
                is_mine = true;
                let read = source.read(*id).await;
                if let Ok(known) = &read {
                    self.keep(&ticket, known.as_ref());
                }
                read
            })
            .await
            .clone();
        self.flights.close(id, &flight);
        let known = landed?;
        // What somebody else read may be older than a change of the key's owner
        // that was told before this question came.
        if is_mine || self.counts(&ticket, known.as_ref()) {
            return Ok(self.filled(&asked, known));
        }
        let ticket = self.begin(id);
        let known = source.read(*id).await?;
        self.keep(&ticket, known.as_ref());
        Ok(self.filled(&ticket, known))
    }

    /// What was read is an answer if the server was the one to ask all the while.
    fn filled(&self, asked: &Ticket, known: Known) -> Filled {
        let now = self.clock.monotonic();
        if self.freshness.vouches_for(asked.stamp, now) {
            Filled::Known(self.unless_revoked(&asked.id, known))
        } else {
            Filled::Unproven
        }
    }

    /// What a reading without a lease brought, as far as it counts.
    fn direct(&self, id: &ApiKeyId, known: Known) -> Known {
        self.counters.direct.one();
        self.unless_revoked(id, known)
    }

    /// To be called before the store is asked.
    fn begin(&self, id: &ApiKeyId) -> Ticket {
        Ticket {
            id: *id,
            hash: self.hasher.hash_one(id),
            stamp: self.freshness.stamps.now(),
        }
    }

    /// Whether nothing has been told against what was read.
    fn counts(&self, ticket: &Ticket, known: Option<&Arc<LookedUp>>) -> bool {
        let owner = known.map(|known| known.filed.key().owner_tag());
        let buckets = self.buckets(ticket, owner.as_ref());
        self.freshness.stamps.holds(ticket.stamp, buckets)
    }

    /// Puts away what was read, unless something changed meanwhile.
    fn keep(&self, ticket: &Ticket, known: Option<&Arc<LookedUp>>) {
        let owner = known.map(|known| known.filed.key().owner_tag());
        let (id, hash) = (ticket.id, ticket.hash);
        let buckets = self.buckets(ticket, owner.as_ref());
        if !self.freshness.stamps.holds(ticket.stamp, buckets) {
            return self.counters.discarded.one();
        }
        let thrown_out = match known {
            Some(_) if self.tombs.contains(&id) => 0,
            Some(known) => {
                let copied = Copied::new(Arc::clone(known), ticket.stamp, buckets);
                self.keys.put(hash, id, copied, known.bytes())
            }
            None => {
                let copied = Copied::new((), ticket.stamp, buckets);
                self.absent.put(hash, id, copied, 0)
            }
        };
        self.counters.thrown_out.add(thrown_out as u64);
    }

    fn buckets(&self, ticket: &Ticket, owner: Option<&OwnerTag>) -> Buckets {
        Buckets {
            key: self.freshness.stamps.bucket(ticket.hash),
            owner: owner.map(|owner| self.freshness.stamps.bucket(self.hasher.hash_one(owner))),
        }
    }

    /// A revoked key that the store still or again has is none.
    fn unless_revoked(&self, id: &ApiKeyId, known: Known) -> Known {
        known.filter(|_| !self.tombs.contains(id))
    }
}
