//! Traefik `forwardAuth`, Caddy `forward_auth`, HAProxy's auth-request: any
//! method, answered from headers alone. Any 2xx lets the request pass and the
//! identity headers go upstream; everything else goes to the client as it is.
//!
//! Traefik sends GET, or the client's method on demand, with the client's
//! headers; Caddy appends the client's query to our path; HAProxy sends HEAD or
//! what it is told. None waits for a body of ours on allow.

use actix_web::{HttpRequest, HttpResponse, web};

use super::facts::{Asker, Forwarded, touches_identity};
use super::{DEFAULT_GATE, ProxyParts, answer};
use crate::domain::decision::{Decision, Denial, Permit};
use crate::domain::policy::Challenge;
use crate::domain::reason::{Outcome, Reason};
use crate::http::headers::RequestHeaders;
use crate::http::unwind;

/// `/forward-auth`.
pub(super) async fn default_gate(
    request: HttpRequest,
    parts: web::Data<ProxyParts>,
) -> HttpResponse {
    respond(&request, &parts, DEFAULT_GATE).await
}

/// `/forward-auth/{gate}`.
pub(super) async fn named_gate(request: HttpRequest, parts: web::Data<ProxyParts>) -> HttpResponse {
    let gate = request.match_info().get("gate").unwrap_or_default();
    respond(&request, &parts, gate).await
}

async fn respond(request: &HttpRequest, parts: &ProxyParts, gate: &str) -> HttpResponse {
    let decided = unwind::caught(decide(request, parts, gate)).await;
    let (decision, challenge) =
        decided.unwrap_or_else(|_| (Reason::Fault.into(), Challenge::default()));
    let allowed = match decision {
        Decision::Allow(permit) => pass(request, parts, gate, &permit),
        Decision::Deny(denial) => Err(denial),
    };
    allowed.unwrap_or_else(|denial| refuse(request, parts, gate, &denial, challenge))
}

async fn decide(request: &HttpRequest, parts: &ProxyParts, gate: &str) -> (Decision, Challenge) {
    if touches_identity(request.headers(), &parts.identity_headers) {
        return (Reason::AliasedHeader.into(), Challenge::default());
    }
    let headers = RequestHeaders(request.headers());
    let facts = Forwarded(Asker::of(request, &parts.trust));
    let checked = parts.gatekeeper.check(gate, &headers, &facts).await;
    (checked.decision, checked.challenge)
}

fn pass(
    request: &HttpRequest,
    parts: &ProxyParts,
    gate: &str,
    permit: &Permit,
) -> Result<HttpResponse, Denial> {
    let answer = answer::allow(permit, &parts.identity_headers, &parts.header_names)?;
    if parts.log_allows {
        let identity = permit.identity();
        tracing::info!(
            gate,
            subject = identity.map(|identity| tracing::field::display(&identity.owner)),
            key.id = identity
                .and_then(|identity| identity.key_id)
                .map(tracing::field::display),
            request.id = parts.request_ids.of(request),
            "allowed"
        );
    }
    Ok(answer)
}

fn refuse(
    request: &HttpRequest,
    parts: &ProxyParts,
    gate: &str,
    denial: &Denial,
    challenge: Challenge,
) -> HttpResponse {
    let request_id = parts.request_ids.of(request);
    let reason = denial.reason.as_str();
    let key = denial.key_id.map(tracing::field::display);
    if denial.reason.outcome() == Outcome::Unavailable {
        tracing::warn!(
            gate,
            decision.reason = reason,
            key.id = key,
            request.id = request_id,
            "could not decide"
        );
    } else {
        tracing::info!(
            gate,
            decision.reason = reason,
            key.id = key,
            request.id = request_id,
            "refused"
        );
    }
    answer::answer(&answer::refuse(denial, challenge), &request_id)
}
