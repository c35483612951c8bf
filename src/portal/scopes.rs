//! The scopes that people may put on keys: `/api/scopes`.

use actix_web::HttpResponse;
use serde::Serialize;
use utoipa::ToSchema;

use super::guard::{Guard, KnowWho};

/// A scope with its meaning.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "name": "models:read", "description": "Ask the models", "grantable": true
}))]
pub(super) struct ScopeView {
    /// The scope.
    name: String,
    /// What it opens.
    description: String,
    /// Whether whoever asks may put it on a key.
    grantable: bool,
}

/// See the scopes there are.
///
/// Those of `[[scopes]]`, in the order of the settings. Where none are listed,
/// people may put on keys what their tokens carry.
#[utoipa::path(
    get, path = "/api/scopes", operation_id = "show_scopes", tag = "me",
    responses((status = 200, description = "The scopes", body = [ScopeView])),
)]
pub(super) async fn list(caller: Guard<KnowWho>) -> HttpResponse {
    let (parts, identity) = (caller.parts(), &caller.caller().identity);
    let held = parts.grantable(identity);
    let grants_all = identity.admin && identity.key_id.is_none();
    let views = parts.catalogue.entries.iter().map(|entry| ScopeView {
        name: entry.name.to_string(),
        description: entry.description.clone(),
        grantable: grants_all || held.iter().any(|scope| scope.grants(&entry.name)),
    });
    HttpResponse::Ok().json(views.collect::<Vec<_>>())
}
