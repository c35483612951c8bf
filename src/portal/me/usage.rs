//! The use of keys: `/api/me/usage`, `/api/me/tokens/{id}/usage`.

use actix_web::{HttpRequest, HttpResponse};

use super::super::guard::{Guard, ManageOwnKeys};
use super::super::tokens::{IdInPath, Usage, UsageOfAll};
use crate::http::problem::Problem;

/// Show what one of one's own keys did.
///
/// Hour by hour, day by day and by network. What the last seconds brought may
/// be missing.
#[utoipa::path(
    get, path = "/api/me/tokens/{id}/usage", operation_id = "show_my_token_usage", tag = "me",
    responses((status = 200, description = "What it did", body = Usage)),
)]
pub(in crate::portal) async fn of_one(
    caller: Guard<ManageOwnKeys>,
    id: IdInPath,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    caller.tokens().usage(&id, request.query_string()).await
}

/// Show how many calls passed with all of one's own keys, day by day.
///
/// By the ids of the keys, oldest day first; the last is today, in UTC.
#[utoipa::path(
    get, path = "/api/me/usage", operation_id = "show_my_usage", tag = "me",
    responses((status = 200, description = "Calls by day", body = UsageOfAll)),
)]
pub(in crate::portal) async fn of_all(
    caller: Guard<ManageOwnKeys>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    caller.tokens().daily_usage(request.query_string()).await
}
