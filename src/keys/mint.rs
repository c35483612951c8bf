//! Making keys: mint and rotate, each safe to be asked twice.

use std::time::Duration;

use super::access::KeysOf;
use super::error::KeyError;
use super::replay::Repeatable;
use super::service::MintRequest;
use super::view::MintedKey;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::lifecycle::{self, Draft, Refusal};
use crate::domain::api_key::plain;
use crate::domain::api_key::record::ApiKey;
use crate::store::StoreError;
use crate::store::keys::{Minted, Replay, Rotated};

/// How often a step is tried anew after somebody else was faster.
pub(super) const ATTEMPTS: usize = 5;

impl KeysOf<'_> {
    /// Makes a key. With `repeat`, the same request made again gets the same answer.
    ///
    /// # Errors
    /// Refuses what is beyond the limits, or beyond what the actor may hand on.
    pub async fn mint(
        &self,
        request: &MintRequest,
        repeat: Option<&Repeatable>,
    ) -> Result<MintedKey, KeyError> {
        let service = self.service;
        let now = service.now()?;
        let terms = service.terms_at(now);
        let resolved = terms.limits.resolve(request.expiry, now)?;
        let draft = Draft {
            tenant: self.tenant.clone(),
            owner: self.owner.clone(),
            name: request.name.clone(),
            scopes: request.scopes.clone(),
            bounds: request.bounds.clone(),
            expiry: self
                .actor
                .grants
                .check(&request.scopes, request.expiry, resolved)?,
            by: self.actor.name.clone(),
        };
        for _ in 0..ATTEMPTS {
            let minted = self.draw(|fresh| lifecycle::create(&draft, fresh, &terms))?;
            let replay = self.seal_replay(&minted, repeat)?;
            let limit = Some(service.terms.per_owner_max);
            let record = service.new_record(&minted.key);
            match service
                .store
                .mint_key(&record, limit, replay.as_ref())
                .await?
            {
                Minted::Done => {
                    self.note_minted(&minted.key).await;
                    return Ok(minted);
                }
                Minted::Replayed(sealed) => return self.open_replay(&sealed, repeat),
                Minted::IdTaken => {}
                Minted::LimitReached => {
                    return Err(KeyError::LimitReached {
                        limit: service.terms.per_owner_max,
                    });
                }
            }
        }
        Err(KeyError::Contended)
    }

    /// Lets a new key take the place of an old one, which works for `overlap` more.
    ///
    /// # Errors
    /// Refuses keys that are not in use or were rotated before, and seed keys.
    pub async fn rotate(
        &self,
        id: ApiKeyId,
        overlap: Duration,
        repeat: Option<&Repeatable>,
    ) -> Result<MintedKey, KeyError> {
        let service = self.service;
        let now = service.now()?;
        for _ in 0..ATTEMPTS {
            let (old, expected) = self.load(id).await?;
            if let Some(replayed) = self.replayed_rotation(&old, repeat).await? {
                return Ok(replayed);
            }
            let terms = service.terms_at(now);
            let fresh = self.fresh()?;
            self.actor.grants.check_rotation(&old)?;
            let mut steps = lifecycle::rotate(&old, &fresh, &self.actor.name, overlap, &terms)?;
            if let Some(latest) = self.actor.grants.latest_end() {
                let end = steps.successor.expires_at;
                steps.successor.expires_at = Some(end.map_or(latest, |end| end.min(latest)));
            }
            let minted = MintedKey {
                key: steps.successor,
                text: fresh.text,
                is_replayed: false,
            };
            let replay = self.seal_replay(&minted, repeat)?;
            let rotated = service
                .store
                .rotate_key(
                    &expected,
                    &service.new_record(&steps.superseded),
                    &service.new_record(&minted.key),
                    replay.as_ref(),
                )
                .await?;
            match rotated {
                Rotated::Done => {
                    self.note_rotated(&steps.superseded, &minted.key).await;
                    return Ok(minted);
                }
                Rotated::Replayed(sealed) => return self.open_replay(&sealed, repeat),
                Rotated::Changed | Rotated::IdTaken => {}
            }
        }
        Err(KeyError::Contended)
    }

    fn fresh(&self) -> Result<plain::FreshKey, KeyError> {
        let service = self.service;
        Ok(plain::mint(
            &service.terms.format,
            &service.filter,
            self.tag.shard(),
            service.entropy.as_ref(),
        )?)
    }

    fn draw(
        &self,
        record: impl Fn(&plain::FreshKey) -> Result<ApiKey, Refusal>,
    ) -> Result<MintedKey, KeyError> {
        let fresh = self.fresh()?;
        Ok(MintedKey {
            key: record(&fresh)?,
            text: fresh.text,
            is_replayed: false,
        })
    }

    fn seal_replay(
        &self,
        minted: &MintedKey,
        repeat: Option<&Repeatable>,
    ) -> Result<Option<Replay>, KeyError> {
        let seal = |repeat: &Repeatable| {
            repeat.seal(minted, &self.service.salts, self.service.entropy.as_ref())
        };
        Ok(repeat.map(seal).transpose()?)
    }

    fn open_replay(
        &self,
        sealed: &[u8],
        repeat: Option<&Repeatable>,
    ) -> Result<MintedKey, KeyError> {
        let repeat = repeat.ok_or_else(|| {
            StoreError::Corrupt("the store replayed an answer that nobody asked for".to_owned())
        })?;
        repeat.open(sealed, &self.service.salts)
    }

    /// A repeated rotation finds its key rotated already. Asking the store with
    /// an expectation that cannot hold brings up the answer, or changes nothing.
    async fn replayed_rotation(
        &self,
        old: &ApiKey,
        repeat: Option<&Repeatable>,
    ) -> Result<Option<MintedKey>, KeyError> {
        let (Some(_), Some(repeat)) = (old.rotated_to, repeat) else {
            return Ok(None);
        };
        let minted = MintedKey {
            key: old.clone(),
            text: self.fresh()?.text,
            is_replayed: false,
        };
        let replay = self.seal_replay(&minted, Some(repeat))?;
        let record = self.service.new_record(old);
        let rotated = self
            .service
            .store
            .rotate_key(&[], &record, &record, replay.as_ref())
            .await?;
        match rotated {
            Rotated::Replayed(sealed) => repeat.open(&sealed, &self.service.salts).map(Some),
            _ => Ok(None),
        }
    }
}
