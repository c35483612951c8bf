//! Built-in accounts, for administrators in person: `/api/accounts`.
//!
//! A key does not do here, whatever its scopes: it could make a person of itself
//! who outlives it.

mod body;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::guard::{Guard, ManageAccounts};
use super::problems;
use crate::domain::account::Username;
use crate::domain::subject::Scope;
use crate::http::json::Body;
use crate::http::pagination::{self, PageQuery};
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::identity::accounts::{AccountEdit, AccountError, Accounts, IssuedLink};
pub(super) use body::{AccountBody, AccountChange, AccountWish, LinkBody, MadeAccount};

/// What cursors of the list of accounts are sealed for.
const LIST: &[u8] = b"all accounts";

impl Guard<ManageAccounts> {
    /// All accounts belong to the default tenant, and so do their administrators.
    fn accounts(&self) -> Result<&Accounts, Problem> {
        if *self.tenant() != Accounts::tenant() {
            return Err(problems::insufficient(&Scope::administer()));
        }
        self.parts().accounts()
    }

    fn link(&self, link: &IssuedLink) -> LinkBody {
        LinkBody::new(link, &self.parts().options.base_url)
    }
}

/// List all accounts.
///
/// By user name. Without `limit` all of them; with it, `Link: <…>; rel="next"`
/// leads to the rest.
#[utoipa::path(
    get, path = "/api/accounts", operation_id = "list_accounts", tag = "accounts",
    responses((
        status = 200, description = "The accounts", body = [AccountBody],
        headers(("Link" = String, description = "The next part, if there is one")),
    )),
)]
pub(super) async fn list(
    caller: Guard<ManageAccounts>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let accounts = caller.accounts()?;
    let query = PageQuery::parse_with(request.query_string(), &["search"])?;
    let salts = caller.parts().keys.salts();
    let after = match &query.cursor {
        None => None,
        Some(cursor) => Some(after(&pagination::open_cursor(salts, LIST, cursor)?)?),
    };
    let limit = query.limit.unwrap_or(usize::MAX);
    let page = accounts
        .page(after.as_ref(), query.other("search"), limit)
        .await
        .map_err(|error| problem(&error))?;
    let bodies: Vec<_> = page.views.iter().map(AccountBody::of).collect();
    let mut answer = HttpResponse::Ok();
    let next = page.next.and_then(|next| {
        let cursor = pagination::seal_cursor(salts, LIST, next.as_str().as_bytes());
        query.link_to_next(request.path(), &cursor)
    });
    if let Some(link) = next {
        answer.insert_header((header::LINK, link));
    }
    Ok(answer.json(bodies))
}

fn after(place: &[u8]) -> Result<Username, Problem> {
    std::str::from_utf8(place)
        .ok()
        .and_then(|text| Username::parse(text).ok())
        .ok_or_else(|| Problem::field("cursor", "is not one of this list"))
}

/// Make an account.
///
/// Without a password the answer has a link with which its owner sets one: hand
/// it over, it is shown this once. A password that is given here is to be changed
/// at the first sign-in.
#[utoipa::path(
    post, path = "/api/accounts", operation_id = "add_account", tag = "accounts",
    request_body = AccountWish,
    responses((status = 201, description = "The account, and the link", body = MadeAccount)),
)]
pub(super) async fn create(
    caller: Guard<ManageAccounts>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let accounts = caller.accounts()?;
    let draft = body.json::<AccountWish>().await?.value.meaning()?;
    let by = caller.doer();
    let view = accounts
        .create(&draft, &by)
        .await
        .map_err(|error| problem(&error))?;
    let link = if draft.password.is_none() {
        let link = accounts.issue_link(&draft.username, &by).await;
        Some(caller.link(&link.map_err(|error| problem(&error))?))
    } else {
        None
    };
    let made = MadeAccount {
        account: AccountBody::of(&view),
        link,
    };
    Ok(HttpResponse::Created()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(made))
}

/// Show an account.
#[utoipa::path(
    get, path = "/api/accounts/{username}", operation_id = "show_account", tag = "accounts",
    responses((status = 200, description = "The account", body = AccountBody)),
)]
pub(super) async fn show(
    caller: Guard<ManageAccounts>,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let view = caller.accounts()?.find(&username(&name)?).await;
    Ok(HttpResponse::Ok().json(AccountBody::of(&view.map_err(|error| problem(&error))?)))
}

/// Change an account.
///
/// Disabling it ends its sessions and refuses its owner's keys at once.
#[utoipa::path(
    patch, path = "/api/accounts/{username}", operation_id = "edit_account", tag = "accounts",
    request_body = AccountChange,
    responses((status = 200, description = "The account as it is now", body = AccountBody)),
)]
pub(super) async fn edit(
    caller: Guard<ManageAccounts>,
    name: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let accounts = caller.accounts()?;
    let name = username(&name)?;
    let edit = body.json::<AccountChange>().await?.value.meaning()?;
    let view = accounts.edit(&name, &edit, &caller.doer()).await;
    Ok(HttpResponse::Ok().json(AccountBody::of(&view.map_err(|error| problem(&error))?)))
}

/// Remove an account.
///
/// Its sessions end and all keys of its owner are revoked, for good.
#[utoipa::path(
    delete, path = "/api/accounts/{username}", operation_id = "delete_account", tag = "accounts",
    responses((status = 204, description = "It is gone")),
)]
pub(super) async fn delete(
    caller: Guard<ManageAccounts>,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let accounts = caller.accounts()?;
    let name = username(&name)?;
    let owner = name.owner().ok_or_else(no_such_account)?;
    // Each step can be repeated: an account that is left is disabled, and no key
    // outlives the account.
    let disable = AccountEdit {
        disabled: Some(true),
        ..AccountEdit::default()
    };
    let by = caller.doer();
    accounts
        .edit(&name, &disable, &by)
        .await
        .map_err(|error| problem(&error))?;
    caller
        .keys_of(owner)
        .revoke_all()
        .await
        .map_err(|error| problems::of_keys(&error, problems::FieldNames::default()))?;
    accounts
        .delete(&name, &by)
        .await
        .map_err(|error| problem(&error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// Make a new link with which the owner of an account sets a password.
///
/// It takes the place of any other link of that account. The password that there
/// is holds until the link is used.
#[utoipa::path(
    post, path = "/api/accounts/{username}/reset", operation_id = "reset_account", tag = "accounts",
    responses((status = 201, description = "The link: shown this once", body = LinkBody)),
)]
pub(super) async fn reset(
    caller: Guard<ManageAccounts>,
    name: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let accounts = caller.accounts()?;
    let link = accounts.issue_link(&username(&name)?, &caller.doer()).await;
    Ok(HttpResponse::Created()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(caller.link(&link.map_err(|error| problem(&error))?)))
}

fn username(text: &str) -> Result<Username, Problem> {
    Username::parse(text).map_err(|_| no_such_account())
}

fn no_such_account() -> Problem {
    Problem::new(ProblemType::NotFound, "there is no such account")
}

fn problem(error: &AccountError) -> Problem {
    problems::of_accounts(error, "password")
}
