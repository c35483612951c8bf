//! Signing in with the password of a built-in account.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::guard::origin;
use super::super::openapi::ProblemBody;
use super::super::parts::PortalParts;
use super::super::problems;
use super::{SignInAnswer, from_our_page, start};
use crate::domain::secret::Secret;
use crate::http::json::Body;
use crate::http::problem::Problem;

/// A user name and its password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "alice", "password": "…", "return_to": "/keys"}))]
pub(in crate::portal) struct PasswordSignIn {
    /// The user name; its case does not count.
    username: String,
    /// The password.
    password: String,
    /// A path of the portal, or an address on a host that is allowed.
    #[serde(default)]
    return_to: Option<String>,
}

/// Sign in with a user name and a password.
///
/// The answer is the same for an unknown name, a wrong password and an account
/// that is disabled.
#[utoipa::path(
    post, path = "/api/session", operation_id = "begin_session", tag = "session",
    security(()),
    request_body = PasswordSignIn,
    responses(
        (status = 200, description = "Signed in", body = SignInAnswer),
        (status = 401, description = "Nobody was signed in", body = ProblemBody),
        (status = 403, description = "Not asked for by a page of ours, or not by HTTPS", body = ProblemBody),
        (status = 404, description = "There is no such way here", body = ProblemBody),
        (
            status = 429, description = "Too many failures: `Retry-After` says when to try again",
            body = ProblemBody,
            headers(("Retry-After" = u64, description = "In seconds")),
        ),
    ),
)]
pub(in crate::portal) async fn begin(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    from_our_page(&request, &parts)?;
    let accounts = parts.accounts()?;
    let asked: PasswordSignIn = body.json().await?.value;
    let password = Secret::new(asked.password);
    let signed_in = accounts
        .sign_in(&asked.username, &password, &origin(&request, &parts))
        .await;
    let who = signed_in.map_err(|error| problems::of_accounts(&error, "password"))?;
    let started = start(&request, &parts, &who).await?;
    Ok(started.answer(&parts, asked.return_to.as_deref()))
}
