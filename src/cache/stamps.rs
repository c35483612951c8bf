//! Whether something has changed since.
//!
//! One counter stamps all there is. A change draws the next number and leaves it
//! at the bucket of its key or owner, or at the floor if it may concern
//! everything; whoever reads the store notes the counter *before* reading. What
//! was read is good as long as neither bucket nor floor shows a later number.
//!
//! That is an epoch (the floor) and a generation for each bucket. They are
//! compared when a copy is used, not only when it is put away: a change then
//! needs no lock and cannot slip between comparing and putting away. Two keys in
//! one bucket cost a needless look-up, never a wrong answer.

use super::sync::{AtomicU64, Ordering};

/// A number of the counter.
pub(super) type Stamp = u64;

/// What a copy depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Buckets {
    /// Of the key.
    pub key: u32,
    /// Of its owner; none where there is no key.
    pub owner: Option<u32>,
}

/// When what changed last.
pub(super) struct Stamps {
    counter: AtomicU64,
    floor: AtomicU64,
    keys: Box<[AtomicU64]>,
    owners: Box<[AtomicU64]>,
}

impl Stamps {
    /// With so many buckets, at least one.
    pub fn new(buckets: usize) -> Self {
        let zeros = || (0..buckets.max(1)).map(|_| AtomicU64::new(0)).collect();
        Self {
            counter: AtomicU64::new(0),
            floor: AtomicU64::new(0),
            keys: zeros(),
            owners: zeros(),
        }
    }

    /// The bucket that a hash falls into.
    pub fn bucket(&self, hash: u64) -> u32 {
        let buckets = self.keys.len() as u64;
        u32::try_from(hash % buckets).unwrap_or(0)
    }

    /// To be noted before reading.
    pub fn now(&self) -> Stamp {
        self.counter.load(Ordering::SeqCst)
    }

    pub fn key_changed(&self, bucket: u32) {
        self.leave(&self.keys[bucket as usize]);
    }

    pub fn owner_changed(&self, bucket: u32) {
        self.leave(&self.owners[bucket as usize]);
    }

    /// Gives the number of the new epoch.
    pub fn all_changed(&self) -> Stamp {
        self.leave(&self.floor)
    }

    pub fn epoch(&self) -> Stamp {
        self.floor.load(Ordering::SeqCst)
    }

    /// Whoever draws `now()` between the two steps reads after the change that
    /// is told here, and so may keep what they read.
    fn leave(&self, place: &AtomicU64) -> Stamp {
        let stamp = self.counter.fetch_add(1, Ordering::SeqCst) + 1;
        place.fetch_max(stamp, Ordering::SeqCst);
        stamp
    }

    /// Whether what was read after `stamp` is still good.
    pub fn holds(&self, stamp: Stamp, buckets: Buckets) -> bool {
        let unchanged = |place: &AtomicU64| place.load(Ordering::SeqCst) <= stamp;
        unchanged(&self.floor)
            && unchanged(&self.keys[buckets.key as usize])
            && buckets
                .owner
                .is_none_or(|owner| unchanged(&self.owners[owner as usize]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Buckets = Buckets {
        key: 1,
        owner: Some(2),
    };

    #[test]
    fn what_was_read_before_a_change_is_no_good_after_it() {
        let changes: [fn(&Stamps); 3] = [
            |stamps| stamps.key_changed(1),
            |stamps| stamps.owner_changed(2),
            |stamps| {
                stamps.all_changed();
            },
        ];
        for change in changes {
            let stamps = Stamps::new(4);
            let before = stamps.now();
            assert!(stamps.holds(before, KEY));
            change(&stamps);
            assert!(!stamps.holds(before, KEY));
            assert!(stamps.holds(stamps.now(), KEY));
        }
    }

    #[test]
    fn other_keys_and_owners_do_not_matter() {
        let stamps = Stamps::new(4);
        let before = stamps.now();
        stamps.key_changed(2);
        stamps.owner_changed(1);
        assert!(stamps.holds(before, KEY));
        let absent = Buckets {
            key: 1,
            owner: None,
        };
        stamps.owner_changed(2);
        assert!(stamps.holds(before, absent));
    }
}
