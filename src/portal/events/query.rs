//! What a client wants to see of the audit trail.

use super::super::PortalParts;
use crate::audit::{Action, EventFilter};
use crate::domain::api_key::ApiKeyId;
use crate::domain::subject::Owner;
use crate::domain::time::Timestamp;
use crate::http::pagination::{LIMIT_MAX, limit};
use crate::http::problem::Problem;

/// How many events a part has unless something else is asked for.
const LIMIT: usize = 100;

/// What the path says already, and a query must not say once more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// Nothing: everybody's.
    Nothing,
    /// Whose.
    Owner,
    /// Which key, and so whose.
    Key,
}

/// How events are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// A list in parts.
    #[default]
    Json,
    /// All in one table.
    Csv,
    /// All, one JSON object a line.
    JsonLines,
}

/// What a client asked for.
#[derive(Debug)]
pub(super) struct EventQuery {
    pub(super) filter: EventFilter,
    pub(super) limit: usize,
    pub(super) cursor: Option<String>,
    pub(super) format: Format,
    /// What was asked for besides the place, for the link to the next part.
    pub(super) pairs: Vec<(String, String)>,
}

impl EventQuery {
    /// Reads a query string.
    ///
    /// # Errors
    /// Refuses parameters that it does not know, those that stand twice, and
    /// values that mean nothing: a misspelt filter would show too much.
    pub(super) fn parse(text: &str, given: Given, parts: &PortalParts) -> Result<Self, Problem> {
        let mut query = Self {
            filter: EventFilter::default(),
            limit: LIMIT,
            cursor: None,
            format: Format::Json,
            pairs: Vec::new(),
        };
        let mut seen = Vec::new();
        for (name, value) in url::form_urlencoded::parse(text.as_bytes()) {
            if seen.contains(&name) {
                return Err(Problem::field(name.into_owned(), "must stand once"));
            }
            query.take(&name, &value, given, parts)?;
            if name != "cursor" {
                query.pairs.push((name.to_string(), value.into_owned()));
            }
            seen.push(name);
        }
        Ok(query)
    }

    fn take(
        &mut self,
        name: &str,
        value: &str,
        given: Given,
        parts: &PortalParts,
    ) -> Result<(), Problem> {
        let filter = &mut self.filter;
        match name {
            "limit" => self.limit = limit(value)?.min(LIMIT_MAX),
            "cursor" => self.cursor = Some(value.to_owned()),
            "action" => filter.action = Some(action(value)?),
            "since" => filter.since = Some(time(name, value)?),
            "until" => filter.until = Some(time(name, value)?),
            "actor" if given == Given::Nothing => filter.actor = Some(value.to_owned()),
            "owner" if given == Given::Nothing => {
                let owner = Owner::parse(value, &parts.realms)
                    .map_err(|error| Problem::field("owner", error.to_string()))?;
                filter.owner = Some(owner);
            }
            "key_id" if given != Given::Key => {
                let id = ApiKeyId::parse(value)
                    .ok_or_else(|| Problem::field("key_id", "must be the id of a key"))?;
                filter.key_id = Some(id);
            }
            "format" if given == Given::Nothing => self.format = format(value)?,
            _ => {
                let detail = "there is no such parameter here; known are limit, cursor, action, \
                              since, until, key_id, and for all events actor, owner, format";
                return Err(Problem::field(name.to_owned(), detail));
            }
        }
        Ok(())
    }
}

fn action(text: &str) -> Result<Action, Problem> {
    Action::parse(text).ok_or_else(|| {
        let known: Vec<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        Problem::field("action", format!("must be one of {}", known.join(", ")))
    })
}

fn time(name: &str, text: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse_rfc3339(text).ok_or_else(|| {
        Problem::field(
            name.to_owned(),
            "must be a date-time such as 2027-01-31T12:00:00Z",
        )
    })
}

fn format(text: &str) -> Result<Format, Problem> {
    match text {
        "json" => Ok(Format::Json),
        "csv" => Ok(Format::Csv),
        "jsonl" => Ok(Format::JsonLines),
        _ => Err(Problem::field("format", "must be json, csv or jsonl")),
    }
}
