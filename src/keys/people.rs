//! Everybody of an organisation: whoever somebody vouched for, and owners of keys
//! of whom nothing else is known.

use std::collections::BTreeMap;

use super::access::Actor;
use super::across::{KeyFilter, PlaceAcross};
use super::error::KeyError;
use super::service::KeyService;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::principal::{KnownOwner, Principal};
use crate::domain::subject::{Owner, Tenant};

/// How many records one question goes through at most, give or take a step.
const LOOKED_AT_MAX: usize = 2_000;
/// How many steps of the store it goes through at most.
const STEPS_MAX: usize = 64;

/// Whom an administrator looks for. What is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// With this in who they are, in their name or address, in whatever case.
    pub search: Option<String>,
    /// Whether everything of theirs is refused.
    pub disabled: Option<bool>,
    /// Whether administrators.
    pub admin: Option<bool>,
}

impl PeopleFilter {
    /// Whether somebody is looked for.
    pub fn wants(&self, owner: &Owner, known: &Principal) -> bool {
        let is = |wanted: Option<bool>, is| wanted.is_none_or(|wanted| wanted == is);
        is(self.disabled, known.disabled)
            && is(self.admin, known.admin)
            && self.search.as_ref().is_none_or(|search| {
                let search = search.to_lowercase();
                let has = |text: &str| text.to_lowercase().contains(&search);
                has(&owner.to_string())
                    || known.name.as_deref().is_some_and(has)
                    || known.email.as_deref().is_some_and(has)
            })
    }
}

/// Somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub owner: Owner,
    /// How many keys they have.
    pub keys: usize,
    /// What is known of them; `None` where no record says their name: the caller
    /// sees to it that one does.
    pub known: Option<Principal>,
}

/// A place in the list of everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeoplePlace {
    /// Among those of whom there are records.
    Known {
        /// The store's cursor.
        cursor: Vec<u8>,
        /// Up to whom the step was seen.
        seen: Option<OwnerTag>,
    },
    /// Among keys, whose owners may be nowhere else.
    OwnersOfKeys(PlaceAcross),
}

impl Default for PeoplePlace {
    fn default() -> Self {
        Self::Known {
            cursor: Vec::new(),
            seen: None,
        }
    }
}

/// A part of the list of everybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeoplePage {
    /// People, in no order that means anything.
    pub people: Vec<Person>,
    /// Where to go on; `None` at the end.
    pub next: Option<PeoplePlace>,
}

impl KeyService {
    /// Everybody of an organisation, each once: first those whose records say who
    /// they are, at most `limit` of them, then the owners of keys who have no such
    /// record; of these at most `limit` keys are gone through.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn people(
        &self,
        tenant: &Tenant,
        filter: &PeopleFilter,
        from: PeoplePlace,
        limit: usize,
    ) -> Result<PeoplePage, KeyError> {
        let (cursor, seen) = match from {
            PeoplePlace::Known { cursor, seen } => (cursor, seen),
            PeoplePlace::OwnersOfKeys(place) => {
                return self.owners_of_keys(tenant, place, limit).await;
            }
        };
        let mut page = self
            .known_people(tenant, filter, cursor, seen, limit)
            .await?;
        let room = limit.saturating_sub(page.people.len());
        if let Some(PeoplePlace::OwnersOfKeys(place)) = &page.next
            && room > 0
        {
            let rest = self.owners_of_keys(tenant, place.clone(), room).await?;
            page.people.extend(rest.people);
            page.next = rest.next;
        }
        Ok(page)
    }

    async fn known_people(
        &self,
        tenant: &Tenant,
        filter: &PeopleFilter,
        mut cursor: Vec<u8>,
        mut seen: Option<OwnerTag>,
        limit: usize,
    ) -> Result<PeoplePage, KeyError> {
        let mut people = Vec::new();
        let (mut looked_at, mut steps) = (0, 0);
        loop {
            let (mut records, next) = self.store.scan_principals(&cursor).await?;
            records.sort_by_key(|(tag, _)| *tag.as_bytes());
            records.retain(|(tag, _)| seen.is_none_or(|seen| tag.as_bytes() > seen.as_bytes()));
            looked_at += records.len();
            steps += 1;
            for (tag, record) in records {
                if people.len() == limit {
                    let next = Some(PeoplePlace::Known { cursor, seen });
                    return Ok(PeoplePage { people, next });
                }
                seen = Some(tag);
                if let Some((owner, known)) = self.named(tenant, &tag, &record)
                    && filter.wants(&owner, &known)
                {
                    let keys = self.count_keys(tenant, &owner).await?;
                    people.push(Person {
                        owner,
                        keys,
                        known: Some(known),
                    });
                }
            }
            let Some(next) = next else {
                let next = Some(PeoplePlace::OwnersOfKeys(PlaceAcross::default()));
                return Ok(PeoplePage { people, next });
            };
            (cursor, seen) = (next, None);
            if looked_at >= LOOKED_AT_MAX || steps >= STEPS_MAX || people.len() >= limit {
                let next = Some(PeoplePlace::Known { cursor, seen });
                return Ok(PeoplePage { people, next });
            }
        }
    }

    /// Who the record is of, if it says so and they are of that organisation. One
    /// that cannot be trusted is passed over: it must not hide all others.
    fn named(&self, tenant: &Tenant, tag: &OwnerTag, record: &[u8]) -> Option<(Owner, Principal)> {
        match Principal::open_named(&self.salts, tag, record) {
            Ok(KnownOwner { named, principal }) => {
                let (of, owner) = named?;
                (of == *tenant).then_some((owner, principal))
            }
            Err(error) => {
                tracing::error!(owner = %tag, %error, "an owner is missing from the list of all");
                None
            }
        }
    }

    async fn count_keys(&self, tenant: &Tenant, owner: &Owner) -> Result<usize, KeyError> {
        let ids = self.ids_of(tenant, owner).await?;
        Ok(ids.len())
    }

    /// Oldest first.
    async fn ids_of(&self, tenant: &Tenant, owner: &Owner) -> Result<Vec<ApiKeyId>, KeyError> {
        let all = self.keys_of(tenant.clone(), owner.clone(), Actor::command_line());
        all.ids().await
    }

    /// Names an owner where it comes across the oldest key of theirs: so no part
    /// needs to know what others named.
    async fn owners_of_keys(
        &self,
        tenant: &Tenant,
        place: PlaceAcross,
        limit: usize,
    ) -> Result<PeoplePage, KeyError> {
        let page = self
            .list_across(tenant, &KeyFilter::default(), place, limit)
            .await?;
        let mut met: BTreeMap<Owner, Vec<ApiKeyId>> = BTreeMap::new();
        for view in &page.keys {
            if let Some(owner) = view.owner() {
                met.entry(owner).or_default().push(view.id());
            }
        }
        let mut people = Vec::new();
        for (owner, ids) in met {
            let tag = OwnerTag::new(tenant, &owner);
            let record = self.store.find_principal(&tag).await?;
            let is_listed =
                record.is_some_and(|record| self.named(tenant, &tag, &record).is_some());
            if is_listed {
                continue;
            }
            let all = self.ids_of(tenant, &owner).await?;
            if all.first().is_some_and(|first| ids.contains(first)) {
                people.push(Person {
                    owner,
                    keys: all.len(),
                    known: None,
                });
            }
        }
        Ok(PeoplePage {
            people,
            next: page.next.map(PeoplePlace::OwnersOfKeys),
        })
    }
}
