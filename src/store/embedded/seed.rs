//! Records of rusty-valkey-forward-auth: those of Valkey cannot lie here, and
//! those that were imported are ordinary records.

use std::sync::atomic::Ordering;

use async_trait::async_trait;

use super::{EmbeddedStore, StoreError};
use crate::domain::api_key::ApiKeyId;
use crate::store::SeedStore;
use crate::store::seed::SeedRecord;

#[async_trait]
impl SeedStore for EmbeddedStore {
    /// Whether any were imported: then a seed-shaped text is worth a look-up.
    fn may_hold_seed_keys(&self) -> bool {
        self.has_seed_keys.load(Ordering::Relaxed)
    }

    async fn find_seed_key(
        &self,
        _id: &ApiKeyId,
    ) -> Result<Option<(SeedRecord, Option<Vec<u8>>)>, StoreError> {
        Ok(None)
    }

    async fn list_seed_keys(&self, _subject: &str) -> Result<Vec<SeedRecord>, StoreError> {
        Ok(Vec::new())
    }

    async fn revoke_seed_key(&self, _subject: &str, _id: &ApiKeyId) -> Result<bool, StoreError> {
        Ok(false)
    }

    async fn scan_seed_keys(
        &self,
        _cursor: &[u8],
    ) -> Result<(Vec<SeedRecord>, Option<Vec<u8>>), StoreError> {
        Ok((Vec::new(), None))
    }
}
