//! What others change in the file: the command line, somebody at the `sqlite3`
//! shell, and this process itself.
//!
//! One connection asks for the file's `data_version`, which moves with each
//! commit of any other connection. When it has moved, the table `changes` tells
//! what; where lines are missing, anything may have changed.

use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection as _, Row, query, query_scalar};

use super::error::within;
use super::{EmbeddedStore, StoreError};
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::disabled;
use crate::domain::record_name::Shelf;
use crate::domain::time::Clock;
use crate::store::Copies;

/// How often it is asked: the time after which another process's change counts.
const ASKED_EVERY: Duration = Duration::from_millis(50);

/// Asks for ever.
pub(super) struct Reader {
    pub connection: SqliteConnection,
    pub copies: Arc<dyn Copies>,
    pub clock: Arc<dyn Clock>,
    pub timeout: Duration,
    /// What was seen last; nothing before the first look.
    pub seen: Option<Seen>,
}

/// How far the file has been read.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    version: i64,
    line: i64,
}

impl Reader {
    pub async fn run(mut self) {
        let mut interval = tokio::time::interval(ASKED_EVERY);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut is_well = true;
        loop {
            interval.tick().await;
            let timeout = self.timeout;
            match within(timeout, self.look()).await {
                Ok(()) if is_well => {}
                Ok(()) => tracing::info!("changes in the embedded store are seen again"),
                Err(error) if is_well => {
                    tracing::warn!(%error, "changes in the embedded store cannot be seen; each check asks it");
                    // Where a look was given up, how far it came is not known.
                    self.seen = None;
                    is_well = false;
                    continue;
                }
                Err(_) => {
                    self.seen = None;
                    continue;
                }
            }
            is_well = true;
        }
    }

    /// One look: everything that was committed before it began is told when it
    /// ends.
    async fn look(&mut self) -> Result<(), StoreError> {
        let (began, mut epoch) = (self.clock.monotonic(), self.copies.epoch());
        // Asked before the lines are read: what is committed in between is read
        // now and once more later.
        let version: i64 = query_scalar("PRAGMA data_version")
            .fetch_one(&mut self.connection)
            .await?;
        match self.seen {
            Some(seen) if seen.version == version => {}
            Some(seen) => {
                let line = self.tell_after(seen.line).await?;
                self.seen = Some(Seen { version, line });
            }
            None => {
                let line = self.last_line().await?;
                epoch = self.copies.all_changed();
                self.seen = Some(Seen { version, line });
            }
        }
        self.copies.fresh_as_of(epoch, began);
        Ok(())
    }

    /// Tells what changed after that line; gives the last one.
    async fn tell_after(&mut self, line: i64) -> Result<i64, StoreError> {
        let rows = query("SELECT seq, kind, id FROM changes WHERE seq > ?1 ORDER BY seq")
            .bind(line)
            .fetch_all(&mut self.connection)
            .await?;
        let mut last = line;
        for row in rows {
            let (number, kind, id): (i64, String, String) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            if number != last + 1 || !self.tell(&kind, &id) {
                self.copies.all_changed();
            }
            last = number;
        }
        Ok(last)
    }

    /// False for what this version cannot read.
    fn tell(&self, kind: &str, id: &str) -> bool {
        match kind {
            "key" => ApiKeyId::parse(id).map(|id| self.copies.key_changed(&id)),
            "principal" => OwnerTag::parse(id).map(|owner| self.copies.owner_changed(&owner)),
            "record" => self.tell_of_record(id),
            _ => None,
        }
        .is_some()
    }

    /// Of records, only those of disabled owners matter to what is kept.
    fn tell_of_record(&self, id: &str) -> Option<()> {
        if let Some(name) = id.strip_prefix(Shelf::Disabled.prefix()) {
            let owner = disabled::owner_of(name)?;
            self.copies.owner_changed(&owner);
        }
        Some(())
    }

    async fn last_line(&mut self) -> Result<i64, StoreError> {
        let line = query_scalar("SELECT coalesce(max(seq), 0) FROM changes")
            .fetch_one(&mut self.connection)
            .await?;
        Ok(line)
    }
}

impl EmbeddedStore {
    /// Waits until a server over the same file has seen what was changed here:
    /// for the command line, which ends when what it says is so.
    pub async fn let_others_see(&self) {
        if self.follower.has_changes_for_others() {
            tokio::time::sleep(2 * ASKED_EVERY).await;
        }
    }

    /// Begins to look, on a connection of its own, which the task closes by
    /// ending.
    pub(super) fn begin_following(&self, copies: Arc<dyn Copies>) {
        if self.follower.begin(Arc::clone(&copies)).is_err() {
            tracing::error!("the embedded store is followed already");
            return;
        }
        let (watching, clock) = (self.watching.clone(), Arc::clone(&self.clock));
        let timeout = self.options.read_timeout;
        let task = tokio::spawn(async move {
            match SqliteConnection::connect_with(&watching).await {
                Ok(connection) => {
                    let reader = Reader {
                        connection,
                        copies,
                        clock,
                        timeout,
                        seen: None,
                    };
                    reader.run().await;
                }
                // Without a lease each check asks the store: slower, and right.
                Err(error) => {
                    tracing::error!(%error, "changes in the embedded store cannot be seen");
                }
            }
        });
        let _ = self.following.set(task.abort_handle());
    }
}
