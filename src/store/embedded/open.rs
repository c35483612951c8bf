//! From a path to a store, or to a sentence about what is in the way.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, query_scalar};

use super::connections::{Readers, Writer};
use super::error::{BUSY, CANTOPEN, NOTADB, READONLY, primary_code};
use super::{EmbeddedOptions, files};

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/embedded/migrations");

/// What the first migration writes into the head of the file.
const APPLICATION_ID: i64 = 1_198_285_927;

/// The log goes into the file whenever it has this many pages, 1 MiB: if the
/// file can no longer grow, the ballast holds what the log holds.
const LOG_PAGES: &str = "256";
/// What the log is cut back to when a long reader let it grow, in bytes.
const LOG_BYTES_KEPT: &str = "4194304";

/// Statements that a connection keeps prepared: more than there are.
const STATEMENTS: usize = 64;
/// Rows on their way from SQLite's thread to ours.
const ROWS: usize = 256;

/// Why the embedded store did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made.
    #[error("the folder {path} cannot be made: {source}; give a folder that may be written to")]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be made.
    #[error("the file {path} cannot be made: {source}; let the folder belong to this user")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file or one beside it cannot be opened or written.
    #[error(
        "{path} cannot be written ({reason}); let the file and its folder belong to this user and lie on a disk that is not read-only"
    )]
    NotWritable {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file holds something else, or a database of another program.
    #[error(
        "{path} is no database of Gatelodge ({reason}); give another path or put a backup there"
    )]
    NotOurs {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A later version of Gatelodge changed the layout.
    #[error(
        "{path} was written by a newer version of Gatelodge (layout {found}, this version knows {known}); run that version or put back a backup of before the upgrade"
    )]
    Newer {
        /// Which.
        path: PathBuf,
        /// A layout in the file that this version does not know.
        found: i64,
        /// The latest layout that this version knows.
        known: i64,
    },
    /// Somebody else held the file all the while.
    #[error("{path} is in use ({reason}); try again, or end what holds it")]
    Busy {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Anything else.
    #[error("{path} cannot be opened: {reason}")]
    Other {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

/// All connections that a store has.
pub(super) struct Opened {
    pub(super) keys: Writer,
    pub(super) usage: Writer,
    pub(super) readers: Readers,
    /// How one more that reads is made.
    pub(super) reading: SqliteConnectOptions,
}

/// Makes what is missing, brings the layout up to date and connects.
pub(super) async fn open(path: &Path, options: EmbeddedOptions) -> Result<Opened, OpenError> {
    let folder = files::folder(path);
    files::make_folder(folder).map_err(|source| OpenError::Folder {
        path: folder.to_owned(),
        source,
    })?;
    files::make_database(path).map_err(|source| OpenError::File {
        path: path.to_owned(),
        source,
    })?;
    tokio::time::timeout(options.write_timeout, connect_patiently(path, options))
        .await
        .unwrap_or_else(|_| {
            Err(OpenError::Busy {
                path: path.to_owned(),
                reason: format!("not free within {} ms", options.write_timeout.as_millis()),
            })
        })
}

/// Two processes that open a new file at the same time get in each other's way,
/// and SQLite tells one of them at once instead of letting it wait.
async fn connect_patiently(path: &Path, options: EmbeddedOptions) -> Result<Opened, OpenError> {
    loop {
        match connect(path, options).await {
            Err(OpenError::Busy { .. }) => tokio::time::sleep(Duration::from_millis(20)).await,
            outcome => return outcome,
        }
    }
}

async fn connect(path: &Path, options: EmbeddedOptions) -> Result<Opened, OpenError> {
    let failed = |error: sqlx::Error| situation(path, &error);
    let all = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .foreign_keys(true)
        .statement_cache_capacity(STATEMENTS)
        .row_buffer_size(ROWS)
        .thread_name(|number| format!("store-{number}"))
        .disable_statement_logging();
    let writing = all
        .clone()
        .busy_timeout(options.write_timeout)
        .pragma("wal_autocheckpoint", LOG_PAGES)
        .pragma("journal_size_limit", LOG_BYTES_KEPT);

    let mut keys = writing
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await
        .map_err(failed)?;
    expect_ours(&mut keys, path).await?;
    migrate(&mut keys, path).await?;

    let usage = writing
        .synchronous(SqliteSynchronous::Normal)
        .connect()
        .await
        .map_err(failed)?;

    let reading = all
        .busy_timeout(options.read_timeout)
        .pragma("query_only", "ON");
    let mut readers = Vec::new();
    for _ in 0..options.readers.get() {
        readers.push(reading.connect().await.map_err(failed)?);
    }
    Ok(Opened {
        keys: Writer::new(keys),
        usage: Writer::new(usage),
        readers: Readers::new(readers),
        reading,
    })
}

/// Refuses the database of another program before a table is made in it.
async fn expect_ours(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let (application, tables): (i64, i64) = async {
        Ok((
            query_scalar("PRAGMA application_id")
                .fetch_one(&mut *connection)
                .await?,
            query_scalar("SELECT count(*) FROM sqlite_schema")
                .fetch_one(&mut *connection)
                .await?,
        ))
    }
    .await
    .map_err(|error| situation(path, &error))?;

    match (application, tables) {
        (APPLICATION_ID, _) | (0, 0) => Ok(()),
        _ => Err(OpenError::NotOurs {
            path: path.to_owned(),
            reason: "it belongs to another program".to_owned(),
        }),
    }
}

/// Runs what is missing, under the write lock: the command line may open the
/// file at the same moment as the server.
async fn migrate(connection: &mut SqliteConnection, path: &Path) -> Result<(), OpenError> {
    let failed = |error: sqlx::Error| situation(path, &error);
    let mut change = connection
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(failed)?;
    match MIGRATIONS.run_direct(None, &mut *change, false).await {
        Ok(()) => change.commit().await.map_err(failed),
        Err(MigrateError::VersionMissing(found)) => Err(OpenError::Newer {
            path: path.to_owned(),
            found,
            known: MIGRATIONS.iter().map(|one| one.version).max().unwrap_or(0),
        }),
        Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => {
            Err(failed(error))
        }
        Err(error) => Err(OpenError::Other {
            path: path.to_owned(),
            reason: error.to_string(),
        }),
    }
}

/// What an error of SQLite means while opening.
fn situation(path: &Path, error: &sqlx::Error) -> OpenError {
    let (path, reason) = (path.to_owned(), error.to_string());
    match primary_code(error) {
        Some(BUSY) => OpenError::Busy { path, reason },
        Some(READONLY | CANTOPEN) => OpenError::NotWritable { path, reason },
        Some(NOTADB) => OpenError::NotOurs { path, reason },
        _ => OpenError::Other { path, reason },
    }
}
