//! The gates and what they ask for: `/api/gates`.

use std::fmt;

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::guard::{ActInPerson, Guard};
use crate::domain::identity::CredentialKind;
use crate::domain::policy::{Admission, Gate, Rule};

/// A gate.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "models",
    "credentials": ["api_key", "jwt"],
    "rules": [{
        "allow": "authenticated",
        "credentials": ["api_key", "jwt"],
        "scopes": ["models:read"],
        "any_scopes": [],
        "groups": [],
        "any_groups": [],
        "hosts": [],
        "paths": [],
        "methods": [],
        "networks": []
    }]
}))]
pub(super) struct GateView {
    /// Its name: a proxy points at `/forward-auth/{name}`.
    name: String,
    /// The kinds of credential that any of its rules takes.
    credentials: Vec<&'static str>,
    /// The first rule that matches decides.
    rules: Vec<RuleView>,
}

/// A rule of a gate. Lists that are empty ask for nothing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RuleView {
    /// Who may pass: `authenticated`, `anyone` or `nobody`.
    allow: &'static str,
    /// The kinds of credential that are taken.
    credentials: Vec<&'static str>,
    /// Scopes of which all are needed.
    scopes: Vec<String>,
    /// Scopes of which one is needed.
    any_scopes: Vec<String>,
    /// Groups of which all are needed.
    groups: Vec<String>,
    /// Groups of which one is needed.
    any_groups: Vec<String>,
    /// The hosts that it is about.
    hosts: Vec<String>,
    /// The paths that it is about.
    paths: Vec<String>,
    /// The methods that it is about.
    methods: Vec<String>,
    /// The networks of clients that it is about.
    networks: Vec<String>,
}

/// See the gates and what they ask for.
#[utoipa::path(
    get, path = "/api/gates", operation_id = "show_gates", tag = "me",
    responses((status = 200, description = "The gates", body = [GateView])),
)]
pub(super) async fn list(caller: Guard<ActInPerson>) -> HttpResponse {
    let views = caller.parts().gates.iter().map(GateView::of);
    HttpResponse::Ok().json(views.collect::<Vec<_>>())
}

impl GateView {
    fn of(gate: &Gate) -> Self {
        let takes = |kind| gate.rules.iter().any(|rule| rule.credentials.accepts(kind));
        Self {
            name: gate.name.to_string(),
            credentials: kinds(takes),
            rules: gate.rules.iter().map(RuleView::of).collect(),
        }
    }
}

impl RuleView {
    fn of(rule: &Rule) -> Self {
        Self {
            allow: match rule.allow {
                Admission::Authenticated => "authenticated",
                Admission::Anyone => "anyone",
                Admission::Nobody => "nobody",
            },
            credentials: kinds(|kind| rule.credentials.accepts(kind)),
            scopes: texts(&rule.scopes),
            any_scopes: texts(&rule.any_scopes),
            groups: texts(&rule.groups),
            any_groups: texts(&rule.any_groups),
            hosts: texts(&rule.matching.hosts),
            paths: texts(&rule.matching.paths),
            methods: texts(&rule.matching.methods),
            networks: texts(&rule.matching.networks),
        }
    }
}

fn kinds(takes: impl Fn(CredentialKind) -> bool) -> Vec<&'static str> {
    [
        CredentialKind::ApiKey,
        CredentialKind::Jwt,
        CredentialKind::Session,
    ]
    .into_iter()
    .filter(|kind| takes(*kind))
    .map(CredentialKind::as_str)
    .collect()
}

fn texts(names: &[impl fmt::Display]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}
