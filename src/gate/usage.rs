//! What do keys do? Counted in memory, written down in batches, so that a
//! request pays a short lock on one of many shards and nothing else.

mod tally;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::watch;

use self::tally::Tally;
use crate::domain::api_key::ApiKeyId;
use crate::domain::decision::Decision;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::usage::Hour;
use crate::store::upkeep::Use;
use crate::store::usage::KeyHour;
use crate::store::{StoreError, UsageHistory, UsageStore};

/// How often uses are written down.
pub const FLUSH_SECONDS: u64 = 10;
/// How many keys are noted before they are written down early.
pub const FLUSH_ENTRIES: usize = 1_000;
/// How soon a key is written down that was not in use a moment ago: somebody may
/// be waiting to see its first use.
const FIRST_USE_AFTER: Duration = Duration::from_millis(500);
/// How many keys are noted at most; uses of further ones are dropped.
const ENTRIES_MAX: usize = 64 * 1_024;
const SHARDS: usize = 64;
const SHARD_ENTRIES_MAX: usize = ENTRIES_MAX / SHARDS;

/// The counts of some keys, and what is still to be written down.
#[derive(Default)]
struct Shard {
    tallies: HashMap<ApiKeyId, Tally>,
    /// How many keys there is something new of.
    touched: usize,
    uses: HashMap<ApiKeyId, Use>,
    hours: HashMap<(ApiKeyId, Hour), KeyHour>,
}

/// Notes what keys do.
pub struct UsageRecorder {
    shards: [Mutex<Shard>; SHARDS],
    full: Notify,
    first: Notify,
}

/// What is to be written down.
#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    uses: Vec<Use>,
    hours: Vec<KeyHour>,
}

/// Which keys are written down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    All,
    New,
}

impl Default for UsageRecorder {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            full: Notify::new(),
            first: Notify::new(),
        }
    }
}

impl UsageRecorder {
    /// Notes a decision, if it is about a key that there is. A key that was made
    /// up leaves no trace, however many there are.
    pub fn note(&self, decision: &Decision, at: Timestamp, client: Option<IpAddr>) {
        match decision {
            Decision::Allow(permit) => {
                if let Some(id) = permit.identity().and_then(|identity| identity.key_id) {
                    self.count(id, None, at, client);
                }
            }
            Decision::Deny(denial) => {
                if let Some(id) = denial.key_id
                    && denial.reason.is_of_known_key()
                {
                    self.count(id, Some(denial.reason), at, client);
                }
            }
        }
    }

    fn count(&self, id: ApiKeyId, refused: Option<Reason>, at: Timestamp, client: Option<IpAddr>) {
        let hour = Hour::of(at);
        let mut guard = lock(&self.shards[shard_of(&id)]);
        let shard = &mut *guard;
        let is_known = shard.tallies.contains_key(&id);
        if !is_known && shard.tallies.len() >= SHARD_ENTRIES_MAX {
            return;
        }
        let tally = shard.tallies.entry(id).or_insert_with(|| Tally::new(hour));
        let was_touched = tally.is_touched;
        if tally.hour() < hour {
            let (used, told) = tally.take(id);
            tally.turn_to(hour);
            keep(&mut shard.uses, &mut shard.hours, used, told);
        }
        tally.count(refused, at, client);
        if !was_touched {
            shard.touched += 1;
            if shard.touched == FLUSH_ENTRIES / SHARDS {
                self.full.notify_one();
            }
        }
        if !is_known {
            self.first.notify_one();
        }
    }

    /// Takes what was noted. A key that did nothing since the last time is
    /// forgotten.
    fn take(&self, which: Which) -> Report {
        let mut report = Report::default();
        for shard in &self.shards {
            let shard = &mut *lock(shard);
            shard.tallies.retain(|id, tally| {
                if which == Which::New && !tally.is_new {
                    return true;
                }
                if !tally.is_touched {
                    return false;
                }
                let (used, told) = tally.take(*id);
                shard.touched = shard.touched.saturating_sub(1);
                keep(&mut shard.uses, &mut shard.hours, used, told);
                true
            });
            report.uses.extend(shard.uses.drain().map(|(_, used)| used));
            report
                .hours
                .extend(shard.hours.drain().map(|(_, told)| told));
        }
        report
    }

    fn give_uses_back(&self, uses: Vec<Use>) {
        for used in uses {
            let shard = &mut *lock(&self.shards[shard_of(&used.id)]);
            keep_use(&mut shard.uses, used);
        }
    }

    fn give_hours_back(&self, hours: Vec<KeyHour>) {
        for told in hours {
            let shard = &mut *lock(&self.shards[shard_of(&told.id)]);
            keep_hour(&mut shard.hours, told);
        }
    }

    /// Writes down all that was noted.
    pub async fn flush<S: UsageStore + UsageHistory + ?Sized>(&self, store: &S) {
        self.write(store, Which::All).await;
    }

    async fn write<S: UsageStore + UsageHistory + ?Sized>(&self, store: &S, which: Which) {
        let report = self.take(which);
        if !report.uses.is_empty()
            && let Err(error) = store.record_uses(&report.uses).await
        {
            complain(&error, report.uses.len());
            self.give_uses_back(report.uses);
        }
        if !report.hours.is_empty()
            && let Err(error) = store.record_usage(&report.hours).await
        {
            complain(&error, report.hours.len());
            self.give_hours_back(report.hours);
        }
    }

    /// Waits for a key that was not in use a moment ago, and a little longer:
    /// others may follow, and are written down together.
    async fn first_uses(&self) {
        self.first.notified().await;
        tokio::time::sleep(FIRST_USE_AFTER).await;
    }

    /// Writes down at intervals and when there is much, and soon what keys do
    /// that were not in use a moment ago, until `stop` says so; then once more.
    pub async fn run<S: UsageStore + UsageHistory + ?Sized>(
        self: Arc<Self>,
        store: Arc<S>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut interval = tokio::time::interval(Duration::from_secs(FLUSH_SECONDS));
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let which = tokio::select! {
                _ = interval.tick() => Which::All,
                () = self.full.notified() => Which::All,
                () = self.first_uses() => Which::New,
                _ = stop.wait_for(|stop| *stop) => break,
            };
            self.write(&*store, which).await;
        }
        self.flush(&*store).await;
    }
}

fn complain(error: &StoreError, count: usize) {
    tracing::warn!(%error, count, "uses of keys could not be written down yet");
}

fn keep(
    uses: &mut HashMap<ApiKeyId, Use>,
    hours: &mut HashMap<(ApiKeyId, Hour), KeyHour>,
    used: Option<Use>,
    told: KeyHour,
) {
    if let Some(used) = used {
        keep_use(uses, used);
    }
    keep_hour(hours, told);
}

fn keep_use(uses: &mut HashMap<ApiKeyId, Use>, used: Use) {
    let has_room = uses.len() < SHARD_ENTRIES_MAX;
    match uses.get_mut(&used.id) {
        Some(known) => {
            known.at = known.at.max(used.at);
            known.count += used.count;
        }
        None if has_room => drop(uses.insert(used.id, used)),
        None => {}
    }
}

fn keep_hour(hours: &mut HashMap<(ApiKeyId, Hour), KeyHour>, told: KeyHour) {
    let has_room = hours.len() < SHARD_ENTRIES_MAX;
    match hours.get_mut(&(told.id, told.hour)) {
        Some(known) => tally::join(known, told),
        None if has_room => drop(hours.insert((told.id, told.hour), told)),
        None => {}
    }
}

fn shard_of(id: &ApiKeyId) -> usize {
    // The random part of an id spreads evenly by itself.
    let bytes: &[u8] = match id {
        ApiKeyId::Native(text) => &text[2..10],
        ApiKeyId::Seed(hash) => &hash[..8],
    };
    bytes.iter().fold(0_usize, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(usize::from(*byte))
    }) % SHARDS
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Counters stay sound whatever panicked while they were held.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
