//! Events: each list is a sorted set, in the order of bytes, of events with
//! their ids in front. An event stands whole in each of its lists: no list
//! needs another slot, and none has to be repaired.

use async_trait::async_trait;

use super::{StoreError, ValkeyStore};
use crate::domain::event_id::{EVENT_ID_CHARS, EventId};
use crate::domain::time::Timestamp;
use crate::store::AuditStore;
use crate::store::audit::{EventList, EventRange, FiledEvent, Keep};

#[async_trait]
impl AuditStore for ValkeyStore {
    async fn append_event(&self, event: &FiledEvent, keep: Keep) -> Result<(), StoreError> {
        for list in &event.lists {
            self.server.within(self.append(list, event, keep)).await?;
        }
        Ok(())
    }

    async fn list_events(
        &self,
        list: &EventList,
        range: EventRange,
        limit: usize,
    ) -> Result<Vec<(EventId, Vec<u8>)>, StoreError> {
        let name = list.full();
        let bound = |id: Option<EventId>, sign: char, none: &str| {
            id.map_or_else(|| none.to_owned(), |id| format!("{sign}{id}"))
        };
        let mut question = redis::cmd("ZRANGE");
        question
            .arg(&name)
            .arg(bound(range.before, '(', "+"))
            .arg(bound(range.from, '[', "-"))
            .arg("BYLEX")
            .arg("REV")
            .arg("LIMIT")
            .arg(0)
            .arg(i64::try_from(limit).unwrap_or(i64::MAX));
        let home = self.server.home(&name);
        let entries: Vec<Vec<u8>> = self.server.within(home.ask(&question)).await?;
        let wrong = || StoreError::Corrupt(format!("{name} holds what is no event"));
        entries
            .into_iter()
            .map(|entry| read(entry).ok_or_else(wrong))
            .collect()
    }
}

impl ValkeyStore {
    async fn append(
        &self,
        list: &EventList,
        event: &FiledEvent,
        keep: Keep,
    ) -> Result<(), StoreError> {
        let first_kept = event.id.at().map_or_else(String::new, |at: Timestamp| {
            EventId::first_at(at.minus(keep.time)).to_string()
        });
        let name = list.full();
        let mut script = self.scripts.append_event.key(&name);
        script
            .arg([event.id.to_string().as_bytes(), &event.record].concat())
            .arg(first_kept)
            .arg(keep.per_list_max)
            .arg(u64::try_from(keep.time.as_millis()).unwrap_or(u64::MAX >> 12));
        self.server.home(&name).run(&script).await
    }
}

/// The id in front, and the sealed event.
fn read(mut entry: Vec<u8>) -> Option<(EventId, Vec<u8>)> {
    let id = std::str::from_utf8(entry.get(..EVENT_ID_CHARS)?).ok()?;
    let id = EventId::parse(id)?;
    entry.drain(..EVENT_ID_CHARS);
    Some((id, entry))
}
