//! From what SQLite says to what a caller can act on.

use std::time::Duration;

use crate::store::StoreError;

// Result codes, https://www.sqlite.org/rescode.html.
pub(super) const BUSY: i32 = 5;
pub(super) const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
pub(super) const CANTOPEN: i32 = 14;
pub(super) const NOTADB: i32 = 26;
/// Extended codes of a disk without room. A quota that is used up says "write
/// error" and not "disk full".
const IOERR_WRITE: i32 = 778;
const IOERR_SHMSIZE: i32 = 4874;

/// The extended result code, if SQLite gave the error.
fn extended_code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// The primary result code, if SQLite gave the error.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    extended_code(error).map(|code| code & 0xff)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let text = error.to_string();
        if matches!(extended_code(&error), Some(IOERR_WRITE | IOERR_SHMSIZE)) {
            return Self::Full(text);
        }
        match (primary_code(&error), &error) {
            (Some(FULL | READONLY), _) => Self::Full(text),
            (Some(CORRUPT | NOTADB), _)
            | (_, sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => Self::Corrupt(text),
            _ => Self::Unavailable(text),
        }
    }
}

/// Gives up after `limit`; what was begun ends by itself or is rolled back.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let limit = limit.as_millis();
        Err(StoreError::Unavailable(format!(
            "no answer within {limit} ms"
        )))
    })
}
