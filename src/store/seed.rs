//! The records of rusty-valkey-forward-auth: read, listed and revoked in place,
//! never written. A store that cannot hold any has none.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::api_key::ApiKeyId;

/// A seed record as it lies there: three texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeedRecord {
    /// The hash that it is filed under.
    pub id: ApiKeyId,
    /// The subject of its owner.
    pub subject: String,
    /// When it was made, as the seed wrote it (RFC 3339).
    pub created_at: String,
    /// What its owner calls it; may be empty.
    pub description: String,
}

/// Where the seed's records are kept.
#[async_trait]
pub trait SeedStore: Send + Sync {
    /// Whether this store may hold seed records at all.
    fn may_hold_seed_keys(&self) -> bool;

    /// The record under `auth:token:{id}`, with whatever record is kept of its
    /// owner (`gl:p`, bare realm, default tenant).
    async fn find_seed_key(
        &self,
        id: &ApiKeyId,
    ) -> Result<Option<(SeedRecord, Option<Vec<u8>>)>, StoreError>;

    /// All records of a subject, by way of `auth:user_tokens:{subject}`, in at
    /// most two round trips. Entries of that set without a record are passed over.
    async fn list_seed_keys(&self, subject: &str) -> Result<Vec<SeedRecord>, StoreError>;

    /// Removes a record and its entry in the owner's set, as the seed does;
    /// false where it was not there or belongs to another subject. The record
    /// goes first, so that no fault in between leaves a key alive that is not listed.
    async fn revoke_seed_key(&self, subject: &str, id: &ApiKeyId) -> Result<bool, StoreError>;

    /// Goes through all seed records; cursors as in `KeyStore::scan_keys`.
    async fn scan_seed_keys(
        &self,
        cursor: &[u8],
    ) -> Result<(Vec<SeedRecord>, Option<Vec<u8>>), StoreError>;
}
