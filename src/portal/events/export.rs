//! All events as a file: written as it is read, so that a long trail needs no
//! more memory than a short one. A list is bounded, and so is the file.

use std::sync::Arc;

use actix_web::web::Bytes;
use futures_util::stream::{self, Stream};

use super::answer::EventLine;
use super::query::{EventQuery, Format};
use crate::audit::{AuditTrail, EventId, EventPage, Line, TrailError};
use crate::domain::subject::Tenant;

/// How many events are read at a time.
const STEP: usize = 500;

const HEAD: &str = "id,at,action,actor,owner,key_id,session_id,address,request_id,details\r\n";

/// Where an export is.
enum Place {
    /// Before what was read already.
    Read(EventPage),
    /// There is more before this event.
    Next(EventId),
    /// At the end.
    End,
}

/// The file, in parts. The first is read before the answer begins, so that a
/// store that does not answer is a problem and no broken file; one that fails
/// later breaks the connection, so that nobody takes a part for the whole.
pub(super) async fn body(
    audit: Arc<AuditTrail>,
    tenant: Tenant,
    query: EventQuery,
) -> Result<impl Stream<Item = Result<Bytes, TrailError>> + 'static, TrailError> {
    let first = audit.list(&tenant, &query.filter, None, STEP).await?;
    let head = match query.format {
        Format::Csv => HEAD,
        Format::Json | Format::JsonLines => "",
    };
    let state = (Place::Read(first), head.to_owned());
    Ok(stream::try_unfold(state, move |(place, mut text)| {
        let (audit, tenant, filter) = (Arc::clone(&audit), tenant.clone(), query.filter.clone());
        let format = query.format;
        async move {
            let page = match place {
                Place::Read(page) => page,
                Place::Next(before) => audit.list(&tenant, &filter, Some(before), STEP).await?,
                Place::End => return Ok(None),
            };
            for line in &page.lines {
                write(&mut text, line, format);
            }
            let next = page.next.map_or(Place::End, Place::Next);
            Ok(Some((Bytes::from(text), (next, String::new()))))
        }
    }))
}

fn write(text: &mut String, line: &Line, format: Format) {
    let line = EventLine::from(line);
    if format == Format::Csv {
        let details = serde_json::to_string(&line.details).unwrap_or_default();
        let none = String::new;
        let cells = [
            line.id,
            line.at.unwrap_or_else(none),
            line.action.to_owned(),
            line.actor.unwrap_or_else(none),
            line.owner.unwrap_or_else(none),
            line.key_id.unwrap_or_else(none),
            line.session_id.unwrap_or_else(none),
            line.address.unwrap_or_else(none),
            line.request_id.unwrap_or_else(none),
            details,
        ];
        text.push_str(&cells.map(|cell| csv(&cell)).join(","));
        text.push_str("\r\n");
    } else {
        text.push_str(&serde_json::to_string(&line).unwrap_or_default());
        text.push('\n');
    }
}

/// A cell (RFC 4180). Spreadsheets take some beginnings for a formula, even
/// within quotes: an apostrophe in front makes text of it.
fn csv(cell: &str) -> String {
    let begins_a_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let guard = if begins_a_formula { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_whatever_it_begins_with() {
        for (cell, written) in [
            ("ci", "\"ci\""),
            ("", "\"\""),
            ("say \"hi\", twice", "\"say \"\"hi\"\", twice\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\t=1", "\"'\t=1\""),
        ] {
            assert_eq!(csv(cell), written);
        }
    }
}
