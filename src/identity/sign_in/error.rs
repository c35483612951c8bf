//! Why nobody was signed in: in a word for the page, and in full for the log.

use super::id_token::BadIdToken;
use crate::domain::entropy::EntropyUnavailable;
use crate::domain::reason::{Outcome, Reason};
use crate::identity::SessionError;
use crate::store::StoreError;

/// What people are told. The page explains each and offers a way on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The provider does not answer, or says that it cannot at the moment.
    ProviderUnavailable,
    /// The provider said no, or something that we do not take.
    Refused,
    /// The sign-in took too long, was used already, or began in another browser.
    Expired,
    /// This browser begins one sign-in after the other.
    Loop,
    /// Everything of this person is refused here.
    NotAllowed,
}

impl Problem {
    /// The word in the address of the sign-in page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProviderUnavailable => "provider-unavailable",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Loop => "loop",
            Self::NotAllowed => "not-allowed",
        }
    }
}

/// The situations, with what only operators may know.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Nobody signs in there.
    #[error("no such provider")]
    UnknownProvider,
    /// The provider, or what it publishes, could not be had.
    #[error("the provider is not available: {0}")]
    Unavailable(String),
    /// The provider said no.
    #[error("the provider answered {0}")]
    ProviderRefused(String),
    /// The answer is none that an honest provider sends.
    #[error("the provider's answer is not as it must be: {0}")]
    BadAnswer(String),
    /// The tokens are not for us, or not for this sign-in.
    #[error(transparent)]
    BadIdToken(#[from] BadIdToken),
    /// Nothing of that `state` is under way in this browser.
    #[error("no such sign-in is under way in this browser")]
    NotUnderWay,
    /// The provider no longer takes the code.
    #[error("the provider no longer takes the code")]
    CodeExpired,
    /// Too many sign-ins were begun within a minute.
    #[error("too many sign-ins were begun by one browser")]
    Loop,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sessions could not be ended.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The time is not known.
    #[error("the time is not known")]
    ClockUnknown,
}

impl SignInError {
    /// What people are told; `None` where the fault is ours and passes.
    pub fn problem(&self) -> Option<Problem> {
        match self {
            Self::Unavailable(_) => Some(Problem::ProviderUnavailable),
            Self::BadIdToken(BadIdToken::Token(reason))
                if reason.outcome() == Outcome::Unavailable =>
            {
                (*reason == Reason::IssuerUnavailable).then_some(Problem::ProviderUnavailable)
            }
            Self::ProviderRefused(_) | Self::BadAnswer(_) | Self::BadIdToken(_) => {
                Some(Problem::Refused)
            }
            Self::NotUnderWay | Self::CodeExpired => Some(Problem::Expired),
            Self::Loop => Some(Problem::Loop),
            Self::Session(SessionError::OwnerDisabled) => Some(Problem::NotAllowed),
            Self::UnknownProvider
            | Self::Store(_)
            | Self::Session(_)
            | Self::Entropy(_)
            | Self::ClockUnknown => None,
        }
    }
}
