//! What a decision is to any proxy that copies our answer to the client.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue, InvalidHeaderName};
use actix_web::web::Bytes;

use super::ProxyParts;
use super::dialect::Dialect;
use crate::domain::decision::{Denial, Permit};
use crate::domain::identity_headers::IdentityHeaders;
use crate::domain::policy::Challenge;
use crate::domain::reason::{Outcome, Reason};
use crate::http::challenge;
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;

/// What Envoy takes off the request before it goes upstream.
const HEADERS_TO_REMOVE: HeaderName = HeaderName::from_static("x-envoy-auth-headers-to-remove");

/// The identity headers' names, parsed once.
#[derive(Clone, Debug)]
pub struct HeaderNames(Vec<HeaderName>);

impl HeaderNames {
    /// Parses them in their order.
    ///
    /// # Errors
    /// Fails for a name that HTTP does not allow.
    pub fn new(headers: &IdentityHeaders) -> Result<Self, InvalidHeaderName> {
        headers
            .names()
            .map(HeaderName::try_from)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// A yes with every identity header. A value that HTTP cannot carry is a fault,
/// and a fault is no allow.
///
/// Envoy leaves a client's header where none of ours takes its place, and an
/// empty one is none to it: it is told to take off those, and `strip`, the
/// headers that credentials were read from.
pub(super) fn allow(
    permit: &Permit,
    parts: &ProxyParts,
    dialect: Dialect,
    strip: &[Box<str>],
) -> Result<HttpResponse, Reason> {
    let mut answer = HttpResponse::new(dialect.allowed());
    let takes_off = matches!(dialect, Dialect::ExtAuthz { .. });
    let mut taken_off: Vec<&str> = Vec::new();
    let fields = answer.headers_mut();
    fields.reserve(parts.header_names.0.len() + 2);
    fields.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let values = parts.identity_headers.values(permit);
    for (name, (text, value)) in parts.header_names.0.iter().zip(values) {
        if takes_off && value.is_empty() {
            taken_off.push(text);
            continue;
        }
        let value = match value {
            Cow::Borrowed(text) => HeaderValue::from_bytes(text.as_bytes()),
            // Taken over, not copied.
            Cow::Owned(text) => HeaderValue::from_maybe_shared(Bytes::from(text)),
        };
        let value = value.map_err(|_| Reason::Fault)?;
        fields.insert(name.clone(), value);
    }
    if takes_off {
        taken_off.extend(strip.iter().map(|name| &**name));
    }
    if !taken_off.is_empty() {
        let list = HeaderValue::try_from(taken_off.join(",")).map_err(|_| Reason::Fault)?;
        fields.insert(HEADERS_TO_REMOVE, list);
    }
    Ok(answer)
}

/// A refusal as a problem. All failures of a credential read alike: the log
/// says which it was.
pub(super) fn refuse(denial: &Denial, offered: Challenge) -> Problem {
    match denial.reason.outcome() {
        Outcome::Challenge if denial.reason == Reason::NoCredential => with_challenges(
            Problem::new(
                ProblemType::MissingCredential,
                "send an API key or a token, for example as Authorization: Bearer ...",
            )
            .message("missing token"),
            offered,
            challenge::bearer(),
        ),
        Outcome::Challenge => with_challenges(
            Problem::new(
                ProblemType::InvalidCredential,
                "the credential is unknown, expired or not made for this",
            )
            .message("invalid token"),
            offered,
            challenge::invalid_token(),
        ),
        Outcome::Forbid => forbidden(denial),
        Outcome::Malformed => malformed(denial.reason),
        Outcome::Unavailable => Problem::unavailable(),
    }
}

fn with_challenges(problem: Problem, offered: Challenge, bearer: HeaderValue) -> Problem {
    let problem = if offered.bearer {
        problem.challenge(bearer)
    } else {
        problem
    };
    if offered.basic {
        problem.challenge(challenge::basic())
    } else {
        problem
    }
}

fn forbidden(denial: &Denial) -> Problem {
    let detail = match denial.reason {
        Reason::MissingScope => "the credential is good and lacks a scope that this asks for",
        Reason::MissingGroup => "the credential is good and its owner lacks a group",
        Reason::KeyBounds => "the key is good and bound to other requests",
        Reason::FactUntrusted => {
            "the gate looks at the request, and whoever asks is none of trusted_proxies"
        }
        Reason::UnknownGate => "the proxy asks at a gate that is not configured",
        _ => "nobody may pass here",
    };
    let problem =
        Problem::new(ProblemType::InsufficientRights, detail).message("insufficient rights");
    if denial.wanted_scopes.is_empty() {
        problem
    } else {
        problem.challenge(challenge::insufficient_scope(&denial.wanted_scopes))
    }
}

fn malformed(reason: Reason) -> Problem {
    let (kind, detail) = match reason {
        Reason::CredentialConflict => (
            ProblemType::ConflictingCredentials,
            "two different credentials were presented; send one",
        ),
        Reason::DuplicateHeader => (
            ProblemType::ConflictingCredentials,
            "a header that carries a credential stands there twice; send one",
        ),
        Reason::FactMissing => (
            ProblemType::MalformedRequest,
            "the proxy does not say what the gate looks at: method, host or path of the request",
        ),
        Reason::FactConflict => (
            ProblemType::MalformedRequest,
            "a header that describes the request stands there twice or under two spellings",
        ),
        Reason::FactUnreadable => (
            ProblemType::MalformedRequest,
            "the method, host or path of the request cannot be read",
        ),
        Reason::PathAmbiguous => (
            ProblemType::MalformedRequest,
            "the path can be read in more than one way; send it without dot segments, empty \
             segments, ; and backslash, and without encoded / \\ ? # ; %",
        ),
        _ => (
            ProblemType::ConflictingCredentials,
            "a header is spelt like an identity header, with _ or . for -; leave it out",
        ),
    };
    Problem::new(kind, detail)
}
