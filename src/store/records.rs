//! Records beside keys: sessions, accounts, one-time secrets, disabled owners.
//!
//! Each has a name, may end by itself, and may stand in lists. The record is
//! the truth: it says which lists it stands in, and what a list has beside is
//! passed over and removed when the list is read.

use async_trait::async_trait;

use super::StoreError;
use crate::domain::time::Timestamp;

pub use crate::domain::record_name::{BadName, ListName, RecordName, Shelf};

/// The most lists that one record may stand in.
pub const LISTS_MAX: usize = 8;

/// A sealed record on its way into the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewSheet {
    /// What it is called; the seal is bound to it.
    pub name: RecordName,
    /// The sealed record.
    pub record: Vec<u8>,
    /// When it ends. From then on it is as if it had never been.
    pub expires_at: Option<Timestamp>,
    /// All lists that it stands in, at most [`LISTS_MAX`].
    pub lists: Vec<ListName>,
}

/// What must hold for a record to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition<'a> {
    /// Nothing: the last writer wins.
    Always,
    /// There is no record of that name, or it has ended.
    Absent,
    /// The record is, byte for byte, this one.
    Unchanged(&'a [u8]),
}

/// Where such records are kept. Every change is atomic for itself, durable when
/// it returns (as far as the store is set up to be), and seen by every later
/// read through the same store.
#[async_trait]
pub trait RecordStore: Send + Sync {
    /// The record of that name, unless it has ended.
    async fn find_record(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes a record, with its end and its lists, in place of what was there;
    /// false where the condition is not met. A record that is there is in its lists.
    async fn put_record(
        &self,
        sheet: &NewSheet,
        condition: Condition<'_>,
    ) -> Result<bool, StoreError>;

    /// Reads a record and removes it: of many who take it at once, one gets it.
    async fn take_record(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError>;

    /// Removes a record; false where there was none. Works even where the store
    /// refuses to grow.
    async fn remove_record(&self, name: &RecordName) -> Result<bool, StoreError> {
        Ok(self.take_record(name).await?.is_some())
    }

    /// The records in a list by the bytes of their names, from after `after` on,
    /// whether that one is still there or not; at most `limit`.
    async fn list_records(
        &self,
        list: &ListName,
        after: Option<&RecordName>,
        limit: usize,
    ) -> Result<Vec<(RecordName, Vec<u8>)>, StoreError>;
}

/// Refuses a sheet that stands in more lists than a store takes.
pub(super) fn check(sheet: &NewSheet) -> Result<(), StoreError> {
    if sheet.lists.len() <= LISTS_MAX {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!(
        "{:?} would stand in {} lists",
        sheet.name,
        sheet.lists.len()
    )))
}
