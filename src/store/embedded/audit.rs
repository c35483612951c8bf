//! Events: what happened to keys, sessions and accounts.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query, query_scalar};

use super::connections::Change;
use super::error::within;
use super::rows::to_sql;
use super::{EmbeddedStore, StoreError};
use crate::domain::event_id::EventId;
use crate::store::AuditStore;
use crate::store::audit::{EventList, EventRange, FiledEvent, Keep};

/// How many events one write throws out of a list at most.
const TRIM_STEP: i64 = 100;

#[async_trait]
impl AuditStore for EmbeddedStore {
    async fn append_event(&self, event: &FiledEvent, keep: Keep) -> Result<(), StoreError> {
        let kept_until = event
            .id
            .at()
            .map_or(i64::MAX, |at| to_sql(at.plus(keep.time)));
        let first_kept = event.id.at().map_or_else(String::new, |at| {
            EventId::first_at(at.minus(keep.time)).to_string()
        });
        within(self.options.write_timeout, async {
            // While the disk is full, the room there is belongs to revocations.
            self.ballast.restore().await?;
            let mut change = self.keys.begin().await?;
            for list in &event.lists {
                let list = list.full();
                query(
                    "INSERT OR IGNORE INTO events (list, id, record, kept_until) \
                     VALUES (?1, ?2, ?3, ?4)",
                )
                .bind(&list)
                .bind(event.id.to_string())
                .bind(event.record.as_slice())
                .bind(kept_until)
                .execute(change.connection()?)
                .await?;
                trim(&mut change, &list, keep).await?;
                forget(&mut change, &list, &first_kept).await?;
            }
            change.commit().await
        })
        .await
    }

    async fn list_events(
        &self,
        list: &EventList,
        range: EventRange,
        limit: usize,
    ) -> Result<Vec<(EventId, Vec<u8>)>, StoreError> {
        // Every id comes after the empty text and before a tilde.
        let text = |id: Option<EventId>, none: &str| {
            id.map_or_else(|| none.to_owned(), |id| id.to_string())
        };
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let rows = query(
                "SELECT id, record FROM events WHERE list = ?1 AND id >= ?2 AND id < ?3 \
                 ORDER BY id DESC LIMIT ?4",
            )
            .bind(list.full())
            .bind(text(range.from, ""))
            .bind(text(range.before, "~"))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *seat)
            .await?;
            rows.iter().map(to_event).collect()
        })
        .await
    }
}

/// Throws out the oldest of a list that has too many.
async fn trim(change: &mut Change, list: &str, keep: Keep) -> Result<(), StoreError> {
    let length: i64 = query_scalar("SELECT length FROM event_lists WHERE list = ?1")
        .bind(list)
        .fetch_one(change.connection()?)
        .await?;
    let beyond = length - i64::from(keep.per_list_max);
    if beyond > 0 {
        query(
            "DELETE FROM events WHERE list = ?1 AND id IN \
             (SELECT id FROM events WHERE list = ?1 ORDER BY id LIMIT ?2)",
        )
        .bind(list)
        .bind(beyond.min(TRIM_STEP))
        .execute(change.connection()?)
        .await?;
    }
    Ok(())
}

/// Throws out of a list what is past keeping.
async fn forget(change: &mut Change, list: &str, first_kept: &str) -> Result<(), StoreError> {
    query(
        "DELETE FROM events WHERE list = ?1 AND id IN \
         (SELECT id FROM events WHERE list = ?1 AND id < ?2 ORDER BY id LIMIT ?3)",
    )
    .bind(list)
    .bind(first_kept)
    .bind(TRIM_STEP)
    .execute(change.connection()?)
    .await?;
    Ok(())
}

fn to_event(row: &SqliteRow) -> Result<(EventId, Vec<u8>), StoreError> {
    let id = EventId::parse(row.try_get(0)?)
        .ok_or_else(|| StoreError::Corrupt("an event has an id that is none".to_owned()))?;
    Ok((id, row.try_get(1)?))
}
