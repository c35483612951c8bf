//! What is known of owners apart from their keys.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::api_key::OwnerTag;

/// A step through all records of owners, and the cursor of the next one.
pub type ScannedPrincipals = (Vec<(OwnerTag, Vec<u8>)>, Option<Vec<u8>>);

/// Where the sealed records of owners are kept.
#[async_trait]
pub trait PrincipalStore: Send + Sync {
    /// The record of an owner.
    async fn find_principal(&self, owner: &OwnerTag) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes the record of an owner; the last writer wins.
    async fn put_principal(&self, owner: &OwnerTag, record: &[u8]) -> Result<(), StoreError>;

    /// Writes the record of an owner if it still is, byte for byte, `expected`,
    /// or if there still is none; false where it is another by now.
    async fn swap_principal(
        &self,
        owner: &OwnerTag,
        expected: Option<&[u8]>,
        record: &[u8],
    ) -> Result<bool, StoreError>;

    /// Goes through the records of all owners; cursors as in `KeyStore::scan_keys`.
    async fn scan_principals(&self, cursor: &[u8]) -> Result<ScannedPrincipals, StoreError>;
}
