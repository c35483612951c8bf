//! What the service keeps for itself: uses of keys, the filter key, key sets of issuers.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::api_key::ApiKeyId;
use crate::domain::salt::SaltId;
use crate::domain::time::Timestamp;

/// Uses of one key since the last report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Which key.
    pub id: ApiKeyId,
    /// The latest use.
    pub at: Timestamp,
    /// How many there were.
    pub count: u64,
}

/// Where uses are written down, in batches and off the path of requests.
#[async_trait]
pub trait UsageStore: Send + Sync {
    /// Keeps the later of the known and the given time, and adds the counts. A
    /// use of a key that is gone may be dropped. Need not survive a crash.
    async fn record_uses(&self, uses: &[Use]) -> Result<(), StoreError>;
}

/// Where the filter key is kept: encrypted, one copy for each salt.
#[async_trait]
pub trait VaultStore: Send + Sync {
    /// All copies.
    async fn filter_keys(&self) -> Result<Vec<(SaltId, Vec<u8>)>, StoreError>;

    /// Writes the first copy, if there is none under any salt; false where there is.
    async fn create_filter_key(&self, salt: SaltId, sealed: &[u8]) -> Result<bool, StoreError>;

    /// Adds a copy under another salt, if there is none under that one.
    async fn add_filter_key(&self, salt: SaltId, sealed: &[u8]) -> Result<(), StoreError>;
}

/// Where the last good discovery and key set of each issuer are kept, so that a
/// fresh replica can verify tokens while the issuer is down.
#[async_trait]
pub trait KeySetStore: Send + Sync {
    /// The sealed record of that issuer.
    async fn find_key_set(&self, issuer: &str) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes it; the last writer wins.
    async fn put_key_set(&self, issuer: &str, record: &[u8]) -> Result<(), StoreError>;
}
