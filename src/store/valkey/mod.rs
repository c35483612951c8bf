//! The store that many replicas share: Valkey, or Redis from 7.0 on.
//!
//! What it needs from the server:
//!
//! - A user that may do what [`ACL_RULE`] says, and no more.
//! - `maxmemory-policy noeviction`: otherwise keys of people vanish when memory
//!   runs short. [`Store::inspect`] warns of it, and of missing persistence.
//! - Nothing else in this database that begins with `gl:` or `auth:`.
//!
//! Reads and writes go to the primary, never to a replica. Every call ends
//! within its deadline, whatever the server does, and the connection comes back
//! by itself; the server need not be there at the start.

mod allegiance;
mod audit;
mod changing;
mod connection;
mod durability;
mod error;
mod following;
mod hearing;
mod hints;
mod inspect;
mod keeping;
mod keys;
mod layout;
mod listing;
mod options;
mod records;
mod revoking;
mod role;
mod scripts;
mod seed;
mod server;
mod unwritten;
mod usage;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use tokio::task::AbortHandle;

pub use options::{ConnectError, ValkeyOptions};

use self::allegiance::Allegiance;
use self::connection::Recipe;
use self::durability::Witness;
use self::following::Following;
use self::hints::Hints;
use self::role::Replicas;
use self::scripts::Scripts;
use self::server::Server;
use self::unwritten::Unwritten;
use super::records::RecordName;
use super::{Copies, Inspection, Store, StoreError};
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::time::Clock;

/// What the user of this store must be allowed, for `ACL SETUSER`: its own keys
/// and those of rusty-valkey-forward-auth, and these commands. A test runs the
/// store as such a user, and the page on Valkey shows this very text.
///
/// `scan` gives the names of all keys there are, not what they hold. Without
/// `config|get` the store works, but counts no revocation as on disk.
pub const ACL_RULE: &str = "~gl:* ~auth:token:* ~auth:user_tokens:* resetchannels &gl:revoke -@all \
     +get +mget +set +getrange +exists +unlink +pexpire +pttl \
     +hget +hmget +hgetall +hset +hsetnx +hincrby +hdel \
     +persist +zadd +zrem +zscore +zcard +zcount +zrange +zrangebyscore \
     +smembers +srem +scan +evalsha +script|load \
     +hello +info +role +wait +config|get +client|setinfo +client|tracking \
     +subscribe +publish";

/// The store over a Valkey server.
pub struct ValkeyStore {
    server: Server,
    recipe: Recipe,
    timeout: Duration,
    witness: Arc<Witness>,
    replicas: Arc<Replicas>,
    /// Where copies are kept.
    allegiance: Option<Arc<Allegiance>>,
    unwritten: Arc<Unwritten>,
    following: OnceLock<AbortHandle>,
    scripts: Scripts,
    hints: Hints,
    clock: Arc<dyn Clock>,
    address: String,
}

impl ValkeyStore {
    /// Begins to connect and returns at once: a server that is not there yet is
    /// waited for by each call within its deadline, and found when it comes.
    /// Must be called within a Tokio runtime that lasts as long as the store:
    /// all reading and writing is done there.
    ///
    /// # Errors
    /// Fails for options that no server could make good; see [`ConnectError`].
    pub fn connect(options: &ValkeyOptions, clock: Arc<dyn Clock>) -> Result<Self, ConnectError> {
        // The client takes the process's own TLS provider, and there may be none
        // yet. Where there is, it stays.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let (client, address) = options::client(options)?;
        let allegiance = options
            .copies_are_kept
            .then(|| Arc::new(Allegiance::default()));
        let recipe = Recipe {
            client,
            address: address.clone(),
            connect_timeout: options.connect_timeout,
            clock: Arc::clone(&clock),
            allegiance: allegiance.clone(),
        };
        Ok(Self {
            server: Server::connect(recipe.clone(), options.timeout),
            witness: Arc::new(Witness::new(recipe.clone())),
            replicas: Arc::new(Replicas::new(options.confirm_by_replicas)),
            allegiance,
            unwritten: Arc::default(),
            following: OnceLock::new(),
            timeout: options.timeout,
            recipe,
            scripts: Scripts::new(),
            hints: Hints::default(),
            clock,
            address,
        })
    }

    /// After an attempt to change a key, whatever came of it.
    fn key_changed(&self, id: &ApiKeyId) {
        if let Some(allegiance) = &self.allegiance {
            allegiance.follower.key_changed(id);
        }
    }

    /// After an attempt to change an owner.
    fn owner_changed(&self, owner: &OwnerTag) {
        if let Some(allegiance) = &self.allegiance {
            allegiance.follower.owner_changed(owner);
        }
    }

    /// After an attempt to change a record beside keys.
    fn record_changed(&self, name: &RecordName) {
        if let Some(allegiance) = &self.allegiance {
            allegiance.follower.record_changed(name);
        }
    }
}

#[async_trait]
impl Store for ValkeyStore {
    /// Reads, as a check of a key does. `PING` would not do: it fails while the
    /// disk is full, when every check still can be made.
    async fn ping(&self) -> Result<(), StoreError> {
        let home = self.server.home(layout::FILTER_KEYS);
        let mut read = redis::cmd("EXISTS");
        read.arg(layout::FILTER_KEYS);
        self.server.within(home.ask(&read)).await
    }

    fn follow(&self, copies: Arc<dyn Copies>) {
        let Some(allegiance) = &self.allegiance else {
            tracing::error!("the store was opened without anybody who keeps copies");
            return;
        };
        if allegiance.follower.begin(Arc::clone(&copies)).is_err() {
            tracing::error!("the store is followed already");
            return;
        }
        let following = Following {
            recipe: self.recipe.clone(),
            allegiance: Arc::clone(allegiance),
            copies,
            unwritten: Arc::clone(&self.unwritten),
            witness: Arc::clone(&self.witness),
            replicas: Arc::clone(&self.replicas),
            timeout: self.timeout,
        };
        let task = tokio::spawn(following.run());
        let _ = self.following.set(task.abort_handle());
    }

    fn line(&self) -> u64 {
        self.allegiance.as_ref().map_or(0, |lines| lines.turns())
    }

    async fn confirm(&self, line: u64) -> Result<(), StoreError> {
        let home = self.server.home(layout::FILTER_KEYS);
        let question = redis::cmd("ROLE");
        let (role, run) = self.server.within(home.ask_whom(&question)).await?;
        let doubt = |why: &str| StoreError::Unavailable(why.to_owned());
        let connected = role::replicas_of_primary(role).ok_or_else(|| doubt("it is no primary"))?;
        let run = run.ok_or_else(|| doubt("it does not say which run of the server it is"))?;
        let proof = role::is_the_one(connected, run, &self.replicas, &self.witness);
        let proof = async { proof.await.map_err(StoreError::Unavailable) };
        self.server.within(proof).await?;
        if self.line() != line {
            return Err(doubt("another server answered meanwhile"));
        }
        Ok(())
    }

    async fn finish_revocations(&self) -> Result<usize, StoreError> {
        self.write_unwritten().await
    }

    async fn inspect(&self) -> Result<Inspection, StoreError> {
        self.server.within(self.look()).await
    }

    async fn close(&self) {
        if let Some(following) = self.following.get() {
            following.abort();
        }
        self.server.close();
        self.witness.close();
    }
}
