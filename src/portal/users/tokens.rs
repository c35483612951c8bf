//! Somebody's keys, for administrators: `/api/users/{sub}/tokens`.

use actix_web::{HttpRequest, HttpResponse};

use super::super::guard::{Guard, ManageAnyonesKeys};
use super::super::tokens::{
    AllRevoked, BulkRevocation, BulkRevoked, IdInPath, MintedToken, Token, TokenDraft, TokenEdit,
    TokenRotation, Tokens, idempotency_key,
};
use super::{SubInPath, tokens_path};
use crate::http::json::Body;
use crate::http::problem::Problem;

impl Guard<ManageAnyonesKeys> {
    pub(super) fn tokens(&self, sub: &SubInPath) -> Result<Tokens<'_>, Problem> {
        let owner = sub.owner(&self.parts().realms)?;
        let path = tokens_path(&owner);
        Ok(Tokens::new(self.keys_of(owner)?, path))
    }
}

/// List somebody's keys.
///
/// Oldest first. Without `limit` all of them; with it, `Link: <…>; rel="next"`
/// leads to the rest.
#[utoipa::path(
    get, path = "/api/users/{sub}/tokens", operation_id = "list_user_tokens", tag = "users",
    responses((
        status = 200, description = "The keys", body = [Token],
        headers(("Link" = String, description = "The next part, if there is one")),
    )),
)]
pub(in crate::portal) async fn list(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    caller.tokens(&sub)?.list(request.query_string()).await
}

/// Mint a key for somebody.
///
/// The key is in the answer, and nowhere else: keep it now.
#[utoipa::path(
    post, path = "/api/users/{sub}/tokens", operation_id = "create_user_token", tag = "users",
    request_body = TokenDraft,
    responses((
        status = 201, description = "The new key", body = MintedToken<'_>,
        headers(("Location" = String, description = "Where it is shown, without its text")),
    )),
)]
pub(in crate::portal) async fn create(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, Problem> {
    caller
        .tokens(&sub)?
        .create(body, idempotency_key(&request)?)
        .await
}

/// Revoke all keys of somebody.
#[utoipa::path(
    delete, path = "/api/users/{sub}/tokens", operation_id = "revoke_user_tokens", tag = "users",
    responses((status = 200, description = "How many there were", body = AllRevoked)),
)]
pub(in crate::portal) async fn revoke_all(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
) -> Result<HttpResponse, Problem> {
    caller.tokens(&sub)?.revoke_all().await
}

/// Show one of somebody's keys.
#[utoipa::path(
    get, path = "/api/users/{sub}/tokens/{id}", operation_id = "show_user_token", tag = "users",
    responses((status = 200, description = "The key", body = Token)),
)]
pub(in crate::portal) async fn show(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    caller.tokens(&sub)?.show(&id).await
}

/// Rename, narrow, disable or enable one of somebody's keys.
#[utoipa::path(
    patch, path = "/api/users/{sub}/tokens/{id}", operation_id = "edit_user_token", tag = "users",
    request_body = TokenEdit,
    responses((status = 200, description = "The key as it is now", body = Token)),
)]
pub(in crate::portal) async fn edit(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    id: IdInPath,
    body: Body,
) -> Result<HttpResponse, Problem> {
    caller.tokens(&sub)?.edit(&id, body).await
}

/// Revoke one of somebody's keys, for good.
#[utoipa::path(
    delete, path = "/api/users/{sub}/tokens/{id}", operation_id = "revoke_user_token", tag = "users",
    responses((
        status = 204, description = "It is gone",
        headers((
            "X-Revocation" = String,
            description = "How safe that is: `persisted=1; replicas=2`"
        )),
    )),
)]
pub(in crate::portal) async fn revoke(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    caller.tokens(&sub)?.revoke(&id).await
}

/// Let a new key take the place of one of somebody's keys.
///
/// The old one goes on working for the overlap. The new one has its rights and,
/// from now on, as long a life as the old one had in all.
#[utoipa::path(
    post, path = "/api/users/{sub}/tokens/{id}/rotate", operation_id = "rotate_user_token", tag = "users",
    request_body = TokenRotation,
    responses((
        status = 201, description = "The new key", body = MintedToken<'_>,
        headers(("Location" = String, description = "Where it is shown, without its text")),
    )),
)]
pub(in crate::portal) async fn rotate(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    request: HttpRequest,
    id: IdInPath,
    body: Body,
) -> Result<HttpResponse, Problem> {
    caller
        .tokens(&sub)?
        .rotate(&id, body, idempotency_key(&request)?)
        .await
}

/// Revoke one of somebody's keys, with a minute to think again.
///
/// The key is refused at once. At `revoke_at` the revocation becomes final by
/// itself; until then `restore` takes it back.
#[utoipa::path(
    post, path = "/api/users/{sub}/tokens/{id}/revoke", operation_id = "start_user_revocation", tag = "users",
    responses((status = 202, description = "The key, which is refused now", body = Token)),
)]
pub(in crate::portal) async fn start_revocation(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    caller.tokens(&sub)?.start_revocation(&id).await
}

/// Take back the revocation of one of somebody's keys, before it is final.
#[utoipa::path(
    post, path = "/api/users/{sub}/tokens/{id}/restore", operation_id = "restore_user_token", tag = "users",
    responses((status = 200, description = "The key as it was before", body = Token)),
)]
pub(in crate::portal) async fn restore(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    caller.tokens(&sub)?.restore(&id).await
}

/// Revoke many of somebody's keys.
///
/// With `dry_run` only say which there are; those that are gone are passed over.
#[utoipa::path(
    post, path = "/api/users/{sub}/tokens/revoke", operation_id = "revoke_many_user_tokens", tag = "users",
    request_body = BulkRevocation,
    responses((status = 200, description = "What came of it", body = BulkRevoked)),
)]
pub(in crate::portal) async fn revoke_many(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    body: Body,
) -> Result<HttpResponse, Problem> {
    caller.tokens(&sub)?.revoke_many(body).await
}
