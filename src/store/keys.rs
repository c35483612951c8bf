//! Keys: minted, found, changed, listed, revoked.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::time::Timestamp;

/// A sealed record on its way into the store, with what the indexes need.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// The key's id.
    pub id: ApiKeyId,
    /// Whose it is.
    pub owner: OwnerTag,
    /// The sealed record.
    pub record: Vec<u8>,
    /// When it was made: the order of lists.
    pub created_at: Timestamp,
    /// When it ends. A store keeps the record for [`KEPT_AFTER_EXPIRY_DAYS`]
    /// beyond, so that lists can say what became of it.
    pub expires_at: Option<Timestamp>,
}

/// How long a record is kept after the key expired.
pub const KEPT_AFTER_EXPIRY_DAYS: u64 = 30;
/// How long a tombstone is kept.
pub const TOMBSTONE_DAYS: u64 = 90;
/// How many of an owner's tombstones are listed; the newest are.
pub const TOMBSTONES_LISTED_MAX: usize = 1_000;
/// How long an answer can be replayed.
pub const REPLAY_HOURS: u64 = 24;

/// An answer kept for a client that asks the same thing twice
/// (`Idempotency-Key`), sealed so that only that client's request opens it.
#[derive(Clone, Debug)]
pub struct Replay {
    /// A keyed digest of caller, request and `Idempotency-Key`.
    pub digest: [u8; 32],
    /// The sealed answer.
    pub sealed: Vec<u8>,
}

/// What came of minting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Minted {
    /// The record is stored, and its answer with it.
    Done,
    /// The same request was answered before: here is that answer. Nothing was stored.
    Replayed(Vec<u8>),
    /// The id is or was taken: draw another. Nothing was stored.
    IdTaken,
    /// The owner has as many keys as allowed. Nothing was stored.
    LimitReached,
}

/// What came of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// The record was as expected and is now the new one.
    Done,
    /// The record is another by now: read it again. Nothing was changed.
    Changed,
    /// There is no such record.
    Absent,
}

/// What came of a rotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotated {
    /// The old record was replaced and the new one is stored.
    Done,
    /// The same request was answered before: here is that answer.
    Replayed(Vec<u8>),
    /// The old record is another by now, or gone: read it again.
    Changed,
    /// The new id is or was taken: draw another.
    IdTaken,
}

/// A key to be revoked.
#[derive(Clone, Debug)]
pub struct Revocation {
    /// Which.
    pub id: ApiKeyId,
    /// Its sealed tombstone.
    pub tombstone: Vec<u8>,
}

/// How safe a revocation is, as the store can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Durability {
    /// Whether it is on the store's own disk.
    pub persisted: bool,
    /// How many replicas have it.
    pub replicas: u32,
}

/// What came of revoking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Those that were there and are gone.
    pub ids: Vec<ApiKeyId>,
    /// How safe that is.
    pub durability: Durability,
}

/// What a check of a key needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The sealed record.
    pub record: Vec<u8>,
    /// The sealed record of the key's owner, if there is one.
    pub principal: Option<Vec<u8>>,
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The key's id.
    pub id: ApiKeyId,
    /// The sealed record.
    pub record: Vec<u8>,
    /// When it was made: with the id, the place in the list.
    pub created_at: Timestamp,
    /// When it last passed a gate, as far as has been written down.
    pub last_used_at: Option<Timestamp>,
}

/// A place in an owner's list: the last line that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its time of making.
    pub created_at: Timestamp,
    /// Its id.
    pub id: ApiKeyId,
}

/// Where keys are kept. Every change is atomic for itself, durable when it
/// returns (as far as the store is set up to be), and seen by every later read
/// through the same store.
#[async_trait]
pub trait KeyStore: Send + Sync {
    /// The record of a key and of its owner; `None` where there is none. Asks
    /// the store itself, never a replica. One round trip once the owner of the
    /// id has been seen.
    async fn find_key(&self, id: &ApiKeyId) -> Result<Option<Found>, StoreError>;

    /// Stores a new key: checks the replayed answer, then the limit, then that
    /// the id is neither in use nor was ever revoked, and writes record, index
    /// and answer, all or nothing. `limit` counts all records of the owner that
    /// are in the index. (A seed key's record lies in another shard than its
    /// owner's index: there, the index is written first.)
    async fn mint_key(
        &self,
        new: &NewRecord,
        limit: Option<u32>,
        replay: Option<&Replay>,
    ) -> Result<Minted, StoreError>;

    /// Replaces a record if it still is, byte for byte, `expected`. Owner and
    /// time of making do not change.
    async fn replace_key(&self, expected: &[u8], new: &NewRecord) -> Result<Replaced, StoreError>;

    /// Replaces the old record as [`KeyStore::replace_key`] does and stores the
    /// new one as [`KeyStore::mint_key`] does (without a limit), all or nothing.
    async fn rotate_key(
        &self,
        expected: &[u8],
        superseded: &NewRecord,
        successor: &NewRecord,
        replay: Option<&Replay>,
    ) -> Result<Rotated, StoreError>;

    /// Removes keys of one owner for good and writes their tombstones. Works
    /// even where the store refuses to grow: then the tombstones are left out.
    /// Ids that are not there are passed over.
    async fn revoke_keys(
        &self,
        owner: &OwnerTag,
        revocations: &[Revocation],
    ) -> Result<Revoked, StoreError>;

    /// The tombstone of a revoked key.
    async fn find_tombstone(&self, id: &ApiKeyId) -> Result<Option<Vec<u8>>, StoreError>;

    /// The tombstones of an owner, the newest first, at most `limit` and at most
    /// [`TOMBSTONES_LISTED_MAX`]. One that could not be written is not there.
    async fn list_tombstones(
        &self,
        owner: &OwnerTag,
        limit: usize,
    ) -> Result<Vec<(ApiKeyId, Vec<u8>)>, StoreError>;

    /// The keys of an owner by time of making, then id, from after `after` on,
    /// at most `limit`. One round trip, however many keys (seed keys take one
    /// more for all together); index entries without a record are removed.
    async fn list_keys(
        &self,
        owner: &OwnerTag,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError>;

    /// Goes through all records there are, in no order; `cursor` is empty to
    /// begin with, and the answer's is `None` at the end. A key that is there
    /// throughout is seen at least once. For upkeep, never on a request's path.
    async fn scan_keys(&self, cursor: &[u8]) -> Result<(Vec<Listed>, Option<Vec<u8>>), StoreError>;
}
