//! The records of rusty-valkey-forward-auth, where that service keeps them.
//!
//! A record and the set of its owner's ids lie in two slots, and so no step
//! changes both: the record is the truth, the set is its index.

use async_trait::async_trait;
use redis::Pipeline;

use super::layout;
use super::{StoreError, ValkeyStore};
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::subject::{Owner, Realm, Tenant};
use crate::store::SeedStore;
use crate::store::seed::SeedRecord;

/// Subject, time of making, description, as far as they are there.
type Fields = (Option<Vec<u8>>, Option<Vec<u8>>, Option<Vec<u8>>);

#[async_trait]
impl SeedStore for ValkeyStore {
    fn may_hold_seed_keys(&self) -> bool {
        true
    }

    async fn find_seed_key(
        &self,
        id: &ApiKeyId,
    ) -> Result<Option<(SeedRecord, Option<Vec<u8>>)>, StoreError> {
        self.server.within(self.find_seed(id)).await
    }

    async fn list_seed_keys(&self, subject: &str) -> Result<Vec<SeedRecord>, StoreError> {
        self.server.within(self.list_seeds(subject)).await
    }

    async fn revoke_seed_key(&self, subject: &str, id: &ApiKeyId) -> Result<bool, StoreError> {
        let revoked = self.server.within(self.revoke_seed(subject, id)).await;
        self.key_changed(id);
        match revoked {
            Ok(false) => Ok(false),
            Ok(true) => {
                if !self.has_moved(id).await {
                    self.call_out(&[*id], true).await;
                }
                Ok(true)
            }
            Err(error) => Err(self.block_seed(subject, id, error).await),
        }
    }

    async fn scan_seed_keys(
        &self,
        cursor: &[u8],
    ) -> Result<(Vec<SeedRecord>, Option<Vec<u8>>), StoreError> {
        self.server.within(self.scan_seeds(cursor)).await
    }
}

impl ValkeyStore {
    /// Whether the key lives on among ours, so that only its old place is gone.
    /// Where that cannot be told, it may.
    pub(super) async fn has_moved(&self, id: &ApiKeyId) -> bool {
        let moved = self.server.within(self.get(&layout::record(id))).await;
        !matches!(moved, Ok(None))
    }

    async fn find_seed(
        &self,
        id: &ApiKeyId,
    ) -> Result<Option<(SeedRecord, Option<Vec<u8>>)>, StoreError> {
        let name = layout::seed_record(id);
        let hint = self.hints.recall(id);
        let mut questions = redis::pipe();
        ask_for(&mut questions, &name);
        let home = self.server.home(&name);
        let (fields, hinted): (Fields, Option<Vec<u8>>) = match hint {
            Some(owner) => {
                questions.cmd("GET").arg(layout::principal(&owner));
                home.ask_all(&questions).await?
            }
            None => (home.ask_all::<(Fields,)>(&questions).await?.0, None),
        };
        let Some(record) = to_record(*id, fields) else {
            return Ok(None);
        };
        let Some(owner) = owner_of(&record) else {
            return Ok(Some((record, None)));
        };
        let principal = if hint == Some(owner) {
            hinted
        } else {
            self.hints.remember(*id, owner);
            self.get(&layout::principal(&owner)).await?
        };
        Ok(Some((record, principal)))
    }

    async fn list_seeds(&self, subject: &str) -> Result<Vec<SeedRecord>, StoreError> {
        let set = layout::seed_set(subject);
        let mut members = redis::cmd("SMEMBERS");
        members.arg(&set);
        let members: Vec<Vec<u8>> = self.server.home(&set).ask(&members).await?;
        let ids: Vec<_> = members
            .iter()
            .filter_map(|id| ApiKeyId::parse(std::str::from_utf8(id).ok()?))
            .filter(ApiKeyId::is_seed)
            .collect();
        let mut records = self.fetch_seeds(&ids).await?;
        records.retain(|record| record.subject == subject);
        Ok(records)
    }

    pub(super) async fn revoke_seed(
        &self,
        subject: &str,
        id: &ApiKeyId,
    ) -> Result<bool, StoreError> {
        let name = layout::seed_record(id);
        let mut script = self.scripts.revoke_seed.key(&name);
        script.arg(subject);
        let word: String = self.server.home(&name).run(&script).await?;
        if word == "ANOTHERS" {
            return Ok(false);
        }
        // Also where there was no record: an attempt may have ended halfway.
        let set = layout::seed_set(subject);
        let mut unlist = redis::cmd("SREM");
        unlist.arg(&set).arg(id.to_string());
        () = self.server.home(&set).ask(&unlist).await?;
        Ok(word == "DONE")
    }

    async fn scan_seeds(
        &self,
        cursor: &[u8],
    ) -> Result<(Vec<SeedRecord>, Option<Vec<u8>>), StoreError> {
        let (names, next) = self.names(layout::ALL_SEED_RECORDS, cursor).await?;
        let ids: Vec<_> = names
            .iter()
            .filter_map(|name| layout::seed_id(name))
            .collect();
        Ok((self.fetch_seeds(&ids).await?, next))
    }

    /// The records of these ids that are whole, in one round trip.
    async fn fetch_seeds(&self, ids: &[ApiKeyId]) -> Result<Vec<SeedRecord>, StoreError> {
        let Some(first) = ids.first() else {
            return Ok(Vec::new());
        };
        let mut questions = redis::pipe();
        for id in ids {
            ask_for(&mut questions, &layout::seed_record(id));
        }
        let home = self.server.home(&layout::seed_record(first));
        let answers: Vec<Fields> = home.ask_all(&questions).await?;
        let records = ids.iter().zip(answers);
        Ok(records
            .filter_map(|(id, fields)| to_record(*id, fields))
            .collect())
    }
}

fn ask_for(questions: &mut Pipeline, name: &str) {
    questions
        .cmd("HMGET")
        .arg(name)
        .arg(&["sub", "created_at", "description"]);
}

/// A record without a subject proves nobody; one without a time of making, or
/// with what is no text, is none that the former service wrote.
fn to_record(id: ApiKeyId, (subject, created_at, description): Fields) -> Option<SeedRecord> {
    let text = |field: Vec<u8>| String::from_utf8(field).ok();
    Some(SeedRecord {
        id,
        subject: text(subject?).filter(|subject| !subject.is_empty())?,
        created_at: text(created_at?)?,
        description: text(description.unwrap_or_default())?,
    })
}

/// Whose it is, as everything else names owners.
fn owner_of(record: &SeedRecord) -> Option<OwnerTag> {
    let realm = Realm::bare();
    let owner = Owner::from_record(realm.as_str(), &record.subject).ok()?;
    Some(OwnerTag::new(&Tenant::default(), &owner))
}
