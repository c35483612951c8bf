//! Between rows and what they stand for.

use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::domain::api_key::ApiKeyId;
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::keys::Listed;

/// A time for a column. Every time there is fits.
pub(super) fn to_sql(time: Timestamp) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

pub(super) fn to_time(millis: i64) -> Result<Timestamp, StoreError> {
    u64::try_from(millis)
        .ok()
        .and_then(Timestamp::from_millis)
        .ok_or_else(|| StoreError::Corrupt(format!("{millis} where a time should be")))
}

/// A line of a list from the columns id, record, time of making, time of last use.
pub(super) fn to_listed(row: &SqliteRow) -> Result<Listed, StoreError> {
    let id: &str = row.try_get(0)?;
    Ok(Listed {
        id: ApiKeyId::parse(id)
            .ok_or_else(|| StoreError::Corrupt("a key has an id that is none".to_owned()))?,
        record: row.try_get(1)?,
        created_at: to_time(row.try_get(2)?)?,
        last_used_at: row.try_get::<Option<i64>, _>(3)?.map(to_time).transpose()?,
    })
}

/// A tombstone from the columns id and record.
pub(super) fn to_tombstone(row: &SqliteRow) -> Result<(ApiKeyId, Vec<u8>), StoreError> {
    let id = ApiKeyId::parse(row.try_get(0)?)
        .ok_or_else(|| StoreError::Corrupt("a tombstone has an id that is none".to_owned()))?;
    Ok((id, row.try_get(1)?))
}
