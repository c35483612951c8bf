//! Requests that a page of somebody else makes a browser send: it adds the
//! cookie by itself. So each request of a session that changes something must
//! come from a page of ours as far as the browser says, and carry a token that
//! only a page of ours can have read. `SameSite=Lax` is a third wall, not the only one.

use actix_web::HttpRequest;
use actix_web::http::Method;

use super::super::parts::PortalParts;
use crate::domain::reason::Reason;
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::http::request_id;
use crate::identity::HeldSession;

const TOKEN: &str = "x-csrf-token";

/// Checks a request of a session. Those that change nothing may come from anywhere.
///
/// # Errors
/// Refuses what a page of ours would not send.
pub(in crate::portal) fn check(
    request: &HttpRequest,
    parts: &PortalParts,
    held: &HeldSession,
) -> Result<(), Problem> {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return Ok(());
    }
    check_origin(request, parts)?;
    let mut tokens = request.headers().get_all(TOKEN);
    let token = match (tokens.next(), tokens.next()) {
        (Some(token), None) => token.to_str().unwrap_or_default(),
        _ => "",
    };
    if held.cookie().has_csrf_token(parts.sessions.salts(), token) {
        return Ok(());
    }
    Err(refused(
        request,
        "send the token of GET /api/session in X-CSRF-Token",
    ))
}

/// Checks a request that has no session yet: signing somebody in as another
/// than they believe to be is an attack, too.
///
/// # Errors
/// Refuses what a browser sends for a page of somebody else.
pub(in crate::portal) fn check_origin(
    request: &HttpRequest,
    parts: &PortalParts,
) -> Result<(), Problem> {
    if parts.sign_in.own_origin.made(request.head()) {
        return Ok(());
    }
    Err(refused(
        request,
        "a page of another origin made the request; see public_url",
    ))
}

fn refused(request: &HttpRequest, detail: &'static str) -> Problem {
    tracing::warn!(
        decision.reason = Reason::ForgedRequest.as_str(),
        http.method = %request.method(),
        http.path = request.match_pattern(),
        request.id = request_id::current(),
        "the API refused a request that may be forged"
    );
    Problem::new(ProblemType::ForgedRequest, detail)
}
