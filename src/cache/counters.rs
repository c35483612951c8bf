//! What the cache did, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that only grows.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, number: u64) {
        self.0.fetch_add(number, Ordering::Relaxed);
    }

    pub fn one(&self) {
        self.add(1);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counted away from the path of a hit. Hits are all questions less the rest:
/// counting them here would make every thread write to one place.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub misses: Counter,
    pub negatives: Counter,
    pub pushes: Counter,
    pub flushes: Counter,
    pub discarded: Counter,
    pub thrown_out: Counter,
    pub direct: Counter,
    pub stale: Counter,
    pub leases: Counter,
    pub came_back: Counter,
}
