//! Connections to the file, and who may use which.
//!
//! A pool of `sqlx` asks its connections for a sign of life whenever one comes
//! back. Each question is a change of threads, which costs more than finding a
//! key, and connections to a file of this machine do not go stale: so they are
//! held here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, query};
use tokio::runtime::Handle;
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard, OwnedMutexGuard};

use crate::store::StoreError;

/// A place for one connection; empty once the store is closed.
type Seat = Mutex<Option<SqliteConnection>>;

fn closed() -> StoreError {
    StoreError::Unavailable("it is closed".to_owned())
}

/// Connections that read. A read that is given up leaves its connection usable:
/// whatever comes next waits until SQLite is done with it.
pub(super) struct Readers {
    seats: Box<[Seat]>,
    turn: AtomicUsize,
}

impl Readers {
    pub(super) fn new(connections: Vec<SqliteConnection>) -> Self {
        let seats = connections.into_iter().map(|one| Mutex::new(Some(one)));
        Self {
            seats: seats.collect(),
            turn: AtomicUsize::new(0),
        }
    }

    /// A connection of one's own: the first that is free, otherwise the next in turn.
    pub(super) async fn seat(&self) -> Result<MappedMutexGuard<'_, SqliteConnection>, StoreError> {
        let free = self.seats.iter().find_map(|seat| seat.try_lock().ok());
        let seat = if let Some(seat) = free {
            seat
        } else {
            let turn = self.turn.fetch_add(1, Ordering::Relaxed) % self.seats.len();
            self.seats[turn].lock().await
        };
        MutexGuard::try_map(seat, Option::as_mut).map_err(|_| closed())
    }

    pub(super) async fn close(&self) {
        for seat in &self.seats {
            close(seat).await;
        }
    }
}

/// The one connection of this process for one kind of writes. Other processes
/// have their own; SQLite makes them wait for each other.
pub(super) struct Writer(Arc<Seat>);

impl Writer {
    pub(super) fn new(connection: SqliteConnection) -> Self {
        Self(Arc::new(Mutex::new(Some(connection))))
    }

    /// Begins a change. It takes the write lock at once: a transaction that
    /// begins by reading could find that another one wrote in between, and
    /// would have to start over.
    pub(super) async fn begin(&self) -> Result<Change, StoreError> {
        let seat = Arc::clone(&self.0).lock_owned().await;
        let mut change = Change { seat: Some(seat) };
        query("BEGIN IMMEDIATE")
            .execute(change.connection()?)
            .await?;
        Ok(change)
    }

    /// Moves what is in the log into the file, as far as no reader is in the
    /// way. The log is then written from its beginning again instead of growing.
    pub(super) async fn empty_log(&self) -> Result<(), StoreError> {
        let mut seat = self.0.lock().await;
        let connection = seat.as_mut().ok_or_else(closed)?;
        query("PRAGMA wal_checkpoint(PASSIVE)")
            .execute(connection)
            .await?;
        Ok(())
    }

    pub(super) async fn close(&self) {
        close(&self.0).await;
    }
}

async fn close(seat: &Seat) {
    let connection = seat.lock().await.take();
    if let Some(connection) = connection {
        // What was acknowledged is on disk already; a failure loses nothing.
        let _ = connection.close().await;
    }
}

/// A change under way: committed as a whole, or dropped and undone as a whole.
///
/// This is not `sqlx::Transaction`, which counts transactions by itself and
/// loses count when SQLite ends one of its own accord, as it does when the disk
/// is full; from then on that connection would begin no other.
pub(super) struct Change {
    seat: Option<OwnedMutexGuard<Option<SqliteConnection>>>,
}

impl Change {
    pub(super) fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.seat
            .as_mut()
            .and_then(|seat| seat.as_mut())
            .ok_or_else(closed)
    }

    /// Makes the change durable and visible.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        query("COMMIT").execute(self.connection()?).await?;
        self.seat = None;
        Ok(())
    }
}

/// Undoes in the background; the connection's next change waits for that. After
/// a COMMIT whose answer was not waited for there may be nothing left to undo.
impl Drop for Change {
    fn drop(&mut self) {
        let Some(mut seat) = self.seat.take() else {
            return;
        };
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                if let Some(connection) = seat.as_mut() {
                    let _ = query("ROLLBACK").execute(connection).await;
                }
            });
        } else {
            // Closing a connection undoes as well.
            *seat = None;
        }
    }
}
