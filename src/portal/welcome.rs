//! One-time links: `/api/welcome`. Whoever has the token sets the password.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::guard::origin;
use super::openapi::ProblemBody;
use super::parts::PortalParts;
use super::problems;
use super::session::{SignInAnswer, from_our_page, start};
use crate::domain::secret::Secret;
use crate::http::json::Body;
use crate::http::problem::Problem;

/// A link, by its token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WelcomeToken {
    /// What stands behind the `#` of the link.
    token: String,
}

/// What a link is for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "username": "alice", "purpose": "invitation", "expires_at": "2026-12-01T12:00:00Z"
}))]
pub(super) struct Welcome {
    /// Whose password it sets.
    username: String,
    /// `invitation` or `reset`.
    purpose: &'static str,
    /// Until when it is good.
    expires_at: String,
}

/// A link, and the password to set with it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WelcomePassword {
    /// What stands behind the `#` of the link.
    token: String,
    /// The new password.
    password: String,
}

/// What is a one-time link for?
///
/// Does not use it up.
#[utoipa::path(
    post, path = "/api/welcome/look", operation_id = "look_at_link", tag = "session",
    security(()),
    request_body = WelcomeToken,
    responses(
        (status = 200, description = "What it is for", body = Welcome),
        (status = 404, description = "It was used, ran out, or never was", body = ProblemBody),
    ),
)]
pub(super) async fn look(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    from_our_page(&request, &parts)?;
    let asked: WelcomeToken = body.json().await?.value;
    let token = Secret::new(asked.token);
    let found = parts.accounts()?.look_at_link(token.expose()).await;
    let found = found.map_err(|error| problems::of_accounts(&error, "token"))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Welcome {
            username: found.username.to_string(),
            purpose: found.purpose.as_str(),
            expires_at: found.expires_at.to_string(),
        }))
}

/// Set a password by way of a one-time link, and sign in.
///
/// Uses the link up, unless the password is not accepted.
#[utoipa::path(
    post, path = "/api/welcome", operation_id = "use_link", tag = "session",
    security(()),
    request_body = WelcomePassword,
    responses(
        (status = 200, description = "Signed in", body = SignInAnswer),
        (status = 400, description = "The password is not accepted: `detail` says why", body = ProblemBody),
        (status = 404, description = "The link was used, ran out, or never was", body = ProblemBody),
    ),
)]
pub(super) async fn set_password(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    from_our_page(&request, &parts)?;
    let asked: WelcomePassword = body.json().await?.value;
    let (token, password) = (Secret::new(asked.token), Secret::new(asked.password));
    let used = parts
        .accounts()?
        .use_link(token.expose(), &password, &origin(&request, &parts))
        .await;
    let who = used.map_err(|error| problems::of_accounts(&error, "password"))?;
    let started = start(&request, &parts, &who).await?;
    Ok(started.answer(&parts, None))
}
