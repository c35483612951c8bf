//! The use of keys: `/api/users/{sub}/usage`, `/api/users/{sub}/tokens/{id}/usage`.

use actix_web::{HttpRequest, HttpResponse};

use super::super::guard::{Guard, ManageAnyonesKeys};
use super::super::tokens::{IdInPath, Usage, UsageOfAll};
use super::SubInPath;
use crate::http::problem::Problem;

/// Show what one of somebody's keys did.
///
/// Hour by hour, day by day and by network. What the last seconds brought may
/// be missing.
#[utoipa::path(
    get, path = "/api/users/{sub}/tokens/{id}/usage", operation_id = "show_user_token_usage", tag = "users",
    responses((status = 200, description = "What it did", body = Usage)),
)]
pub(in crate::portal) async fn of_one(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    id: IdInPath,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    caller
        .tokens(&sub)?
        .usage(&id, request.query_string())
        .await
}

/// Show how many calls passed with all of somebody's keys, day by day.
///
/// By the ids of the keys, oldest day first; the last is today, in UTC.
#[utoipa::path(
    get, path = "/api/users/{sub}/usage", operation_id = "show_user_usage", tag = "users",
    responses((status = 200, description = "Calls by day", body = UsageOfAll)),
)]
pub(in crate::portal) async fn of_all(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    caller
        .tokens(&sub)?
        .daily_usage(request.query_string())
        .await
}
