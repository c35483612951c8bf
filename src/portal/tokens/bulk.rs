//! Many keys revoked in one go: said first, done then.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::operations::Tokens;
use crate::domain::api_key::ApiKeyId;
use crate::http::json::Body;
use crate::http::problem::Problem;

/// How many keys can be named at a time.
const IDS_MAX: usize = 500;

/// Which of one's keys to revoke.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"ids": ["1FvP0aXk27Qm9Zc4"], "dry_run": true}))]
pub(crate) struct BulkRevocation {
    /// Their ids.
    #[schema(max_items = 500)]
    pub(crate) ids: Vec<String>,
    /// Only say which there are.
    #[serde(default)]
    pub(crate) dry_run: bool,
    /// With a minute to think again, as `POST …/revoke` does.
    #[serde(default)]
    pub(crate) undoable: bool,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"matched": 1, "revoked": 0, "ids": ["1FvP0aXk27Qm9Zc4"], "dry_run": true}))]
pub(crate) struct BulkRevoked {
    /// How many keys were meant.
    matched: usize,
    /// How many were revoked.
    revoked: usize,
    /// The ids of those that were meant.
    ids: Vec<String>,
    /// Whether nothing was done.
    dry_run: bool,
}

impl BulkRevoked {
    pub(crate) fn new(ids: &[ApiKeyId], revoked: usize, dry_run: bool) -> Self {
        Self {
            matched: ids.len(),
            revoked,
            ids: ids.iter().map(ToString::to_string).collect(),
            dry_run,
        }
    }
}

/// Reads ids, each once.
///
/// # Errors
/// Refuses texts that are none, and too many.
pub(crate) fn ids(texts: &[String]) -> Result<Vec<ApiKeyId>, Problem> {
    if texts.len() > IDS_MAX {
        let detail = format!("at most {IDS_MAX} at a time");
        return Err(Problem::field("ids", detail));
    }
    let mut ids = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        let id = ApiKeyId::parse(text)
            .ok_or_else(|| Problem::field(format!("ids[{place}]"), "must be the id of a key"))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

impl Tokens<'_> {
    /// The end of many keys.
    pub(crate) async fn revoke_many(&self, body: Body) -> Result<HttpResponse, Problem> {
        let wanted = body.json::<BulkRevocation>().await?.value;
        let ids = ids(&wanted.ids)?;
        let present = self.keys().present(&ids).await;
        let present = present.map_err(|error| super::problem(&error))?;
        let revoked = if wanted.dry_run {
            0
        } else {
            let revoked = self.keys().revoke_many(&present, wanted.undoable).await;
            revoked.map_err(|error| super::problem(&error))?
        };
        Ok(HttpResponse::Ok().json(BulkRevoked::new(&present, revoked, wanted.dry_run)))
    }
}
