//! The keys of a whole organisation, for its administrators: found by filters,
//! revoked in one go.

use std::collections::BTreeMap;
use std::time::Duration;

use super::access::Actor;
use super::error::KeyError;
use super::service::KeyService;
use super::view::KeyView;
use crate::domain::api_key::record::{ApiKey, Standing};
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::subject::{Owner, Scope, Tenant};
use crate::domain::time::Timestamp;

/// How many records one question goes through at most, give or take a step of
/// the store: where filters leave few of them, the answer is short and says
/// where to go on.
const LOOKED_AT_MAX: usize = 2_000;
/// How many keys are revoked in one go at most.
pub const BULK_MAX: usize = 10_000;
/// What counts as not used for long.
const UNUSED_DAYS: u64 = 90;
/// What counts as ending soon.
const SOON_DAYS: u64 = 7;

/// What an administrator looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// They never end.
    NeverExpires,
    /// They are older than 90 days and were not used in the last 90.
    Unused90Days,
    /// They end within a week.
    ExpiringSoon,
    /// They carry a scope with a wildcard or the administrator's, and are bound
    /// to no host, path, method or network.
    TooBroad,
}

impl Concern {
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "never_expires" => Some(Self::NeverExpires),
            "unused_90_days" => Some(Self::Unused90Days),
            "expiring_soon" => Some(Self::ExpiringSoon),
            "too_broad" => Some(Self::TooBroad),
            _ => None,
        }
    }

    /// Whether a key is of that kind.
    fn is_about(self, key: &ApiKey, last_used_at: Option<Timestamp>, now: Timestamp) -> bool {
        let days = |days| Duration::from_hours(24 * days);
        match self {
            Self::NeverExpires => key.expires_at.is_none(),
            Self::Unused90Days => {
                let last = last_used_at.unwrap_or(key.created_at);
                last.max(key.created_at) < now.minus(days(UNUSED_DAYS))
            }
            Self::ExpiringSoon => key
                .expires_at
                .is_some_and(|end| now < end && end <= now.plus(days(SOON_DAYS))),
            Self::TooBroad => {
                let is_broad =
                    |scope: &Scope| scope.as_str().ends_with(":*") || *scope == Scope::administer();
                key.bounds.is_any() && key.scopes.iter().any(is_broad)
            }
        }
    }
}

/// Which keys are wanted. What is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFilter {
    /// Theirs.
    pub owner: Option<Owner>,
    /// With this in name, id or owner, in whatever case.
    pub search: Option<String>,
    /// Worth this.
    pub status: Option<Standing>,
    /// Of this kind.
    pub concern: Option<Concern>,
}

impl KeyFilter {
    fn wants(&self, key: &ApiKey, last_used_at: Option<Timestamp>, now: Timestamp) -> bool {
        self.owner.as_ref().is_none_or(|owner| key.owner == *owner)
            && self.status.is_none_or(|status| key.standing(now) == status)
            && self
                .concern
                .is_none_or(|concern| concern.is_about(key, last_used_at, now))
            && self.search.as_ref().is_none_or(|search| {
                let search = search.to_lowercase();
                let has = |text: String| text.to_lowercase().contains(&search);
                has(key.name.clone()) || has(key.id.to_string()) || has(key.owner.to_string())
            })
    }
}

/// A place in the list of all keys: where the store's own step began, and the
/// last id of that step which was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceAcross {
    /// The store's cursor.
    pub cursor: Vec<u8>,
    /// Up to which id the step was seen.
    pub seen: Option<ApiKeyId>,
}

/// A part of the list of all keys.
#[derive(Clone, Debug)]
pub struct AcrossPage {
    /// The keys, in no order that means anything.
    pub keys: Vec<KeyView>,
    /// Where to go on; `None` at the end.
    pub next: Option<PlaceAcross>,
}

/// A part of the list of owners.
#[derive(Clone, Debug)]
pub struct OwnersPage {
    /// Owners, and how many keys they have.
    pub owners: Vec<(Owner, usize)>,
    /// Where to go on; `None` at the end.
    pub next: Option<PlaceAcross>,
}

impl KeyService {
    /// The keys of an organisation that are wanted, at most `limit` of them. Keys
    /// of the former service in their old place are not among them. A record
    /// that cannot be trusted is passed over and logged: one of them must not
    /// hide all others.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn list_across(
        &self,
        tenant: &Tenant,
        filter: &KeyFilter,
        from: PlaceAcross,
        limit: usize,
    ) -> Result<AcrossPage, KeyError> {
        let now = self.now()?;
        if let Some(owner) = &filter.owner {
            return self.list_of_one(tenant, owner, filter, now).await;
        }
        let (mut place, mut keys, mut looked_at) = (from, Vec::new(), 0);
        loop {
            let (mut lines, next) = self.store.scan_keys(&place.cursor).await?;
            lines.sort_by_key(|line| line.id);
            lines.retain(|line| place.seen.is_none_or(|seen| line.id > seen));
            looked_at += lines.len();
            for line in lines {
                if keys.len() == limit {
                    let next = Some(place);
                    return Ok(AcrossPage { keys, next });
                }
                place.seen = Some(line.id);
                let key = match self.open(line.id, &line.record) {
                    Ok(key) => key,
                    Err(error) => {
                        tracing::error!(%error, "a key is missing from the list of all keys");
                        continue;
                    }
                };
                if key.tenant == *tenant && filter.wants(&key, line.last_used_at, now) {
                    keys.push(KeyView::Ours {
                        key: Box::new(key),
                        last_used_at: line.last_used_at,
                    });
                }
            }
            let next = next.map(|cursor| PlaceAcross { cursor, seen: None });
            match next {
                Some(next) if looked_at < LOOKED_AT_MAX && keys.len() < limit => place = next,
                next => return Ok(AcrossPage { keys, next }),
            }
        }
    }

    /// One owner's keys are few, and found without all others.
    async fn list_of_one(
        &self,
        tenant: &Tenant,
        owner: &Owner,
        filter: &KeyFilter,
        now: Timestamp,
    ) -> Result<AcrossPage, KeyError> {
        let all = self.keys_of(tenant.clone(), owner.clone(), Actor::command_line());
        let mut keys = all.list(None, None).await?.keys;
        keys.retain(|view| match view {
            KeyView::Ours { key, last_used_at } => filter.wants(key, *last_used_at, now),
            KeyView::Seed(_) => false,
        });
        Ok(AcrossPage { keys, next: None })
    }

    /// The owners of keys in an organisation, each once. Goes through at most
    /// `limit` keys, and names an owner where it comes across the oldest key of
    /// theirs: so no part needs to know what others named.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn owners_across(
        &self,
        tenant: &Tenant,
        from: PlaceAcross,
        limit: usize,
    ) -> Result<OwnersPage, KeyError> {
        let page = self
            .list_across(tenant, &KeyFilter::default(), from, limit)
            .await?;
        let mut met: BTreeMap<Owner, Vec<ApiKeyId>> = BTreeMap::new();
        for view in page.keys {
            if let KeyView::Ours { key, .. } = view {
                met.entry(key.owner).or_default().push(key.id);
            }
        }
        let mut owners = Vec::new();
        for (owner, ids) in met {
            let tag = OwnerTag::new(tenant, &owner);
            let keys = self.store.list_keys(&tag, None, usize::MAX).await?;
            if keys.first().is_some_and(|first| ids.contains(&first.id)) {
                owners.push((owner, keys.len()));
            }
        }
        Ok(OwnersPage {
            owners,
            next: page.next,
        })
    }

    /// All keys that are wanted: for revoking many of them.
    ///
    /// # Errors
    /// Refuses more than [`BULK_MAX`].
    pub async fn find_across(
        &self,
        tenant: &Tenant,
        filter: &KeyFilter,
    ) -> Result<Vec<(Owner, ApiKeyId)>, KeyError> {
        let (mut found, mut place) = (BTreeMap::new(), Some(PlaceAcross::default()));
        while let Some(from) = place {
            let page = self.list_across(tenant, filter, from, usize::MAX).await?;
            for view in page.keys {
                if let KeyView::Ours { key, .. } = view {
                    found.insert(key.id, key.owner);
                }
            }
            if found.len() > BULK_MAX {
                return Err(KeyError::TooMany { limit: BULK_MAX });
            }
            place = page.next;
        }
        Ok(found.into_iter().map(|(id, owner)| (owner, id)).collect())
    }

    /// The owners of these keys, of those that there are in that organisation.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn owners_of(
        &self,
        tenant: &Tenant,
        ids: &[ApiKeyId],
    ) -> Result<Vec<(Owner, ApiKeyId)>, KeyError> {
        let mut found = Vec::new();
        for id in ids {
            let Some(record) = self.store.find_key(id).await? else {
                continue;
            };
            let key = self.open(*id, &record.record)?;
            if key.tenant == *tenant {
                found.push((key.owner, *id));
            }
        }
        Ok(found)
    }

    /// Revokes keys of many owners, each in the name of whoever acts.
    ///
    /// # Errors
    /// Fails where the store does; what is gone by then stays gone.
    pub async fn revoke_across(
        &self,
        tenant: &Tenant,
        keys: Vec<(Owner, ApiKeyId)>,
        actor: &Actor,
        undoable: bool,
    ) -> Result<usize, KeyError> {
        let mut by_owner: BTreeMap<Owner, Vec<ApiKeyId>> = BTreeMap::new();
        for (owner, id) in keys {
            by_owner.entry(owner).or_default().push(id);
        }
        let mut revoked = 0;
        for (owner, ids) in by_owner {
            let keys = self.keys_of(tenant.clone(), owner, actor.clone());
            revoked += keys.revoke_many(&ids, undoable).await?;
        }
        Ok(revoked)
    }
}

impl super::access::KeysOf<'_> {
    /// Those of these keys that there are.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn present(&self, ids: &[ApiKeyId]) -> Result<Vec<ApiKeyId>, KeyError> {
        let mut present = Vec::new();
        for id in ids {
            match self.show(*id).await {
                Ok(_) => present.push(*id),
                Err(KeyError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(present)
    }

    /// Revokes many keys, for good or with a minute to think again; those that
    /// are gone are passed over. Says how many it were.
    ///
    /// # Errors
    /// Fails where the store does; what is gone by then stays gone.
    pub async fn revoke_many(&self, ids: &[ApiKeyId], undoable: bool) -> Result<usize, KeyError> {
        let mut revoked = 0;
        for id in ids {
            let done = if undoable {
                self.start_revocation(*id).await.map(drop)
            } else {
                self.revoke(*id).await.map(drop)
            };
            match done {
                Ok(()) => revoked += 1,
                Err(KeyError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(revoked)
    }
}
