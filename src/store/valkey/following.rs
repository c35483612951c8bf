//! What changes on the server, told by the server itself, and the proof that
//! nothing is missing.
//!
//! One connection does nothing else. The server pushes the name of each changed
//! key under a few prefixes that are rarely written (`CLIENT TRACKING … BCAST`,
//! for which it keeps no table of keys), and our own writes, too. The client
//! library calls [`Ears::hear`] from its reading loop, before it hands out the
//! answers that follow: what it hears is applied in place, never sent on, since
//! the order is what the proof rests on.
//!
//! **The proof.** Every [`BEAT`] a `ROLE` is asked, and once its answer is here, a
//! second one. Pushes are sent at the end of a turn of the server's loop, before
//! the answers of that turn; one question could be answered in the very turn of
//! a write, two cannot both be. So when the second answer is here, every change
//! acknowledged before the first question was sent has been heard.
//!
//! **With replicas** a primary that was cut off goes on answering, so it must show
//! that enough of them still follow it: `WAIT`, on a connection of its own, after
//! a write of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, FromRedisValue, PushInfo, PushKind, RedisResult, Value};

use super::connection::{Recipe, pause};
use super::durability::Witness;
use super::error::explain;
use super::layout::{self, CHANNEL};
use crate::domain::api_key::ApiKeyId;
use crate::store::{Copies, StoreError};

/// How often freshness is proven.
pub(super) const BEAT: Duration = Duration::from_millis(100);
/// The prefixes of names that are followed: rarely written all of them.
const PREFIXES: [&str; 3] = ["gl:k:", "gl:p:", "auth:token:"];

/// What a server is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Role {
    is_primary: bool,
    replicas: u32,
}

/// How many replicas there have been, and so how many must confirm.
pub(super) struct Replicas {
    most: AtomicU32,
    /// Set where nobody is to be waited for.
    unasked: bool,
}

impl Replicas {
    /// None seen yet; asked for, or not.
    pub fn new(asked: bool) -> Self {
        Self {
            most: AtomicU32::new(0),
            unasked: !asked,
        }
    }

    /// How many must have what the primary has: enough that no other primary
    /// can be chosen without one of them. Those that were there once count on: a
    /// primary that is cut off forgets them.
    fn needed(&self, connected: u32) -> u32 {
        let most = self
            .most
            .fetch_max(connected, Ordering::Relaxed)
            .max(connected);
        if self.unasked { 0 } else { most.div_ceil(2) }
    }
}

/// What `ROLE` answers.
fn role(answer: &Value) -> Option<Role> {
    let Value::Array(parts) = answer else {
        return None;
    };
    let kind = match parts.first()? {
        Value::BulkString(kind) => kind.as_slice(),
        Value::SimpleString(kind) => kind.as_bytes(),
        _ => return None,
    };
    let replicas = match parts.get(2) {
        Some(Value::Array(replicas)) => u32::try_from(replicas.len()).unwrap_or(u32::MAX),
        _ => 0,
    };
    Some(Role {
        is_primary: kind == b"master",
        replicas,
    })
}

/// That a server whose role is this takes the writes, beyond doubt.
pub(super) async fn is_the_one(
    answer: &Value,
    replicas: &Replicas,
    witness: &Witness,
) -> Result<(), String> {
    let role = role(answer).ok_or("its role cannot be read")?;
    if !role.is_primary {
        return Err("it is a replica".to_owned());
    }
    let needed = replicas.needed(role.replicas);
    if needed == 0 {
        return Ok(());
    }
    let confirmed = witness.replicas(needed).await;
    if confirmed < needed {
        return Err(format!(
            "{confirmed} of {needed} replicas that are needed confirm that they follow it"
        ));
    }
    Ok(())
}

/// What the server pushes.
struct Ears(Arc<dyn Copies>);

impl Ears {
    fn hear(&self, push: &PushInfo) {
        match (&push.kind, push.data.as_slice()) {
            (PushKind::Invalidate, [Value::Array(names)]) => {
                for name in names {
                    self.changed(name);
                }
            }
            // The server was emptied, or does not know any more what it told.
            (PushKind::Invalidate, _) => {
                self.0.all_changed();
            }
            (PushKind::Message, [_, Value::BulkString(id)]) => {
                if let Some(id) = text(id).and_then(ApiKeyId::parse) {
                    self.0.key_revoked(&id);
                }
            }
            _ => {}
        }
    }

    /// A name that cannot be read may stand for anything.
    fn changed(&self, name: &Value) {
        let name = match name {
            Value::BulkString(name) => text(name),
            Value::SimpleString(name) => Some(name.as_str()),
            _ => None,
        };
        let told = name.and_then(|name| {
            if let Some(owner) = layout::principal_owner(name) {
                self.0.owner_changed(&owner);
            } else {
                let id = layout::seed_id(name).or_else(|| layout::record_id(name))?;
                self.0.key_changed(&id);
            }
            Some(())
        });
        if told.is_none() {
            self.0.all_changed();
        }
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Follows one server, through all its connections.
pub(super) struct Following {
    pub recipe: Recipe,
    pub copies: Arc<dyn Copies>,
    pub witness: Arc<Witness>,
    pub replicas: Arc<Replicas>,
    /// How long one answer may take.
    pub timeout: Duration,
}

impl Following {
    /// Connects, follows until something is wrong, and again, for ever.
    pub async fn run(self) {
        let mut failures = 0;
        loop {
            let (ended, was_well) = match self.begin().await {
                Ok(line) => (self.beat(&line).await, true),
                Err(why) => (why, false),
            };
            let address = &self.recipe.address;
            if was_well || failures == 0 {
                tracing::warn!(
                    server = %address,
                    why = ended,
                    "changes on the server are not followed; soon each check asks it"
                );
            }
            failures = if was_well { 0 } else { failures + 1 };
            tokio::time::sleep(pause(failures, &*self.recipe.clock)).await;
        }
    }

    /// A connection that is told of changes. Only when it is does the new epoch
    /// begin: what was read before may have changed unheard.
    async fn begin(&self) -> Result<Line, String> {
        let ears = Ears(Arc::clone(&self.copies));
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.recipe.connect_timeout))
            .set_response_timeout(None)
            .set_push_sender(move |push: PushInfo| {
                ears.hear(&push);
                Ok::<_, redis::aio::SendError>(())
            });
        let connection = self
            .recipe
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|error| explain(&error))?;
        let mut line = Line {
            connection,
            timeout: self.timeout,
        };
        let answer: Value = line.ask(&redis::cmd("ROLE")).await?;
        if !role(&answer).is_some_and(|role| role.is_primary) {
            self.copies.withdraw();
            return Err("it is a replica".to_owned());
        }
        let () = line.ask(&tracking()).await?;
        line.subscribe().await?;
        self.copies.all_changed();
        self.assert_revoked(&mut line).await?;
        tracing::info!(server = %self.recipe.address, "changes on the server are followed");
        Ok(line)
    }

    /// A server that came back from an older state, or another one in its place,
    /// may have keys again that were revoked. They go before anything counts.
    async fn assert_revoked(&self, line: &mut Line) -> Result<(), String> {
        for ids in self.copies.revoked().chunks(1_000) {
            let mut unlink = redis::pipe();
            for id in ids {
                let name = if id.is_seed() {
                    layout::seed_record(id)
                } else {
                    layout::record(id)
                };
                unlink.cmd("UNLINK").arg(name);
                if id.is_seed() {
                    unlink.cmd("UNLINK").arg(layout::record(id));
                }
            }
            let answer = unlink.query_async(&mut line.connection);
            let removed: Vec<u32> = within(self.timeout, answer).await?;
            let mut removed = removed.into_iter();
            for id in ids {
                let names = if id.is_seed() { 2 } else { 1 };
                if removed.by_ref().take(names).sum::<u32>() > 0 {
                    self.copies.came_back(id);
                }
            }
        }
        Ok(())
    }

    /// Proves freshness until the connection or the server will not do.
    async fn beat(&self, line: &Line) -> String {
        let mut line = line.clone();
        let mut interval = tokio::time::interval(BEAT);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_fresh = true;
        loop {
            interval.tick().await;
            let (began, epoch) = (self.recipe.clock.monotonic(), self.copies.epoch());
            let answer = match line.barrier().await {
                Ok(answer) => answer,
                Err(why) => return why,
            };
            if role(&answer).is_some_and(|role| !role.is_primary) {
                self.copies.withdraw();
                return "it was made a replica".to_owned();
            }
            match is_the_one(&answer, &self.replicas, &self.witness).await {
                // From the moment before the questions, not from now: what was
                // acknowledged since may not have been heard.
                Ok(()) => {
                    self.copies.fresh_as_of(epoch, began);
                    is_fresh = true;
                }
                Err(why) => {
                    if is_fresh {
                        tracing::warn!(server = %self.recipe.address, why, "nothing proves that the server is the one to ask");
                    }
                    is_fresh = false;
                }
            }
        }
    }
}

/// The connection that does nothing else.
#[derive(Clone)]
struct Line {
    connection: MultiplexedConnection,
    timeout: Duration,
}

impl Line {
    async fn ask<T: FromRedisValue>(&mut self, question: &Cmd) -> Result<T, String> {
        within(self.timeout, question.query_async(&mut self.connection)).await
    }

    async fn subscribe(&mut self) -> Result<(), String> {
        within(self.timeout, self.connection.subscribe(CHANNEL)).await
    }

    /// The second question is sent when the first one's answer is here.
    async fn barrier(&mut self) -> Result<Value, String> {
        let _: Value = self.ask(&redis::cmd("ROLE")).await?;
        self.ask(&redis::cmd("ROLE")).await
    }
}

async fn within<T>(
    timeout: Duration,
    answer: impl Future<Output = RedisResult<T>>,
) -> Result<T, String> {
    match tokio::time::timeout(timeout, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(explain(&error)),
        Err(_) => Err(format!("no answer within {} ms", timeout.as_millis())),
    }
}

/// Asks to be told of all changes, our own included.
fn tracking() -> Cmd {
    let mut command = redis::cmd("CLIENT");
    command.arg("TRACKING").arg("ON").arg("BCAST");
    for prefix in PREFIXES {
        command.arg("PREFIX").arg(prefix);
    }
    command
}

/// Whether a user may do all of this; says what is missing.
pub(super) async fn try_out(recipe: &Recipe, timeout: Duration) -> Result<(), StoreError> {
    let attempt = async {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(recipe.connect_timeout))
            .set_response_timeout(None)
            .set_push_sender(|_: PushInfo| Ok::<_, redis::aio::SendError>(()));
        let connection = recipe
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|error| explain(&error))?;
        let mut line = Line {
            connection,
            timeout,
        };
        let () = line.ask(&tracking()).await?;
        line.subscribe().await
    };
    attempt.await.map_err(StoreError::Unavailable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    fn answer(kind: &str, replicas: usize) -> Value {
        let replica = Value::Array(vec![bulk("10.0.0.2"), bulk("6379"), bulk("42")]);
        Value::Array(vec![
            bulk(kind),
            Value::Int(42),
            Value::Array(vec![replica; replicas]),
        ])
    }

    #[test]
    fn a_role_is_read() {
        let primary = role(&answer("master", 2)).unwrap();
        assert!(primary.is_primary);
        assert_eq!(primary.replicas, 2);
        assert!(!role(&answer("slave", 0)).unwrap().is_primary);
        assert_eq!(role(&Value::Nil), None);
    }

    #[test]
    fn so_many_replicas_confirm_that_no_other_primary_can_be_chosen_without_one() {
        for (connected, needed) in [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2), (5, 3)] {
            assert_eq!(Replicas::new(true).needed(connected), needed);
        }
        let replicas = Replicas::new(true);
        assert_eq!(replicas.needed(2), 1);
        assert_eq!(replicas.needed(0), 1, "one that is cut off forgets them");
        assert_eq!(Replicas::new(false).needed(2), 0);
    }
}
