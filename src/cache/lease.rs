//! For how long copies may be used.

use std::time::Duration;

use super::sync::{AtomicU64, Ordering};

/// Until when copies are known to be fresh. Ages are of the monotonic clock, which
/// runs on while the machine sleeps: neither a wall clock that is set back nor a
/// lid that is closed lengthens anything.
pub(super) struct Lease {
    /// The latest moment up to which all changes have been told, in
    /// nanoseconds and one more; 0 for none.
    fresh: AtomicU64,
    length: Duration,
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX - 1)
}

impl Lease {
    pub fn new(length: Duration) -> Self {
        Self {
            fresh: AtomicU64::new(0),
            length,
        }
    }

    /// From `at` on, unless it began later already.
    pub fn renew(&self, at: Duration) {
        self.fresh
            .fetch_max(nanoseconds(at).saturating_add(1), Ordering::SeqCst);
    }

    pub fn withdraw(&self) {
        self.fresh.store(0, Ordering::SeqCst);
    }

    /// How old the last proof is; `None` where there is none.
    pub fn age(&self, now: Duration) -> Option<Duration> {
        let fresh = self.fresh.load(Ordering::SeqCst).checked_sub(1)?;
        Some(now.saturating_sub(Duration::from_nanos(fresh)))
    }

    pub fn holds(&self, now: Duration) -> bool {
        self.holds_for(now, Duration::ZERO)
    }

    /// Whether it holds, or has been over for no longer than `grace`.
    pub fn holds_for(&self, now: Duration, grace: Duration) -> bool {
        self.age(now)
            .is_some_and(|age| age <= self.length.saturating_add(grace))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_counts_from_the_moment_it_was_proven_for() {
        let lease = Lease::new(Duration::from_secs(1));
        let at = Duration::from_millis;
        assert!(!lease.holds(at(0)), "there is none to begin with");
        lease.renew(at(500));
        lease.renew(at(400));
        assert!(lease.holds(at(1_500)));
        assert!(!lease.holds(at(1_501)));
        assert!(lease.holds_for(at(2_500), Duration::from_secs(1)));
        lease.withdraw();
        assert!(!lease.holds_for(at(500), Duration::from_secs(1)));
    }
}
