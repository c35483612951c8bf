//! Upkeep: what is over goes, and a look at how things stand.

use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Row, query, query_scalar};

use super::error::within;
use super::files::{beside, folder, mode, size};
use super::rows::to_sql;
use super::{EmbeddedStore, StoreError};
use crate::domain::time::Timestamp;
use crate::store::Inspection;
use crate::store::keys::KEPT_AFTER_EXPIRY_DAYS;
use crate::store::usage::{DAYS_KEPT, HOURS_KEPT_DAYS};

/// How many rows of a table go in one transaction, so that nobody waits long.
const PURGE_STEP: u64 = 500;

/// A log of this size was not moved into the file for too long.
const LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;

impl EmbeddedStore {
    /// Removes what is over: records [`KEPT_AFTER_EXPIRY_DAYS`] after their key
    /// expired; tombstones, answers, sessions and the like when their time has come. Runs when the
    /// store is opened; a server calls it every hour.
    ///
    /// # Errors
    /// Fails where the store cannot be written; what is left goes the next time.
    pub async fn purge(&self) -> Result<(), StoreError> {
        // Without the time, nothing is known to be over.
        if let Some(now) = self.clock.now() {
            while within(self.options.upkeep_timeout, self.purge_some(now)).await? >= PURGE_STEP {}
        }
        self.ballast.restore().await
    }

    /// One transaction; gives the highest number of rows that went from one table.
    async fn purge_some(&self, now: Timestamp) -> Result<u64, StoreError> {
        let before = |days: u64| now.minus(Duration::from_hours(24 * days));
        let mut change = self.keys.begin().await?;
        let mut most = 0;
        for (removal, until) in [
            (
                "DELETE FROM keys WHERE id IN \
                 (SELECT id FROM keys WHERE expires_at <= ?1 LIMIT ?2)",
                before(KEPT_AFTER_EXPIRY_DAYS),
            ),
            (
                "DELETE FROM tombstones WHERE id IN \
                 (SELECT id FROM tombstones WHERE kept_until <= ?1 LIMIT ?2)",
                now,
            ),
            (
                "DELETE FROM replays WHERE digest IN \
                 (SELECT digest FROM replays WHERE kept_until <= ?1 LIMIT ?2)",
                now,
            ),
            (
                "DELETE FROM records WHERE (shelf, name) IN \
                 (SELECT shelf, name FROM records WHERE expires_at <= ?1 LIMIT ?2)",
                now,
            ),
            (
                "DELETE FROM events WHERE (list, id) IN \
                 (SELECT list, id FROM events WHERE kept_until <= ?1 LIMIT ?2)",
                now,
            ),
            (
                "DELETE FROM usage_hours WHERE (id, hour, reason) IN \
                 (SELECT id, hour, reason FROM usage_hours WHERE hour <= ?1 LIMIT ?2)",
                before(HOURS_KEPT_DAYS + 1),
            ),
            (
                "DELETE FROM usage_days WHERE (id, day) IN \
                 (SELECT id, day FROM usage_days WHERE day <= ?1 LIMIT ?2)",
                before(DAYS_KEPT + 1),
            ),
            (
                "DELETE FROM usage_networks WHERE (id, network) IN \
                 (SELECT id, network FROM usage_networks WHERE last_seen_at <= ?1 LIMIT ?2)",
                before(HOURS_KEPT_DAYS),
            ),
        ] {
            let removed = query(removal)
                .bind(to_sql(until))
                .bind(i64::try_from(PURGE_STEP).unwrap_or(i64::MAX))
                .execute(change.connection()?)
                .await?;
            most = most.max(removed.rows_affected());
        }
        change.commit().await?;
        Ok(most)
    }

    /// Looks at the file and asks SQLite to check it.
    pub(super) async fn look(&self) -> Result<Inspection, StoreError> {
        let mut seat = self.readers.seat().await?;
        let version: String = query_scalar("SELECT sqlite_version()")
            .fetch_one(&mut *seat)
            .await?;
        let mut inspection = Inspection {
            description: format!("SQLite {version} in {}", self.path.display()),
            ..Inspection::default()
        };
        inspection.fine.push(self.contents(&mut seat).await?);
        self.look_at_content(&mut seat, &mut inspection).await?;
        self.look_at_files(&mut inspection);
        Ok(inspection)
    }

    /// How much there is, in words.
    async fn contents(&self, connection: &mut SqliteConnection) -> Result<String, StoreError> {
        let row = query(
            "SELECT count(*), count(DISTINCT owner), \
             count(*) FILTER (WHERE expires_at <= ?1), \
             count(*) FILTER (WHERE length(id) = 64), \
             (SELECT count(*) FROM tombstones) FROM keys",
        )
        .bind(self.now())
        .fetch_one(connection)
        .await?;
        let number = |column: usize| row.try_get::<i64, _>(column);
        Ok(format!(
            "{} keys of {} owners ({} expired, {} imported), {} tombstones, {} KiB",
            number(0)?,
            number(1)?,
            number(2)?,
            number(3)?,
            number(4)?,
            size(&self.path).div_ceil(1024),
        ))
    }

    async fn look_at_content(
        &self,
        connection: &mut SqliteConnection,
        inspection: &mut Inspection,
    ) -> Result<(), StoreError> {
        let journal: String = query_scalar("PRAGMA journal_mode")
            .fetch_one(&mut *connection)
            .await?;
        if journal == "wal" {
            inspection.fine.push("write-ahead log in use".to_owned());
        } else {
            inspection.warnings.push(format!(
                "the journal mode is {journal}, not wal: reads wait for writes; something else \
                 changed it; restart the service"
            ));
        }
        let verdict: String = query_scalar("PRAGMA quick_check(1)")
            .fetch_one(&mut *connection)
            .await?;
        if verdict == "ok" {
            inspection.fine.push("the file is sound".to_owned());
        } else {
            inspection.warnings.push(format!(
                "the file is damaged ({verdict}): stop the service and put back a backup"
            ));
        }
        Ok(())
    }

    fn look_at_files(&self, inspection: &mut Inspection) {
        let (log, index) = (beside(&self.path, "-wal"), beside(&self.path, "-shm"));
        let mut private = true;
        for path in [&self.path, &log, &index] {
            let Some(bits) = mode(path).filter(|bits| bits & 0o077 != 0) else {
                continue;
            };
            private = false;
            inspection.warnings.push(format!(
                "{} can be read or written by others (mode {bits:04o}): chmod 600 it",
                path.display()
            ));
        }
        if private {
            let private = "the files belong to this user alone (mode 0600)";
            inspection.fine.push(private.to_owned());
        }
        let folder = folder(&self.path);
        if let Some(bits) = mode(folder).filter(|bits| bits & 0o022 != 0) {
            inspection.warnings.push(format!(
                "others can put files into {} (mode {bits:04o}): chmod 700 it",
                folder.display()
            ));
        }
        if size(&log) > LOG_BYTES_MAX {
            inspection.warnings.push(format!(
                "{} has grown to {} MiB: something reads the file for very long",
                log.display(),
                size(&log) / (1024 * 1024)
            ));
        }
        if !self.ballast.is_in_place() {
            inspection.warnings.push(format!(
                "{} is missing, the room for revoking keys when the disk is full: make room on \
                 the disk; until then no keys are minted",
                self.ballast.path().display()
            ));
        }
    }
}
