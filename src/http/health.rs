//! Whether the service is well: what a probe asks, and who can answer.

use async_trait::async_trait;

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
}

impl Part {
    /// Joins the two.
    pub fn new(name: impl Into<String>, state: PartState) -> Self {
        Self {
            name: name.into(),
            state,
        }
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

/// Whoever knows how the service is. The portal's `/health/ready` asks.
#[async_trait(?Send)]
pub trait Readiness: Send + Sync {
    /// Looks at each part, within a deadline of its own: a probe that waits for
    /// a stuck store tells nobody anything. A start-up grace is the answerer's.
    async fn check(&self) -> Health;
}
