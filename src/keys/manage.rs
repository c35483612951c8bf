//! Managing keys: list, show, edit, revoke.

use std::time::Duration;

use super::access::{Actor, KeysOf};
use super::error::KeyError;
use super::mint::ATTEMPTS;
use super::view::{KeyPage, KeyView};
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::lifecycle::{self, Edit, Refusal};
use crate::domain::api_key::record::ApiKey;
use crate::domain::api_key::tombstone::Tombstone;
use crate::domain::subject::Tenant;
use crate::domain::time::Timestamp;
use crate::store::keys::{Durability, Listed, Place, Replaced, Revocation, Revoked};
use crate::store::seed::SeedRecord;

/// How many lines a store is asked for at a time.
const PAGE: usize = 500;

impl KeysOf<'_> {
    /// The keys from after `after` on, at most `limit`; all of them without one.
    ///
    /// # Errors
    /// Fails where the store does or a record cannot be trusted.
    pub async fn list(
        &self,
        after: Option<Place>,
        limit: Option<usize>,
    ) -> Result<KeyPage, KeyError> {
        let mut keys: Vec<KeyView> = self
            .seed_keys()
            .await?
            .into_iter()
            .map(KeyView::Seed)
            .collect();
        if let Some(after) = after {
            keys.retain(|key| key.place() > after);
        }
        let wanted = limit.unwrap_or(usize::MAX);
        let (mut from, mut ours) = (after, 0_usize);
        loop {
            let ask = wanted.saturating_add(1).min(PAGE);
            let lines = self.service.store.list_keys(&self.tag, from, ask).await?;
            from = lines.last().map(|line| Place {
                created_at: line.created_at,
                id: line.id,
            });
            let is_last = lines.len() < ask;
            for line in &lines {
                keys.push(self.view(line)?);
            }
            ours += lines.len();
            if is_last || ours > wanted {
                break;
            }
        }
        // While an import is under way a key may lie in both places: ours counts.
        keys.sort_by_key(|key| (key.place(), matches!(key, KeyView::Seed(_))));
        keys.dedup_by_key(|key| key.place());
        let more = keys.len() > wanted;
        keys.truncate(wanted);
        let next = if more {
            keys.last().map(KeyView::place)
        } else {
            None
        };
        Ok(KeyPage { keys, next })
    }

    /// The ids of all keys of the owner, oldest first, whether or not their
    /// records can be trusted.
    pub(super) async fn ids(&self) -> Result<Vec<ApiKeyId>, KeyError> {
        let store = &self.service.store;
        let lines = store.list_keys(&self.tag, None, usize::MAX).await?;
        let mut places: Vec<Place> = lines
            .iter()
            .map(|line| Place {
                created_at: line.created_at,
                id: line.id,
            })
            .collect();
        for record in self.seed_keys().await? {
            places.push(KeyView::Seed(record).place());
        }
        // While an import is under way a key may lie in both places.
        places.sort_unstable();
        places.dedup_by_key(|place| place.id);
        Ok(places.into_iter().map(|place| place.id).collect())
    }

    /// One key.
    ///
    /// # Errors
    /// [`KeyError::NotFound`] also where it is somebody else's.
    pub async fn show(&self, id: ApiKeyId) -> Result<KeyView, KeyError> {
        match self.load(id).await {
            Ok((key, _)) => Ok(KeyView::Ours {
                last_used_at: self.last_use(&key).await?,
                key: Box::new(key),
            }),
            Err(KeyError::NotFound) if id.is_seed() => {
                let mine = self
                    .seed_keys()
                    .await?
                    .into_iter()
                    .find(|record| record.id == id);
                mine.map(KeyView::Seed).ok_or(KeyError::NotFound)
            }
            Err(error) => Err(error),
        }
    }

    /// Changes a key: its name, fewer rights, an earlier end, in or out of use.
    ///
    /// # Errors
    /// Refuses whatever would widen the key.
    pub async fn edit(&self, id: ApiKeyId, change: &Edit) -> Result<ApiKey, KeyError> {
        let service = self.service;
        let now = service.now()?;
        for _ in 0..ATTEMPTS {
            let (key, expected) = match self.load(id).await {
                Err(KeyError::NotFound) if self.is_seed_key(id).await? => {
                    return Err(Refusal::SeedKey.into());
                }
                loaded => loaded?,
            };
            self.may_enable(&key, change)?;
            let changed =
                lifecycle::edit(&key, change, &self.actor.name, service.terms.limits, now)?;
            if changed == key {
                return Ok(key);
            }
            match service
                .store
                .replace_key(&expected, &service.new_record(&changed))
                .await?
            {
                Replaced::Done => {
                    self.note_changes(&key, &changed).await;
                    return Ok(changed);
                }
                Replaced::Absent => return Err(KeyError::NotFound),
                Replaced::Changed => {}
            }
        }
        Err(KeyError::Contended)
    }

    /// Whoever took a key out of use has a reason: its owner alone cannot
    /// overrule an administrator.
    fn may_enable(&self, key: &ApiKey, change: &Edit) -> Result<(), KeyError> {
        match &key.disabled {
            Some(disabled) if change.disabled == Some(false) => {
                let by_owner = Actor::is_of(&disabled.by, &self.owner);
                if by_owner || !self.actor.is_bound_to(&self.owner) {
                    Ok(())
                } else {
                    Err(KeyError::DisabledByAnother {
                        by: disabled.by.clone(),
                    })
                }
            }
            _ => Ok(()),
        }
    }

    /// Ends a key for good.
    ///
    /// # Errors
    /// [`KeyError::NotFound`] also where it is somebody else's.
    pub async fn revoke(&self, id: ApiKeyId) -> Result<Durability, KeyError> {
        match self.load(id).await {
            Ok((key, _)) => {
                // An import that was cut off left the seed's record beside ours.
                let was_seed = self.revoke_seed(id).await?;
                let revoked = self.revoke_ours(vec![key]).await?;
                if revoked.ids.is_empty() && !was_seed {
                    Err(KeyError::NotFound)
                } else {
                    Ok(revoked.durability)
                }
            }
            Err(KeyError::NotFound) if self.revoke_seed(id).await? => Ok(Durability {
                persisted: false,
                replicas: 0,
            }),
            Err(error) => Err(error),
        }
    }

    /// Ends all keys of the owner, and says how many there were.
    ///
    /// # Errors
    /// Fails where the store does; what is gone by then stays gone.
    pub async fn revoke_all(&self) -> Result<usize, KeyError> {
        let page = self.list(None, None).await?;
        let mut count = 0;
        let mut ours = Vec::new();
        for view in page.keys {
            match view {
                KeyView::Ours { key, .. } => ours.push(*key),
                KeyView::Seed(record) => {
                    count += usize::from(self.revoke_seed(record.id).await?);
                }
            }
        }
        for key in ours.iter().filter(|key| key.id.is_seed()) {
            self.revoke_seed(key.id).await?;
        }
        count += self.revoke_ours(ours).await?.ids.len();
        Ok(count)
    }

    /// Ends a key in the former service's own place, if it is there.
    async fn revoke_seed(&self, id: ApiKeyId) -> Result<bool, KeyError> {
        if !id.is_seed() || !self.owns_seed_keys() {
            return Ok(false);
        }
        let subject = self.owner.subject().as_str();
        let was_there = self.service.store.revoke_seed_key(subject, &id).await?;
        if was_there {
            self.note_revoked(id, "").await;
        }
        Ok(was_there)
    }

    async fn revoke_ours(&self, keys: Vec<ApiKey>) -> Result<Revoked, KeyError> {
        let now = self.service.now()?;
        let revocations: Vec<Revocation> = keys
            .iter()
            .cloned()
            .map(|mut key| {
                key.revocation = None;
                let id = key.id;
                let tombstone = Tombstone {
                    key,
                    revoked_at: now,
                    revoked_by: self.actor.name.clone(),
                };
                Revocation {
                    id,
                    tombstone: tombstone.seal(&self.service.salts),
                }
            })
            .collect();
        let revoked = self
            .service
            .store
            .revoke_keys(&self.tag, &revocations)
            .await?;
        for key in keys.iter().filter(|key| revoked.ids.contains(&key.id)) {
            self.note_revoked(key.id, &key.name).await;
        }
        Ok(revoked)
    }

    /// The record of a key of this owner, and its bytes for a compare-and-set.
    pub(super) async fn load(&self, id: ApiKeyId) -> Result<(ApiKey, Vec<u8>), KeyError> {
        let found = self
            .service
            .store
            .find_key(&id)
            .await?
            .ok_or(KeyError::NotFound)?;
        let key = self.service.open(id, &found.record)?;
        if key.owner == self.owner && key.tenant == self.tenant {
            Ok((key, found.record))
        } else {
            Err(KeyError::NotFound)
        }
    }

    /// When a key was last used stands in lists only: its line is among those
    /// that were made from the millisecond before on.
    async fn last_use(&self, key: &ApiKey) -> Result<Option<Timestamp>, KeyError> {
        let before = Place {
            created_at: key.created_at.minus(Duration::from_millis(1)),
            id: key.id,
        };
        let store = &self.service.store;
        let lines = store.list_keys(&self.tag, Some(before), PAGE).await?;
        let line = lines.iter().find(|line| line.id == key.id);
        Ok(line.and_then(|line| line.last_used_at))
    }

    fn view(&self, line: &Listed) -> Result<KeyView, KeyError> {
        let key = Box::new(self.service.open(line.id, &line.record)?);
        Ok(KeyView::Ours {
            key,
            last_used_at: line.last_used_at,
        })
    }

    /// Seed data knows bare subjects of the one tenant there was.
    fn owns_seed_keys(&self) -> bool {
        self.service.store.may_hold_seed_keys()
            && self.owner.realm().is_bare()
            && self.tenant == Tenant::default()
    }

    async fn seed_keys(&self) -> Result<Vec<SeedRecord>, KeyError> {
        if !self.owns_seed_keys() {
            return Ok(Vec::new());
        }
        Ok(self
            .service
            .store
            .list_seed_keys(self.owner.subject().as_str())
            .await?)
    }

    pub(super) async fn is_seed_key(&self, id: ApiKeyId) -> Result<bool, KeyError> {
        Ok(id.is_seed() && self.seed_keys().await?.iter().any(|record| record.id == id))
    }
}
