//! Where events are noted and read.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::filter::EventFilter;
use crate::domain::audit::{Event, NewEvent};
use crate::domain::entropy::{Entropy, EntropyUnavailable, random_bytes};
use crate::domain::event_id::EventId;
use crate::domain::salt::Salts;
use crate::domain::subject::Tenant;
use crate::domain::time::{Clock, Timestamp};
use crate::store::audit::{EventRange, FiledEvent, Keep};
use crate::store::{Store, StoreError};

/// How many events a store is asked for at a time.
const STEP: usize = 500;
/// How many events one question goes through at most. Where a filter leaves few
/// of them, the answer is short and says where to go on.
const LOOKED_AT_MAX: usize = 5_000;

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditTerms {
    /// How long.
    pub keep: Duration,
    /// How many in each list: of an organisation, of an owner, of a key.
    pub events_max: u32,
}

/// The audit trail.
pub struct AuditTrail {
    store: Arc<dyn Store>,
    salts: Salts,
    terms: AuditTerms,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    last: Mutex<Option<EventId>>,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// What happened.
    Event(Box<Event>),
    /// Something happened, and what it was cannot be trusted or read: it was
    /// changed, or its salt is not accepted any more.
    Unreadable(EventId),
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The newest first.
    pub lines: Vec<Line>,
    /// Where to go on; `None` at the end.
    pub next: Option<EventId>,
}

impl Line {
    /// Its place.
    pub fn id(&self) -> EventId {
        match self {
            Self::Event(event) => event.id,
            Self::Unreadable(id) => *id,
        }
    }
}

impl AuditTrail {
    /// Joins the parts.
    pub fn new(
        store: Arc<dyn Store>,
        salts: Salts,
        terms: AuditTerms,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            store,
            salts,
            terms,
            clock,
            entropy,
            last: Mutex::new(None),
        }
    }

    /// Notes what happened, and returns when it is written. What happened has
    /// happened: where it cannot be written, it stands in the log instead, at
    /// level `error` and with all its fields, and the change stays as it is.
    /// Once begun it is written, even if nobody waits for it any more. Must be
    /// called within a Tokio runtime.
    pub async fn note(&self, what: NewEvent) {
        let Some(at) = self.clock.now() else {
            return log_instead(&what, &"the time is not known");
        };
        let id = match self.next_id(at) {
            Ok(id) => id,
            Err(error) => return log_instead(&what, &error),
        };
        let lists = what.lists();
        let event = Event { id, at, what };
        let filed = FiledEvent {
            id,
            record: event.seal(&self.salts),
            lists,
        };
        let (store, keep) = (Arc::clone(&self.store), self.keep());
        // A task of its own: whoever asked may hang up in the middle.
        let written = tokio::spawn(async move {
            if let Err(error) = store.append_event(&filed, keep).await {
                log_instead(&event.what, &error);
            }
        });
        if let Err(error) = written.await {
            tracing::error!(%error, "an event was not written");
        }
    }

    /// The events of a list that are wanted, from before `before` on, at most
    /// `limit`. May give fewer although there are more: `next` tells.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn list(
        &self,
        tenant: &Tenant,
        filter: &EventFilter,
        before: Option<EventId>,
        limit: usize,
    ) -> Result<EventPage, StoreError> {
        let list = filter.list(tenant);
        let mut range = self.range(filter, before);
        let (mut lines, mut looked_at) = (Vec::new(), 0);
        while looked_at < LOOKED_AT_MAX {
            let found = self.store.list_events(&list, range, STEP).await?;
            let is_last = found.len() < STEP;
            looked_at += found.len();
            for (id, record) in found {
                if lines.len() == limit {
                    return Ok(EventPage {
                        next: lines.last().map(Line::id),
                        lines,
                    });
                }
                range.before = Some(id);
                lines.extend(self.read(tenant, filter, id, &record));
            }
            if is_last {
                return Ok(EventPage { lines, next: None });
            }
        }
        Ok(EventPage {
            lines,
            next: range.before,
        })
    }

    /// The part of a list that is within the filter's times, and young enough.
    fn range(&self, filter: &EventFilter, before: Option<EventId>) -> EventRange {
        let kept_since = self.clock.now().map(|now| now.minus(self.terms.keep));
        let since = filter.since.max(kept_since);
        let until = filter.until.map(EventId::first_at);
        EventRange {
            before: match (before, until) {
                (Some(before), Some(until)) => Some(before.min(until)),
                (before, until) => before.or(until),
            },
            from: since.map(EventId::first_at),
        }
    }

    /// A line, if it is wanted. A writer of the store cannot put an event into
    /// a list that it does not belong to.
    fn read(
        &self,
        tenant: &Tenant,
        filter: &EventFilter,
        id: EventId,
        record: &[u8],
    ) -> Option<Line> {
        match Event::open(&self.salts, id, record) {
            Ok(event) if event.what.tenant == *tenant && filter.wants(&event) => {
                Some(Line::Event(Box::new(event)))
            }
            Ok(_) => None,
            Err(error) => {
                tracing::error!(event.id = %id, %error, "an event cannot be read");
                filter.wants_unreadable().then_some(Line::Unreadable(id))
            }
        }
    }

    fn keep(&self) -> Keep {
        Keep {
            time: self.terms.keep,
            per_list_max: self.terms.events_max,
        }
    }

    /// Two events of one millisecond stand in the order in which they were noted here.
    fn next_id(&self, at: Timestamp) -> Result<EventId, EntropyUnavailable> {
        let fresh = EventId::new(at, random_bytes(self.entropy.as_ref())?);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let id = match *last {
            Some(last) if last.at() == Some(at) => last.next(),
            _ => fresh,
        };
        *last = Some(id);
        Ok(id)
    }
}

/// The list that an event is missing from is made up for by this line.
fn log_instead(what: &NewEvent, error: &dyn std::fmt::Display) {
    tracing::error!(
        event.action = what.action.as_str(),
        event.tenant = %what.tenant,
        event.actor = what.actor,
        event.owner = what.owner.as_ref().map(tracing::field::display),
        event.session_id = what.session_id,
        event.address = what.address.map(tracing::field::display),
        event.details = ?what.details,
        key.id = what.key_id.map(tracing::field::display),
        request.id = what.request_id,
        %error,
        "an event could not be written to the audit trail"
    );
}
