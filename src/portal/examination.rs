//! How the service is, for administrators: `/api/health`. What probes hear says
//! less: they come without a credential.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::Serialize;
use utoipa::ToSchema;

use super::guard::{Guard, ManageAnyonesKeys};
use crate::http::health::{Examination, IssuerReport, SaltReport, StoreReport};

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "version": "0.1.0",
    "ready": true,
    "running_seconds": 86_400,
    "parts": [{"name": "store", "status": "ok", "detail": null}],
    "store": {
        "description": "embedded store (SQLite 3.50)", "fine": [], "warnings": [], "error": null
    },
    "issuers": [{
        "realm": "corp", "issuer": "https://login.example.com", "status": "ok", "detail": null,
        "keys_age_seconds": 120, "usable_keys": 2, "down_since": null, "last_error": null,
        "warnings": []
    }],
    "salts": [{"id": "0f1e2d3c4b5a6978", "active": true, "accepted": true, "keys": 12}],
    "untrusted_keys": 0,
    "complete": true
}))]
pub(super) struct HealthReport {
    /// The version of the program.
    version: &'static str,
    /// Whether the gate can decide.
    ready: bool,
    /// How long this process has been running.
    running_seconds: u64,
    /// Its parts, as probes hear of them.
    parts: Vec<PartView>,
    /// The store.
    store: StoreView,
    /// The issuers of the administrator's own tenant.
    issuers: Vec<IssuerView>,
    /// The salts, the active one first.
    salts: Vec<SaltView>,
    /// How many keys were changed by somebody, or lie under a salt that is not
    /// accepted any more. They open nothing.
    untrusted_keys: usize,
    /// Whether all keys were counted; otherwise there are more than stand here.
    complete: bool,
}

/// A part.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PartView {
    /// `store`, `clock`, `salts`, `server`.
    name: String,
    /// `ok`, `degraded` or `down`.
    status: &'static str,
    /// What is wrong, if anything.
    #[schema(required)]
    detail: Option<String>,
}

/// The store.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StoreView {
    /// Kind and version; `null` where it cannot be asked.
    #[schema(required)]
    description: Option<String>,
    /// What is well about it.
    fine: Vec<String>,
    /// What could lose keys or let them go stale, each with what to do.
    warnings: Vec<String>,
    /// Why it cannot be asked, if so.
    #[schema(required)]
    error: Option<String>,
}

/// An issuer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IssuerView {
    /// Its realm; empty for that of `[oauth]`.
    realm: String,
    /// Its identifier.
    issuer: String,
    /// `ok`, `degraded` or `down`.
    status: &'static str,
    /// What is wrong, if anything.
    #[schema(required)]
    detail: Option<String>,
    /// How long ago its keys were fetched; `null` where there are none.
    #[schema(required)]
    keys_age_seconds: Option<u64>,
    /// How many of its keys may verify tokens.
    usable_keys: usize,
    /// Since when it is down, where it is and that is known.
    #[schema(required, format = DateTime)]
    down_since: Option<String>,
    /// Why the last fetch of its keys failed, if it did.
    #[schema(required)]
    last_error: Option<String>,
    /// What to know of keys that were passed over.
    warnings: Vec<String>,
}

/// A salt.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SaltView {
    /// Its public name, which tells nothing about it.
    id: String,
    /// Whether new keys are put under it.
    active: bool,
    /// Whether keys under it are accepted.
    accepted: bool,
    /// How many keys are under it.
    keys: usize,
}

/// See how the service is.
///
/// The store, the issuers and the salts, with errors in their own words. Asks
/// the process that answers; others may see it differently.
#[utoipa::path(
    get, path = "/api/health", operation_id = "show_health", tag = "health",
    responses((status = 200, description = "How it is", body = HealthReport)),
)]
pub(super) async fn show(caller: Guard<ManageAnyonesKeys>) -> HttpResponse {
    let parts = caller.parts();
    let mut found = parts.readiness.examine().await;
    found
        .issuers
        .retain(|issuer| parts.tenant_of(&issuer.realm) == *caller.tenant());
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(HealthReport::of(found))
}

impl HealthReport {
    fn of(found: Examination) -> Self {
        let parts = found.health.parts.iter().map(|part| PartView {
            name: part.name.clone(),
            status: part.state.as_str(),
            detail: part.state.detail().map(str::to_owned),
        });
        Self {
            version: env!("CARGO_PKG_VERSION"),
            ready: found.health.ready,
            running_seconds: found.running_for.as_secs(),
            parts: parts.collect(),
            store: StoreView::of(found.store),
            issuers: found.issuers.into_iter().map(IssuerView::of).collect(),
            salts: found.salts.iter().map(SaltView::of).collect(),
            untrusted_keys: found.untrusted_keys,
            complete: found.is_complete,
        }
    }
}

impl StoreView {
    fn of(found: Result<StoreReport, String>) -> Self {
        match found {
            Ok(report) => Self {
                description: Some(report.description),
                fine: report.fine,
                warnings: report.warnings,
                error: None,
            },
            Err(error) => Self {
                description: None,
                fine: Vec::new(),
                warnings: Vec::new(),
                error: Some(error),
            },
        }
    }
}

impl IssuerView {
    fn of(report: IssuerReport) -> Self {
        Self {
            realm: report.realm.as_str().to_owned(),
            issuer: report.issuer,
            status: report.state.as_str(),
            detail: report.state.detail().map(str::to_owned),
            keys_age_seconds: report.keys_age.as_ref().map(Duration::as_secs),
            usable_keys: report.usable_keys,
            down_since: report.down_since.map(|since| since.to_string()),
            last_error: report.last_error,
            warnings: report.warnings,
        }
    }
}

impl SaltView {
    fn of(report: &SaltReport) -> Self {
        Self {
            id: report.id.to_string(),
            active: report.is_active,
            accepted: report.is_accepted,
            keys: report.keys,
        }
    }
}
