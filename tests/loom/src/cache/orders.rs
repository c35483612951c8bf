//! Each test is one situation; loom runs it in every order.

use std::time::Duration;

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;

use super::freshness::Freshness;
use super::shelf::{Copied, Shelf};
use super::stamps::Buckets;

const KEY: u64 = 7;
const LEASE: Duration = Duration::from_secs(1);
const NOW: Duration = Duration::from_millis(500);
/// One bucket: it is what all that is tried here has in common.
const BUCKETS: Buckets = Buckets {
    key: 0,
    owner: Some(0),
};

/// A store with one record and a cache of it, in small.
struct World {
    /// What the store holds.
    record: AtomicU64,
    freshness: Freshness,
    shelf: Shelf<u64, u64>,
}

impl World {
    fn new() -> Arc<Self> {
        let world = Self {
            record: AtomicU64::new(1),
            freshness: Freshness::with_buckets(LEASE, 1),
            shelf: Shelf::with_shards(1, 1 << 20),
        };
        world
            .freshness
            .fresh_as_of(world.freshness.stamps.epoch(), NOW);
        Arc::new(world)
    }

    /// As `KeyCache::fill` does.
    fn fill(&self) -> u64 {
        let stamp = self.freshness.stamps.now();
        let read = self.record.load(Ordering::SeqCst);
        if self.freshness.stamps.holds(stamp, BUCKETS) {
            self.shelf
                .put(KEY, KEY, Copied::new(read, stamp, BUCKETS), 0);
        }
        read
    }

    /// As `KeyCache::recall` does.
    fn recall(&self) -> Option<u64> {
        if !self.freshness.lease.holds(NOW) {
            return None;
        }
        let copied = self.shelf.get(KEY, &KEY)?;
        self.freshness
            .stamps
            .holds(copied.stamp, copied.buckets)
            .then_some(copied.value)
    }

    /// The store takes a change, tells it, acknowledges it.
    fn change(&self, tell: impl Fn(&Freshness)) {
        self.record.store(2, Ordering::SeqCst);
        tell(&self.freshness);
    }
}

/// Changes while somebody else fills; whoever asks after the acknowledgement
/// gets the new one or nothing.
fn nothing_stale_after(tell: fn(&Freshness)) {
    loom::model(move || {
        let world = World::new();
        let filling = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                world.fill();
            })
        };
        world.change(tell);
        assert_ne!(world.recall(), Some(1), "acknowledged, and still there");
        filling.join().unwrap();
        assert_ne!(world.recall(), Some(1), "put away after the change");
    });
}

#[test]
fn a_key_that_changed_is_never_recalled_as_it_was() {
    nothing_stale_after(|freshness| freshness.stamps.key_changed(0));
}

#[test]
fn a_key_whose_owner_changed_is_never_recalled_as_it_was() {
    nothing_stale_after(|freshness| freshness.stamps.owner_changed(0));
}

#[test]
fn after_an_epoch_began_nothing_from_before_is_recalled() {
    nothing_stale_after(|freshness| {
        freshness.all_changed();
    });
}

#[test]
fn a_key_in_use_by_two_is_stale_for_neither() {
    loom::model(|| {
        let world = World::new();
        world.fill();
        let asking = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                // Once it was seen changed, it stays so.
                let seen = [world.recall(), world.recall()];
                assert!(!(seen[0].is_none() && seen[1] == Some(1)), "{seen:?}");
            })
        };
        world.change(|freshness| freshness.stamps.key_changed(0));
        assert_ne!(world.recall(), Some(1));
        asking.join().unwrap();
    });
}

#[test]
fn of_two_fills_the_earlier_never_hides_that_the_key_changed() {
    let mut many = loom::model::Builder::new();
    many.preemption_bound = Some(3);
    many.check(|| {
        let world = World::new();
        let fills: Vec<_> = (0..2)
            .map(|_| {
                let world = Arc::clone(&world);
                thread::spawn(move || {
                    world.fill();
                })
            })
            .collect();
        world.change(|freshness| freshness.stamps.key_changed(0));
        assert_ne!(world.recall(), Some(1));
        for fill in fills {
            fill.join().unwrap();
        }
        assert_ne!(world.recall(), Some(1));
    });
}

#[test]
fn a_lease_that_was_withdrawn_is_not_renewed_by_a_proof_from_before() {
    loom::model(|| {
        let world = World::new();
        let epoch = world.freshness.stamps.epoch();
        let proving = {
            let world = Arc::clone(&world);
            thread::spawn(move || world.freshness.fresh_as_of(epoch, NOW))
        };
        world.freshness.withdraw();
        assert!(!world.freshness.lease.holds(NOW));
        proving.join().unwrap();
        assert!(!world.freshness.lease.holds(NOW));
    });
}

#[test]
fn what_was_read_while_the_lease_was_withdrawn_is_never_vouched_for() {
    loom::model(|| {
        let world = World::new();
        let reading = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                let stamp = world.freshness.stamps.now();
                // A connection that leads elsewhere says so before it answers.
                world.freshness.withdraw();
                let read = world.record.load(Ordering::SeqCst);
                assert!(!world.freshness.vouches_for(stamp, NOW), "{read}");
            })
        };
        world
            .freshness
            .fresh_as_of(world.freshness.stamps.epoch(), NOW);
        reading.join().unwrap();
    });
}

/// The proof that these tests would notice: the stamp belongs before the reading.
#[test]
#[should_panic(expected = "put away after the change")]
fn a_stamp_that_is_noted_after_reading_is_caught() {
    loom::model(|| {
        let world = World::new();
        let filling = {
            let world = Arc::clone(&world);
            thread::spawn(move || {
                let read = world.record.load(Ordering::SeqCst);
                let stamp = world.freshness.stamps.now();
                let copied = Copied::new(read, stamp, BUCKETS);
                world.shelf.put(KEY, KEY, copied, 0);
            })
        };
        world.change(|freshness| freshness.stamps.key_changed(0));
        filling.join().unwrap();
        assert_ne!(world.recall(), Some(1), "put away after the change");
    });
}
