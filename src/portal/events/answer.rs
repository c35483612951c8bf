//! Events as answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header;
use serde::Serialize;
use utoipa::ToSchema;

use super::export;
use super::list_name;
use super::query::{EventQuery, Format};
use crate::audit::{EventId, Line};
use crate::domain::subject::Tenant;
use crate::http::pagination;
use crate::http::problem::Problem;
use crate::http::request_id;
use crate::keys::KeyService;

/// What was done. Never a secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event, example = json!({
    "id": "01KATVRE5VQ4JX0N2M8ZB3C7DT",
    "at": "2026-11-24T09:30:00Z",
    "action": "key.renamed",
    "actor": "corp:alice",
    "owner": "corp:alice",
    "key_id": "1FvP0aXk27Qm9Zc4",
    "session_id": null,
    "address": "192.0.2.7",
    "request_id": "5f0c1d9e7a3b2846-1f",
    "details": {"from": "ci", "to": "ci, main branch"}
}))]
pub(in crate::portal) struct EventLine {
    /// Its id: a ULID, so that ids stand in the order of time.
    pub(super) id: String,
    /// When.
    #[schema(required, format = DateTime)]
    pub(super) at: Option<String>,
    /// What: a word such as `key.minted`; `unreadable` where the record was
    /// changed by somebody, or its salt is not accepted any more.
    pub(super) action: &'static str,
    /// By whom: the owner, `key <id> of <owner>`, or `command line`.
    #[schema(required)]
    pub(super) actor: Option<String>,
    /// To whom, or whose it was.
    #[schema(required)]
    pub(super) owner: Option<String>,
    /// To which key.
    #[schema(required)]
    pub(super) key_id: Option<String>,
    /// To which session, or through which.
    #[schema(required)]
    pub(super) session_id: Option<String>,
    /// From which address.
    #[schema(required)]
    pub(super) address: Option<String>,
    /// The request, as the log knows it.
    #[schema(required)]
    pub(super) request_id: Option<String>,
    /// What else is worth knowing: short texts by name.
    pub(super) details: BTreeMap<String, String>,
}

impl From<&Line> for EventLine {
    fn from(line: &Line) -> Self {
        let id = line.id();
        let empty = Self {
            id: id.to_string(),
            at: id.at().map(|at| at.to_string()),
            action: "unreadable",
            actor: None,
            owner: None,
            key_id: None,
            session_id: None,
            address: None,
            request_id: None,
            details: BTreeMap::new(),
        };
        let Line::Event(event) = line else {
            return empty;
        };
        let what = &event.what;
        Self {
            at: Some(event.at.to_string()),
            action: what.action.as_str(),
            actor: Some(what.actor.clone()),
            owner: what.owner.as_ref().map(ToString::to_string),
            key_id: what.key_id.map(|id| id.to_string()),
            session_id: what.session_id.clone(),
            address: what.address.map(|address| address.to_string()),
            request_id: what.request_id.clone(),
            details: what.details.clone(),
            ..empty
        }
    }
}

/// The events of a tenant, for somebody who may see what they ask for.
pub(super) struct Events<'e> {
    pub(super) keys: &'e Arc<KeyService>,
    pub(super) tenant: Tenant,
    pub(super) path: &'e str,
}

impl Events<'_> {
    /// Whether there are any.
    pub(super) async fn has_any(&self, query: &EventQuery) -> Result<bool, Problem> {
        let page = self
            .keys
            .audit()
            .list(&self.tenant, &query.filter, None, 1)
            .await
            .map_err(|error| unavailable(&error))?;
        Ok(!page.lines.is_empty() || page.next.is_some())
    }

    /// A part of a list.
    pub(super) async fn answer(&self, query: EventQuery) -> Result<HttpResponse, Problem> {
        let salts = self.keys.salts();
        let list = list_name(&self.tenant, query.filter.owner.as_ref());
        let before = match &query.cursor {
            Some(cursor) => Some(read_place(&pagination::open_cursor(salts, &list, cursor)?)?),
            None => None,
        };
        let page = self
            .keys
            .audit()
            .list(&self.tenant, &query.filter, before, query.limit)
            .await
            .map_err(|error| unavailable(&error))?;
        let lines: Vec<EventLine> = page.lines.iter().map(EventLine::from).collect();
        let mut answer = HttpResponse::Ok();
        let next = page.next.and_then(|place| {
            let cursor = pagination::seal_cursor(salts, &list, place.to_string().as_bytes());
            pagination::link_to_next(self.path, &query.pairs, &cursor)
        });
        if let Some(link) = next {
            answer.insert_header((header::LINK, link));
        }
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        Ok(answer.json(lines))
    }

    /// All events that are wanted, as a file, written while they are read.
    pub(super) async fn export(&self, query: EventQuery) -> Result<HttpResponse, Problem> {
        if query.cursor.is_some() {
            return Err(Problem::field("cursor", "a file is whole; leave it out"));
        }
        let (kind, ending) = match query.format {
            Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
            Format::Json | Format::JsonLines => ("application/jsonl", "jsonl"),
        };
        let audit = Arc::clone(self.keys.audit());
        let body = export::body(audit, self.tenant.clone(), query)
            .await
            .map_err(|error| unavailable(&error))?;
        Ok(HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((
                header::CONTENT_DISPOSITION,
                format!("attachment; filename=\"events.{ending}\""),
            ))
            .content_type(kind)
            .streaming(body))
    }
}

fn read_place(bytes: &[u8]) -> Result<EventId, Problem> {
    std::str::from_utf8(bytes)
        .ok()
        .and_then(EventId::parse)
        .ok_or_else(|| Problem::field("cursor", "is not one of this list"))
}

/// Names from inside are for operators, not for callers.
fn unavailable(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(
        %error,
        request.id = request_id::current(),
        "the audit trail could not be read"
    );
    Problem::unavailable()
}
