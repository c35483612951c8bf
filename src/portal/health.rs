//! For probes: `/health/live` and `/health/ready`.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, ResponseError as _, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::parts::PortalParts;
use crate::http::health::{Health, Part};
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;

/// The process runs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"status": "ok"}))]
pub(super) struct Live {
    /// Always `ok`.
    status: &'static str,
}

/// The gate decides.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "status": "ready",
    "parts": {
        "store": {"status": "ok"},
        "salts": {"status": "ok"},
        "issuers": [{"name": "corp", "status": "down", "detail": "its keys could not be fetched"}]
    }
}))]
pub(super) struct Ready<'h> {
    /// Always `ready`.
    status: &'static str,
    parts: Parts<'h>,
}

/// How each part is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Parts<'h> {
    /// The store, the clock, the salts and what else there is.
    #[serde(flatten)]
    named: BTreeMap<&'h str, PartHealth<'h>>,
    /// The issuers.
    issuers: Vec<PartHealth<'h>>,
}

/// How a part is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartHealth<'h> {
    /// The realm of an issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'h str>,
    /// `ok`, `degraded` or `down`.
    status: &'static str,
    /// What is wrong, if anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'h str>,
    /// What it counted since the start.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    numbers: BTreeMap<&'h str, u64>,
}

/// Does the process run?
///
/// Asks nobody else: a store that is down is no reason to start a process anew.
#[utoipa::path(
    get, path = "/health/live", operation_id = "live", tag = "health",
    security(()),
    responses((status = 200, description = "It does", body = Live)),
)]
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Live { status: "ok" })
}

/// Can the gate decide?
#[utoipa::path(
    get, path = "/health/ready", operation_id = "ready", tag = "health",
    security(()),
    responses(
        (status = 200, description = "It can", body = Ready<'_>),
        (
            status = 503,
            description = "It cannot, or shall not be asked now: a problem with a further member \
                           `parts`, as above",
            body = super::openapi::ProblemBody,
            content_type = "application/problem+json",
        ),
    ),
)]
pub(super) async fn ready(state: web::Data<PortalParts>) -> HttpResponse {
    let health = state.readiness.check().await;
    let parts = parts(&health);
    if health.ready {
        let status = "ready";
        return HttpResponse::Ok().json(Ready { status, parts });
    }
    Problem::new(
        ProblemType::Unavailable,
        "the gate cannot decide at the moment; parts says what is wrong",
    )
    .message("not ready")
    .with("parts", serde_json::to_value(&parts).unwrap_or_default())
    .error_response()
}

fn parts(health: &Health) -> Parts<'_> {
    let named = health
        .parts
        .iter()
        .map(|part| (part.name.as_str(), part_health(part, None)));
    Parts {
        named: named.collect(),
        issuers: health
            .issuers
            .iter()
            .map(|part| part_health(part, Some(&part.name)))
            .collect(),
    }
}

fn part_health<'h>(part: &'h Part, name: Option<&'h str>) -> PartHealth<'h> {
    PartHealth {
        name,
        status: part.state.as_str(),
        detail: part.state.detail(),
        numbers: part.numbers.iter().copied().collect(),
    }
}
