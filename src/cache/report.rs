//! The numbers, for whoever watches.

use std::time::Duration;

use super::KeyCache;

/// What the cache holds and what it did since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheReport {
    /// Keys that are held, fresh or not.
    pub keys: usize,
    /// Absent ids that are held.
    pub absent: usize,
    /// The bytes that both take, as counted against the bound.
    pub bytes: usize,
    /// Questions answered by a key that was held.
    pub hits: u64,
    /// Questions that the store was asked because no copy counted.
    pub misses: u64,
    /// Questions answered by an absent id that was held.
    pub negatives: u64,
    /// Changes of single keys or owners that were told.
    pub pushes: u64,
    /// Times that everything was given up.
    pub flushes: u64,
    /// Readings that were not kept because something changed meanwhile.
    pub discarded: u64,
    /// Copies that made room for others.
    pub thrown_out: u64,
    /// Questions that the store was asked because there was no lease.
    pub direct: u64,
    /// Questions answered from copies after the lease, as `cache.stale_grace_seconds` allows.
    pub stale: u64,
    /// Times that a lease came back after there was none, the first included.
    pub leases: u64,
    /// Revoked keys that were there again and were removed again.
    pub came_back: u64,
    /// How old the last proof of freshness is; `None` where there is none.
    pub lease_age: Option<Duration>,
}

impl CacheReport {
    /// All but the age of the lease, by name.
    pub fn numbers(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("keys", self.keys as u64),
            ("absent", self.absent as u64),
            ("bytes", self.bytes as u64),
            ("hits", self.hits),
            ("misses", self.misses),
            ("negatives", self.negatives),
            ("pushes", self.pushes),
            ("flushes", self.flushes),
            ("discarded", self.discarded),
            ("thrown_out", self.thrown_out),
            ("direct", self.direct),
            ("stale", self.stale),
            ("leases", self.leases),
            ("came_back", self.came_back),
        ]
    }
}

impl KeyCache {
    /// Whether copies may be used at this moment.
    pub fn has_lease(&self) -> bool {
        self.freshness.lease.holds(self.clock.monotonic())
    }

    /// The numbers of now. Looks at each shard: for reports, not for requests.
    pub fn report(&self) -> CacheReport {
        let (keys, key_bytes) = self.keys.size();
        let (absent, absent_bytes) = self.absent.size();
        let counters = &self.counters;
        CacheReport {
            keys,
            absent,
            bytes: key_bytes + absent_bytes,
            hits: counters.hits.get(),
            misses: counters.misses.get(),
            negatives: counters.negatives.get(),
            pushes: counters.pushes.get(),
            flushes: counters.flushes.get(),
            discarded: counters.discarded.get(),
            thrown_out: counters.thrown_out.get(),
            direct: counters.direct.get(),
            stale: counters.stale.get(),
            leases: counters.leases.get(),
            came_back: counters.came_back.get(),
            lease_age: self.freshness.lease.age(self.clock.monotonic()),
        }
    }
}
