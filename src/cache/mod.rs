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
//! of the clock, no allocation, no waiting and a lock for reading.
//!
//! Revoked keys are remembered apart ([`tombs`]): should a store lose the
//! revocation, it stays. Absent ids are kept apart from keys, so that asking for
//! many of them throws no key out.

mod counters;
mod flights;
mod lease;
mod report;
mod shelf;
mod stamps;
mod tombs;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

pub use report::CacheReport;

use self::counters::Counters;
use self::flights::Flights;
use self::lease::Lease;
use self::shelf::{Copied, Shelf};
use self::stamps::{Buckets, Stamp, Stamps};
use self::tombs::Tombs;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::evidence::FiledKey;
use crate::domain::reason::Reason;
use crate::domain::time::Clock;
use crate::store::copies::Copies;

/// How many buckets stamps lie in: 256 KiB in all.
const BUCKETS: usize = 16 * 1_024;
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

/// What is known of an id: a key, or that there is none.
pub type Known = Option<Arc<LookedUp>>;

/// What a copy may be used for.
#[derive(Debug)]
pub enum Recalled {
    /// This is known, as good as asked just now.
    Known(Known),
    /// There is no copy, or none that counts; what is read may be kept.
    Unknown,
    /// No copy may be used, and what is read must be confirmed.
    Unproven,
}

/// The copies.
pub struct KeyCache {
    hasher: RandomState,
    stamps: Stamps,
    lease: Lease,
    keys: Shelf<Arc<LookedUp>>,
    absent: Shelf<()>,
    tombs: Tombs,
    flights: Flights<Result<Known, Reason>>,
    counters: Counters,
    clock: Arc<dyn Clock>,
    options: CacheOptions,
}

/// Notes when a reading began.
#[derive(Clone, Copy, Debug)]
pub struct Ticket {
    id: ApiKeyId,
    hash: u64,
    stamp: Stamp,
}

impl KeyCache {
    /// An empty cache, without a lease.
    pub fn new(options: CacheOptions, clock: Arc<dyn Clock>) -> Self {
        Self::with_buckets(options, clock, BUCKETS)
    }

    fn with_buckets(options: CacheOptions, clock: Arc<dyn Clock>, buckets: usize) -> Self {
        let absent = options.bytes_max / ABSENT_PART;
        Self {
            hasher: RandomState::new(),
            stamps: Stamps::new(buckets),
            lease: Lease::new(options.lease),
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
    pub fn recall(&self, id: &ApiKeyId) -> Recalled {
        if !self.lease.holds(self.clock.monotonic()) {
            return Recalled::Unproven;
        }
        let hash = self.hasher.hash_one(id);
        match self.copy_of(hash, id) {
            Some(known) => Recalled::Known(known),
            None => Recalled::Unknown,
        }
    }

    /// What is known of an id although the lease is over, where the settings
    /// allow for that and nothing has been told against it.
    pub fn recall_stale(&self, id: &ApiKeyId) -> Option<Arc<LookedUp>> {
        let grace = self.options.stale_grace;
        if grace.is_zero() || !self.lease.holds_for(self.clock.monotonic(), grace) {
            return None;
        }
        let known = self.copy_of(self.hasher.hash_one(id), id).flatten()?;
        self.counters.stale.one();
        Some(known)
    }

    fn copy_of(&self, hash: u64, id: &ApiKeyId) -> Option<Known> {
        if let Some(copied) = self.keys.get(hash, id)
            && self.stamps.holds(copied.stamp, copied.buckets)
        {
            return Some(Some(copied.value));
        }
        let absent = self.absent.get(hash, id)?;
        if !self.stamps.holds(absent.stamp, absent.buckets) {
            return None;
        }
        self.counters.negatives.one();
        Some(None)
    }

    /// Reads what is not known, once for all who ask at the same time.
    ///
    /// # Errors
    /// Gives what `read` fails with.
    pub async fn fill<F: Future<Output = Result<Known, Reason>>>(
        &self,
        id: &ApiKeyId,
        read: impl Fn() -> F,
    ) -> Result<Known, Reason> {
        self.counters.misses.one();
        let ticket = self.begin(id);
        let flight = self
            .flights
            .join(id, self.buckets(&ticket, None), &self.stamps);
        let ticket = Ticket {
            stamp: flight.stamp,
            ..ticket
        };
        let mut is_mine = false;
        let landed = flight
            .landed
            .get_or_init(|| async {
                is_mine = true;
                let read = read().await;
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
            Ok(self.unless_revoked(id, known))
        } else {
            self.read_alone(id, read()).await
        }
    }

    /// What was read after the question came is an answer to it, kept or not.
    async fn read_alone(
        &self,
        id: &ApiKeyId,
        read: impl Future<Output = Result<Known, Reason>>,
    ) -> Result<Known, Reason> {
        let ticket = self.begin(id);
        let known = read.await?;
        self.keep(&ticket, known.as_ref());
        Ok(self.unless_revoked(id, known))
    }

    /// What a reading without a lease brought, as far as it counts.
    pub fn direct(&self, id: &ApiKeyId, known: Known) -> Known {
        self.counters.direct.one();
        self.unless_revoked(id, known)
    }

    /// To be called before the store is asked.
    fn begin(&self, id: &ApiKeyId) -> Ticket {
        Ticket {
            id: *id,
            hash: self.hasher.hash_one(id),
            stamp: self.stamps.now(),
        }
    }

    /// Whether nothing has been told against what was read.
    fn counts(&self, ticket: &Ticket, known: Option<&Arc<LookedUp>>) -> bool {
        let owner = known.map(|known| known.filed.key().owner_tag());
        let buckets = self.buckets(ticket, owner.as_ref());
        self.stamps.holds(ticket.stamp, buckets)
    }

    /// Puts away what was read, unless something changed meanwhile; says
    /// whether it did.
    fn keep(&self, ticket: &Ticket, known: Option<&Arc<LookedUp>>) -> bool {
        let owner = known.map(|known| known.filed.key().owner_tag());
        let buckets = self.buckets(ticket, owner.as_ref());
        if !self.stamps.holds(ticket.stamp, buckets) {
            self.counters.discarded.one();
            return false;
        }
        if known.is_some() && self.tombs.contains(&ticket.id) {
            return false;
        }
        let stamp = ticket.stamp;
        let thrown_out = if let Some(known) = known {
            let copied = Copied {
                value: Arc::clone(known),
                stamp,
                buckets,
            };
            let record = known.record.as_ref().map_or(0, Vec::len);
            let bytes = known.filed.bytes() + record;
            self.keys.put(ticket.hash, ticket.id, copied, bytes)
        } else {
            let copied = Copied {
                value: (),
                stamp,
                buckets,
            };
            self.absent.put(ticket.hash, ticket.id, copied, 0)
        };
        self.counters.thrown_out.add(thrown_out as u64);
        true
    }

    fn buckets(&self, ticket: &Ticket, owner: Option<&OwnerTag>) -> Buckets {
        Buckets {
            key: self.stamps.bucket(ticket.hash),
            owner: owner.map(|owner| self.stamps.bucket(self.hasher.hash_one(owner))),
        }
    }

    /// A revoked key that the store still or again has is none.
    fn unless_revoked(&self, id: &ApiKeyId, known: Known) -> Known {
        known.filter(|_| !self.tombs.contains(id))
    }
}

impl Copies for KeyCache {
    fn key_changed(&self, id: &ApiKeyId) {
        self.counters.pushes.one();
        let bucket = self.stamps.bucket(self.hasher.hash_one(id));
        self.stamps.key_changed(bucket);
    }

    /// Remembered first: whoever reads after the change is told finds it.
    fn key_revoked(&self, id: &ApiKeyId) {
        self.tombs.remember(*id, self.clock.monotonic());
        self.key_changed(id);
    }

    fn owner_changed(&self, owner: &OwnerTag) {
        self.counters.pushes.one();
        let bucket = self.stamps.bucket(self.hasher.hash_one(owner));
        self.stamps.owner_changed(bucket);
    }

    fn all_changed(&self) -> u64 {
        self.counters.flushes.one();
        self.stamps.all_changed()
    }

    fn epoch(&self) -> u64 {
        self.stamps.epoch()
    }

    fn fresh_as_of(&self, epoch: u64, at: Duration) {
        if epoch != self.stamps.epoch() {
            return;
        }
        if !self.lease.holds(self.clock.monotonic()) {
            self.counters.leases.one();
        }
        self.lease.renew(at);
    }

    fn withdraw(&self) {
        self.lease.withdraw();
    }

    fn revoked(&self) -> Vec<ApiKeyId> {
        self.tombs.all()
    }

    fn came_back(&self, id: &ApiKeyId) {
        tracing::error!(
            key.id = %id,
            "a revoked key was there again, as after a fail-over that lost its revocation; it has been removed again"
        );
        self.counters.came_back.one();
    }
}
