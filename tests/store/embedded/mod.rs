//! The embedded store: what every store guarantees, and what only a file can.

mod beside;
mod crash;
mod files;
mod purge;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gatelodge::domain::api_key::{ApiKeyId, OwnerTag};
use gatelodge::domain::time::Timestamp;
use gatelodge::store::Store;
use gatelodge::store::embedded::{EmbeddedOptions, EmbeddedStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, query};
use tempfile::TempDir;

use super::conformance::{Fixture, conformance};
use super::support::TestClock;

conformance!(EmbeddedFixture);

/// A store in a folder of its own.
pub struct EmbeddedFixture {
    folder: TempDir,
    clock: Arc<TestClock>,
    store: Arc<EmbeddedStore>,
}

impl EmbeddedFixture {
    fn path(&self) -> PathBuf {
        self.folder.path().join("data/gatelodge.db")
    }

    /// Another store over the same file, as the command line has.
    async fn beside(&self) -> Arc<EmbeddedStore> {
        open(self.path(), &self.clock).await
    }

    /// A connection past the store.
    async fn sql(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.path());
        options.connect().await.unwrap()
    }
}

/// Patient: a machine that is busy with other tests proves nothing.
fn options() -> EmbeddedOptions {
    EmbeddedOptions {
        read_timeout: Duration::from_secs(20),
        write_timeout: Duration::from_secs(20),
        ..EmbeddedOptions::default()
    }
}

async fn open(path: PathBuf, clock: &Arc<TestClock>) -> Arc<EmbeddedStore> {
    let store = EmbeddedStore::open(&path, clock.clone(), options()).await;
    Arc::new(store.unwrap())
}

impl Fixture for EmbeddedFixture {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = TestClock::new();
        let store = open(folder.path().join("data/gatelodge.db"), &clock).await;
        Self {
            folder,
            clock,
            store,
        }
    }

    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    async fn another(&self) -> Arc<dyn Store> {
        self.beside().await
    }

    fn clock(&self) -> Arc<TestClock> {
        self.clock.clone()
    }

    fn now(&self) -> Timestamp {
        self.clock.time()
    }

    async fn lose_record(&self, _owner: &OwnerTag, id: &ApiKeyId) {
        let lost = query("DELETE FROM keys WHERE id = ?1")
            .bind(id.to_string())
            .execute(&mut self.sql().await)
            .await;
        assert_eq!(lost.unwrap().rows_affected(), 1);
    }

    async fn lose_principal(&self, owner: &OwnerTag) {
        let lost = query("DELETE FROM principals WHERE owner = ?1")
            .bind(owner.as_bytes().as_slice())
            .execute(&mut self.sql().await)
            .await;
        assert_eq!(lost.unwrap().rows_affected(), 1);
    }

    async fn reopen(&mut self) {
        self.store.close().await;
        self.store = self.beside().await;
    }

    async fn stop(self) {
        self.store.close().await;
    }
}
