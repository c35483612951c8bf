//! A line to the server: had at once, made again when it breaks, and never
//! waited for beyond a deadline.
//!
//! A [`Link`] is one connection that many callers share; a task of its own keeps
//! it. The client's own `ConnectionManager` would not do: a sign-in that failed
//! once it never tries again, it connects on the runtime of whichever caller
//! found the line broken, and it holds on to a server that stopped answering.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, Pipeline, PushInfo, PushKind, RedisResult,
    ScriptInvocation,
};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::allegiance::{Allegiance, Leads, RunId};
use super::error::{ends_connection, explain, situation};
use crate::domain::time::Clock;
use crate::store::StoreError;

/// The first pause before connecting anew; each failure doubles it.
const PAUSE_MIN: Duration = Duration::from_millis(20);
/// The longest pause: soon after the server is back, so are we.
const PAUSE_MAX: Duration = Duration::from_millis(250);
/// After so many calls in a row without any answer, the connection is given up:
/// it may lead to a machine that is gone.
const SILENT_CALLS_MAX: u32 = 3;
/// How many calls may wait to be written to the line.
const QUEUE_MAX: usize = 1024;

/// All that it takes to connect.
#[derive(Clone)]
pub(super) struct Recipe {
    /// Knows where, and as whom.
    pub client: Client,
    /// Where, for people.
    pub address: String,
    /// How long one attempt may take.
    pub connect_timeout: Duration,
    /// Spreads the attempts of many.
    pub clock: Arc<dyn Clock>,
    /// Where copies are kept of what is read: which server is followed.
    pub allegiance: Option<Arc<Allegiance>>,
}

/// A connection, and which one in the life of its link.
#[derive(Clone)]
struct Live {
    number: u64,
    connection: MultiplexedConnection,
    /// Where it leads; asked where it matters.
    run: Option<RunId>,
}

enum State {
    /// Not connected, and what came of the last attempt.
    Down(Option<String>),
    Up(Live),
    Closed,
}

/// One shared connection that is kept alive.
pub(super) struct Link {
    state: watch::Sender<State>,
    silent_calls: AtomicU32,
    address: String,
    allegiance: Option<Arc<Allegiance>>,
    keeper: AbortHandle,
}

impl Link {
    /// Begins to connect, on the runtime of the caller, where all reading and
    /// writing will be done, whoever asks. Does not wait.
    pub fn open(recipe: Recipe) -> Self {
        let state = watch::Sender::new(State::Down(None));
        let address = recipe.address.clone();
        let allegiance = recipe.allegiance.clone();
        let keeper = tokio::spawn(keep(recipe, state.clone())).abort_handle();
        Self {
            state,
            silent_calls: AtomicU32::new(0),
            address,
            allegiance,
            keeper,
        }
    }

    /// Asks one thing.
    pub async fn ask<T: FromRedisValue>(&self, question: &Cmd) -> Result<T, StoreError> {
        self.ask_whom(question).await.map(|(answer, _)| answer)
    }

    /// Asks one thing, and says which run of the server answered.
    pub async fn ask_whom<T: FromRedisValue>(
        &self,
        question: &Cmd,
    ) -> Result<(T, Option<RunId>), StoreError> {
        let mut live = self.live().await?;
        let answer = question.query_async(&mut live.connection).await;
        Ok((self.heard(live.number, answer)?, live.run))
    }

    /// Asks many things in one round trip.
    pub async fn ask_all<T: FromRedisValue>(&self, questions: &Pipeline) -> Result<T, StoreError> {
        let mut live = self.live().await?;
        let answer = questions.query_async(&mut live.connection).await;
        self.heard(live.number, answer)
    }

    /// Runs a script, and sends it where the server does not know it.
    pub async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, StoreError> {
        let mut live = self.live().await?;
        let answer = script.invoke_async(&mut live.connection).await;
        self.heard(live.number, answer)
    }

    /// A call got no answer in time.
    pub fn late(&self, limit: Duration) -> StoreError {
        let (number, reason) = match &*self.state.borrow() {
            State::Up(live) => (Some(live.number), "the server is silent".to_owned()),
            State::Down(Some(reason)) => (None, reason.clone()),
            State::Down(None) => (None, "not connected yet".to_owned()),
            State::Closed => return closed(),
        };
        if let Some(number) = number
            && self.silent_calls.fetch_add(1, Ordering::Relaxed) + 1 >= SILENT_CALLS_MAX
        {
            self.silent_calls.store(0, Ordering::Relaxed);
            change(&self.state, number, State::Down(Some(reason.clone())));
        }
        let (address, limit) = (&self.address, limit.as_millis());
        StoreError::Unavailable(format!("{address}: no answer within {limit} ms: {reason}"))
    }

    /// Ends the connection; whoever asks from now on gets an error.
    pub fn close(&self) {
        self.keeper.abort();
        self.state.send_replace(State::Closed);
    }

    /// The connection, waiting for it if need be. One that leads elsewhere than
    /// to the server that is followed answers this once: what it says is confirmed
    /// by whoever needs to be sure. Then another one is tried.
    async fn live(&self) -> Result<Live, StoreError> {
        let live = self.connected().await?;
        if let Some(allegiance) = &self.allegiance
            && allegiance.judge(live.run) == Leads::Astray
        {
            let reason = "it leads to another server than the one that is followed".to_owned();
            change(&self.state, live.number, State::Down(Some(reason)));
        }
        Ok(live)
    }

    async fn connected(&self) -> Result<Live, StoreError> {
        if let State::Up(live) = &*self.state.borrow() {
            return Ok(live.clone());
        }
        let mut states = self.state.subscribe();
        let settled = states
            .wait_for(|state| !matches!(state, State::Down(_)))
            .await;
        match settled.as_deref() {
            Ok(State::Up(live)) => Ok(live.clone()),
            _ => Err(closed()),
        }
    }

    fn heard<T>(&self, number: u64, answer: RedisResult<T>) -> Result<T, StoreError> {
        self.silent_calls.store(0, Ordering::Relaxed);
        answer.map_err(|error| {
            if ends_connection(&error) {
                change(&self.state, number, State::Down(Some(explain(&error))));
            }
            situation(&error)
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.close();
    }
}

fn closed() -> StoreError {
    StoreError::Unavailable("the store was closed".to_owned())
}

/// Sets the state, unless it is about another connection by now or for good.
/// Calls that still wait on a connection that is given up go on waiting until
/// their deadline.
fn change(state: &watch::Sender<State>, number: u64, next: State) {
    state.send_if_modified(|state| {
        let applies = match state {
            State::Up(live) => live.number == number,
            State::Down(_) => true,
            State::Closed => false,
        };
        if applies {
            *state = next;
        }
        applies
    });
}

/// Connects, waits until the connection is lost, and again, for ever.
async fn keep(recipe: Recipe, state: watch::Sender<State>) {
    let mut states = state.subscribe();
    let mut failures = 0;
    let mut led_to = None;
    for number in 0.. {
        match connect(&recipe, number, &state).await {
            Ok((connection, run)) => {
                if failures > 0 {
                    tracing::info!(server = %recipe.address, "connected to the store again");
                }
                failures = 0;
                if let Some(allegiance) = &recipe.allegiance
                    && led_to.replace(run).is_some_and(|before| before != run)
                {
                    allegiance.turned();
                }
                let live = Live {
                    number,
                    connection,
                    run,
                };
                change(&state, number, State::Up(live));
                let lost = states
                    .wait_for(|state| !matches!(state, State::Up(_)))
                    .await;
                if lost.is_ok() {
                    tracing::warn!(server = %recipe.address, "the connection to the store is lost");
                }
            }
            Err(error) => {
                let reason = explain(&error);
                if failures == 0 {
                    tracing::warn!(server = %recipe.address, reason, "cannot connect to the store");
                }
                failures += 1;
                change(&state, number, State::Down(Some(reason)));
            }
        }
        tokio::time::sleep(pause(failures, &*recipe.clock)).await;
    }
}

async fn connect(
    recipe: &Recipe,
    number: u64,
    state: &watch::Sender<State>,
) -> RedisResult<(MultiplexedConnection, Option<RunId>)> {
    // Called by the connection itself, so that a line that breaks while nobody
    // asks is there again when somebody does.
    let state = state.clone();
    let watchman = move |push: PushInfo| {
        if push.kind == PushKind::Disconnection {
            change(&state, number, State::Down(None));
        }
        Ok::<_, redis::aio::SendError>(())
    };
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(recipe.connect_timeout))
        // Each call has a deadline around it, which counts the waiting as well.
        .set_response_timeout(None)
        .set_pipeline_buffer_size(QUEUE_MAX)
        .set_push_sender(watchman);
    let mut connection = recipe
        .client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    if recipe.allegiance.is_none() {
        return Ok((connection, None));
    }
    let asked = RunId::ask(&mut connection);
    // Without an answer it leads nowhere known, which is the safe side.
    let run = tokio::time::timeout(recipe.connect_timeout, asked).await;
    Ok((connection, run.ok().and_then(Result::ok).flatten()))
}

/// How long to wait before the next attempt: between half and the whole of the
/// step, by the fine digits of the clock, so that many who lost one server do
/// not come back in step.
pub(super) fn pause(failures: u32, clock: &dyn Clock) -> Duration {
    let step = PAUSE_MIN
        .saturating_mul(1 << failures.min(10))
        .min(PAUSE_MAX);
    let spread = clock.monotonic().subsec_nanos() % 1000;
    step / 2 + step / 2 * spread / 1000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    struct Nanoseconds(u64);
    impl Clock for Nanoseconds {
        fn now(&self) -> Option<Timestamp> {
            None
        }
        fn monotonic(&self) -> Duration {
            Duration::from_nanos(self.0)
        }
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        for nanoseconds in [0, 500, 999] {
            let pauses: Vec<_> = (0..40)
                .map(|failures| pause(failures, &Nanoseconds(nanoseconds)))
                .collect();
            assert!(pauses.is_sorted());
            assert!(pauses[0] >= PAUSE_MIN / 2 && pauses[39] <= PAUSE_MAX);
            assert!(pauses[39] >= PAUSE_MAX / 2);
        }
    }
}
