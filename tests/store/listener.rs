//! Somebody who keeps copies, as far as a store can tell: notes what it is told.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatelodge::domain::api_key::{ApiKeyId, OwnerTag};
use gatelodge::store::{Copies, Store};

use super::parts::process::wait_until;

/// Within which a proof must come on a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(20);

/// Notes what a store tells.
#[derive(Default)]
pub struct Listener {
    keys: Mutex<HashSet<ApiKeyId>>,
    owners: Mutex<HashSet<OwnerTag>>,
    revoked: Mutex<HashSet<ApiKeyId>>,
    came_back: Mutex<HashSet<ApiKeyId>>,
    /// How often everything was given up.
    pub epochs: AtomicU64,
    /// How often the store was said not to be the one to ask.
    pub withdrawals: AtomicU64,
    proofs: AtomicU64,
}

impl Listener {
    /// Follows a store; comes back with the first proof.
    pub async fn follows(store: &dyn Store) -> Arc<Self> {
        let listener = Arc::new(Self::default());
        store.follow(Arc::clone(&listener) as Arc<dyn Copies>);
        listener.next_proof().await;
        listener
    }

    /// Waits for a proof that was begun after this call.
    pub async fn next_proof(&self) {
        let before = self.proofs();
        // The first may have been begun already.
        wait_until("freshness is proven", SOON, async || {
            self.proofs() >= before + 2
        })
        .await;
    }

    /// How often freshness was proven.
    pub fn proofs(&self) -> u64 {
        self.proofs.load(Ordering::SeqCst)
    }

    /// Whether a change of that key has been told since this was asked last.
    pub fn heard_of_key(&self, id: &ApiKeyId) -> bool {
        self.keys.lock().unwrap().remove(id)
    }

    /// The same of an owner.
    pub fn heard_of_owner(&self, owner: &OwnerTag) -> bool {
        self.owners.lock().unwrap().remove(owner)
    }

    /// Whether a key was told as revoked, or is to be remembered as such.
    pub fn knows_revoked(&self, id: &ApiKeyId) -> bool {
        self.revoked.lock().unwrap().contains(id)
    }

    /// Remembers a revocation that no store told.
    pub fn remembers(&self, id: ApiKeyId) {
        self.revoked.lock().unwrap().insert(id);
    }

    /// Whether a revoked key was there again.
    pub fn saw_come_back(&self, id: &ApiKeyId) -> bool {
        self.came_back.lock().unwrap().contains(id)
    }

    /// Whether anything at all was told.
    pub fn heard_nothing(&self) -> bool {
        self.keys.lock().unwrap().is_empty() && self.owners.lock().unwrap().is_empty()
    }

    /// How many epochs there have been.
    pub fn epochs(&self) -> u64 {
        self.epochs.load(Ordering::SeqCst)
    }

    /// How often the store was said not to be the one to ask.
    pub fn withdrawals(&self) -> u64 {
        self.withdrawals.load(Ordering::SeqCst)
    }
}

impl Copies for Listener {
    fn key_changed(&self, id: &ApiKeyId) {
        self.keys.lock().unwrap().insert(*id);
    }

    fn key_revoked(&self, id: &ApiKeyId) {
        self.revoked.lock().unwrap().insert(*id);
        self.key_changed(id);
    }

    fn owner_changed(&self, owner: &OwnerTag) {
        self.owners.lock().unwrap().insert(*owner);
    }

    fn all_changed(&self) -> u64 {
        self.epochs.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn epoch(&self) -> u64 {
        self.epochs()
    }

    fn fresh_as_of(&self, epoch: u64, _at: Duration) {
        if epoch == self.epochs() {
            self.proofs.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn withdraw(&self) {
        self.withdrawals.fetch_add(1, Ordering::SeqCst);
        self.all_changed();
    }

    fn revoked(&self) -> Vec<ApiKeyId> {
        self.revoked.lock().unwrap().iter().copied().collect()
    }

    fn came_back(&self, id: &ApiKeyId) {
        self.came_back.lock().unwrap().insert(*id);
    }
}
