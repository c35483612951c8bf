//! Situations of the rooms below as problems of the API.

use super::authenticate::Refused;
use crate::domain::api_key::lifecycle::Refusal;
use crate::domain::reason::{Outcome, Reason};
use crate::domain::subject::Scope;
use crate::http::challenge;
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::http::request_id;
use crate::identity::SessionError;
use crate::identity::accounts::AccountError;
use crate::keys::KeyError;

/// A credential that proves nobody. All bad ones are answered alike, but for a
/// token without subject, which the former service told apart.
pub(super) fn refused(refused: Refused) -> Problem {
    match (refused.reason.outcome(), refused.reason) {
        (Outcome::Challenge, Reason::NoCredential) => Problem::new(
            ProblemType::MissingCredential,
            "send an API key or a token, as Authorization: Bearer …",
        )
        .message("missing token")
        .challenge(challenge::bearer()),
        (Outcome::Challenge, reason) => Problem::new(
            ProblemType::InvalidCredential,
            "the credential is not valid here",
        )
        .message(if reason == Reason::TokenSubject {
            "subject claim missing"
        } else {
            "invalid token"
        })
        .challenge(challenge::invalid_token()),
        (Outcome::Forbid, _) => Problem::new(
            ProblemType::InsufficientRights,
            "the credential is good, and it does not open the API",
        ),
        (Outcome::Malformed, _) => Problem::new(
            ProblemType::ConflictingCredentials,
            "the request presents more than one credential; send one",
        ),
        (Outcome::Unavailable, _) => Problem::unavailable(),
    }
}

/// A cookie whose session is over, or never was.
pub(super) fn session_ended() -> Problem {
    Problem::new(
        ProblemType::SessionEnded,
        "the session is over; sign in again",
    )
    .challenge(challenge::bearer())
}

/// A session could not be begun, found or ended.
pub(super) fn of_sessions(error: &SessionError) -> Problem {
    if matches!(error, SessionError::OwnerDisabled) {
        tracing::warn!(
            decision.reason = error.reason().as_str(),
            request.id = request_id::current(),
            "somebody who is disabled was not signed in"
        );
        return sign_in_refused();
    }
    tracing::error!(
        error = %error,
        request.id = request_id::current(),
        "a session could not be begun, found or ended"
    );
    Problem::unavailable()
}

/// Nobody was signed in: the one answer, whatever the reason.
pub(super) fn sign_in_refused() -> Problem {
    Problem::new(
        ProblemType::SignInRefused,
        "the name or the password is wrong, or signing in is not allowed",
    )
    .challenge(challenge::bearer())
}

/// Something about an account did not go through; `password` is what the request
/// called the one that may be refused.
pub(super) fn of_accounts(error: &AccountError, password: &'static str) -> Problem {
    match error {
        AccountError::Refused => sign_in_refused(),
        AccountError::TooManyTries { retry_after } => {
            let whole = retry_after.as_secs() + u64::from(retry_after.subsec_nanos() > 0);
            let whole = u32::try_from(whole.max(1)).unwrap_or(u32::MAX);
            Problem::new(ProblemType::TooManyTries, error.to_string()).retry_after(whole)
        }
        AccountError::WrongPassword => Problem::field("current_password", error.to_string()),
        AccountError::Password(bad) => Problem::field(password, bad.to_string()),
        AccountError::Field { field, problem } => Problem::field(*field, problem.clone()),
        AccountError::NotFound => Problem::new(ProblemType::NotFound, error.to_string()),
        AccountError::LinkInvalid => Problem::new(ProblemType::LinkInvalid, error.to_string()),
        AccountError::Exists | AccountError::LastAdministrator | AccountError::Contended => {
            Problem::new(ProblemType::Conflict, error.to_string())
        }
        AccountError::Session(error) => of_sessions(error),
        AccountError::Store(_)
        | AccountError::Untrusted(_)
        | AccountError::Owner(_)
        | AccountError::Hash(_)
        | AccountError::Entropy(_)
        | AccountError::ClockUnknown => {
            tracing::error!(
                error = %error,
                request.id = request_id::current(),
                "the API could not do what it was asked about an account"
            );
            Problem::unavailable()
        }
    }
}

/// A key where a person is asked for.
pub(super) fn needs_person() -> Problem {
    Problem::new(
        ProblemType::InsufficientRights,
        "this takes a person who signed in; an API key does not do",
    )
}

/// A good credential that lacks a scope, or an owner who is no administrator.
pub(super) fn insufficient(missing: &Scope) -> Problem {
    let problem = if *missing == Scope::administer() {
        Problem::new(
            ProblemType::InsufficientRights,
            "this takes an administrator; an API key also needs the scope gatelodge:admin",
        )
        .message("admin privileges required")
    } else {
        Problem::new(
            ProblemType::InsufficientRights,
            format!("the API key lacks the scope {missing}"),
        )
    };
    problem.challenge(challenge::insufficient_scope(std::slice::from_ref(missing)))
}

/// No such key, nobody's or somebody else's: the one answer for all of these.
pub(super) fn no_such_key() -> Problem {
    Problem::new(ProblemType::NotFound, "there is no such key").message("token not found")
}

/// How a request called what may be refused about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldNames {
    /// What the key is called: `name`, or the seed's `description`.
    pub(super) name: &'static str,
    /// When it ends.
    pub(super) expiry: &'static str,
}

impl Default for FieldNames {
    fn default() -> Self {
        Self {
            name: "name",
            expiry: "expires_at",
        }
    }
}

/// Why a use case did not go through.
pub(super) fn of_keys(error: &KeyError, fields: FieldNames) -> Problem {
    match error {
        KeyError::Refused(refusal) => refusal_of(refusal, fields),
        KeyError::NotFound => no_such_key(),
        KeyError::LimitReached { .. } => Problem::new(ProblemType::KeyLimit, error.to_string()),
        KeyError::DisabledByAnother { .. } | KeyError::RevokedByAnother { .. } => {
            Problem::new(ProblemType::InsufficientRights, error.to_string())
        }
        KeyError::NotGrantable { scope } => {
            tracing::warn!(
                decision.reason = "not_grantable",
                scope = %scope,
                request.id = request_id::current(),
                "the API refused to hand on what the caller does not have"
            );
            Problem::new(ProblemType::InsufficientRights, error.to_string())
        }
        KeyError::OutlivesMaker { .. } => Problem::field(fields.expiry, error.to_string()),
        KeyError::ReplayMismatch => {
            Problem::new(ProblemType::IdempotencyMismatch, error.to_string())
        }
        KeyError::TooMany { .. } | KeyError::Contended => {
            Problem::new(ProblemType::Conflict, error.to_string())
        }
        KeyError::Store(_)
        | KeyError::Untrusted { .. }
        | KeyError::Entropy(_)
        | KeyError::ClockUnknown => {
            // Addresses and names from inside are for operators, not for callers.
            tracing::error!(
                error = %error,
                request.id = request_id::current(),
                "the API could not do what it was asked"
            );
            Problem::unavailable()
        }
    }
}

fn refusal_of(refusal: &Refusal, fields: FieldNames) -> Problem {
    match refusal {
        Refusal::NotActive(_)
        | Refusal::AlreadyRotated { .. }
        | Refusal::BeingRevoked
        | Refusal::NotBeingRevoked
        | Refusal::RevocationFinal
        | Refusal::SeedKey
        | Refusal::SeedKeyForGood => Problem::new(ProblemType::Conflict, refusal.to_string()),
        Refusal::NameTooLong
        | Refusal::NameUnprintable
        | Refusal::TooManyScopes
        | Refusal::TooManyBounds { .. }
        | Refusal::ExpiresInThePast
        | Refusal::ExpiresTooLate { .. }
        | Refusal::Widens { .. } => {
            let field = match refusal.field() {
                Some("name") => fields.name,
                Some("expires_at") => fields.expiry,
                field => field.unwrap_or("body"),
            };
            Problem::field(field, refusal.to_string())
        }
    }
}
