//! What the cache did, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

use thread_local::ThreadLocal;

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

/// A line of memory of its own, so that threads do not wait for each other.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Own(Counter);

/// A number that many threads raise all the time: each its own part of it.
#[derive(Debug, Default)]
pub(super) struct HotCounter(ThreadLocal<Own>);

impl HotCounter {
    pub fn one(&self) {
        self.0.get_or_default().0.one();
    }

    pub fn get(&self) -> u64 {
        self.0.iter().map(|own| own.0.get()).sum()
    }
}

/// Since the start.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub hits: HotCounter,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_thread_counts_adds_up() {
        let counter = HotCounter::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1_000).for_each(|_| counter.one()));
            }
        });
        assert_eq!(counter.get(), 4_000);
    }
}
