//! Records beside keys: sessions, accounts, one-time secrets, disabled owners.

use async_trait::async_trait;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, query, query_scalar};

use super::connections::Change;
use super::error::within;
use super::rows::to_sql;
use super::{EmbeddedStore, StoreError};
use crate::store::RecordStore;
use crate::store::records::{self, Condition, ListName, NewSheet, RecordName, Shelf};

#[async_trait]
impl RecordStore for EmbeddedStore {
    async fn find_record(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError> {
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let record = query_scalar(
                "SELECT record FROM records WHERE name = ?1 AND shelf = ?2 \
                 AND (expires_at IS NULL OR expires_at > ?3)",
            )
            .bind(name.as_str())
            .bind(name.shelf().prefix())
            .bind(self.now())
            .fetch_optional(&mut *seat)
            .await?;
            Ok(record)
        })
        .await
    }

    async fn put_record(
        &self,
        sheet: &NewSheet,
        condition: Condition<'_>,
    ) -> Result<bool, StoreError> {
        records::check(sheet)?;
        let put = within(self.options.write_timeout, self.put(sheet, condition)).await;
        self.follower.record_changed(&sheet.name);
        put
    }

    async fn take_record(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError> {
        let taken = within(self.options.write_timeout, self.take(name)).await;
        self.follower.record_changed(name);
        taken
    }

    async fn list_records(
        &self,
        list: &ListName,
        after: Option<&RecordName>,
        limit: usize,
    ) -> Result<Vec<(RecordName, Vec<u8>)>, StoreError> {
        // Every name comes after the empty one.
        let (name, shelf) = after.map_or(("", ""), |name| (name.as_str(), name.shelf().prefix()));
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let rows = query(
                "SELECT records.name, records.shelf, records.record FROM record_lists \
                 JOIN records USING (name, shelf) WHERE record_lists.list = ?1 \
                 AND (record_lists.name, record_lists.shelf) > (?2, ?3) \
                 AND (expires_at IS NULL OR expires_at > ?4) \
                 ORDER BY record_lists.name, record_lists.shelf LIMIT ?5",
            )
            .bind(list.as_str())
            .bind(name)
            .bind(shelf)
            .bind(self.now())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *seat)
            .await?;
            rows.iter().map(to_record).collect()
        })
        .await
    }
}

impl EmbeddedStore {
    async fn put(&self, sheet: &NewSheet, condition: Condition<'_>) -> Result<bool, StoreError> {
        self.ballast.restore().await?;
        let mut change = self.keys.begin().await?;
        let current = self.current(&mut change, &sheet.name).await?;
        let is_met = match condition {
            Condition::Always => true,
            Condition::Absent => current.is_none(),
            Condition::Unchanged(expected) => current.as_deref() == Some(expected),
        };
        if !is_met {
            return Ok(false);
        }
        write(&mut change, sheet).await?;
        change.commit().await?;
        Ok(true)
    }

    /// The record as it is while the write lock is held, unless it has ended.
    async fn current(
        &self,
        change: &mut Change,
        name: &RecordName,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let record = query_scalar(
            "SELECT record FROM records WHERE name = ?1 AND shelf = ?2 \
             AND (expires_at IS NULL OR expires_at > ?3)",
        )
        .bind(name.as_str())
        .bind(name.shelf().prefix())
        .bind(self.now())
        .fetch_optional(change.connection()?)
        .await?;
        Ok(record)
    }

    /// Removes; on a full disk in the room of the ballast: that somebody is
    /// signed out must not wait for room.
    async fn take(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError> {
        let full = match self.take_out(name).await {
            Err(StoreError::Full(reason)) => reason,
            outcome => return outcome,
        };
        tracing::error!(%full, "the disk is full; a record is removed in the room that was kept for it");
        self.ballast.release();
        let _ = self.keys.empty_log().await;
        self.take_out(name).await
    }

    async fn take_out(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError> {
        let mut change = self.keys.begin().await?;
        let taken = self.current(&mut change, name).await?;
        query("DELETE FROM records WHERE name = ?1 AND shelf = ?2")
            .bind(name.as_str())
            .bind(name.shelf().prefix())
            .execute(change.connection()?)
            .await?;
        change.commit().await?;
        Ok(taken)
    }
}

/// Writes a record and the lists that it stands in.
async fn write(change: &mut Change, sheet: &NewSheet) -> Result<(), StoreError> {
    let (name, shelf) = (sheet.name.as_str(), sheet.name.shelf().prefix());
    query(
        "INSERT INTO records (name, shelf, record, expires_at) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (name, shelf) DO UPDATE SET \
         record = excluded.record, expires_at = excluded.expires_at",
    )
    .bind(name)
    .bind(shelf)
    .bind(sheet.record.as_slice())
    .bind(sheet.expires_at.map(to_sql))
    .execute(change.connection()?)
    .await?;
    query("DELETE FROM record_lists WHERE name = ?1 AND shelf = ?2")
        .bind(name)
        .bind(shelf)
        .execute(change.connection()?)
        .await?;
    for list in &sheet.lists {
        query("INSERT OR IGNORE INTO record_lists (list, name, shelf) VALUES (?1, ?2, ?3)")
            .bind(list.as_str())
            .bind(name)
            .bind(shelf)
            .execute(change.connection()?)
            .await?;
    }
    Ok(())
}

fn to_record(row: &SqliteRow) -> Result<(RecordName, Vec<u8>), StoreError> {
    let (name, shelf): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
    let name = Shelf::of_prefix(shelf).and_then(|shelf| RecordName::new(shelf, name).ok());
    let name = name.ok_or_else(|| StoreError::Corrupt("a record has no name".to_owned()))?;
    Ok((name, row.try_get(2)?))
}
