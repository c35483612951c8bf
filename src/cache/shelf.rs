//! Copies within a bound of bytes, on shards that are locked for reading only
//! when one is used.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::stamps::{Buckets, Stamp};
use super::sync::{AtomicBool, Ordering, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// What a copy costs besides its own bytes: its place, its entry in the index.
pub(super) const OVERHEAD_BYTES: usize = 160;
const SHARDS: usize = 64;

/// A copy and what it depends on.
#[derive(Clone, Debug)]
pub(super) struct Copied<V> {
    pub value: V,
    /// Noted before the value was read.
    pub stamp: Stamp,
    pub buckets: Buckets,
}

impl<V> Copied<V> {
    /// What was read after that stamp and depends on these.
    pub fn new(value: V, stamp: Stamp, buckets: Buckets) -> Self {
        Self {
            value,
            stamp,
            buckets,
        }
    }
}

struct Slot<K, V> {
    id: K,
    hash: u64,
    copied: Copied<V>,
    bytes: usize,
    /// Set by use, cleared by the hand that looks for something to throw out.
    used: AtomicBool,
}

/// The keyed hash of an id is its own place in the index.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

struct Shard<K, V> {
    index: HashMap<u64, usize, BuildHasherDefault<Itself>>,
    slots: Vec<Slot<K, V>>,
    hand: usize,
    bytes: usize,
}

/// Copies by id.
pub(super) struct Shelf<K, V> {
    shards: Box<[RwLock<Shard<K, V>>]>,
    shard_bytes_max: usize,
}

impl<K: Eq, V: Clone> Shelf<K, V> {
    /// Holds at most so many bytes; with none, it holds nothing.
    pub fn new(bytes_max: usize) -> Self {
        Self::with_shards(SHARDS, bytes_max)
    }

    /// The same on so many shards, at least one.
    pub fn with_shards(shards: usize, bytes_max: usize) -> Self {
        let shards = shards.max(1);
        let shard = || {
            RwLock::new(Shard {
                index: HashMap::default(),
                slots: Vec::new(),
                hand: 0,
                bytes: 0,
            })
        };
        Self {
            shards: (0..shards).map(|_| shard()).collect(),
            shard_bytes_max: bytes_max / shards,
        }
    }

    /// The copy of that id, whose hash the caller knows.
    pub fn get(&self, hash: u64, id: &K) -> Option<Copied<V>> {
        let shard = self.read(hash);
        let slot = &shard.slots[*shard.index.get(&hash)?];
        if slot.id != *id {
            return None;
        }
        // Writing less keeps the line of memory shared between processors.
        if !slot.used.load(Ordering::Relaxed) {
            slot.used.store(true, Ordering::Relaxed);
        }
        Some(slot.copied.clone())
    }

    /// Puts a copy away, unless a later one is there; says how many others were
    /// thrown out for it.
    pub fn put(&self, hash: u64, id: K, copied: Copied<V>, bytes: usize) -> usize {
        let bytes = bytes + OVERHEAD_BYTES;
        if bytes > self.shard_bytes_max {
            return 0;
        }
        let mut shard = self.write(hash);
        if let Some(place) = shard.index.get(&hash).copied() {
            if shard.slots[place].id == id && shard.slots[place].copied.stamp > copied.stamp {
                return 0;
            }
            shard.remove(place);
        }
        let mut thrown_out = 0;
        while shard.bytes + bytes > self.shard_bytes_max {
            let place = shard.unused();
            shard.remove(place);
            thrown_out += 1;
        }
        shard.push(Slot {
            id,
            hash,
            copied,
            bytes,
            used: AtomicBool::new(false),
        });
        thrown_out
    }

    /// How many copies there are, and how many bytes they take.
    pub fn size(&self) -> (usize, usize) {
        self.shards
            .iter()
            .map(|shard| shard.read().unwrap_or_else(PoisonError::into_inner))
            .fold((0, 0), |(copies, bytes), shard| {
                (copies + shard.slots.len(), bytes + shard.bytes)
            })
    }

    fn shard(&self, hash: u64) -> &RwLock<Shard<K, V>> {
        // The index takes the low bits, buckets the remainder.
        &self.shards[usize::try_from(hash >> 58).unwrap_or(0) % self.shards.len()]
    }

    /// A shard stays whole whatever panicked: each change ends without a step
    /// that can.
    fn read(&self, hash: u64) -> RwLockReadGuard<'_, Shard<K, V>> {
        self.shard(hash)
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, hash: u64) -> RwLockWriteGuard<'_, Shard<K, V>> {
        self.shard(hash)
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Shard<K, V> {
    fn push(&mut self, slot: Slot<K, V>) {
        self.bytes += slot.bytes;
        self.index.insert(slot.hash, self.slots.len());
        self.slots.push(slot);
    }

    fn remove(&mut self, place: usize) {
        let removed = self.slots.swap_remove(place);
        self.bytes -= removed.bytes;
        self.index.remove(&removed.hash);
        if let Some(moved) = self.slots.get(place) {
            self.index.insert(moved.hash, place);
        }
    }

    /// The next one that was not used since the hand last came by. Ends after
    /// two rounds at the latest. There is one: what is put away fits alone.
    fn unused(&mut self) -> usize {
        loop {
            self.hand = (self.hand + 1) % self.slots.len();
            if !self.slots[self.hand].used.swap(false, Ordering::Relaxed) {
                return self.hand;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copied(value: u64, stamp: Stamp) -> Copied<u64> {
        Copied {
            value,
            stamp,
            buckets: Buckets {
                key: 0,
                owner: None,
            },
        }
    }

    /// All in one shard.
    fn hash(number: u64) -> u64 {
        number
    }

    #[test]
    fn a_later_copy_replaces_an_earlier_one_and_not_the_other_way_round() {
        let shelf = Shelf::<u64, _>::new(1 << 20);
        shelf.put(hash(1), 1, copied(10, 5), 0);
        shelf.put(hash(1), 1, copied(11, 4), 0);
        assert_eq!(shelf.get(hash(1), &1).unwrap().value, 10);
        shelf.put(hash(1), 1, copied(12, 6), 0);
        assert_eq!(shelf.get(hash(1), &1).unwrap().value, 12);
        assert!(shelf.get(hash(1), &2).is_none(), "hashes may collide");
    }

    #[test]
    fn bytes_are_bounded_and_what_is_used_stays() {
        let room_for_ten = SHARDS * 10 * OVERHEAD_BYTES;
        let shelf = Shelf::<u64, _>::new(room_for_ten);
        shelf.put(hash(0), 0, copied(0, 0), 0);
        for number in 1..1_000 {
            shelf.put(hash(number), number, copied(number, 0), 0);
            assert!(shelf.get(hash(0), &0).is_some(), "after {number}");
        }
        let (copies, bytes) = shelf.size();
        assert_eq!((copies, bytes), (10, 10 * OVERHEAD_BYTES));
        assert_eq!(shelf.put(hash(7), 7, copied(7, 0), room_for_ten), 0);
        assert!(shelf.get(hash(7), &7).is_none(), "too big to be put away");
    }

    #[test]
    fn a_shelf_without_room_holds_nothing() {
        let shelf = Shelf::<u64, _>::new(0);
        shelf.put(hash(1), 1, copied(1, 0), 0);
        assert!(shelf.get(hash(1), &1).is_none());
    }
}
