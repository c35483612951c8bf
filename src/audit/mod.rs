//! The audit trail: what was done to keys, sessions and accounts, by whom.

mod filter;
mod trail;

pub use filter::EventFilter;
pub use trail::{AuditTerms, AuditTrail, EventPage, Line};

pub use crate::store::StoreError as TrailError;

pub use crate::domain::audit::{Action, Event, EventList, NewEvent, Origin};
pub use crate::domain::event_id::EventId;
