//! How safe a change is that was acknowledged.
//!
//! **On disk?** Only `appendfsync always` has a change on disk when it is
//! acknowledged. `WAITAOF` cannot be asked instead: with `everysec`, servers of
//! today (Valkey 8.0 and 9.1 among them) answer that they wrote what they have
//! yet to write; https://github.com/redis/redis/pull/13793 tells how.
//!
//! **On replicas?** `WAIT` holds its own connection up until they have
//! answered, so it has one to itself, while the revocation went over the shared
//! one and waited for nobody. It counts from the last write of its own
//! connection: so that one writes a heartbeat, after the revocation was
//! acknowledged and so behind it in the one order that replicas follow. One
//! wait answers for all who asked before it began.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use redis::Value;
use tokio::sync::Mutex;

use super::ValkeyStore;
use super::allegiance::RunId;
use super::connection::{Link, Recipe};
use super::layout::HEARTBEAT;
use super::role::replicas_of_primary;
use crate::store::keys::Durability;

/// How long is asked at most, and the replicas' part of it.
const ASKED_FOR: Duration = Duration::from_millis(100);
const WAIT_MS: u64 = 60;
/// The heartbeat goes when nobody has asked for so long.
const HEARTBEAT_MS: u64 = 24 * 60 * 60 * 1000;

/// Waits for replicas, on a connection that is made when there are any.
pub(super) struct Witness {
    recipe: Recipe,
    link: OnceLock<Link>,
    asked: AtomicU64,
    seen: Mutex<Seen>,
}

/// What the last wait brought, and up to which question it answers.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    until: u64,
    /// So many have all that was acknowledged before the question.
    pub replicas: u32,
    /// Which run of which server was asked, where that is known.
    pub run: Option<RunId>,
}

impl Witness {
    pub fn new(recipe: Recipe) -> Self {
        Self {
            recipe,
            link: OnceLock::new(),
            asked: AtomicU64::new(0),
            seen: Mutex::default(),
        }
    }

    /// How many of so many replicas have all that was acknowledged until now.
    pub async fn replicas(&self, connected: u32) -> Seen {
        let question = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut seen = self.seen.lock().await;
        if seen.until < question {
            let until = self.asked.load(Ordering::SeqCst);
            let (replicas, run) = self.wait(connected).await.unwrap_or_default();
            *seen = Seen {
                until,
                replicas,
                run,
            };
        }
        *seen
    }

    async fn wait(&self, connected: u32) -> Option<(u32, Option<RunId>)> {
        let link = self.link.get_or_init(|| Link::open(self.recipe.clone()));
        // Refused without memory; a heartbeat from before can still be moved.
        let mut begin = redis::cmd("SET");
        begin
            .arg(HEARTBEAT)
            .arg("")
            .arg("NX")
            .arg("PX")
            .arg(HEARTBEAT_MS);
        let _ = link.ask::<Value>(&begin).await;
        let mut beat = redis::cmd("PEXPIRE");
        beat.arg(HEARTBEAT).arg(HEARTBEAT_MS);
        if !link.ask::<bool>(&beat).await.ok()? {
            return None;
        }
        link.ask_whom(redis::cmd("WAIT").arg(connected).arg(WAIT_MS))
            .await
            .ok()
    }

    pub fn close(&self) {
        if let Some(link) = self.link.get() {
            link.close();
        }
    }
}

impl ValkeyStore {
    /// How safe everything is that was acknowledged until now. What cannot be
    /// learnt in time does not count.
    pub(super) async fn durability(&self) -> Durability {
        let unknown = Durability {
            persisted: false,
            replicas: 0,
        };
        let asked = async {
            let (persisted, replicas) = tokio::join!(self.is_on_disk(), self.replicas());
            Durability {
                persisted,
                replicas,
            }
        };
        tokio::time::timeout(ASKED_FOR, asked)
            .await
            .unwrap_or(unknown)
    }

    /// Whether the server has on disk what it acknowledges. Asked each time: it
    /// can be changed while the server runs.
    async fn is_on_disk(&self) -> bool {
        self.configured("appendonly")
            .await
            .is_some_and(|on| on == "yes")
            && self
                .configured("appendfsync")
                .await
                .is_some_and(|when| when == "always")
    }

    async fn replicas(&self) -> u32 {
        let home = self.server.home(HEARTBEAT);
        let role: Result<Value, _> = home.ask(&redis::cmd("ROLE")).await;
        match role.ok().and_then(replicas_of_primary) {
            Some(connected) if connected > 0 => self.witness.replicas(connected).await.replicas,
            _ => 0,
        }
    }
}
