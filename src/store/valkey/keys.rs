//! Keys: found, listed, scanned; how they change is in `changing` and `revoking`.

use async_trait::async_trait;

use super::layout::{self, Filed};
use super::{StoreError, ValkeyStore};
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::store::KeyStore;
use crate::store::keys::{
    Found, Listed, Minted, NewRecord, Place, Replaced, Replay, Revocation, Revoked, Rotated,
};

#[async_trait]
impl KeyStore for ValkeyStore {
    async fn find_key(&self, id: &ApiKeyId) -> Result<Option<Found>, StoreError> {
        self.server.within(self.find(id)).await
    }

    async fn mint_key(
        &self,
        new: &NewRecord,
        limit: Option<u32>,
        replay: Option<&Replay>,
    ) -> Result<Minted, StoreError> {
        let minted = self.server.within(self.mint(new, limit, replay)).await;
        self.key_changed(&new.id);
        minted
    }

    async fn replace_key(&self, expected: &[u8], new: &NewRecord) -> Result<Replaced, StoreError> {
        let replaced = self.server.within(self.replace(expected, new)).await;
        self.key_changed(&new.id);
        replaced
    }

    async fn rotate_key(
        &self,
        expected: &[u8],
        superseded: &NewRecord,
        successor: &NewRecord,
        replay: Option<&Replay>,
    ) -> Result<Rotated, StoreError> {
        let rotated = self
            .server
            .within(self.rotate(expected, superseded, successor, replay))
            .await;
        self.key_changed(&superseded.id);
        self.key_changed(&successor.id);
        rotated
    }

    async fn revoke_keys(
        &self,
        owner: &OwnerTag,
        revocations: &[Revocation],
    ) -> Result<Revoked, StoreError> {
        let revoked = self.server.within(self.revoke(owner, revocations)).await;
        for key in revocations {
            self.key_changed(&key.id);
        }
        let ids = match revoked {
            Ok(ids) => ids,
            Err(error) => return Err(self.block(owner, revocations, error).await),
        };
        self.call_out(&ids, true).await;
        // The keys are gone; how safely is asked with a limit of its own, and
        // whatever comes of that, they stay gone.
        let durability = self.durability().await;
        Ok(Revoked { ids, durability })
    }

    async fn find_tombstone(&self, id: &ApiKeyId) -> Result<Option<Vec<u8>>, StoreError> {
        self.server.within(self.get(&layout::tombstone(id))).await
    }

    async fn list_tombstones(
        &self,
        owner: &OwnerTag,
        limit: usize,
    ) -> Result<Vec<(ApiKeyId, Vec<u8>)>, StoreError> {
        self.server.within(self.ended(owner, limit)).await
    }

    async fn list_keys(
        &self,
        owner: &OwnerTag,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        self.server.within(self.list(owner, after, limit)).await
    }

    async fn scan_keys(&self, cursor: &[u8]) -> Result<(Vec<Listed>, Option<Vec<u8>>), StoreError> {
        self.server.within(self.scan(cursor)).await
    }
}

impl ValkeyStore {
    /// One value.
    pub(super) async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let home = self.server.home(name);
        home.ask(redis::cmd("GET").arg(name)).await
    }

    async fn find(&self, id: &ApiKeyId) -> Result<Option<Found>, StoreError> {
        let name = layout::record(id);
        let hint = self.hints.recall(id);
        let (value, hinted) = match hint {
            Some(owner) => {
                let principal = layout::principal(&owner);
                self.server.get_both(&name, &principal).await?
            }
            None => (self.get(&name).await?, None),
        };
        let Some(value) = value else {
            return Ok(None);
        };
        let filed = Filed::read(id, value)?;
        let principal = if hint == Some(filed.owner) {
            hinted
        } else {
            self.hints.remember(*id, filed.owner);
            self.get(&layout::principal(&filed.owner)).await?
        };
        Ok(Some(Found {
            record: filed.record,
            principal,
        }))
    }
}
