//! When was a key last used? Noted in memory, written down in batches, so that
//! a passing request pays a short lock on one of many shards and nothing else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::watch;

use crate::domain::api_key::ApiKeyId;
use crate::domain::time::Timestamp;
use crate::store::UsageStore;
use crate::store::upkeep::Use;

/// How often uses are written down.
pub const FLUSH_SECONDS: u64 = 10;
/// How many keys are noted before they are written down early.
pub const FLUSH_ENTRIES: usize = 1_000;
/// How many keys are noted at most; uses of further ones are dropped.
const ENTRIES_MAX: usize = 64 * 1_024;
const SHARDS: usize = 64;

#[derive(Clone, Copy)]
struct Noted {
    at: Timestamp,
    count: u64,
}

/// Notes uses of keys.
pub struct UsageRecorder {
    shards: [Mutex<HashMap<ApiKeyId, Noted>>; SHARDS],
    full: Notify,
}

impl Default for UsageRecorder {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::default()),
            full: Notify::new(),
        }
    }
}

impl UsageRecorder {
    /// Notes that a key passed just now.
    pub fn note(&self, id: ApiKeyId, at: Timestamp) {
        let mut shard = lock(&self.shards[shard_of(&id)]);
        let entries = shard.len();
        if let Some(noted) = shard.get_mut(&id) {
            noted.at = noted.at.max(at);
            noted.count += 1;
        } else if entries < ENTRIES_MAX / SHARDS {
            shard.insert(id, Noted { at, count: 1 });
            if entries + 1 == FLUSH_ENTRIES / SHARDS {
                self.full.notify_one();
            }
        }
    }

    /// Takes what was noted.
    fn take(&self) -> Vec<Use> {
        let mut uses = Vec::new();
        for shard in &self.shards {
            let taken = std::mem::take(&mut *lock(shard));
            uses.extend(taken.into_iter().map(|(id, noted)| Use {
                id,
                at: noted.at,
                count: noted.count,
            }));
        }
        uses
    }

    /// Gives back what could not be written.
    fn give_back(&self, uses: Vec<Use>) {
        for used in uses {
            let mut shard = lock(&self.shards[shard_of(&used.id)]);
            let room = shard.len() < ENTRIES_MAX / SHARDS;
            match shard.get_mut(&used.id) {
                Some(noted) => {
                    noted.at = noted.at.max(used.at);
                    noted.count += used.count;
                }
                None if room => {
                    shard.insert(
                        used.id,
                        Noted {
                            at: used.at,
                            count: used.count,
                        },
                    );
                }
                None => {}
            }
        }
    }

    /// Writes down what was noted.
    pub async fn flush<S: UsageStore + ?Sized>(&self, store: &S) {
        let uses = self.take();
        if uses.is_empty() {
            return;
        }
        if let Err(error) = store.record_uses(&uses).await {
            tracing::warn!(%error, keys = uses.len(), "uses of keys could not be written down yet");
            self.give_back(uses);
        }
    }

    /// Writes down at intervals and when there is much, until `stop` says so;
    /// then once more.
    pub async fn run<S: UsageStore + ?Sized>(
        self: Arc<Self>,
        store: Arc<S>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut interval = tokio::time::interval(Duration::from_secs(FLUSH_SECONDS));
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = interval.tick() => {}
                () = self.full.notified() => {}
                _ = stop.wait_for(|stop| *stop) => break,
            }
            self.flush(&*store).await;
        }
        self.flush(&*store).await;
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
mod tests {
    use super::*;

    fn id(number: usize) -> ApiKeyId {
        ApiKeyId::parse(&format!("00{number:014}")).unwrap()
    }

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[test]
    fn uses_of_a_key_add_up_and_the_latest_counts() {
        let recorder = UsageRecorder::default();
        recorder.note(id(1), at(5));
        recorder.note(id(1), at(3));
        recorder.give_back(vec![Use {
            id: id(1),
            at: at(9),
            count: 2,
        }]);
        assert_eq!(
            recorder.take(),
            vec![Use {
                id: id(1),
                at: at(9),
                count: 4
            }]
        );
        assert_eq!(recorder.take(), Vec::new());
    }

    #[test]
    fn no_flood_of_keys_takes_all_memory() {
        let recorder = UsageRecorder::default();
        (0..2 * ENTRIES_MAX).for_each(|number| recorder.note(id(number), at(1)));
        assert!(recorder.take().len() <= ENTRIES_MAX);
    }
}
