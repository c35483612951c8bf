//! Until when copies may be used, and which: lease and stamps as one.

use std::time::Duration;

use super::lease::Lease;
use super::stamps::{Stamp, Stamps};
use super::sync::{Mutex, MutexGuard, PoisonError};

/// How many buckets stamps lie in: 256 KiB in all.
const BUCKETS: usize = 16 * 1_024;

/// What a store has told of changes, and how far that is complete.
pub(super) struct Freshness {
    pub stamps: Stamps,
    pub lease: Lease,
    /// Held while both are set, so that no renewal falls between the steps of a
    /// withdrawal or outlives the epoch that it was proven in.
    turn: Mutex<()>,
}

impl Freshness {
    /// Without a lease.
    pub fn new(lease: Duration) -> Self {
        Self::with_buckets(lease, BUCKETS)
    }

    /// The same with so many buckets.
    pub fn with_buckets(lease: Duration, buckets: usize) -> Self {
        Self {
            stamps: Stamps::new(buckets),
            lease: Lease::new(lease),
            turn: Mutex::new(()),
        }
    }

    /// Begins an epoch; gives its number.
    pub fn all_changed(&self) -> Stamp {
        let _turn = self.turn();
        self.stamps.all_changed()
    }

    /// All changes acknowledged before `at` have been told, if the epoch still is
    /// the one in which that was asked; says whether it is.
    pub fn fresh_as_of(&self, epoch: Stamp, at: Duration) -> bool {
        let _turn = self.turn();
        let counts = epoch == self.stamps.epoch();
        if counts {
            self.lease.renew(at);
        }
        counts
    }

    /// Nothing proves anything any more, and what is being read counts for nothing.
    pub fn withdraw(&self) {
        let _turn = self.turn();
        self.lease.withdraw();
        self.stamps.all_changed();
    }

    /// Whether what was read since that stamp is an answer without further proof:
    /// the lease holds, and it is the one under which the reading began.
    pub fn vouches_for(&self, stamp: Stamp, now: Duration) -> bool {
        self.lease.holds(now) && self.stamps.epoch() <= stamp
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_counts_only_in_the_epoch_it_was_asked_for_in() {
        let second = Duration::from_secs(1);
        let freshness = Freshness::with_buckets(second, 1);
        let epoch = freshness.stamps.epoch();
        let stamp = freshness.stamps.now();
        assert!(!freshness.vouches_for(stamp, second));
        assert!(freshness.fresh_as_of(epoch, second));
        assert!(freshness.vouches_for(stamp, second));

        freshness.withdraw();
        assert!(!freshness.fresh_as_of(epoch, second), "another epoch");
        assert!(!freshness.vouches_for(stamp, second));
        let epoch = freshness.stamps.epoch();
        assert!(freshness.fresh_as_of(epoch, second));
        assert!(!freshness.vouches_for(stamp, second), "read before");
        assert!(freshness.vouches_for(freshness.stamps.now(), second));
    }
}
