//! Traefik `forwardAuth`, Caddy `forward_auth`, HAProxy's auth-request: any
//! method, answered from headers alone. Any 2xx lets the request pass and the
//! identity headers go upstream; everything else goes to the client as it is.
//!
//! Traefik sends GET, or the client's method on demand, with the client's
//! headers; Caddy appends the client's query to our path; HAProxy sends HEAD or
//! what it is told. None waits for a body of ours on allow.

use actix_web::{HttpRequest, HttpResponse, web};

use super::dialect::Dialect;
use super::facts::{Asker, Forwarded};
use super::respond::Question;
use super::{DEFAULT_GATE, ProxyParts};

/// `/forward-auth`, `/forward-auth/{gate}`.
pub(super) async fn handle(request: HttpRequest, parts: web::Data<ProxyParts>) -> HttpResponse {
    let question = Question {
        request: &request,
        parts: &parts,
        dialect: Dialect::ForwardAuth,
        gate: request.match_info().get("gate").unwrap_or(DEFAULT_GATE),
    };
    let facts = Forwarded(Asker::of(&request, &parts.trust));
    question.answer(&facts).await
}
