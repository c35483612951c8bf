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
//! **With replicas** the server must also show that it is not a primary that was
//! cut off; see `role`.

use std::sync::Arc;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, FromRedisValue, PushInfo, RedisResult, Value};
use tokio::time::MissedTickBehavior;

use super::allegiance::{Allegiance, RunId};
use super::connection::{Recipe, pause};
use super::durability::Witness;
use super::error::explain;
use super::hearing::{CHANNEL, Ears, PREFIXES};
use super::layout;
use super::role::{Replicas, is_the_one, replicas_of_primary};
use super::unwritten::Unwritten;
use crate::domain::api_key::ApiKeyId;
use crate::store::{Copies, StoreError};

/// How often freshness is proven.
const BEAT: Duration = Duration::from_millis(100);
/// How many revoked keys are removed in one round trip.
const STEP: usize = 1_000;

/// Follows one server, through all its connections.
pub(super) struct Following {
    pub recipe: Recipe,
    pub allegiance: Arc<Allegiance>,
    pub copies: Arc<dyn Copies>,
    pub unwritten: Arc<Unwritten>,
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
                Ok((mut line, run)) => (self.beat(&mut line, run).await, true),
                Err(why) => (why, false),
            };
            self.allegiance.follows_no_longer();
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
    async fn begin(&self) -> Result<(Line, RunId), String> {
        let ears = Ears {
            copies: Arc::clone(&self.copies),
            unwritten: Arc::clone(&self.unwritten),
        };
        let mut line = Line::open(&self.recipe, self.timeout, move |push| ears.hear(push)).await?;
        let said: String = line.ask(&RunId::question()).await?;
        let run = RunId::read(&said).ok_or("it does not say which run of the server it is")?;
        let role: Value = line.ask(&redis::cmd("ROLE")).await?;
        if replicas_of_primary(role).is_none() {
            self.copies.withdraw();
            return Err("it is no primary".to_owned());
        }
        line.listen().await?;
        self.allegiance.follows(run);
        self.copies.all_changed();
        self.assert_revoked(&mut line).await?;
        tracing::info!(server = %self.recipe.address, "changes on the server are followed");
        Ok((line, run))
    }

    /// A server that came back from an older state, or another one in its place,
    /// may have keys again that were revoked. They go before anything counts.
    async fn assert_revoked(&self, line: &mut Line) -> Result<(), String> {
        for ids in self.copies.revoked().chunks(STEP) {
            for id in line.remove(ids).await? {
                self.copies.came_back(&id);
            }
        }
        Ok(())
    }

    /// Proves freshness until the connection or the server will not do.
    async fn beat(&self, line: &mut Line, run: RunId) -> String {
        let mut interval = tokio::time::interval(BEAT);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_fresh = true;
        loop {
            interval.tick().await;
            let (began, epoch) = (self.recipe.clock.monotonic(), self.copies.epoch());
            let connected = match line.barrier().await {
                Ok(role) => replicas_of_primary(role),
                Err(why) => return why,
            };
            let Some(connected) = connected else {
                self.copies.withdraw();
                return "it was made a replica".to_owned();
            };
            match is_the_one(connected, run, &self.replicas, &self.witness).await {
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
struct Line {
    connection: MultiplexedConnection,
    timeout: Duration,
}

impl Line {
    /// Connects; what is pushed is heard from then on.
    async fn open(
        recipe: &Recipe,
        timeout: Duration,
        hear: impl Fn(&PushInfo) + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(recipe.connect_timeout))
            .set_response_timeout(None)
            .set_push_sender(move |push: PushInfo| {
                hear(&push);
                Ok::<_, redis::aio::SendError>(())
            });
        let connection = recipe
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await
            .map_err(|error| explain(&error))?;
        Ok(Self {
            connection,
            timeout,
        })
    }

    async fn ask<T: FromRedisValue>(&mut self, question: &Cmd) -> Result<T, String> {
        in_time(self.timeout, question.query_async(&mut self.connection)).await
    }

    /// Asks to be told of all changes, our own included, and of what is called out.
    async fn listen(&mut self) -> Result<(), String> {
        let mut tracking = redis::cmd("CLIENT");
        tracking.arg("TRACKING").arg("ON").arg("BCAST");
        for prefix in PREFIXES {
            tracking.arg("PREFIX").arg(prefix);
        }
        let () = self.ask(&tracking).await?;
        in_time(self.timeout, self.connection.subscribe(CHANNEL)).await
    }

    /// The second question is sent when the first one's answer is here.
    async fn barrier(&mut self) -> Result<Value, String> {
        let _: Value = self.ask(&redis::cmd("ROLE")).await?;
        self.ask(&redis::cmd("ROLE")).await
    }

    /// Removes the records of keys; gives those that had one.
    async fn remove(&mut self, ids: &[ApiKeyId]) -> Result<Vec<ApiKeyId>, String> {
        let mut unlink = redis::pipe();
        for id in ids {
            unlink.cmd("UNLINK").arg(layout::record(id));
            // Of a key of the former service, one of the two is there.
            let other = if id.is_seed() {
                layout::seed_record(id)
            } else {
                layout::record(id)
            };
            unlink.cmd("UNLINK").arg(other);
        }
        let answer = unlink.query_async(&mut self.connection);
        let removed: Vec<(u32, u32)> = in_time(self.timeout, answer).await?;
        let removed = ids.iter().zip(removed);
        Ok(removed
            .filter(|(_, (one, other))| one + other > 0)
            .map(|(id, _)| *id)
            .collect())
    }
}

async fn in_time<T>(
    timeout: Duration,
    answer: impl Future<Output = RedisResult<T>>,
) -> Result<T, String> {
    match tokio::time::timeout(timeout, answer).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(explain(&error)),
        Err(_) => Err(format!("no answer within {} ms", timeout.as_millis())),
    }
}

/// Whether a user may do all of this; says what is missing.
pub(super) async fn try_out(recipe: &Recipe, timeout: Duration) -> Result<(), StoreError> {
    let attempt = async {
        let mut line = Line::open(recipe, timeout, |_| {}).await?;
        line.listen().await
    };
    attempt.await.map_err(StoreError::Unavailable)
}
