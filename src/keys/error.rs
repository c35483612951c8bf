//! Why a use case did not go through: situations, ignorant of HTTP.

use crate::domain::api_key::lifecycle::Refusal;
use crate::domain::api_key::record::BadRecord;
use crate::domain::entropy::EntropyUnavailable;
use crate::domain::subject::Scope;
use crate::store::StoreError;

/// Why a use case did not go through.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The step is not allowed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No such key, or somebody else's.
    #[error("there is no such key")]
    NotFound,
    /// The owner has as many keys as allowed.
    #[error("the owner has {limit} keys, which is as many as allowed (keys.per_owner_max)")]
    LimitReached {
        /// The limit.
        limit: u32,
    },
    /// Whoever asks may not grant this.
    #[error("you may not grant the scope {scope}")]
    NotGrantable {
        /// The scope.
        scope: Scope,
    },
    /// A key made by a key ends no later than its maker.
    #[error("a key made by a key must not outlive it: expires_at must not be later than {latest}")]
    OutlivesMaker {
        /// The maker's end.
        latest: crate::domain::time::Timestamp,
    },
    /// Somebody with more say took the key out of use.
    #[error("{by} disabled this key; only they or an administrator may enable it")]
    DisabledByAnother {
        /// Who.
        by: String,
    },
    /// Somebody with more say revokes the key.
    #[error("{by} revoked this key; only they or an administrator may restore it")]
    RevokedByAnother {
        /// Who.
        by: String,
    },
    /// More keys than can be revoked in one go.
    #[error("these are more than {limit} keys; narrow the choice")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// The `Idempotency-Key` was used for another request.
    #[error("the Idempotency-Key was used for another request")]
    ReplayMismatch,
    /// Somebody else changed the key at the same time, again and again.
    #[error("the key is being changed by somebody else; read it again")]
    Contended,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A stored record cannot be trusted.
    #[error("key {id}: {source}")]
    Untrusted {
        /// Which.
        id: crate::domain::api_key::ApiKeyId,
        /// What is wrong with it.
        source: BadRecord,
    },
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The time is not known.
    #[error("the time is not known")]
    ClockUnknown,
}
