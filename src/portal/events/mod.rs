//! The audit trail: of oneself, of a key, of everybody.

mod answer;
mod export;
mod query;

use actix_web::{HttpRequest, HttpResponse};

use super::guard::{Guard, ManageAnyonesKeys, ManageOwnKeys};
use super::tokens::IdInPath;
use super::users::SubInPath;
use crate::domain::api_key::OwnerTag;
use crate::domain::subject::{Owner, Tenant};
use crate::http::problem::Problem;
use crate::keys::KeysOf;
pub(super) use answer::EventLine;
use answer::Events;
use query::{EventQuery, Format, Given};

impl Guard<ManageOwnKeys> {
    fn own_events<'r>(&'r self, request: &'r HttpRequest) -> Events<'r> {
        Events {
            keys: &self.parts().keys,
            tenant: self.tenant().clone(),
            path: request.path(),
        }
    }
}

impl Guard<ManageAnyonesKeys> {
    fn events<'r>(&'r self, request: &'r HttpRequest) -> Events<'r> {
        Events {
            keys: &self.parts().keys,
            tenant: self.tenant().clone(),
            path: request.path(),
        }
    }
}

/// What was done to oneself: to one's keys, sessions and account.
///
/// Newest first, 100 unless `limit` says otherwise; `Link: <…>; rel="next"`
/// leads to the rest.
#[utoipa::path(
    get, path = "/api/me/events", operation_id = "list_my_events", tag = "me",
    responses((
        status = 200, description = "What was done", body = [EventLine],
        headers(("Link" = String, description = "The next part, if there is one")),
    )),
)]
pub(in crate::portal) async fn mine(
    caller: Guard<ManageOwnKeys>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let mut query = EventQuery::parse(request.query_string(), Given::Owner, caller.parts())?;
    query.filter.owner = Some(caller.keys().owner().clone());
    caller.own_events(&request).answer(query).await
}

/// What was done to one of one's own keys, even after its end.
#[utoipa::path(
    get, path = "/api/me/tokens/{id}/events", operation_id = "list_my_token_events", tag = "me",
    responses((
        status = 200, description = "What was done", body = [EventLine],
        headers(("Link" = String, description = "The next part, if there is one")),
    )),
)]
pub(in crate::portal) async fn of_my_key(
    caller: Guard<ManageOwnKeys>,
    request: HttpRequest,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    let events = caller.own_events(&request);
    of_key(&events, caller.keys(), &request, &id, caller.parts()).await
}

/// What was done to one of somebody's keys, even after its end.
#[utoipa::path(
    get, path = "/api/users/{sub}/tokens/{id}/events", operation_id = "list_user_token_events",
    tag = "users",
    responses((
        status = 200, description = "What was done", body = [EventLine],
        headers(("Link" = String, description = "The next part, if there is one")),
    )),
)]
pub(in crate::portal) async fn of_users_key(
    caller: Guard<ManageAnyonesKeys>,
    request: HttpRequest,
    sub: SubInPath,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    let keys = caller.keys_of(sub.owner(&caller.parts().realms)?)?;
    let events = caller.events(&request);
    of_key(&events, keys, &request, &id, caller.parts()).await
}

/// What was done to anybody of the tenant.
///
/// As JSON in parts, newest first. With `format=csv` or `format=jsonl` all that
/// the filters leave, as a file.
#[utoipa::path(
    get, path = "/api/events", operation_id = "list_events", tag = "users",
    responses((
        status = 200, description = "What was done", body = [EventLine],
        headers(("Link" = String, description = "The next part, if there is one")),
    )),
)]
pub(in crate::portal) async fn all(
    caller: Guard<ManageAnyonesKeys>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = EventQuery::parse(request.query_string(), Given::Nothing, caller.parts())?;
    let events = caller.events(&request);
    match query.format {
        Format::Json => events.answer(query).await,
        Format::Csv | Format::JsonLines => events.export(query).await,
    }
}

async fn of_key(
    events: &Events<'_>,
    keys: KeysOf<'_>,
    request: &HttpRequest,
    id: &IdInPath,
    parts: &super::PortalParts,
) -> Result<HttpResponse, Problem> {
    let id = id.known()?;
    let mut query = EventQuery::parse(request.query_string(), Given::Key, parts)?;
    query.filter.owner = Some(keys.owner().clone());
    query.filter.key_id = Some(id);
    if !events.has_any(&query).await? {
        // Nothing is known of it, unless it is older than what is kept.
        keys.show(id).await.map_err(|error| {
            super::problems::of_keys(&error, super::problems::FieldNames::default())
        })?;
    }
    events.answer(query).await
}

/// The name of a list, for sealing places in it.
fn list_name(tenant: &Tenant, owner: Option<&Owner>) -> Vec<u8> {
    let mut name = b"events ".to_vec();
    match owner {
        Some(owner) => name.extend_from_slice(OwnerTag::new(tenant, owner).as_bytes()),
        None => name.extend_from_slice(tenant.as_str().as_bytes()),
    }
    name
}
