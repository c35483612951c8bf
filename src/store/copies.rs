//! What a store owes to whoever keeps copies of its records.
//!
//! A store that is followed tells of every change, whoever made it, and from
//! time to time how far that is complete: *all changes that were acknowledged
//! before this moment have been told*. Copies may be used for a bounded time
//! after such a moment, and not at all where none came.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::disabled;
use crate::domain::record_name::{RecordName, Shelf};

/// Receives what a store tells. Calls return at once; they come from the task
/// that reads the store's line, in the order of the line, and from whoever
/// changes something through the same store, before that change is acknowledged.
pub trait Copies: Send + Sync {
    /// The record of a key was made, changed or removed.
    fn key_changed(&self, id: &ApiKeyId);

    /// A key was revoked: for good, since ids are never used twice. Whatever
    /// the store may say of it later, it stays revoked.
    fn key_revoked(&self, id: &ApiKeyId);

    /// The record of an owner changed.
    fn owner_changed(&self, owner: &OwnerTag);

    /// Anything may have changed: the store was emptied, or changes may have
    /// been missed. Begins an epoch; gives its number.
    fn all_changed(&self) -> u64;

    /// The number of the epoch.
    fn epoch(&self) -> u64;

    /// All changes acknowledged before `at` (monotonic time) have been told, and
    /// the store is the one to ask. Counts for nothing if `epoch` is over.
    fn fresh_as_of(&self, epoch: u64, at: Duration);

    /// The store is not the one to ask, or not the one that answers: no copy may
    /// be used, and nothing that was read until now be kept. Begins an epoch.
    fn withdraw(&self);

    /// The keys that are known to be revoked, for a store that may have lost it.
    fn revoked(&self) -> Vec<ApiKeyId>;

    /// A revoked key was there again, and has been removed again.
    fn came_back(&self, id: &ApiKeyId);
}

/// Who is told, if anybody follows.
#[derive(Default)]
pub(super) struct Follower {
    copies: OnceLock<Arc<dyn Copies>>,
    has_changes: AtomicBool,
}

impl Follower {
    /// Begins; gives back who came second, since one is followed once.
    pub fn begin(&self, copies: Arc<dyn Copies>) -> Result<(), Arc<dyn Copies>> {
        self.copies.set(copies)
    }

    /// Whether anything was changed through the store that nobody here follows,
    /// so that only other processes have to hear of it.
    pub fn has_changes_for_others(&self) -> bool {
        self.copies.get().is_none() && self.has_changes.load(Ordering::Relaxed)
    }

    fn told(&self) -> Option<&Arc<dyn Copies>> {
        self.has_changes.store(true, Ordering::Relaxed);
        self.copies.get()
    }

    /// After an attempt to change a key, whatever came of it: an attempt that
    /// was given up may have been made all the same.
    pub fn key_changed(&self, id: &ApiKeyId) {
        if let Some(copies) = self.told() {
            copies.key_changed(id);
        }
    }

    /// After keys were revoked.
    pub fn keys_revoked(&self, ids: &[ApiKeyId]) {
        if let Some(copies) = self.told() {
            for id in ids {
                copies.key_revoked(id);
            }
        }
    }

    /// After an attempt to change a record. Of these, only those of disabled
    /// owners matter to what is kept.
    pub fn record_changed(&self, name: &RecordName) {
        if name.shelf() == Shelf::Disabled
            && let Some(owner) = disabled::owner_of(name.as_str())
        {
            self.owner_changed(&owner);
        }
    }

    /// Something was read from elsewhere than where changes are told.
    pub fn withdraw(&self) {
        if let Some(copies) = self.copies.get() {
            copies.withdraw();
        }
    }

    /// After an attempt to change an owner.
    pub fn owner_changed(&self, owner: &OwnerTag) {
        if let Some(copies) = self.told() {
            copies.owner_changed(owner);
        }
    }
}
