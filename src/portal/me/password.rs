//! One's own password: `/api/me/password`.

use actix_web::HttpResponse;
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::guard::{ChangePassword, Guard};
use super::super::problems;
use super::super::session::renew;
use crate::domain::api_key::OwnerTag;
use crate::domain::secret::Secret;
use crate::http::json::Body;
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;

/// The password that there is, and the one that shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct PasswordChange {
    /// The one that there is.
    current_password: String,
    /// The one that shall be.
    new_password: String,
}

/// Change one's own password.
///
/// Ends all other sessions and gives this one a new cookie, and so a new CSRF token.
#[utoipa::path(
    put, path = "/api/me/password", operation_id = "change_password", tag = "me",
    request_body = PasswordChange,
    responses((status = 204, description = "Changed; the cookie is a new one")),
)]
pub(in crate::portal) async fn change(
    caller: Guard<ChangePassword>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let accounts = caller.parts().accounts()?;
    let Some(held) = caller.session() else {
        return Err(Problem::new(
            ProblemType::InsufficientRights,
            "sign in with the password that is to be changed",
        ));
    };
    let asked: PasswordChange = body.json().await?.value;
    let current = Secret::new(asked.current_password);
    let new = Secret::new(asked.new_password);
    let owner = &held.session.owner;
    let changed = accounts
        .change_password(owner, &current, &new, &caller.doer().origin)
        .await;
    changed.map_err(|error| problems::of_accounts(&error, "new_password"))?;
    let tag = OwnerTag::new(&held.session.tenant, owner);
    let sessions = &caller.parts().sessions;
    sessions
        .end_all_of(&tag, Some(held.session.id))
        .await
        .map_err(|error| problems::of_sessions(&error))?;
    let renewed = renew(caller.parts(), held).await?;
    Ok(HttpResponse::NoContent()
        .insert_header(renewed.cookie)
        .finish())
}
