//! What a store tells, taken to heart.

use std::hash::BuildHasher as _;
use std::time::Duration;

use super::KeyCache;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::store::Copies;

impl Copies for KeyCache {
    fn key_changed(&self, id: &ApiKeyId) {
        self.counters.pushes.one();
        let stamps = &self.freshness.stamps;
        stamps.key_changed(stamps.bucket(self.hasher.hash_one(id)));
    }

    /// Remembered first: whoever reads after the change is told finds it.
    fn key_revoked(&self, id: &ApiKeyId) {
        self.tombs.remember(*id, self.clock.monotonic());
        self.key_changed(id);
    }

    fn owner_changed(&self, owner: &OwnerTag) {
        self.counters.pushes.one();
        let stamps = &self.freshness.stamps;
        stamps.owner_changed(stamps.bucket(self.hasher.hash_one(owner)));
    }

    fn all_changed(&self) -> u64 {
        self.counters.flushes.one();
        self.freshness.all_changed()
    }

    fn epoch(&self) -> u64 {
        self.freshness.stamps.epoch()
    }

    fn fresh_as_of(&self, epoch: u64, at: Duration) {
        let had_lease = self.freshness.lease.holds(self.clock.monotonic());
        if self.freshness.fresh_as_of(epoch, at) && !had_lease {
            self.counters.leases.one();
        }
    }

    fn withdraw(&self) {
        self.freshness.withdraw();
    }

    fn revoked(&self) -> Vec<ApiKeyId> {
        self.tombs.all()
    }

    fn came_back(&self, id: &ApiKeyId) {
        tracing::error!(
            key.id = %id,
            "a revoked key was there again, as after a fail-over that lost its revocation; it has been removed again"
        );
        self.counters.came_back.one();
    }
}
