//! The keys of one issuer, kept fresh: fetched in the background, looked up
//! without waiting, asked for anew when a token names a key that we have not
//! seen, and bridged over an outage by the last good ones.
//!
//! A flood of made-up key names must not become a flood of fetches: at most one
//! fetch per [`UNKNOWN_KEY_INTERVAL`](super::attempts::UNKNOWN_KEY_INTERVAL) is made on behalf of tokens, its slot is
//! claimed before the fetch and stays claimed whatever comes of it, and all who
//! ask meanwhile share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::watch;

use super::absent_keys::AbsentKeys;
use super::attempts::Attempts;
use super::discovery::{self, BadPublication};
use super::issuer::{IssuerOptions, without_slash};
use super::jwks::Jwks;
use super::key_record::KeyShare;
use super::key_status::{IssuerState, IssuerStatus};
use super::outbound::Outbound;
use crate::domain::reason::Reason;
use crate::domain::salt::Salts;
use crate::domain::time::Clock;
use crate::store::KeySetStore;

/// The longest and shortest sleep of the background task. The first bounds how
/// late it notices that the clock has moved on.
const TICK: (Duration, Duration) = (Duration::from_secs(1), Duration::from_millis(100));
/// The keys of an issuer as of one fetch.
pub(super) struct KeySet {
    /// The issuer's exact name, where discovery gave it.
    issuer: Option<String>,
    /// The usable keys.
    pub(super) jwks: Jwks,
    age_when_taken: Duration,
    taken_at: Duration,
}

impl KeySet {
    /// How long ago it was fetched, by a clock that cannot be set back.
    fn age(&self, clock: &dyn Clock) -> Duration {
        self.age_when_taken + clock.monotonic().saturating_sub(self.taken_at)
    }
}

/// What a key source needs of the rest.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub(super) outbound: Arc<Outbound>,
    pub(super) store: Arc<dyn KeySetStore>,
    pub(super) salts: Salts,
    pub(super) clock: Arc<dyn Clock>,
}

/// Where a fetch has got to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Begun,
    TakenFromStore,
    Done { well: bool },
}

/// On whose behalf a fetch is made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AskedBy {
    Schedule,
    Token,
}

/// What came of asking anew for a key that was not known.
pub(super) struct Renewed {
    /// The keys as they are now.
    pub(super) keys: Arc<KeySet>,
    /// Whether they are what the issuer publishes now.
    pub(super) is_latest: bool,
    /// Whether they were asked for only after the token was seen, so that what
    /// is not among them does not exist.
    pub(super) is_final: bool,
}

#[derive(Default)]
struct State {
    flight: Option<watch::Receiver<Progress>>,
    attempts: Attempts,
    absent: AbsentKeys,
}

/// The keys of one issuer.
pub(super) struct KeySource {
    options: IssuerOptions,
    refresh: Duration,
    outbound: Arc<Outbound>,
    share: KeyShare,
    clock: Arc<dyn Clock>,
    current: ArcSwapOption<KeySet>,
    state: Mutex<State>,
}

impl KeySource {
    /// Knows no keys yet and asks nobody.
    pub(super) fn new(options: IssuerOptions, around: Surroundings) -> Arc<Self> {
        // A refresh that comes after the last good keys have lapsed would be an
        // outage of our own making.
        let refresh = options.refresh.min(options.max_stale / 2).max(TICK.0);
        Arc::new(Self {
            refresh,
            share: KeyShare::new(
                &options,
                around.store,
                around.salts,
                Arc::clone(&around.clock),
            ),
            options,
            outbound: around.outbound,
            clock: around.clock,
            current: ArcSwapOption::empty(),
            state: Mutex::default(),
        })
    }

    /// Whose keys these are.
    pub(super) fn options(&self) -> &IssuerOptions {
        &self.options
    }

    /// Whether a token's `iss` is this issuer's, exactly as discovery spells it,
    /// and otherwise with or without a slash at the end.
    pub(super) fn is_named(&self, keys: &KeySet, claimed: &str) -> bool {
        match &keys.issuer {
            Some(exact) => claimed == exact,
            None => without_slash(claimed) == self.options.identifier(),
        }
    }

    /// The keys that may be used. Waits only while there are none and somebody
    /// is fetching them.
    pub(super) async fn keys(self: &Arc<Self>) -> Result<Arc<KeySet>, Reason> {
        if let Some(keys) = self.usable() {
            return Ok(keys);
        }
        if let Some((mut flight, _)) = self.begin(AskedBy::Token) {
            let _ = flight
                .wait_for(|progress| *progress != Progress::Begun)
                .await;
        }
        self.usable().ok_or(Reason::IssuerUnavailable)
    }

    /// Asks the issuer anew because a token names a key that it did not have.
    ///
    /// # Errors
    /// [`Reason::TokenKey`] where that key is known not to exist, or was not
    /// there a moment ago; [`Reason::IssuerUnavailable`] where nobody can tell.
    pub(super) async fn renewed_for(
        self: &Arc<Self>,
        kid: Option<&str>,
    ) -> Result<Renewed, Reason> {
        if self.lock().absent.contains(kid) {
            return Err(Reason::TokenKey);
        }
        let Some((mut flight, has_joined)) = self.begin(AskedBy::Token) else {
            return Err(self.reason_for_unknown());
        };
        let is_latest = ended_well(&mut flight).await;
        Ok(Renewed {
            keys: self.usable().ok_or(Reason::IssuerUnavailable)?,
            is_latest,
            is_final: is_latest && !has_joined,
        })
    }

    /// While the issuer cannot be asked, a key that we have not seen may be
    /// there all the same.
    fn reason_for_unknown(&self) -> Reason {
        match self.lock().attempts.last_error() {
            None => Reason::TokenKey,
            Some(_) => Reason::IssuerUnavailable,
        }
    }

    /// Remembers that the issuer's latest set has no such key.
    pub(super) fn remember_absent(&self, kid: Option<&str>) {
        self.lock().absent.remember(kid);
    }

    /// Fetches now, whatever the schedule says.
    pub(super) async fn fetch_now(self: &Arc<Self>) {
        if let Some((mut flight, _)) = self.begin(AskedBy::Schedule) {
            ended_well(&mut flight).await;
        }
    }

    /// Fetches if it is time to, and says how long it is till the next time.
    pub(super) async fn fetch_when_due(self: &Arc<Self>) -> Duration {
        if self.due_in().is_zero() {
            self.fetch_now().await;
        }
        self.due_in()
    }

    fn due_in(&self) -> Duration {
        let now = self.clock.monotonic();
        self.lock().attempts.due_in(now)
    }

    /// Keeps the keys fresh until nobody needs them any more.
    pub(super) async fn keep_fresh(source: Weak<Self>) {
        while let Some(strong) = source.upgrade() {
            let due_in = strong.fetch_when_due().await;
            drop(strong);
            tokio::time::sleep(due_in.clamp(TICK.1, TICK.0)).await;
        }
    }

    /// How the keys are doing.
    pub(super) fn status(&self) -> IssuerStatus {
        let keys = self.usable();
        let state = self.lock();
        let last_error = state.attempts.last_error().map(str::to_owned);
        let how = match (&keys, last_error) {
            (None, last_error) => IssuerState::Down {
                since: state.attempts.down_since(),
                last_error,
            },
            (Some(keys), None) => IssuerState::Ready {
                age: keys.age(&*self.clock),
            },
            (Some(keys), Some(last_error)) => IssuerState::Stale {
                age: keys.age(&*self.clock),
                last_error,
            },
        };
        IssuerStatus {
            realm: self.options.realm.clone(),
            issuer: self.options.url.clone(),
            state: how,
            usable_keys: keys.as_ref().map_or(0, |keys| keys.jwks.len()),
            warnings: keys.map_or_else(Vec::new, |keys| keys.jwks.warnings().to_vec()),
        }
    }

    fn usable(&self) -> Option<Arc<KeySet>> {
        let keys = self.current.load_full()?;
        (keys.age(&*self.clock) <= self.options.max_stale).then_some(keys)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // What it guards is whole between any two statements.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins the fetch that is under way (then true) or begins one; `None`
    /// where a token asks and the slot is taken. The fetch runs by itself, so
    /// that it ends also when the one who began it is gone.
    fn begin(self: &Arc<Self>, asked_by: AskedBy) -> Option<(watch::Receiver<Progress>, bool)> {
        let now = self.clock.monotonic();
        let mut state = self.lock();
        // A closed channel is a fetch that was cut off, by a stop or a fault.
        if let Some(flight) = &state.flight
            && flight.has_changed().is_ok()
        {
            return Some((flight.clone(), true));
        }
        if asked_by == AskedBy::Token && !state.attempts.claim_slot(now) {
            return None;
        }
        let (progress, flight) = watch::channel(Progress::Begun);
        state.flight = Some(flight.clone());
        tokio::spawn(Arc::clone(self).fly(progress));
        Some((flight, false))
    }

    async fn fly(self: Arc<Self>, progress: watch::Sender<Progress>) {
        if self.usable().is_none() && self.take_from_store().await {
            progress.send_replace(Progress::TakenFromStore);
        }
        match discovery::fetch(&self.options, &self.outbound).await {
            Ok(published) => {
                let fetched_at = self.clock.now();
                self.warn_of_passed_over(&published.jwks);
                self.put_into_use(published.issuer.clone(), published.jwks, Duration::ZERO);
                self.conclude_well();
                progress.send_replace(Progress::Done { well: true });
                self.share
                    .put(published.issuer, &published.document, fetched_at)
                    .await;
            }
            Err(fault) => {
                // Another replica may reach the issuer, or did more recently.
                self.take_from_store().await;
                self.conclude_badly(&fault);
                progress.send_replace(Progress::Done { well: false });
            }
        }
    }

    fn put_into_use(&self, issuer: Option<String>, jwks: Jwks, age: Duration) {
        self.current.store(Some(Arc::new(KeySet {
            issuer,
            jwks,
            age_when_taken: age,
            taken_at: self.clock.monotonic(),
        })));
    }

    fn warn_of_passed_over(&self, jwks: &Jwks) {
        let current = self.current.load();
        let known = current
            .as_ref()
            .map_or(&[][..], |keys| keys.jwks.warnings());
        if !jwks.warnings().is_empty() && jwks.warnings() != known {
            tracing::warn!(
                issuer = self.options.url,
                keys = jwks.warnings().join("; "),
                "the issuer publishes keys that are not used"
            );
        }
    }

    /// Takes the keys that a replica left in the store, where they are fresher
    /// than ours.
    async fn take_from_store(&self) -> bool {
        let Some(shared) = self.share.find(self.options.max_stale).await else {
            return false;
        };
        let current = self.current.load_full();
        if current.is_some_and(|keys| keys.age(&*self.clock) <= shared.age) {
            return false;
        }
        self.put_into_use(shared.issuer, shared.jwks, shared.age);
        true
    }

    fn conclude_well(&self) {
        let now = self.clock.monotonic();
        let mut state = self.lock();
        state.flight = None;
        // There is a new set: what was absent from the former may be in it.
        state.absent.clear();
        if state.attempts.went_well(now, self.refresh) {
            tracing::info!(
                issuer = self.options.url,
                "the issuer's keys can be fetched again"
            );
        }
    }

    fn conclude_badly(&self, fault: &BadPublication) {
        let error = fault.to_string();
        let now = self.clock.monotonic();
        let usable = match self.usable() {
            Some(_) => Ok(()),
            None => Err(self.clock.now()),
        };
        let mut state = self.lock();
        state.flight = None;
        // Once for each change of state, not once for each try.
        if state
            .attempts
            .went_badly(now, self.refresh, error.clone(), usable)
        {
            tracing::warn!(
                issuer = self.options.url,
                error,
                usable = usable.is_ok(),
                "the issuer's keys could not be fetched"
            );
        }
    }
}

async fn ended_well(flight: &mut watch::Receiver<Progress>) -> bool {
    let is_done = |progress: &Progress| matches!(progress, Progress::Done { .. });
    match flight.wait_for(is_done).await {
        Ok(progress) => *progress == Progress::Done { well: true },
        Err(_) => false,
    }
}
