//! Revoking with a minute to think again, and making it final when the minute
//! is over: whether or not anybody's browser is open, on whichever replica.

use super::access::{Actor, Grants, KeysOf};
use super::error::KeyError;
use super::mint::ATTEMPTS;
use super::service::KeyService;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::lifecycle::Refusal;
use crate::domain::api_key::record::ApiKey;
use crate::domain::api_key::revocation::{self, Due};
use crate::domain::api_key::tombstone::Tombstone;
use crate::domain::audit::{Action, Origin};
use crate::domain::time::Timestamp;
use crate::store::StoreError;
use crate::store::keys::Replaced;
use crate::store::records::{Condition, ListName, NewSheet};

/// How many due revocations are read at a time.
const STEP: usize = 100;

impl KeysOf<'_> {
    /// Takes a key out of use at once and revokes it a minute later, unless
    /// that is taken back. Asked again, it gives no more time.
    ///
    /// # Errors
    /// [`KeyError::NotFound`] also where it is somebody else's.
    pub async fn start_revocation(&self, id: ApiKeyId) -> Result<ApiKey, KeyError> {
        let service = self.service;
        let now = service.now()?;
        for _ in 0..ATTEMPTS {
            let (key, expected) = self.load_own(id).await?;
            let started = revocation::start(&key, &self.actor.name, now);
            if started == key {
                return Ok(key);
            }
            // The note first: whatever comes between, no key stays as it is for
            // want of somebody who ends it.
            if let Some(revocation) = &started.revocation {
                service
                    .remember_due(Due {
                        at: revocation.at,
                        id,
                    })
                    .await?;
            }
            match self.replace(&expected, &started).await? {
                Replaced::Done => {
                    let mut event = self
                        .event(Action::KeyRevocationStarted, id)
                        .detail("name", &key.name);
                    if let Some(revocation) = &started.revocation {
                        event = event.detail("revoke_at", revocation.at);
                    }
                    self.note(event).await;
                    return Ok(started);
                }
                Replaced::Absent => return Err(KeyError::NotFound),
                Replaced::Changed => {}
            }
        }
        Err(KeyError::Contended)
    }

    /// Takes a revocation back: the key is what it was before.
    ///
    /// # Errors
    /// Refuses what is final.
    pub async fn restore(&self, id: ApiKeyId) -> Result<ApiKey, KeyError> {
        let now = self.service.now()?;
        for _ in 0..ATTEMPTS {
            let (key, expected) = match self.load_own(id).await {
                Err(KeyError::NotFound) if self.was_mine(id).await? => {
                    return Err(Refusal::RevocationFinal.into());
                }
                loaded => loaded?,
            };
            let restored = revocation::undo(&key, now)?;
            if let Some(revocation) = &key.revocation
                && !Actor::is_of(&revocation.by, &self.owner)
                && self.actor.is_bound_to(&self.owner)
            {
                return Err(KeyError::RevokedByAnother {
                    by: revocation.by.clone(),
                });
            }
            match self.replace(&expected, &restored).await? {
                Replaced::Done => {
                    let event = self.event(Action::KeyRevocationUndone, id);
                    self.note(event.detail("name", &key.name)).await;
                    return Ok(restored);
                }
                // Somebody made it final, or changed something else: look again.
                Replaced::Absent | Replaced::Changed => {}
            }
        }
        Err(KeyError::Contended)
    }

    async fn replace(&self, expected: &[u8], new: &ApiKey) -> Result<Replaced, KeyError> {
        let record = self.service.new_record(new);
        Ok(self.service.store.replace_key(expected, &record).await?)
    }

    /// Refuses ids of which one cannot be held back for a minute, before any of
    /// them is.
    pub(super) async fn may_be_held_back(&self, ids: &[ApiKeyId]) -> Result<(), KeyError> {
        for id in ids.iter().filter(|id| id.is_seed()) {
            match self.load_own(*id).await {
                Ok(_) | Err(KeyError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Loads a key that can be changed: those of the former service cannot.
    async fn load_own(&self, id: ApiKeyId) -> Result<(ApiKey, Vec<u8>), KeyError> {
        match self.load(id).await {
            Err(KeyError::NotFound) if self.is_seed_key(id).await? => {
                Err(Refusal::SeedKeyForGood.into())
            }
            loaded => loaded,
        }
    }

    /// Whether it is a revoked key of this owner.
    async fn was_mine(&self, id: ApiKeyId) -> Result<bool, KeyError> {
        let service = self.service;
        let Some(record) = service.store.find_tombstone(&id).await? else {
            return Ok(false);
        };
        let tombstone = Tombstone::open(&service.salts, id, &record)
            .map_err(|source| KeyError::Untrusted { id, source })?;
        Ok(tombstone.key.owner == self.owner && tombstone.key.tenant == self.tenant)
    }
}

impl KeyService {
    /// Makes final what is due, and says how many keys that were. Any number of
    /// replicas may do so at the same time: of those, one revokes each key.
    ///
    /// # Errors
    /// Fails where the store does; what is left is made final the next time.
    pub async fn settle_revocations(&self) -> Result<usize, KeyError> {
        let now = self.now()?;
        let list = due_list()?;
        let (mut after, mut settled) = (None, 0);
        loop {
            let notes = self.store.list_records(&list, after.as_ref(), STEP).await?;
            let is_last = notes.len() < STEP;
            for (name, _) in notes {
                match Due::read(&name) {
                    Some(due) if due.at > now => return Ok(settled),
                    Some(due) => settled += usize::from(self.settle(due, now).await?),
                    None => {}
                }
                after = Some(name);
            }
            if is_last {
                return Ok(settled);
            }
        }
    }

    /// Makes one revocation final; false where that is not to be, or somebody
    /// else did.
    async fn settle(&self, due: Due, now: Timestamp) -> Result<bool, KeyError> {
        let Some(found) = self.store.find_key(&due.id).await? else {
            return self.forget_due(due).await.map(|()| false);
        };
        let key = match self.open(due.id, &found.record) {
            Ok(key) => key,
            Err(error) => {
                // It opens nothing, and the others that are due must not wait.
                tracing::error!(key.id = %due.id, %error, "a revocation cannot be made final");
                return Ok(false);
            }
        };
        let Some(claimed) = revocation::claim(&key, now) else {
            // Taken back, or begun anew: then another note tells.
            return self.forget_due(due).await.map(|()| false);
        };
        let record = self.new_record(&claimed);
        match self.store.replace_key(&found.record, &record).await? {
            Replaced::Done => {}
            // Whoever changed it may have taken it back: the next time tells.
            Replaced::Changed | Replaced::Absent => return Ok(false),
        }
        let by = claimed.revocation.map(|one| one.by).unwrap_or_default();
        let actor = Actor {
            name: by,
            grants: Grants::Everything,
            origin: Origin::default(),
        };
        let is_revoked = match self
            .keys_of(key.tenant, key.owner, actor)
            .revoke(due.id)
            .await
        {
            Ok(_) => true,
            Err(KeyError::NotFound) => false,
            Err(error) => return Err(error),
        };
        self.forget_due(due).await.map(|()| is_revoked)
    }

    async fn remember_due(&self, due: Due) -> Result<(), KeyError> {
        let name = due.name().ok_or_else(unnamed)?;
        let sheet = NewSheet {
            name,
            // The key's own record is what counts.
            record: Vec::new(),
            expires_at: None,
            lists: vec![due_list()?],
        };
        self.store.put_record(&sheet, Condition::Always).await?;
        Ok(())
    }

    async fn forget_due(&self, due: Due) -> Result<(), KeyError> {
        let name = due.name().ok_or_else(unnamed)?;
        self.store.remove_record(&name).await?;
        Ok(())
    }
}

fn due_list() -> Result<ListName, KeyError> {
    Due::list().ok_or_else(unnamed)
}

fn unnamed() -> KeyError {
    StoreError::Corrupt("a revocation has no name".to_owned()).into()
}
