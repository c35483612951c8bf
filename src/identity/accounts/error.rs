//! Why something about an account did not go through: situations, ignorant of HTTP.

use std::time::Duration;

use super::hashing::HashError;
use super::rules::BadPassword;
use crate::domain::api_key::record::BadRecord;
use crate::domain::entropy::EntropyUnavailable;
use crate::identity::{OwnerError, SessionError};
use crate::store::StoreError;

/// The situations.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// No such account, another password, or an account that is disabled: which
    /// of these is nobody's business.
    #[error("user name or password are not right")]
    Refused,
    /// Too many failures lately.
    #[error("too many failures; try again later")]
    TooManyTries {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The password that is to be replaced is another one.
    #[error("is not your password")]
    WrongPassword,
    /// The new password is not accepted.
    #[error(transparent)]
    Password(#[from] BadPassword),
    /// A text of the account is not accepted.
    #[error("{problem}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// There is one of that name.
    #[error("there is an account of that name already")]
    Exists,
    /// The link was used, ran out, was replaced by a newer one, or never was.
    #[error("the link is not valid (any more); ask an administrator for a new one")]
    LinkInvalid,
    /// Nobody could administer accounts any more.
    #[error("this is the last administrator who can sign in; make another one first")]
    LastAdministrator,
    /// Others changed it all the while.
    #[error("the account is being changed by somebody else; try again")]
    Contended,
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored cannot be trusted.
    #[error("the record of an account cannot be trusted: {0}")]
    Untrusted(#[from] BadRecord),
    /// The owner's record could not be read or written.
    #[error(transparent)]
    Owner(#[from] OwnerError),
    /// Sessions could not be ended.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] HashError),
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The time is not known.
    #[error("the time is not known")]
    ClockUnknown,
}
