//! One's own keys: `/api/me/tokens`.

use actix_web::{HttpRequest, HttpResponse};

use super::super::guard::{Guard, ManageOwnKeys};
use super::super::tokens::{
    AllRevoked, BulkRevocation, BulkRevoked, IdInPath, MintedToken, Token, TokenDraft, TokenEdit,
    TokenRotation, Tokens, idempotency_key,
};
use crate::http::json::Body;
use crate::http::problem::Problem;

const PATH: &str = "/api/me/tokens";

impl Guard<ManageOwnKeys> {
    pub(super) fn tokens(&self) -> Tokens<'_> {
        Tokens::new(self.keys(), PATH.to_owned())
    }
}

/// List one's own keys.
///
/// Oldest first. Without `limit` all of them; with it, `Link: <…>; rel="next"`
/// leads to the rest.
#[utoipa::path(
    get, path = "/api/me/tokens", operation_id = "list_my_tokens", tag = "me",
    responses((
        status = 200, description = "The keys", body = [Token],
        headers(("Link" = String, description = "The next part, if there is one")),
    )),
)]
pub(in crate::portal) async fn list(
    caller: Guard<ManageOwnKeys>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    caller.tokens().list(request.query_string()).await
}

/// Mint a key for oneself.
///
/// The key is in the answer, and nowhere else: keep it now.
#[utoipa::path(
    post, path = "/api/me/tokens", operation_id = "create_my_token", tag = "me",
    request_body = TokenDraft,
    responses((
        status = 201, description = "The new key", body = MintedToken<'_>,
        headers(("Location" = String, description = "Where it is shown, without its text")),
    )),
)]
pub(in crate::portal) async fn create(
    caller: Guard<ManageOwnKeys>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse, Problem> {
    caller
        .tokens()
        .create(body, idempotency_key(&request)?)
        .await
}

/// Revoke all of one's own keys.
#[utoipa::path(
    delete, path = "/api/me/tokens", operation_id = "revoke_my_tokens", tag = "me",
    responses((status = 200, description = "How many there were", body = AllRevoked)),
)]
pub(in crate::portal) async fn revoke_all(
    caller: Guard<ManageOwnKeys>,
) -> Result<HttpResponse, Problem> {
    caller.tokens().revoke_all().await
}

/// Show one of one's own keys.
#[utoipa::path(
    get, path = "/api/me/tokens/{id}", operation_id = "show_my_token", tag = "me",
    responses((status = 200, description = "The key", body = Token)),
)]
pub(in crate::portal) async fn show(
    caller: Guard<ManageOwnKeys>,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    caller.tokens().show(&id).await
}

/// Rename, narrow, disable or enable one of one's own keys.
#[utoipa::path(
    patch, path = "/api/me/tokens/{id}", operation_id = "edit_my_token", tag = "me",
    request_body = TokenEdit,
    responses((status = 200, description = "The key as it is now", body = Token)),
)]
pub(in crate::portal) async fn edit(
    caller: Guard<ManageOwnKeys>,
    id: IdInPath,
    body: Body,
) -> Result<HttpResponse, Problem> {
    caller.tokens().edit(&id, body).await
}

/// Revoke one of one's own keys, for good.
#[utoipa::path(
    delete, path = "/api/me/tokens/{id}", operation_id = "revoke_my_token", tag = "me",
    responses((
        status = 204, description = "It is gone",
        headers((
            "X-Revocation" = String,
            description = "How safe that is: `persisted=1; replicas=2`"
        )),
    )),
)]
pub(in crate::portal) async fn revoke(
    caller: Guard<ManageOwnKeys>,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    caller.tokens().revoke(&id).await
}

/// Let a new key take the place of one of one's own.
///
/// The old one goes on working for the overlap. The new one has its rights and,
/// from now on, as long a life as the old one had in all.
#[utoipa::path(
    post, path = "/api/me/tokens/{id}/rotate", operation_id = "rotate_my_token", tag = "me",
    request_body = TokenRotation,
    responses((
        status = 201, description = "The new key", body = MintedToken<'_>,
        headers(("Location" = String, description = "Where it is shown, without its text")),
    )),
)]
pub(in crate::portal) async fn rotate(
    caller: Guard<ManageOwnKeys>,
    request: HttpRequest,
    id: IdInPath,
    body: Body,
) -> Result<HttpResponse, Problem> {
    caller
        .tokens()
        .rotate(&id, body, idempotency_key(&request)?)
        .await
}

/// Revoke one of one's own keys, with a minute to think again.
///
/// The key is refused at once. At `revoke_at` the revocation becomes final by
/// itself; until then `restore` takes it back.
#[utoipa::path(
    post, path = "/api/me/tokens/{id}/revoke", operation_id = "start_my_revocation", tag = "me",
    responses((status = 202, description = "The key, which is refused now", body = Token)),
)]
pub(in crate::portal) async fn start_revocation(
    caller: Guard<ManageOwnKeys>,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    caller.tokens().start_revocation(&id).await
}

/// Take back the revocation of one of one's own keys, before it is final.
#[utoipa::path(
    post, path = "/api/me/tokens/{id}/restore", operation_id = "restore_my_token", tag = "me",
    responses((status = 200, description = "The key as it was before", body = Token)),
)]
pub(in crate::portal) async fn restore(
    caller: Guard<ManageOwnKeys>,
    id: IdInPath,
) -> Result<HttpResponse, Problem> {
    caller.tokens().restore(&id).await
}

/// Revoke many of one's own keys.
///
/// With `dry_run` only say which there are; those that are gone are passed over.
#[utoipa::path(
    post, path = "/api/me/tokens/revoke", operation_id = "revoke_many_my_tokens", tag = "me",
    request_body = BulkRevocation,
    responses((status = 200, description = "What came of it", body = BulkRevoked)),
)]
pub(in crate::portal) async fn revoke_many(
    caller: Guard<ManageOwnKeys>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    caller.tokens().revoke_many(body).await
}
