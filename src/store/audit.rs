//! Events: what happened to keys, sessions and accounts. Written once, never
//! changed, and thrown out when there are too many or they are too old.

use std::time::Duration;

use async_trait::async_trait;

use super::StoreError;

pub use crate::domain::audit::EventList;
pub use crate::domain::event_id::EventId;

/// A sealed event on its way into the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FiledEvent {
    /// Its place in each list.
    pub id: EventId,
    /// The sealed event.
    pub record: Vec<u8>,
    /// The lists that it enters, in this order.
    pub lists: Vec<EventList>,
}

/// How much is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// How long an event is kept, from when it happened.
    pub time: Duration,
    /// How many of the newest events a list holds.
    pub per_list_max: u32,
}

/// A part of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventRange {
    /// Only events before this one.
    pub before: Option<EventId>,
    /// Only this one and those after it.
    pub from: Option<EventId>,
}

/// Where events are kept.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Enters an event into its lists, durable when it returns (as far as the
    /// store is set up to be). Each list takes it whole or not at all; entered
    /// once more, it stands there once. What is beyond `keep` leaves the lists
    /// that are written, a bounded number at a time, and so in the end all of it.
    async fn append_event(&self, event: &FiledEvent, keep: Keep) -> Result<(), StoreError>;

    /// The events of a list within a range, newest first, at most `limit`. Takes
    /// time by `limit`, however long the list and whatever else there is.
    async fn list_events(
        &self,
        list: &EventList,
        range: EventRange,
        limit: usize,
    ) -> Result<Vec<(EventId, Vec<u8>)>, StoreError>;
}
