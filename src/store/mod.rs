//! What can be asked of memory, and what it promises.
//!
//! All state lies behind these traits; a process holds only what it can lose.
//! Records are opaque and sealed when they arrive here, so that no store can
//! mint or widen one. No operation needs the data of two shards at once: the
//! record of a key is the truth, and indexes are repaired when they are read.
//! One conformance suite runs on every store.

pub mod audit;
pub mod copies;
pub mod embedded;
pub mod keys;
pub mod principals;
pub mod records;
pub mod seed;
pub mod upkeep;
pub mod usage;
pub mod valkey;

use std::sync::Arc;

use async_trait::async_trait;

pub use audit::AuditStore;
pub use copies::Copies;
pub use keys::KeyStore;
pub use principals::PrincipalStore;
pub use records::RecordStore;
pub use seed::SeedStore;
pub use upkeep::{KeySetStore, UsageStore, VaultStore};
pub use usage::UsageHistory;

/// A store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It could not be reached in time, or refused the call. Nothing is known of
    /// whether a write took place.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// It refuses writes: out of memory, disk full, read-only.
    #[error("the store refuses to write: {0}")]
    Full(String),
    /// It holds what it should not.
    #[error("the store holds what it should not: {0}")]
    Corrupt(String),
}

/// What a look at a store brought up, for `doctor`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inspection {
    /// Kind and version, for people.
    pub description: String,
    /// What is well.
    pub fine: Vec<String>,
    /// What could lose keys or let them go stale, each with what to do.
    pub warnings: Vec<String>,
}

/// Everything that a store does.
#[async_trait]
pub trait Store:
    KeyStore
    + SeedStore
    + PrincipalStore
    + UsageStore
    + UsageHistory
    + VaultStore
    + KeySetStore
    + RecordStore
    + AuditStore
{
    /// Whether the store answers.
    ///
    /// # Errors
    /// Fails where it does not within its deadline.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Begins to tell of every change, until the store is closed. To be called
    /// once, within the runtime that the store lives in.
    fn follow(&self, copies: Arc<dyn Copies>);

    /// Which line reads go by: another number whenever they may be answered by
    /// another server than before. To be noted before reading, for
    /// [`Store::confirm`].
    fn line(&self) -> u64;

    /// Whether what was read since `line` was noted is what the store holds: that
    /// it is, beyond doubt, the one that takes the writes. Asked for what is read
    /// while there is no fresh word from [`Store::follow`], by whoever read it, on
    /// the same thread.
    ///
    /// # Errors
    /// Fails where that cannot be proven within the deadline.
    async fn confirm(&self, line: u64) -> Result<(), StoreError>;

    /// Writes the revocations that were obeyed but refused by the store when they
    /// were asked for; gives how many that were. To be called every now and then.
    ///
    /// # Errors
    /// Fails where it still refuses; what is left is tried the next time.
    async fn finish_revocations(&self) -> Result<usize, StoreError>;

    /// Looks at how the store is set up.
    ///
    /// # Errors
    /// Fails where it cannot be asked.
    async fn inspect(&self) -> Result<Inspection, StoreError>;

    /// Ends what runs in the background and writes what is left to write.
    async fn close(&self);
}
