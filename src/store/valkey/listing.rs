//! Lists of keys, and the index that they go by: repaired when it is read.

use redis::{FromRedisValue, ParsingError, Value};

use super::layout::{self, Filed};
use super::{StoreError, ValkeyStore};
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::time::Timestamp;
use crate::store::keys::{Listed, Place};

/// The most lines of one page: more than anybody has.
const PAGE_MAX: usize = 1 << 31;

/// How many names one step of a scan looks at.
const SCAN_STEP: usize = 500;

/// An entry of the index with what lies behind it.
struct Entry {
    place: Place,
    value: Option<Vec<u8>>,
    last_used_at: Option<u64>,
}

/// As the script gives it: id, time of making, value, last use.
struct Row(Vec<u8>, f64, Option<Vec<u8>>, Option<u64>);

impl FromRedisValue for Row {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let (id, created_at, value, last_used_at) = redis::from_redis_value(value)?;
        Ok(Self(id, created_at, value, last_used_at))
    }
}

impl ValkeyStore {
    pub(super) async fn list(
        &self,
        owner: &OwnerTag,
        mut after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        let mut lines = Vec::new();
        while lines.len() < limit {
            let wanted = (limit - lines.len()).min(PAGE_MAX);
            let mut entries = self.entries(owner, after, wanted).await?;
            let is_last = entries.len() < wanted;
            after = entries.last().map(|entry| entry.place);
            self.fetch_elsewhere(owner, &mut entries).await?;
            let (kept, dead) = sort_out(owner, entries)?;
            lines.extend(kept);
            self.remove_entries(owner, &dead).await?;
            if is_last {
                break;
            }
        }
        Ok(lines)
    }

    /// Removes all entries of an owner that have no record; says whether there
    /// were any.
    pub(super) async fn repair(&self, owner: &OwnerTag) -> Result<bool, StoreError> {
        let mut entries = self.entries(owner, None, PAGE_MAX).await?;
        self.fetch_elsewhere(owner, &mut entries).await?;
        let (_, dead) = sort_out(owner, entries)?;
        self.remove_entries(owner, &dead).await?;
        Ok(!dead.is_empty())
    }

    /// Whether scripts run, without touching anybody's keys.
    pub(super) async fn try_script(&self) -> Result<(), StoreError> {
        let nobody = OwnerTag::from_bytes([0; 16]);
        self.entries(&nobody, None, 1).await.map(drop)
    }

    /// A part of the index, with the records that lie beside it.
    async fn entries(
        &self,
        owner: &OwnerTag,
        after: Option<Place>,
        wanted: usize,
    ) -> Result<Vec<Entry>, StoreError> {
        let index = layout::index(owner);
        let mut script = self.scripts.list.key(&index);
        script
            .arg(wanted)
            .arg(layout::records_of(owner.shard()))
            .arg(layout::uses_of(owner.shard()));
        if let Some(place) = after {
            script
                .arg(place.created_at.as_millis())
                .arg(place.id.to_string());
        }
        let rows: Vec<Row> = self.server.home(&index).run(&script).await?;
        let wrong = || StoreError::Corrupt(format!("{index} holds what is no key"));
        rows.into_iter()
            .map(|Row(id, created_at, value, last_used_at)| {
                let id = std::str::from_utf8(&id).ok().and_then(ApiKeyId::parse);
                let place = Place {
                    created_at: time_of(created_at).ok_or_else(wrong)?,
                    id: id.ok_or_else(wrong)?,
                };
                Ok(Entry {
                    place,
                    value,
                    last_used_at,
                })
            })
            .collect()
    }

    /// The records of seed keys, all in one more round trip.
    async fn fetch_elsewhere(
        &self,
        owner: &OwnerTag,
        entries: &mut [Entry],
    ) -> Result<(), StoreError> {
        let mut foreign: Vec<_> = entries
            .iter_mut()
            .filter(|entry| entry.place.id.shard() != owner.shard())
            .collect();
        let ids: Vec<_> = foreign.iter().map(|entry| entry.place.id).collect();
        for (entry, (value, last_used_at)) in foreign.iter_mut().zip(self.fetch(&ids).await?) {
            (entry.value, entry.last_used_at) = (value, last_used_at);
        }
        Ok(())
    }

    /// Values and last uses of keys.
    async fn fetch(
        &self,
        ids: &[ApiKeyId],
    ) -> Result<Vec<(Option<Vec<u8>>, Option<u64>)>, StoreError> {
        let Some(first) = ids.first() else {
            return Ok(Vec::new());
        };
        let mut questions = redis::pipe();
        for id in ids {
            questions.cmd("GET").arg(layout::record(id));
            questions.cmd("HGET").arg(layout::uses(id)).arg("at");
        }
        let home = self.server.home(&layout::record(first));
        let answers: Vec<Value> = home.ask_all(&questions).await?;
        let corrupt = |error: ParsingError| StoreError::Corrupt(error.to_string());
        let mut answers = answers.into_iter();
        let mut found = Vec::new();
        while let (Some(value), Some(last)) = (answers.next(), answers.next()) {
            let value = redis::from_redis_value(value).map_err(corrupt)?;
            let last = redis::from_redis_value(last).map_err(corrupt)?;
            found.push((value, last));
        }
        Ok(found)
    }

    /// Takes entries without a record out of the index.
    async fn remove_entries(&self, owner: &OwnerTag, ids: &[ApiKeyId]) -> Result<(), StoreError> {
        let (here, elsewhere): (Vec<ApiKeyId>, Vec<ApiKeyId>) =
            ids.iter().partition(|id| id.shard() == owner.shard());
        if !here.is_empty() {
            let index = layout::index(owner);
            let mut script = self.scripts.repair.key(&index);
            script.key(layout::expiries(owner.shard()));
            script.arg(owner.as_bytes());
            for id in &here {
                script.key(layout::record(id)).key(layout::uses(id));
                script.arg(id.to_string());
            }
            () = self.server.home(&index).run(&script).await?;
        }
        for id in &elsewhere {
            self.unlist(owner, id).await?;
            // Written in the meantime? Then the writer put the entry back
            // before we took it out, and this puts it back for good.
            if let Some(value) = self.get(&layout::record(id)).await? {
                let filed = Filed::read(id, value)?;
                if filed.owner == *owner {
                    self.relist(owner, id, filed.created_at).await?;
                }
            }
        }
        Ok(())
    }

    /// Takes an entry out of the index.
    pub(super) async fn unlist(&self, owner: &OwnerTag, id: &ApiKeyId) -> Result<(), StoreError> {
        let index = layout::index(owner);
        let mut remove = redis::cmd("ZREM");
        remove.arg(&index).arg(id.to_string());
        self.server.home(&index).ask(&remove).await
    }

    /// Makes sure that an entry is in the index.
    pub(super) async fn relist(
        &self,
        owner: &OwnerTag,
        id: &ApiKeyId,
        created_at: Timestamp,
    ) -> Result<(), StoreError> {
        let index = layout::index(owner);
        let mut add = redis::cmd("ZADD");
        add.arg(&index)
            .arg("NX")
            .arg(created_at.as_millis())
            .arg(id.to_string());
        self.server.home(&index).ask(&add).await
    }

    pub(super) async fn scan(
        &self,
        cursor: &[u8],
    ) -> Result<(Vec<Listed>, Option<Vec<u8>>), StoreError> {
        let (names, next) = self.names(layout::ALL_RECORDS, cursor).await?;
        let ids: Vec<_> = names
            .iter()
            .filter_map(|name| layout::record_id(name))
            .collect();
        let mut lines = Vec::new();
        for (id, (value, last_used_at)) in ids.iter().zip(self.fetch(&ids).await?) {
            // Gone between the two questions.
            let Some(value) = value else { continue };
            let filed = Filed::read(id, value)?;
            lines.push(Listed {
                id: *id,
                created_at: filed.created_at,
                record: filed.record,
                last_used_at: last_used_at.and_then(Timestamp::from_millis),
            });
        }
        Ok((lines, next))
    }

    /// One step through all names there are that fit a pattern. The cursor is
    /// the server's own.
    pub(super) async fn names(
        &self,
        pattern: &str,
        cursor: &[u8],
    ) -> Result<(Vec<String>, Option<Vec<u8>>), StoreError> {
        let cursor = if cursor.is_empty() { b"0" } else { cursor };
        if !cursor.iter().all(u8::is_ascii_digit) {
            return Err(StoreError::Corrupt(
                "the cursor is none of this store's".to_owned(),
            ));
        }
        let [server] = self.server.all();
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor)
            .arg("MATCH")
            .arg(pattern)
            .arg("COUNT")
            .arg(SCAN_STEP);
        let (next, names): (String, Vec<Vec<u8>>) = server.ask(&scan).await?;
        let names = names
            .into_iter()
            .filter_map(|name| String::from_utf8(name).ok())
            .collect();
        Ok((names, (next != "0").then(|| next.into_bytes())))
    }
}

/// A time of making as the index scores it. Doubles hold every time there is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked, and what is cut off was never written"
)]
fn time_of(score: f64) -> Option<Timestamp> {
    (score >= 0.0).then(|| Timestamp::from_millis(score as u64))?
}

/// The lines of a list, and the entries that have no record or another owner's.
fn sort_out(
    owner: &OwnerTag,
    entries: Vec<Entry>,
) -> Result<(Vec<Listed>, Vec<ApiKeyId>), StoreError> {
    let (mut lines, mut dead) = (Vec::new(), Vec::new());
    for Entry {
        place: Place { created_at, id },
        value,
        last_used_at,
    } in entries
    {
        let filed = value.map(|value| Filed::read(&id, value)).transpose()?;
        match filed.filter(|filed| filed.owner == *owner) {
            Some(filed) => lines.push(Listed {
                id,
                record: filed.record,
                created_at,
                last_used_at: last_used_at.and_then(Timestamp::from_millis),
            }),
            None => dead.push(id),
        }
    }
    Ok((lines, dead))
}
