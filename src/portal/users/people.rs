//! Who there is, and who is let in: `/api/users`.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::guard::{Guard, ManageAnyonesKeys};
use super::super::tokens::key_problem;
use super::{SubInPath, place};
use crate::audit::{Action, NewEvent};
use crate::domain::api_key::OwnerTag;
use crate::domain::principal::Principal;
use crate::domain::subject::Owner;
use crate::http::json::Body;
use crate::http::pagination::{self, PageQuery};
use crate::http::problem::Problem;
use crate::http::request_id;
use crate::keys::people::{PeopleFilter, PeoplePlace, Person};

/// How many people a part has at most unless something else is asked for.
const LIMIT: usize = 100;
const LIST: &[u8] = b"all owners of ";

/// Somebody who signed in, has an account, or has keys.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "owner": "corp:alice",
    "name": "Alice",
    "email": "alice@example.org",
    "groups": ["staff"],
    "admin": false,
    "disabled": false,
    "seen_at": "2026-11-24T09:30:00Z",
    "keys": 3
}))]
pub(in crate::portal) struct User {
    /// Who: `realm:subject`, or the bare subject of the `[oauth]` shorthand.
    owner: String,
    /// A name to show.
    #[schema(required)]
    name: Option<String>,
    /// An address to show.
    #[schema(required)]
    email: Option<String>,
    /// The groups that were last named.
    groups: Vec<String>,
    /// Whether an administrator.
    admin: bool,
    /// Whether everything of theirs is refused.
    disabled: bool,
    /// When somebody last vouched for this.
    #[schema(required, format = DateTime)]
    seen_at: Option<String>,
    /// How many keys they have.
    keys: usize,
}

/// What to change about somebody.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"disabled": true}))]
pub(in crate::portal) struct UserEdit {
    /// Whether everything of theirs is refused: keys, tokens, sessions.
    disabled: bool,
}

impl User {
    fn new(owner: &Owner, keys: usize, known: Principal) -> Self {
        Self {
            owner: owner.to_string(),
            name: known.name,
            email: known.email,
            groups: known.groups.iter().map(ToString::to_string).collect(),
            admin: known.admin,
            disabled: known.disabled,
            seen_at: known.seen_at.map(|at| at.to_string()),
            keys,
        }
    }
}

impl Guard<ManageAnyonesKeys> {
    async fn user(&self, owner: &Owner, keys: usize) -> Result<User, Problem> {
        Ok(User::new(owner, keys, self.principal(owner).await?))
    }

    async fn principal(&self, owner: &Owner) -> Result<Principal, Problem> {
        let tag = OwnerTag::new(self.tenant(), owner);
        let owners = &self.parts().owners;
        let known = owners
            .find(&tag)
            .await
            .map_err(|error| unavailable(&error))?;
        match known {
            Some(known) => Ok(known),
            None => Ok(Principal {
                disabled: owners
                    .is_marked_disabled(&tag)
                    .await
                    .map_err(|error| unavailable(&error))?,
                ..Principal::default()
            }),
        }
    }

    /// What is known of them. Of whom there was no record with a name, there is
    /// one now.
    async fn known(&self, person: &mut Person) -> Result<Principal, Problem> {
        if let Some(known) = person.known.take() {
            return Ok(known);
        }
        let (tenant, owner) = (self.tenant(), &person.owner);
        if let Err(error) = self.parts().owners.introduce(tenant, owner).await {
            tracing::warn!(%error, "an owner could not be written down by name");
        }
        self.principal(owner).await
    }
}

/// List everybody in the tenant: whoever signed in or came with a token, has an
/// account or has keys.
///
/// In no order that means anything, each once; 100 at a time unless `limit` says
/// otherwise. A part may be short or empty: `Link: <…>; rel="next"` leads to the
/// rest.
#[utoipa::path(
    get, path = "/api/users", operation_id = "list_users", tag = "users",
    responses((
        status = 200, description = "The people", body = [User],
        headers(("Link" = String, description = "The next part, if there is one")),
    )),
)]
pub(in crate::portal) async fn list(
    caller: Guard<ManageAnyonesKeys>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let known = ["search", "disabled", "admin"];
    let query = PageQuery::parse_with(request.query_string(), &known)?;
    let filter = PeopleFilter {
        search: query.other("search").map(str::to_owned),
        disabled: yes_or_no(&query, "disabled")?,
        admin: yes_or_no(&query, "admin")?,
    };
    let (keys, tenant) = (&caller.parts().keys, caller.tenant());
    let name = [LIST, tenant.as_str().as_bytes()].concat();
    let from = match &query.cursor {
        None => PeoplePlace::default(),
        Some(cursor) => place::read(&pagination::open_cursor(keys.salts(), &name, cursor)?)?,
    };
    let page = keys
        .people(tenant, &filter, from, query.limit.unwrap_or(LIMIT))
        .await
        .map_err(|error| key_problem(&error))?;
    let mut users = Vec::new();
    for mut person in page.people {
        let known = caller.known(&mut person).await?;
        if filter.wants(&person.owner, &known) {
            users.push(User::new(&person.owner, person.keys, known));
        }
    }
    let mut answer = HttpResponse::Ok();
    let next = page.next.and_then(|next| {
        let cursor = pagination::seal_cursor(keys.salts(), &name, &place::write(&next));
        query.link_to_next(request.path(), &cursor)
    });
    if let Some(link) = next {
        answer.insert_header((header::LINK, link));
    }
    Ok(answer.json(users))
}

fn yes_or_no(query: &PageQuery, name: &str) -> Result<Option<bool>, Problem> {
    match query.other(name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(_) => Err(Problem::field(name.to_owned(), "must be true or false")),
    }
}

/// Show somebody.
///
/// Also who has no keys, and who was never seen: then there is just the name.
#[utoipa::path(
    get, path = "/api/users/{sub}", operation_id = "show_user", tag = "users",
    responses((status = 200, description = "Who it is", body = User)),
)]
pub(in crate::portal) async fn show(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
) -> Result<HttpResponse, Problem> {
    let owner = sub.owner(&caller.parts().realms)?;
    let keys = caller.keys_of(owner.clone())?;
    let count = keys.list(None, None).await;
    let count = count.map_err(|error| key_problem(&error))?.keys.len();
    Ok(HttpResponse::Ok().json(caller.user(&owner, count).await?))
}

/// Let somebody in no more, or again.
///
/// Whoever is disabled has no session at once, and none of their keys and
/// tokens opens anything. Their keys are kept, and work again afterwards.
#[utoipa::path(
    patch, path = "/api/users/{sub}", operation_id = "edit_user", tag = "users",
    request_body = UserEdit,
    responses((status = 200, description = "Who it is now", body = User)),
)]
pub(in crate::portal) async fn edit(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let wanted = body.json::<UserEdit>().await?.value;
    let owner = sub.owner(&caller.parts().realms)?;
    let keys = caller.keys_of(owner.clone())?;
    let (actor, sessions) = (keys.actor().clone(), &caller.parts().sessions);
    let before = caller.user(&owner, 0).await?.disabled;
    let action = if wanted.disabled {
        sessions
            .disable_owner(caller.tenant(), &owner, &actor.name)
            .await
            .map_err(|error| unavailable(&error))?;
        Action::OwnerDisabled
    } else {
        sessions
            .enable_owner(caller.tenant(), &owner)
            .await
            .map_err(|error| unavailable(&error))?;
        Action::OwnerEnabled
    };
    if before != wanted.disabled {
        let event = NewEvent::new(action, caller.tenant().clone(), &actor.name, &actor.origin);
        keys.service()
            .audit()
            .note(event.owner(owner.clone()))
            .await;
    }
    let count = keys.list(None, None).await;
    let count = count.map_err(|error| key_problem(&error))?.keys.len();
    Ok(HttpResponse::Ok().json(caller.user(&owner, count).await?))
}

fn unavailable(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(
        %error,
        request.id = request_id::current(),
        "an owner could not be read or changed"
    );
    Problem::unavailable()
}
