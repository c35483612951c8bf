//! The gates and what they ask for: `/api/gates`, and what they would say to a
//! request that nobody sends: `/api/gates/{gate}/explain`.

use std::fmt;
use std::sync::Arc;

use actix_web::{HttpResponse, web};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guard::{ActInPerson, Guard, ManageAnyonesKeys};
use super::problems;
use crate::domain::api_key::ApiKeyId;
use crate::domain::explanation::{Asker, Explanation, GateQuestion, Trial};
use crate::domain::facts::StatedFacts;
use crate::domain::identity::{CredentialKind, Identity};
use crate::domain::policy::{Admission, Gate, Policy, Rule};
use crate::domain::reason::Reason;
use crate::domain::subject::{Owner, Scope};
use crate::http::json::Body;
use crate::http::problem::Problem;

/// The gates as they are at the moment, and what they would say.
#[async_trait(?Send)]
pub trait Gates: Send + Sync {
    /// The gates.
    fn policy(&self) -> Arc<Policy>;

    /// What would become of a request.
    async fn explain(&self, question: &GateQuestion) -> Explanation;

    /// The identity headers with which an upstream is told of somebody who
    /// passes, or of nobody.
    fn headers(&self, told: Option<&Identity>) -> Vec<(String, String)>;
}

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
        "networks": [],
        "preflight": false
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
    /// The networks of the clients that it is about.
    networks: Vec<String>,
    /// Whether CORS preflights pass.
    preflight: bool,
}

/// A request that nobody sends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "method": "GET", "url": "https://api.example.com/v1/models", "key_id": "1FvP0aXk27Qm9Zc4"
}))]
pub(super) struct ExplainRequest {
    /// Its method; `GET`, if left out.
    #[serde(default)]
    method: Option<String>,
    /// Its URL. Without one nothing is known of host and path.
    #[serde(default)]
    url: Option<String>,
    /// The id of the key that it would carry.
    #[serde(default)]
    key_id: Option<String>,
    /// The owner whose token it would carry, if no key.
    #[serde(default)]
    owner: Option<String>,
    /// Whether it would come from a browser that the owner signed in with, in
    /// place of a token.
    #[serde(default)]
    session: bool,
    /// The address of the client.
    #[serde(default)]
    address: Option<String>,
}

/// What would become of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "outcome": "forbid", "reason": "missing_scope", "rule": 1,
    "text": "A scope is missing. Asked for: models:read.",
    "wanted_scopes": ["models:read"],
    "rules": [{"result": "misses", "fact": "path"}, {"result": "decides"}],
    "headers": []
}))]
pub(super) struct ExplanationView {
    /// `allow`, `challenge`, `forbid`, `malformed` or `unavailable`.
    outcome: &'static str,
    /// Why it would not pass, as the log has it; `null` where it would.
    #[schema(required)]
    reason: Option<&'static str>,
    /// The place of the rule that decides, from 0; `null` where none does.
    #[schema(required)]
    rule: Option<usize>,
    /// The same in a sentence.
    text: String,
    /// The scopes that would have been enough.
    wanted_scopes: Vec<String>,
    /// What each rule of the gate has to say, in their order.
    rules: Vec<TrialView>,
    /// What the upstream would be told: every identity header, where the
    /// request would pass.
    headers: Vec<HeaderView>,
}

/// What a rule has to say.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"result": "misses", "fact": "path"}))]
pub(super) struct TrialView {
    /// `misses` (it is about other requests), `unknown` (it needs what is not
    /// known of this one, which ends the search), `decides`, or `not_reached`.
    result: &'static str,
    /// What does not fit: `network`, `host`, `method` or `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    fact: Option<&'static str>,
    /// Why it is not known, as the log has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<&'static str>,
}

/// A header that the upstream would get.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"name": "X-Authenticated-User", "value": "corp:alice"}))]
pub(super) struct HeaderView {
    /// Its name.
    name: String,
    /// Its value.
    value: String,
}

/// Try a request at a gate.
///
/// Says what would become of it and which rule decides. Nothing is sent and
/// nothing is noted.
#[utoipa::path(
    post, path = "/api/gates/{gate}/explain", operation_id = "explain_gate", tag = "users",
    request_body = ExplainRequest,
    responses((status = 200, description = "What would become of it", body = ExplanationView)),
)]
pub(super) async fn explain(
    caller: Guard<ManageAnyonesKeys>,
    gate: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let request: ExplainRequest = body.json().await?.value;
    let question = GateQuestion {
        gate: gate.into_inner(),
        asker: asker(&caller, &request)?,
        facts: facts(&request)?,
        tenant: Some(caller.tenant().clone()),
    };
    let gates = &caller.parts().gates;
    let explanation = gates.explain(&question).await;
    let headers = match explanation.reason {
        None => gates.headers(explanation.told.as_ref()),
        Some(_) => Vec::new(),
    };
    let header = |(name, value)| HeaderView { name, value };
    Ok(HttpResponse::Ok().json(ExplanationView {
        outcome: explanation.outcome(),
        reason: explanation.reason.map(Reason::as_str),
        rule: explanation.rule,
        text: explanation.text(),
        wanted_scopes: texts(&explanation.wanted_scopes),
        rules: explanation
            .trials
            .iter()
            .copied()
            .map(TrialView::of)
            .collect(),
        headers: headers.into_iter().map(header).collect(),
    }))
}

impl TrialView {
    fn of(trial: Trial) -> Self {
        let (result, fact, reason) = match trial {
            Trial::Misses(fact) => ("misses", Some(fact.as_str()), None),
            Trial::Unknown(reason) => ("unknown", None, Some(reason.as_str())),
            Trial::Decides => ("decides", None, None),
            Trial::NotReached => ("not_reached", None, None),
        };
        Self {
            result,
            fact,
            reason,
        }
    }
}

fn asker(caller: &Guard<ManageAnyonesKeys>, request: &ExplainRequest) -> Result<Asker, Problem> {
    match (&request.key_id, &request.owner) {
        (_, None) if request.session => Err(Problem::field(
            "session",
            "needs an owner: whose browser it is",
        )),
        (None, None) => Ok(Asker::Nobody),
        (Some(_), Some(_)) => Err(Problem::field("owner", "send key_id or owner, not both")),
        (Some(id), None) => ApiKeyId::parse(id)
            .map(Asker::Key)
            .ok_or_else(|| Problem::field("key_id", "is no id of a key")),
        (None, Some(owner)) => {
            let parts = caller.parts();
            let owner = Owner::parse(owner, &parts.realms)
                .map_err(|error| Problem::field("owner", error.to_string()))?;
            let tenant = parts.tenant_of(owner.realm());
            if tenant == *caller.tenant() {
                Ok(if request.session {
                    Asker::Session(tenant, owner)
                } else {
                    Asker::Owner(tenant, owner)
                })
            } else {
                Err(problems::insufficient(&Scope::administer()))
            }
        }
    }
}

fn facts(request: &ExplainRequest) -> Result<StatedFacts, Problem> {
    let address = request.address.as_deref().map(str::parse).transpose();
    let mut facts = StatedFacts {
        method: Some(request.method.clone().unwrap_or_else(|| "GET".to_owned())),
        client: address.map_err(|_| Problem::field("address", "is no IP address"))?,
        ..StatedFacts::default()
    };
    if let Some(url) = &request.url {
        if !url.contains("://") {
            let detail = "must be a whole URL, for example https://api.example.com/v1/models";
            return Err(Problem::field("url", detail));
        }
        facts.state_url(url);
    }
    Ok(facts)
}

/// See the gates and what they ask for.
#[utoipa::path(
    get, path = "/api/gates", operation_id = "show_gates", tag = "me",
    responses((status = 200, description = "The gates", body = [GateView])),
)]
pub(super) async fn list(caller: Guard<ActInPerson>) -> HttpResponse {
    let policy = caller.parts().gates.policy();
    let views = policy.gates.iter().map(GateView::of);
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
            preflight: rule.preflight,
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
