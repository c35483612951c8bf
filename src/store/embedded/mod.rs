//! The store that needs no server: SQLite in a file of our own.
//!
//! One server process owns the file; the command line may work on it at the
//! same time. The file must lie on a disk of this machine: the locks of network
//! file systems cannot be relied on.
//!
//! Changes to keys are on disk when they are acknowledged (`synchronous=FULL`);
//! uses of keys go through a connection that does not wait for the disk. All
//! SQL there is lies in this folder.

mod audit;
mod ballast;
mod connections;
mod error;
mod files;
mod following;
mod keeping;
mod keys;
mod open;
mod records;
mod revoking;
mod rows;
mod seed;
#[cfg(test)]
mod tests;
mod upkeep;
mod usage;

use std::num::NonZeroU8;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::query_scalar;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::task::AbortHandle;

pub use open::OpenError;

use self::ballast::Ballast;
use self::connections::{Readers, Writer};
use self::error::within;
use super::copies::Follower;
use super::{Copies, Inspection, Store, StoreError};
use crate::domain::time::Clock;

/// How the embedded store works. The defaults suit one machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// How long a read may take. Checks of keys wait for it: longer is of no
    /// use to whoever waits at the gate.
    pub read_timeout: Duration,
    /// How long a write may take, waiting for other writers and for the disk included.
    pub write_timeout: Duration,
    /// How long one step of upkeep may take: purging, scanning, inspecting.
    pub upkeep_timeout: Duration,
    /// How many reads can run at the same time. Each has a thread of its own.
    pub readers: NonZeroU8,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            read_timeout: Duration::from_millis(250),
            write_timeout: Duration::from_secs(5),
            upkeep_timeout: Duration::from_secs(30),
            readers: NonZeroU8::MIN.saturating_add(3),
        }
    }
}

/// The embedded store.
pub struct EmbeddedStore {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    options: EmbeddedOptions,
    keys: Writer,
    usage: Writer,
    readers: Readers,
    watching: SqliteConnectOptions,
    follower: Follower,
    following: OnceLock<AbortHandle>,
    ballast: Ballast,
    has_seed_keys: AtomicBool,
}

impl EmbeddedStore {
    /// Opens the file at `path`; makes it and its folder for this user alone if
    /// they are missing, brings its layout up to date, and purges it.
    ///
    /// # Errors
    /// Says what is in the way and what to do about it; see [`OpenError`].
    pub async fn open(
        path: &Path,
        clock: Arc<dyn Clock>,
        options: EmbeddedOptions,
    ) -> Result<Self, OpenError> {
        let opened = open::open(path, options).await?;
        let store = Self {
            path: path.to_owned(),
            clock,
            options,
            keys: opened.keys,
            usage: opened.usage,
            readers: opened.readers,
            watching: opened.reading,
            follower: Follower::default(),
            following: OnceLock::new(),
            ballast: Ballast::beside(path),
            has_seed_keys: AtomicBool::new(false),
        };
        store.ping().await.map_err(|error| OpenError::Other {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        // A store with too much in it, or no room for more, can still decide.
        if let Err(error) = store.purge().await {
            tracing::warn!(%error, "the embedded store could not be purged");
        }
        Ok(store)
    }

    /// Until when something is kept from now on, for a column. Without a clock
    /// nothing can be said to be over: then it is kept for good.
    fn kept_until(&self, duration: Duration) -> i64 {
        let now = self.clock.now();
        now.map_or(i64::MAX, |now| rows::to_sql(now.plus(duration)))
    }

    /// The time, for comparing with a column; without a clock nothing is over.
    fn now(&self) -> i64 {
        self.clock.now().map_or(0, rows::to_sql)
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    /// Asks the file, and notices seed keys that another process imported.
    async fn ping(&self) -> Result<(), StoreError> {
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let imported: bool =
                query_scalar("SELECT EXISTS (SELECT 1 FROM keys WHERE length(id) = 64)")
                    .fetch_one(&mut *seat)
                    .await?;
            // Never taken back while this runs: a mint may have come in between.
            if imported {
                self.has_seed_keys.store(true, Ordering::Relaxed);
            }
            Ok(())
        })
        .await
    }

    fn follow(&self, copies: Arc<dyn Copies>) {
        self.begin_following(copies);
    }

    fn line(&self) -> u64 {
        0
    }

    /// There is one file, and it was read.
    async fn confirm(&self, _line: u64) -> Result<(), StoreError> {
        Ok(())
    }

    /// A revocation that is refused here changes nothing: room is kept for it.
    async fn finish_revocations(&self) -> Result<usize, StoreError> {
        Ok(0)
    }

    async fn inspect(&self) -> Result<Inspection, StoreError> {
        within(self.options.upkeep_timeout, self.look()).await
    }

    async fn close(&self) {
        if let Some(following) = self.following.get() {
            following.abort();
        }
        // The last connection to go moves what is in the log into the file.
        self.readers.close().await;
        self.usage.close().await;
        self.keys.close().await;
    }
}
