//! The description of the API: generated from the handlers, served, committed.

mod complete;
mod gate;

use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi, ToSchema};

use self::complete::Completion;
use super::{
    accounts, auth, events, everybody, examination, frontend_config, gates, health, me, scopes,
    session, users, welcome,
};

/// A problem (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem, example = json!({
    "type": "urn:gatelodge:problem:invalid-field",
    "title": "A field has a value that cannot be accepted",
    "status": 400,
    "detail": "must be a date-time (2027-01-31T12:00:00Z), a date (2027-01-31), a time from now (30d, 12h) or never",
    "message": "must be a date-time (2027-01-31T12:00:00Z), a date (2027-01-31), a time from now (30d, 12h) or never",
    "field": "expires_at",
    "request_id": "5f0c1d9e7a3b2846-1f"
}))]
pub(super) struct ProblemBody {
    /// What kind of problem it is: a name that stays.
    r#type: String,
    /// The same in a few words.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What is wrong here, and what would be right.
    detail: String,
    /// For clients of rusty-valkey-forward-auth: a short text.
    message: String,
    /// The field that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<String>,
    /// Leads to the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    request_id: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Gatelodge",
        description = "Mints, lists, changes and revokes the API keys that open the gate.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "session", description = "Signing in and out with a browser. Its cookie works in place of a credential; each request that changes something also needs the header `X-CSRF-Token`, from `GET /api/session`."),
        (name = "sign-in", description = "Signing in at OpenID providers: addresses for browsers, which end on a page, and for the providers themselves."),
        (name = "me", description = "Oneself and one's own keys. An API key needs the scope `gatelodge:keys` for the keys."),
        (name = "users", description = "Everybody's keys, for administrators. An API key needs the scope `gatelodge:admin`, and an owner who is an administrator."),
        (name = "accounts", description = "Built-in accounts, for administrators in person: an API key does not do."),
        (name = "frontend", description = "What front ends need to begin"),
        (name = "health", description = "For probes"),
        (name = "gate", description = "What a reverse proxy asks"),
    ),
    paths(
        session::show,
        super::enter::enter,
        session::password::begin,
        welcome::look,
        welcome::set_password,
        accounts::list,
        accounts::create,
        accounts::show,
        accounts::edit,
        accounts::delete,
        accounts::reset,
        session::end,
        session::begin_dev,
        auth::start,
        auth::callback,
        auth::sign_out,
        auth::back_channel::end,
        me::show,
        me::password::change,
        me::sessions::list,
        me::sessions::end_others,
        me::sessions::end,
        me::tokens::list,
        me::tokens::create,
        me::tokens::revoke_all,
        me::tokens::show,
        me::tokens::edit,
        me::tokens::revoke,
        me::tokens::start_revocation,
        me::tokens::restore,
        me::tokens::rotate,
        me::usage::of_one,
        me::usage::of_all,
        me::tokens::revoke_many,
        events::mine,
        events::of_my_key,
        events::of_users_key,
        events::all,
        users::people::list,
        users::people::show,
        users::people::edit,
        everybody::list,
        everybody::revoke,
        everybody::restore,
        users::tokens::list,
        users::tokens::create,
        users::tokens::revoke_all,
        users::tokens::show,
        users::tokens::edit,
        users::tokens::revoke,
        users::tokens::start_revocation,
        users::tokens::restore,
        users::tokens::rotate,
        users::tokens::revoke_many,
        users::sessions::list,
        users::sessions::end_all,
        users::sessions::end,
        scopes::list,
        gates::list,
        users::usage::of_one,
        users::usage::of_all,
        gates::explain,
        frontend_config::show,
        frontend_config::logo,
        examination::show,
        health::live,
        health::ready,
        show,
        gate::forward_auth,
        gate::forward_auth_by_name,
        gate::nginx_auth,
        gate::nginx_auth_by_name,
        gate::ext_authz,
    ),
    components(schemas(ProblemBody)),
    security(("bearer" = []), ("api_key" = []), ("session" = [])),
    modifiers(&SecuritySchemes, &Completion),
)]
struct Description;

struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An API key, or a JWT of an issuer that opens the portal.",
            ))
            .build();
        let api_key = ApiKeyValue::with_description(
            "X-API-Key",
            "An API key. The name of the header is the operator's to choose.",
        );
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let session = ApiKeyValue::with_description(
            "__Host-gl_session",
            "A browser that somebody signed in with; `gl_session` on plain HTTP.",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(api_key)));
    }
}

/// The description as JSON, as it is served and as it is committed.
pub fn json() -> String {
    // It is made of texts, lists and maps, which always serialise.
    let mut text = Description::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The text, made once for all workers.
#[derive(Clone)]
pub(super) struct Rendered(pub(super) web::Bytes);

/// This description.
#[utoipa::path(
    get, path = "/api/openapi.json", operation_id = "openapi", tag = "frontend",
    security(()),
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json")),
)]
pub(super) async fn show(rendered: web::Data<Rendered>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(rendered.0.clone())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use serde_json::Value;

    use super::*;
    use crate::http::problem_type::ProblemType;

    fn operations() -> Vec<(String, String, Value)> {
        let document: Value = serde_json::from_str(&json()).unwrap();
        let mut operations = Vec::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                operations.push((method.to_uppercase(), path.clone(), operation.clone()));
            }
        }
        operations
    }

    #[test]
    fn every_route_is_described_and_every_description_is_a_route() {
        let described: BTreeSet<_> = operations()
            .into_iter()
            .filter(|(_, _, operation)| operation["tags"] != serde_json::json!(["gate"]))
            .map(|(method, path, _)| (method, path))
            .collect();
        let routed: BTreeSet<_> = super::super::routes::table()
            .into_iter()
            .flat_map(|(path, routes)| {
                let with_path = move |(method, _): (actix_web::http::Method, _)| {
                    (method.to_string(), path.to_owned())
                };
                routes.into_iter().map(with_path).collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn every_operation_says_what_it_does_and_how_it_fails() {
        let mut ids = BTreeSet::new();
        for (method, path, operation) in operations() {
            let place = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{place}");
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(ids.insert(id), "{place}: operationId stands twice");
            let is_open = operation["security"] == serde_json::json!([{}]);
            let fails = |status: &str| operation["responses"][status].is_object();
            if !is_open {
                assert!(fails("401") && fails("403") && fails("503"), "{place}");
            }
            if path.contains("{id}") {
                assert!(fails("404"), "{place}");
            }
            for status in operation["responses"].as_object().unwrap().keys() {
                let status: u16 = status.parse().unwrap();
                let is_known = ProblemType::ALL
                    .iter()
                    .any(|kind| kind.status().as_u16() == status);
                assert!(status < 400 || is_known, "{place}: {status}");
            }
        }
    }

    /// `GATELODGE_WRITE_REFERENCE=1 cargo test reference` writes it anew.
    #[test]
    fn the_committed_reference_is_fresh() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
        crate::http::problem_type::assert_fresh(&folder.join("openapi.json"), &json());
    }
}
