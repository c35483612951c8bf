//! Whether the service is well: what a probe asks, and who can answer.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::salt::SaltId;
use crate::domain::subject::Realm;
use crate::domain::time::Timestamp;

/// How a part is.
///
/// The texts go to whoever asks, without authentication: they say what kind of
/// thing is wrong, and never hold an address, a name from inside, or an error's
/// own words, which belong in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartState {
    /// As it should be.
    Well,
    /// Something is wrong that does not keep the gate from deciding.
    Degraded(String),
    /// It cannot be used.
    Down(String),
}

impl PartState {
    /// The word in answers.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Well => "ok",
            Self::Degraded(_) => "degraded",
            Self::Down(_) => "down",
        }
    }

    /// What is wrong, if anything.
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Well => None,
            Self::Degraded(detail) | Self::Down(detail) => Some(detail),
        }
    }
}

/// A part with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// `store`, `clock`, `salts`, …; of an issuer, its realm.
    pub name: String,
    /// How it is.
    pub state: PartState,
    /// What it counted since the start, by name.
    pub numbers: Vec<(&'static str, u64)>,
}

impl Part {
    /// Joins the two.
    pub fn new(name: impl Into<String>, state: PartState) -> Self {
        Self {
            name: name.into(),
            state,
            numbers: Vec::new(),
        }
    }

    /// The same with what it counted.
    #[must_use]
    pub fn with_numbers(self, numbers: Vec<(&'static str, u64)>) -> Self {
        Self { numbers, ..self }
    }
}

/// How the service is at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Whether the gate can decide about requests and wants more of them: false
    /// while starting, while stopping, and while the store is out of reach. An
    /// issuer that is down does not make it false as long as API keys are decided.
    pub ready: bool,
    /// The store, the clock, the salts and what else there is, by unique names
    /// other than `issuers`.
    pub parts: Vec<Part>,
    /// The issuers.
    pub issuers: Vec<Part>,
}

/// A closer look, for administrators: here errors stand in their own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examination {
    /// What a probe hears.
    pub health: Health,
    /// How long this process has been running.
    pub running_for: Duration,
    /// The store; `Err` with the reason where it cannot be asked.
    pub store: Result<StoreReport, String>,
    /// The issuers.
    pub issuers: Vec<IssuerReport>,
    /// The salts that are accepted, and those that keys lie under all the same.
    pub salts: Vec<SaltReport>,
    /// How many keys cannot be trusted.
    pub untrusted_keys: usize,
    /// Whether all keys were looked at; otherwise the numbers are too small.
    pub is_complete: bool,
}

/// How the store is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreReport {
    /// Kind and version.
    pub description: String,
    /// What is well.
    pub fine: Vec<String>,
    /// What could lose keys or let them go stale, each with what to do.
    pub warnings: Vec<String>,
}

/// How an issuer is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerReport {
    /// Its realm.
    pub realm: Realm,
    /// Its identifier.
    pub issuer: String,
    /// How it is.
    pub state: PartState,
    /// Time since its keys were fetched, where there are any.
    pub keys_age: Option<Duration>,
    /// How many of its keys may verify tokens.
    pub usable_keys: usize,
    /// Since when it is down, where it is and that is known.
    pub down_since: Option<Timestamp>,
    /// Why the last fetch failed, if it did.
    pub last_error: Option<String>,
    /// What to know of keys that were passed over.
    pub warnings: Vec<String>,
}

/// How many keys lie under a salt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaltReport {
    /// Its public name.
    pub id: SaltId,
    /// Whether new keys are put under it.
    pub is_active: bool,
    /// Whether keys under it are accepted.
    pub is_accepted: bool,
    /// How many keys are under it.
    pub keys: usize,
}

/// Whoever knows how the service is. The portal's `/health/ready` and
/// `/api/health` ask.
#[async_trait(?Send)]
pub trait Readiness: Send + Sync {
    /// Looks at each part, within a deadline of its own: a probe that waits for
    /// a stuck store tells nobody anything. A start-up grace is the answerer's.
    async fn check(&self) -> Health;

    /// Looks closer, which takes longer.
    async fn examine(&self) -> Examination;
}
