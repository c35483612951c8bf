//! Oneself: `/api/me`.

pub(super) mod password;
pub(super) mod sessions;
pub(super) mod tokens;
pub(super) mod usage;

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::authenticate::Caller;
use super::guard::{Guard, KnowWho};
use super::parts::{EXPIRY_PRESET_DAYS, PortalParts};
use crate::domain::api_key::expiry::LifeLimits;
use crate::domain::identity::Identity;
use crate::domain::subject::Scope;
use crate::keys::KeyTerms;

const DAY_SECONDS: u64 = 86_400;

/// Who the credential proves, and what keys may be like here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "subject": "alice",
    "owner": "corp:alice",
    "realm": "corp",
    "tenant": "default",
    "groups": ["staff"],
    "scopes": ["models:*"],
    "admin": false,
    "method": "session",
    "provider": "corp",
    "key_id": null,
    "scopes_grantable": ["models:read", "gatelodge:keys"],
    "name": "Alice",
    "email": "alice@example.org",
    "limits": {
        "expiry_preset_days": [1, 7, 30, 90],
        "expiry_default_days": 90,
        "expiry_max_days": 365,
        "per_owner_max": 50
    }
}))]
pub(super) struct Me {
    /// What the issuer calls them.
    subject: String,
    /// The same with its realm: how `/api/users/{sub}` and upstreams name them.
    owner: String,
    /// The realm of the issuer; empty for the `[oauth]` shorthand.
    realm: String,
    /// The organisation.
    tenant: String,
    /// The groups that the issuer last named.
    groups: Vec<String>,
    /// What the credential permits.
    scopes: Vec<String>,
    /// Whether an administrator.
    admin: bool,
    /// The kind of credential: `api_key`, `jwt` or `session`.
    method: &'static str,
    /// The provider that they signed in with, where it was one.
    #[schema(required)]
    provider: Option<String>,
    /// What they may put on keys. Administrators may put on any.
    scopes_grantable: Vec<String>,
    /// The id of the key, where it was one.
    #[schema(required)]
    key_id: Option<String>,
    /// A name to show.
    #[schema(required)]
    name: Option<String>,
    /// An address to show.
    #[schema(required)]
    email: Option<String>,
    /// What keys may be like here.
    limits: Limits,
}

/// What keys may be like here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Limits {
    /// Lives to offer, in days; all of them are allowed.
    expiry_preset_days: Vec<u32>,
    /// The life of a key for which nothing is asked; `null` if without end.
    #[schema(required)]
    expiry_default_days: Option<u64>,
    /// The longest life; `null` if without end, and then `never` is allowed.
    #[schema(required)]
    expiry_max_days: Option<u64>,
    /// How many keys one may have.
    per_owner_max: u32,
}

/// Who am I?
#[utoipa::path(
    get, path = "/api/me", operation_id = "show_me", tag = "me",
    responses((status = 200, description = "Who the credential proves", body = Me)),
)]
pub(super) async fn show(caller: Guard<KnowWho>) -> HttpResponse {
    HttpResponse::Ok().json(Me::of(caller.caller(), caller.parts()))
}

impl Me {
    /// Who that is.
    pub(super) fn of(caller: &Caller, parts: &PortalParts) -> Self {
        let identity = &caller.identity;
        let session = caller.session.as_ref();
        Self {
            subject: identity.owner.subject().to_string(),
            owner: identity.owner.to_string(),
            realm: identity.owner.realm().to_string(),
            tenant: identity.tenant.to_string(),
            groups: identity.groups.iter().map(ToString::to_string).collect(),
            scopes: identity.scopes.iter().map(ToString::to_string).collect(),
            admin: identity.admin,
            method: identity.method.as_str(),
            provider: session.and_then(|held| held.session.provider.clone()),
            scopes_grantable: grantable(identity, parts),
            key_id: identity.key_id.map(|id| id.to_string()),
            name: identity.name.clone(),
            email: identity.email.clone(),
            limits: Limits::of(parts.keys.terms()),
        }
    }
}

/// What somebody may put on keys, as far as it can be listed.
fn grantable(identity: &Identity, parts: &PortalParts) -> Vec<String> {
    let is_person = identity.key_id.is_none();
    let mut scopes = if is_person && identity.admin {
        let entries = parts.catalogue.entries.iter();
        entries.map(|entry| entry.name.clone()).collect()
    } else {
        parts.grantable(identity)
    };
    scopes.retain(|scope| !scope.is_own());
    if is_person {
        scopes.push(Scope::manage_own_keys());
    }
    if is_person && identity.admin {
        scopes.push(Scope::administer());
    }
    scopes.iter().map(ToString::to_string).collect()
}

impl Limits {
    fn of(terms: &KeyTerms) -> Self {
        let LifeLimits { default, max } = terms.limits;
        let days = |life: std::time::Duration| life.as_secs() / DAY_SECONDS;
        let is_allowed = |preset: &u32| max.is_none_or(|max| u64::from(*preset) <= days(max));
        // A default beyond the maximum means the maximum, and so does none.
        let default = match (default, max) {
            (Some(default), Some(max)) => Some(default.min(max)),
            (default, max) => default.or(max),
        };
        Self {
            expiry_preset_days: EXPIRY_PRESET_DAYS.into_iter().filter(is_allowed).collect(),
            expiry_default_days: default.map(days),
            expiry_max_days: max.map(days),
            per_owner_max: terms.per_owner_max,
        }
    }
}
