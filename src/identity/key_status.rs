//! How the keys of issuers are doing, for readiness and `doctor`.

use std::time::Duration;

use crate::domain::subject::Realm;
use crate::domain::time::Timestamp;

/// How an issuer's keys are doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IssuerState {
    /// There are keys, and no fetch has failed since they were fetched or taken
    /// from the store.
    Ready {
        /// Time since they were fetched, by whichever replica.
        age: Duration,
    },
    /// The last fetch failed, and the last good keys are still used.
    Stale {
        /// Time since they were fetched.
        age: Duration,
        /// Why the last fetch failed.
        last_error: String,
    },
    /// There are no keys that may be used: nothing of this issuer can be decided.
    Down {
        /// Since when, as far as a fetch has shown it.
        since: Option<Timestamp>,
        /// Why the last fetch failed; absent where none has ended yet.
        last_error: Option<String>,
    },
}

/// What is known of one issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerStatus {
    /// Its realm.
    pub realm: Realm,
    /// Its identifier as configured.
    pub issuer: String,
    /// How its keys are doing.
    pub state: IssuerState,
    /// How many of its keys may verify tokens.
    pub usable_keys: usize,
    /// What an operator should know of keys that were passed over.
    pub warnings: Vec<String>,
}
