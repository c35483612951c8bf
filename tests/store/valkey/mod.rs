//! The store over Valkey: what every store guarantees, on a real server, and
//! what only a server can do to us.

mod calls;
mod crash;
mod durability;
mod faults;
mod following;
mod inspecting;
mod layout;
mod restricted;
mod seed;
mod switch;
mod tls;

use std::sync::Arc;
use std::time::Duration;

use gatelodge::domain::api_key::{ApiKeyId, OwnerTag};
use gatelodge::domain::time::Timestamp;
use gatelodge::store::Store;
use gatelodge::store::valkey::{ValkeyOptions, ValkeyStore};
use serde_json::{Value, json};

use super::conformance::{Fixture, conformance};
use super::parts::valkey::{self, Persistence, Valkey};
use super::support::TestClock;

conformance!(ValkeyFixture);

/// A store and a server of its own.
pub struct ValkeyFixture {
    server: Valkey,
    url: String,
    clock: Arc<TestClock>,
    store: Arc<ValkeyStore>,
}

impl ValkeyFixture {
    /// A store over a server of that kind.
    async fn over(options: valkey::ValkeyOptions) -> Self {
        let server = Valkey::start_with(options).await;
        let url = server.url();
        Self::at(server, url)
    }

    /// A store over that server, let in by that URL.
    fn at(server: Valkey, url: String) -> Self {
        let clock = TestClock::new();
        let store = connect(&patient(&url), &clock);
        Self {
            server,
            url,
            clock,
            store,
        }
    }

    /// Commands the server past the store.
    async fn command(&self, words: &[&str]) -> Value {
        let reply = self.server.command(words).await;
        reply.unwrap_or_else(|error| panic!("{words:?}: {error}"))
    }
}

/// A machine that is busy with other tests proves nothing.
fn patient(url: &str) -> ValkeyOptions {
    ValkeyOptions {
        timeout: Duration::from_secs(20),
        connect_timeout: Duration::from_secs(20),
        ..ValkeyOptions::new(url)
    }
}

fn connect(options: &ValkeyOptions, clock: &Arc<TestClock>) -> Arc<ValkeyStore> {
    Arc::new(ValkeyStore::connect(options, clock.clone()).unwrap())
}

fn keeping(persistence: Persistence) -> valkey::ValkeyOptions {
    valkey::ValkeyOptions {
        persistence,
        ..valkey::ValkeyOptions::default()
    }
}

impl Fixture for ValkeyFixture {
    async fn start() -> Self {
        Self::over(valkey::ValkeyOptions::default()).await
    }

    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    async fn another(&self) -> Arc<dyn Store> {
        connect(&patient(&self.url), &self.clock)
    }

    fn clock(&self) -> Arc<TestClock> {
        self.clock.clone()
    }

    fn now(&self) -> Timestamp {
        self.clock.time()
    }

    async fn lose_record(&self, _owner: &OwnerTag, id: &ApiKeyId) {
        let lost = self.command(&["DEL", &id.record_name()]).await;
        assert_eq!(lost, json!(1));
    }

    async fn lose_principal(&self, owner: &OwnerTag) {
        let name = format!("gl:p:{{{}}}:{owner}", owner.shard());
        assert_eq!(self.command(&["DEL", &name]).await, json!(1));
    }

    async fn reopen(&mut self) {
        self.store.close().await;
        self.store = connect(&patient(&self.url), &self.clock);
    }

    async fn stop(self) {
        self.store.close().await;
    }
}
