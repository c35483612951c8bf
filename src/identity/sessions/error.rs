//! Why a session could not be begun, found or ended.

use super::super::owners::OwnerError;
use crate::domain::api_key::record::BadRecord;
use crate::domain::entropy::EntropyUnavailable;
use crate::domain::reason::Reason;
use crate::store::StoreError;

/// The situations. All but the first mean that nothing can be told.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Everything of that owner is refused.
    #[error("the owner is disabled")]
    OwnerDisabled,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored cannot be trusted.
    #[error("the record of a session cannot be trusted: {0}")]
    Untrusted(#[from] BadRecord),
    /// The owner's record could not be read or written.
    #[error(transparent)]
    Owner(#[from] OwnerError),
    /// The provider could not be asked for too long whether it stands by them.
    #[error("the provider cannot be asked whether it stands by the session")]
    StandingUnknown,
    /// There is no randomness for a cookie.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The time is not known.
    #[error("the time is not known")]
    ClockUnknown,
}

impl SessionError {
    /// What a decision makes of it.
    pub fn reason(&self) -> Reason {
        match self {
            Self::OwnerDisabled => Reason::OwnerDisabled,
            Self::Store(_) => Reason::StoreUnavailable,
            Self::Untrusted(_) => Reason::RecordUntrusted,
            Self::Owner(error) => error.reason(),
            Self::StandingUnknown => Reason::IssuerUnavailable,
            Self::Entropy(_) => Reason::Fault,
            Self::ClockUnknown => Reason::ClockUnknown,
        }
    }
}
