//! Why nobody was signed in: in a word for the page, and in full for the log.

use super::id_token::BadIdToken;
use crate::domain::entropy::EntropyUnavailable;
use crate::domain::reason::{Outcome, Reason};
use crate::store::StoreError;

/// What people are told. The page explains each and offers a way on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInProblem {
    /// Nobody signs in there.
    UnknownProvider,
    /// The provider does not answer, or says that it cannot at the moment.
    ProviderUnavailable,
    /// The provider said no, or something that we do not take.
    Refused,
    /// The sign-in took too long, or was used already.
    Expired,
    /// The sign-in began in another browser, or in one that keeps no cookies.
    Lost,
    /// This browser begins one sign-in after the other.
    Loop,
    /// Everything of this person is refused here.
    NotAllowed,
    /// No cookie can be kept safe on the way that the browser came.
    Insecure,
    /// The fault is ours, and passes.
    Unavailable,
}

impl SignInProblem {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::UnknownProvider,
        Self::ProviderUnavailable,
        Self::Refused,
        Self::Expired,
        Self::Lost,
        Self::Loop,
        Self::NotAllowed,
        Self::Insecure,
        Self::Unavailable,
    ];

    /// The word in the address of the sign-in page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownProvider => "unknown-provider",
            Self::ProviderUnavailable => "provider-unavailable",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Lost => "lost",
            Self::Loop => "loop",
            Self::NotAllowed => "not-allowed",
            Self::Insecure => "insecure",
            Self::Unavailable => "unavailable",
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
    ProviderUnavailable(String),
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
    /// The time for it is over.
    #[error("the sign-in took too long")]
    TooLate,
    /// Somebody was signed in by it already.
    #[error("the sign-in was used before")]
    UsedBefore,
    /// The provider no longer takes the code.
    #[error("the provider no longer takes the code")]
    CodeExpired,
    /// Too many sign-ins were begun within a minute.
    #[error("too many sign-ins were begun by one browser")]
    Loop,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The time is not known.
    #[error("the time is not known")]
    ClockUnknown,
}

impl SignInError {
    /// What people are told.
    pub fn problem(&self) -> SignInProblem {
        match self {
            Self::UnknownProvider => SignInProblem::UnknownProvider,
            Self::ProviderUnavailable(_) => SignInProblem::ProviderUnavailable,
            Self::BadIdToken(BadIdToken::Token(reason)) => of_token(*reason),
            Self::ProviderRefused(_) | Self::BadAnswer(_) | Self::BadIdToken(_) => {
                SignInProblem::Refused
            }
            Self::TooLate | Self::UsedBefore | Self::CodeExpired => SignInProblem::Expired,
            Self::NotUnderWay => SignInProblem::Lost,
            Self::Loop => SignInProblem::Loop,
            Self::Store(_) | Self::Entropy(_) | Self::ClockUnknown => SignInProblem::Unavailable,
        }
    }
}

fn of_token(reason: Reason) -> SignInProblem {
    match reason {
        Reason::IssuerUnavailable => SignInProblem::ProviderUnavailable,
        reason if reason.outcome() == Outcome::Unavailable => SignInProblem::Unavailable,
        _ => SignInProblem::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_problems_share_a_word() {
        for (place, problem) in SignInProblem::ALL.iter().enumerate() {
            let before = &SignInProblem::ALL[..place];
            assert!(
                before
                    .iter()
                    .all(|other| other.as_str() != problem.as_str())
            );
        }
    }

    #[test]
    fn what_is_nobodys_fault_is_not_blamed_on_the_provider() {
        let problem = |reason| SignInError::from(BadIdToken::Token(reason)).problem();
        let unavailable = SignInProblem::ProviderUnavailable;
        assert_eq!(problem(Reason::IssuerUnavailable), unavailable);
        assert_eq!(problem(Reason::ClockUnknown), SignInProblem::Unavailable);
        assert_eq!(problem(Reason::TokenExpired), SignInProblem::Refused);
    }
}
