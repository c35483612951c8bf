//! The ways of signing in, as whoever starts the service put them together.

use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::subject::Subject;
use crate::http::gate_sign_in::GateSignIn;
use crate::http::return_address::ReturnAddresses;
use crate::http::same_origin::OwnOrigin;
use crate::identity::sign_in::RelyingParty;

/// How one can sign in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignInWays {
    /// By the password of a built-in account.
    pub password: bool,
    /// As the one name that everybody is, for trying things out.
    pub dev_user: bool,
    /// At these providers.
    pub providers: Vec<SignInProvider>,
}

/// A provider that people sign in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignInProvider {
    /// Its name in paths: `/auth/{id}/start`.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// What signing in needs besides sessions.
#[derive(Clone, Default)]
pub struct SignInParts {
    /// What people are offered.
    pub ways: SignInWays,
    /// The one name that everybody is, where it is set.
    pub dev_user: Option<Subject>,
    /// Where people may go after it.
    pub return_addresses: ReturnAddresses,
    /// Where our own pages come from.
    pub own_origin: OwnOrigin,
    /// What we are to OpenID providers, where people sign in at any.
    pub relying_party: Option<Arc<RelyingParty>>,
    /// How browsers find from gates to the sign-in and back.
    pub gates: Option<Arc<GateSignIn>>,
}

/// What proxies add.
const FORWARDED: [&str; 7] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
];

/// Whether a request passed a proxy, and so may come from anywhere.
pub(super) fn came_by_proxy(headers: &HeaderMap) -> bool {
    FORWARDED.iter().any(|name| headers.contains_key(*name))
}
