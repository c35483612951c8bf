//! Records beside keys: sessions, accounts, one-time secrets, disabled owners.
//!
//! A record and the lists that it stands in lie in slots of their own, and no
//! step writes two of them. The record says which lists it stands in; entries
//! are made before it and once more after it, and those without a record are
//! removed when a list is read.

use async_trait::async_trait;

use super::{StoreError, ValkeyStore};
use crate::domain::time::Timestamp;
use crate::store::RecordStore;
use crate::store::records::{self, Condition, ListName, NewSheet, RecordName, Shelf};

/// How many entries of a list are read in one step at most.
const LIST_STEP: usize = 1_000;

#[async_trait]
impl RecordStore for ValkeyStore {
    async fn find_record(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError> {
        self.server.within(self.find_paper(name)).await
    }

    async fn put_record(
        &self,
        sheet: &NewSheet,
        condition: Condition<'_>,
    ) -> Result<bool, StoreError> {
        records::check(sheet)?;
        let put = self.server.within(self.put(sheet, condition)).await;
        self.record_changed(&sheet.name);
        put
    }

    async fn take_record(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError> {
        let taken = self.server.within(self.take(name)).await;
        self.record_changed(name);
        taken
    }

    async fn list_records(
        &self,
        list: &ListName,
        after: Option<&RecordName>,
        limit: usize,
    ) -> Result<Vec<(RecordName, Vec<u8>)>, StoreError> {
        let work = self.list_papers(list, after.cloned(), limit);
        self.server.within(work).await
    }
}

impl ValkeyStore {
    async fn find_paper(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError> {
        let full = name.full();
        let Some(value) = self.get(&full).await? else {
            return Ok(None);
        };
        let paper = Paper::read(&full, value)?;
        Ok(self.is_alive(&paper).then_some(paper.record))
    }

    async fn put(&self, sheet: &NewSheet, condition: Condition<'_>) -> Result<bool, StoreError> {
        let time_to_live = self.left_until(sheet.expires_at);
        self.enlist(sheet, time_to_live.as_deref()).await?;
        let full = sheet.name.full();
        let mut script = self.scripts.put_record.key(&full);
        script
            .arg(self.clock.now().map_or(0, Timestamp::as_millis))
            .arg(Paper::value(sheet))
            .arg(time_to_live.as_deref().unwrap_or_default());
        match condition {
            Condition::Always => script.arg("always"),
            Condition::Absent => script.arg("absent"),
            Condition::Unchanged(expected) => script.arg("unchanged").arg(expected),
        };
        let is_written: bool = self.server.home(&full).run(&script).await?;
        if is_written {
            // A list that was read in between found no record and removed the entry.
            self.enlist(sheet, time_to_live.as_deref()).await?;
        }
        Ok(is_written)
    }

    async fn enlist(&self, sheet: &NewSheet, time_to_live: Option<&str>) -> Result<(), StoreError> {
        for list in &sheet.lists {
            self.enter(list, &entry(&sheet.name), time_to_live).await?;
        }
        Ok(())
    }

    async fn enter(
        &self,
        list: &ListName,
        entry: &str,
        time_to_live: Option<&str>,
    ) -> Result<(), StoreError> {
        let full = list.full();
        let mut script = self.scripts.enlist.key(&full);
        script.arg(entry).arg(time_to_live.unwrap_or_default());
        self.server.home(&full).run(&script).await
    }

    async fn take(&self, name: &RecordName) -> Result<Option<Vec<u8>>, StoreError> {
        let full = name.full();
        let script = self.scripts.take_record.key(&full);
        let taken: Option<Vec<u8>> = self.server.home(&full).run(&script).await?;
        let Some(value) = taken else {
            return Ok(None);
        };
        let paper = Paper::read(&full, value)?;
        for list in &paper.lists {
            // What is left in a list goes when it is read.
            let _ = self.strike(list, &[entry(name)]).await;
        }
        Ok(self.is_alive(&paper).then_some(paper.record))
    }

    async fn strike(&self, list: &str, entries: &[String]) -> Result<(), StoreError> {
        let mut remove = redis::cmd("ZREM");
        remove.arg(list).arg(entries);
        self.server.home(list).ask(&remove).await
    }

    async fn list_papers(
        &self,
        list: &ListName,
        mut after: Option<RecordName>,
        limit: usize,
    ) -> Result<Vec<(RecordName, Vec<u8>)>, StoreError> {
        let mut lines = Vec::new();
        while lines.len() < limit {
            let wanted = (limit - lines.len()).min(LIST_STEP);
            let names = self.names_in(list, after.as_ref(), wanted).await?;
            let is_last = names.len() < wanted;
            after = names.last().cloned();
            let mut dead = Vec::new();
            for (name, paper) in self.fetch_papers(names).await? {
                match paper.filter(|paper| self.is_alive(paper) && paper.is_in(list)) {
                    Some(paper) => lines.push((name, paper.record)),
                    None => dead.push(name),
                }
            }
            self.remove_names(list, dead).await?;
            if is_last {
                break;
            }
        }
        Ok(lines)
    }

    async fn names_in(
        &self,
        list: &ListName,
        after: Option<&RecordName>,
        wanted: usize,
    ) -> Result<Vec<RecordName>, StoreError> {
        let full = list.full();
        let mut range = redis::cmd("ZRANGE");
        range
            .arg(&full)
            .arg(after.map_or_else(|| "-".to_owned(), |name| format!("({}", entry(name))))
            .arg("+")
            .arg("BYLEX")
            .arg("LIMIT")
            .arg(0)
            .arg(wanted);
        let entries: Vec<String> = self.server.home(&full).ask(&range).await?;
        let wrong = || StoreError::Corrupt(format!("{full} holds what is no name"));
        let names = entries.iter().map(|text| name_of(text).ok_or_else(wrong));
        names.collect()
    }

    /// The values of records, in one round trip.
    async fn fetch_papers(
        &self,
        names: Vec<RecordName>,
    ) -> Result<Vec<(RecordName, Option<Paper>)>, StoreError> {
        let Some(first) = names.first() else {
            return Ok(Vec::new());
        };
        let mut questions = redis::pipe();
        for name in &names {
            questions.cmd("GET").arg(name.full());
        }
        let home = self.server.home(&first.full());
        let values: Vec<Option<Vec<u8>>> = home.ask_all(&questions).await?;
        names
            .into_iter()
            .zip(values)
            .map(|(name, value)| {
                let paper = value.map(|value| Paper::read(&name.full(), value));
                Ok((name, paper.transpose()?))
            })
            .collect()
    }

    /// Takes entries without a record out of a list. One whose record was
    /// written in the meantime is put back.
    async fn remove_names(&self, list: &ListName, dead: Vec<RecordName>) -> Result<(), StoreError> {
        if dead.is_empty() {
            return Ok(());
        }
        let entries: Vec<_> = dead.iter().map(entry).collect();
        self.strike(&list.full(), &entries).await?;
        for (name, paper) in self.fetch_papers(dead).await? {
            if let Some(paper) = paper.filter(|paper| self.is_alive(paper) && paper.is_in(list)) {
                let time_to_live = self.left_until(paper.expires_at);
                self.enter(list, &entry(&name), time_to_live.as_deref())
                    .await?;
            }
        }
        Ok(())
    }

    /// Without a clock nothing can be said to be over.
    fn is_alive(&self, paper: &Paper) -> bool {
        match (paper.expires_at, self.clock.now()) {
            (Some(end), Some(now)) => now < end,
            _ => true,
        }
    }

    /// How many milliseconds are left by our clock, so that the server's may be
    /// off; the server does not take zero.
    fn left_until(&self, end: Option<Timestamp>) -> Option<String> {
        let left = end?
            .as_millis()
            .saturating_sub(self.clock.now()?.as_millis());
        Some(left.max(1).to_string())
    }
}

/// The entry of a record in a list. No character of a name comes before the
/// space, so that entries stand in the order of names.
fn entry(name: &RecordName) -> String {
    format!("{} {}", name.as_str(), name.shelf().prefix())
}

fn name_of(entry: &str) -> Option<RecordName> {
    let (name, shelf) = entry.split_once(' ')?;
    RecordName::new(Shelf::of_prefix(shelf)?, name).ok()
}

/// How many bytes stand in front of the lists; the scripts know it too.
const HEADER_BYTES: usize = 16 + 4;

/// The value of a record: its end and its lists, which the store needs without
/// the salt, then the sealed record, which alone proves anything.
#[derive(Debug, PartialEq, Eq)]
struct Paper {
    expires_at: Option<Timestamp>,
    /// Full names of lists.
    lists: Vec<String>,
    record: Vec<u8>,
}

impl Paper {
    fn value(sheet: &NewSheet) -> Vec<u8> {
        let lists: Vec<_> = sheet.lists.iter().map(ListName::full).collect();
        let lists = lists.join("\n");
        let end = sheet.expires_at.map_or(0, Timestamp::as_millis);
        let mut value = format!("{end:016}{:04}{lists}", lists.len()).into_bytes();
        value.extend_from_slice(&sheet.record);
        value
    }

    /// Reads a value.
    ///
    /// # Errors
    /// Fails for what [`Paper::value`] never made.
    fn read(name: &str, mut value: Vec<u8>) -> Result<Self, StoreError> {
        let wrong = || StoreError::Corrupt(format!("{name} is no record"));
        let number = |from, until| -> Option<u64> {
            let digits = value.get(from..until)?;
            std::str::from_utf8(digits).ok()?.parse().ok()
        };
        let end = number(0, 16).ok_or_else(wrong)?;
        let lists_end = number(16, HEADER_BYTES)
            .and_then(|length| usize::try_from(length).ok())
            .map(|length| HEADER_BYTES + length)
            .ok_or_else(wrong)?;
        let lists = value.get(HEADER_BYTES..lists_end).ok_or_else(wrong)?;
        let lists = std::str::from_utf8(lists).map_err(|_| wrong())?;
        let lists = lists.lines().map(str::to_owned).collect();
        let expires_at = match end {
            0 => None,
            end => Some(Timestamp::from_millis(end).ok_or_else(wrong)?),
        };
        value.drain(..lists_end);
        Ok(Self {
            expires_at,
            lists,
            record: value,
        })
    }

    fn is_in(&self, list: &ListName) -> bool {
        let list = list.full();
        self.lists.contains(&list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_read_as_it_was_written() {
        let at = Timestamp::from_millis(1_795_521_600_123).unwrap();
        let lists = ["sessions-of.1", "by-sid.2"].map(|list| ListName::new(list).unwrap());
        for (expires_at, lists) in [(Some(at), lists.to_vec()), (None, Vec::new())] {
            let sheet = NewSheet {
                name: RecordName::new(Shelf::Session, "x").unwrap(),
                record: vec![0, 10, 255],
                expires_at,
                lists,
            };
            let value = Paper::value(&sheet);
            let paper = Paper::read("gl:s", value.clone()).unwrap();
            assert_eq!(
                (paper.expires_at, &paper.record),
                (expires_at, &sheet.record)
            );
            assert!(sheet.lists.iter().all(|list| paper.is_in(list)));
            for length in 0..value.len() - 3 {
                assert!(Paper::read("gl:s", value[..length].to_vec()).is_err());
            }
        }
    }

    #[test]
    fn entries_stand_in_the_order_of_names() {
        let names = ["a", "a-", "a.b", "a0", "aB", "a_", "ab"];
        let entries = names.map(|name| entry(&RecordName::new(Shelf::Account, name).unwrap()));
        assert!(entries.is_sorted(), "{entries:?}");
        for (name, entry) in names.iter().zip(&entries) {
            assert_eq!(name_of(entry).unwrap().as_str(), *name);
        }
        assert_eq!(name_of("a gl:k:"), None);
    }
}
