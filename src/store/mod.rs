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

    /// Whether what was read before this call is what the store holds: that it
    /// is, beyond doubt, the one that takes the writes. Asked for what is read
    /// while there is no fresh word from [`Store::follow`].
    ///
    /// # Errors
    /// Fails where that cannot be proven within the deadline.
    async fn confirm(&self) -> Result<(), StoreError>;

    /// Looks at how the store is set up.
    ///
    /// # Errors
    /// Fails where it cannot be asked.
    async fn inspect(&self) -> Result<Inspection, StoreError>;

    /// Ends what runs in the background and writes what is left to write.
    async fn close(&self);
}
