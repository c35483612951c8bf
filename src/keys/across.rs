//! The keys of a whole organisation, for its administrators: found by filters.

use std::collections::BTreeMap;
use std::time::Duration;

use super::access::Actor;
use super::error::KeyError;
use super::service::KeyService;
use super::view::KeyView;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::record::{ApiKey, Standing};
use crate::domain::subject::{Owner, Scope, Tenant};
use crate::domain::time::Timestamp;
use crate::store::keys::Listed;
use crate::store::seed::SeedRecord;

/// How many records one question goes through at most, give or take a step of
/// the store: where filters leave few of them, the answer is short and says
/// where to go on.
const LOOKED_AT_MAX: usize = 2_000;
/// How many steps of the store it goes through at most: what else lies there may
/// be much more than keys.
const STEPS_MAX: usize = 64;
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
    fn wants(&self, view: &KeyView, now: Timestamp) -> bool {
        match view {
            KeyView::Ours { key, last_used_at } => self.wants_ours(key, *last_used_at, now),
            KeyView::Seed(record) => self.wants_in_place(record),
        }
    }

    /// A key in its old place never ends, is never out of use, has no scopes, and
    /// nobody knows when it was last used.
    fn wants_in_place(&self, record: &SeedRecord) -> bool {
        let (subject, id) = (record.subject.as_str(), record.id.to_string());
        self.status.is_none_or(|status| status == Standing::Active)
            && self
                .concern
                .is_none_or(|concern| concern == Concern::NeverExpires)
            && self.has(&[&record.description, &id, subject])
    }

    /// Whether one of these texts has what is searched for.
    fn has(&self, texts: &[&str]) -> bool {
        self.search.as_ref().is_none_or(|search| {
            let search = search.to_lowercase();
            let mut texts = texts.iter();
            texts.any(|text| text.to_lowercase().contains(&search))
        })
    }

    fn wants_ours(&self, key: &ApiKey, last_used_at: Option<Timestamp>, now: Timestamp) -> bool {
        self.owner.as_ref().is_none_or(|owner| key.owner == *owner)
            && self.status.is_none_or(|status| key.standing(now) == status)
            && self
                .concern
                .is_none_or(|concern| concern.is_about(key, last_used_at, now))
            && self.has(&[&key.name, &key.id.to_string(), &key.owner.to_string()])
    }
}

/// Which of the two places where keys lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whereabouts {
    /// Among ours.
    #[default]
    Ours,
    /// Where the former service left them.
    InPlace,
}

/// A place in the list of all keys: where the store's own step began, and the
/// last id of that step which was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlaceAcross {
    /// Among which keys.
    pub whereabouts: Whereabouts,
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

impl KeyService {
    /// The keys of an organisation that are wanted, at most `limit` of them; those
    /// of the former service in their old place come last. A record that cannot
    /// be trusted is passed over and logged: one of them must not hide all others.
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
        let (mut place, mut keys) = (from, Vec::new());
        let (mut looked_at, mut steps) = (0, 0);
        loop {
            let (mut views, next) = self.step(&place, tenant).await?;
            views.retain(|view| place.seen.is_none_or(|seen| view.id() > seen));
            looked_at += views.len();
            steps += 1;
            for view in views {
                if keys.len() == limit {
                    let next = Some(place);
                    return Ok(AcrossPage { keys, next });
                }
                place.seen = Some(view.id());
                if filter.wants(&view, now) && self.is_in_one_place(&view).await? {
                    keys.push(view);
                }
            }
            let goes_on = looked_at < LOOKED_AT_MAX && steps < STEPS_MAX && keys.len() < limit;
            match next {
                Some(next) if goes_on => place = next,
                next => return Ok(AcrossPage { keys, next }),
            }
        }
    }

    /// One step of the store through all keys of an organisation, by their ids,
    /// and where the next one begins.
    async fn step(
        &self,
        place: &PlaceAcross,
        tenant: &Tenant,
    ) -> Result<(Vec<KeyView>, Option<PlaceAcross>), KeyError> {
        let (mut views, cursor) = match place.whereabouts {
            Whereabouts::Ours => {
                let (lines, cursor) = self.store.scan_keys(&place.cursor).await?;
                let views = lines.iter().filter_map(|line| self.ours(line, tenant));
                (views.collect(), cursor)
            }
            Whereabouts::InPlace => {
                let (records, cursor) = self.store.scan_seed_keys(&place.cursor).await?;
                let views = records.into_iter().map(KeyView::Seed);
                // Of a subject that can be nobody: no gate lets it pass either.
                let views: Vec<_> = views.filter(|view| view.owner().is_some()).collect();
                (views, cursor)
            }
        };
        views.sort_by_key(KeyView::id);
        let whereabouts = match cursor {
            Some(_) => Some(place.whereabouts),
            // The former service knew one organisation.
            None if place.whereabouts == Whereabouts::Ours
                && self.store.may_hold_seed_keys()
                && *tenant == Tenant::default() =>
            {
                Some(Whereabouts::InPlace)
            }
            None => None,
        };
        let next = whereabouts.map(|whereabouts| PlaceAcross {
            whereabouts,
            cursor: cursor.unwrap_or_default(),
            seen: None,
        });
        Ok((views, next))
    }

    fn ours(&self, line: &Listed, tenant: &Tenant) -> Option<KeyView> {
        match self.open(line.id, &line.record) {
            Ok(key) if key.tenant == *tenant => Some(KeyView::Ours {
                key: Box::new(key),
                last_used_at: line.last_used_at,
            }),
            Ok(_) => None,
            Err(error) => {
                tracing::error!(%error, "a key is missing from the list of all keys");
                None
            }
        }
    }

    /// While an import is under way a key may lie in both places: ours counts.
    async fn is_in_one_place(&self, view: &KeyView) -> Result<bool, KeyError> {
        match view {
            KeyView::Ours { .. } => Ok(true),
            KeyView::Seed(record) => Ok(self.store.find_key(&record.id).await?.is_none()),
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
        keys.retain(|view| filter.wants(view, now));
        Ok(AcrossPage { keys, next: None })
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
            for view in &page.keys {
                if let Some(owner) = view.owner() {
                    found.insert(view.id(), owner);
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
            let Some(view) = self.find(*id).await? else {
                continue;
            };
            if let Some(owner) = view.owner()
                && view.tenant() == *tenant
            {
                found.push((owner, *id));
            }
        }
        Ok(found)
    }
}
