//! Adapters: how a proxy asks, and what it understands as an answer.
//!
//! The operator chooses the dialect by path, or by the listener for gRPC;
//! nothing about a request chooses it, and our own query string is never read,
//! since some proxies pass the client's on.

mod answer;
mod dialect;
mod ext_authz;
pub mod ext_authz_grpc;
mod facts;
mod forward_auth;
mod nginx;
mod respond;
mod sign_in;

use std::sync::Arc;

use actix_web::web;

use crate::domain::identity_headers::IdentityHeaders;
use crate::gate::Gatekeeper;
use crate::http::gate_sign_in::GateSignIn;
use crate::http::request_id::RequestIds;

pub use answer::HeaderNames;
pub use facts::{ProxyTrust, client_address};

/// The gate that is meant where none is named.
pub const DEFAULT_GATE: &str = "default";

/// What the adapters need.
#[derive(Clone)]
pub struct ProxyParts {
    /// What decides.
    pub gatekeeper: Arc<Gatekeeper>,
    /// What an upstream is told.
    pub identity_headers: Arc<IdentityHeaders>,
    /// Their names as the HTTP library has them.
    pub header_names: Arc<HeaderNames>,
    /// Whose word about a request counts.
    pub trust: Arc<ProxyTrust>,
    /// How browsers find to the sign-in, where gates take sessions.
    pub sign_in: Option<Arc<GateSignIn>>,
    /// What names requests in the log.
    pub request_ids: Arc<RequestIds>,
    /// Whether Envoy is told 503 where nothing can be decided: right only
    /// where it does not let requests pass on that.
    pub ext_authz_says_unavailable: bool,
    /// Whether an allow is logged, too.
    pub log_allows: bool,
}

/// Adds the paths that proxies ask.
pub fn configure(config: &mut web::ServiceConfig, parts: ProxyParts) {
    config
        .app_data(web::Data::new(parts))
        .route("/forward-auth", web::route().to(forward_auth::handle))
        .route(
            "/forward-auth/{gate}",
            web::route().to(forward_auth::handle),
        )
        .route("/nginx-auth", web::route().to(nginx::handle))
        .route("/nginx-auth/{gate}", web::route().to(nginx::handle))
        .service(web::scope(ext_authz::PREFIX).default_service(web::route().to(ext_authz::handle)));
}
