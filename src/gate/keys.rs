//! From the text of a key to the proof that it is in use.

use std::sync::Arc;

use super::upkeep::{Rehash, Upkeep};
use crate::cache::{KeyCache, Known, LookedUp, Source};
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::filter::FilterKey;
use crate::domain::api_key::hash::{self, KeyHash};
use crate::domain::api_key::plain::{KeyFormat, MalformedKey, NativeKey, PlainKey, SeedKey};
use crate::domain::api_key::record::{ApiKey, Proof};
use crate::domain::decision::Denial;
use crate::domain::evidence::{ActiveKey, FiledKey};
use crate::domain::matching::RequestMatch;
use crate::domain::principal::Principal;
use crate::domain::reason::Reason;
use crate::domain::salt::Salts;
use crate::domain::subject::{Owner, Tenant};
use crate::domain::time::Timestamp;
use crate::identity::Owners;
use crate::store::keys::Found;
use crate::store::seed::SeedRecord;
use crate::store::{Store, StoreError};

/// What a check of a key needs.
pub(super) struct KeyCheck {
    pub(super) store: Arc<dyn Store>,
    pub(super) cache: Option<Arc<KeyCache>>,
    pub(super) salts: Salts,
    pub(super) filter: FilterKey,
    pub(super) owners: Arc<Owners>,
    pub(super) upkeep: Upkeep,
}

impl KeyCheck {
    /// Proves a key: shape, filter, record, secret, standing, in this order, so
    /// that a made-up key reaches no store and a wrong secret learns nothing.
    pub(super) async fn prove(
        &self,
        format: &KeyFormat,
        text: &str,
        now: Timestamp,
    ) -> Result<ActiveKey, Denial> {
        match format.parse(text) {
            Err(MalformedKey::Shape) => Err(Reason::MalformedCredential.into()),
            Err(MalformedKey::Checksum) => Err(Reason::KeyChecksum.into()),
            Ok(PlainKey::Seed(key)) => self.prove_seed(&key, now).await,
            Ok(PlainKey::Native(key)) => {
                let about = |reason| Denial::new(reason).about(Some(key.id()));
                if !self.filter.admits(&key) {
                    return Err(about(Reason::KeyMadeUp));
                }
                self.prove_native(&key, now).await.map_err(about)
            }
        }
    }

    async fn prove_native(&self, key: &NativeKey<'_>, now: Timestamp) -> Result<ActiveKey, Reason> {
        let Some(known) = self.look_up(key.id()).await? else {
            // As much work as for a known id, so that time tells nothing.
            std::hint::black_box(KeyHash::of(self.salts.active(), &Tenant::default(), key));
            return Err(Reason::KeyUnknown);
        };
        let active = ActiveKey::prove(&known.filed, key, &self.salts, now)?;
        if active.former_salt().is_some()
            && let Some(record) = &known.record
        {
            self.rehash(known.filed.key(), key, record.clone());
        }
        Ok(active)
    }

    /// What is known of an id: from the cache if there is one and it may be used,
    /// otherwise from the store.
    async fn look_up(&self, id: ApiKeyId) -> Result<Known, Reason> {
        match &self.cache {
            Some(cache) => cache.look_up(&id, self).await,
            None => self.read(id).await,
        }
    }

    /// A seed key is looked for first among the imported ones, then where the
    /// former service left it.
    async fn read(&self, id: ApiKeyId) -> Result<Known, Reason> {
        let Some(found) = self.store.find_key(&id).await.map_err(unavailable)? else {
            return if id.is_seed() {
                self.find_in_place(id).await
            } else {
                Ok(None)
            };
        };
        let filed = self.file(id, &found).await?;
        let record = self
            .is_under_former_salt(filed.key())
            .then_some(found.record);
        Ok(Some(Arc::new(LookedUp { filed, record })))
    }

    fn is_under_former_salt(&self, key: &ApiKey) -> bool {
        matches!(&key.proof, Proof::Hash { salt, .. } if *salt != self.salts.active().id())
    }

    /// The text is at hand only now: the moment to move the hash under the
    /// active salt, so that a former one can be dropped some day.
    fn rehash(&self, record: &ApiKey, key: &NativeKey<'_>, expected: Vec<u8>) {
        let salt = self.salts.active();
        let hash = KeyHash::of(salt, &record.tenant, key);
        let renewed = ApiKey {
            proof: Proof::Hash {
                salt: salt.id(),
                hash,
            },
            ..record.clone()
        };
        self.upkeep.rehash(Rehash { renewed, expected });
    }

    /// A seed key is looked up by its hash under each accepted salt.
    async fn prove_seed(&self, key: &SeedKey<'_>, now: Timestamp) -> Result<ActiveKey, Denial> {
        for salt in self.salts.accepted() {
            let id = hash::seed_id(salt, key);
            let about = |reason| Denial::new(reason).about(Some(id));
            let known = self.look_up(id).await.map_err(about)?;
            if let Some(known) = known {
                return ActiveKey::prove_seed(&known.filed, key, &self.salts, now).map_err(about);
            }
        }
        Err(Reason::KeyUnknown.into())
    }

    async fn find_in_place(&self, id: ApiKeyId) -> Result<Known, Reason> {
        if !self.store.may_hold_seed_keys() {
            return Ok(None);
        }
        let Some((record, principal)) = self.store.find_seed_key(&id).await.map_err(unavailable)?
        else {
            return Ok(None);
        };
        let key = adopt(&record).ok_or(Reason::RecordUntrusted)?;
        let principal = self.principal(&key, principal.as_deref()).await?;
        Ok(Some(Arc::new(LookedUp {
            filed: FiledKey::new(key, principal),
            record: None,
        })))
    }

    async fn file(&self, id: ApiKeyId, found: &Found) -> Result<FiledKey, Reason> {
        let key = ApiKey::open(&self.salts, id, &found.record).map_err(|error| {
            tracing::error!(key.id = %id, %error, "the record of a key cannot be trusted");
            Reason::RecordUntrusted
        })?;
        let principal = self.principal(&key, found.principal.as_deref()).await?;
        Ok(FiledKey::new(key, principal))
    }

    /// What is known of an owner; of one of whom nothing is, whether somebody
    /// disabled them before their record was lost.
    async fn principal(
        &self,
        key: &ApiKey,
        record: Option<&[u8]>,
    ) -> Result<Option<Principal>, Reason> {
        let owner = &key.owner_tag();
        let Some(record) = record else {
            return match self.owners.is_marked_disabled(owner).await {
                Ok(false) => {
                    self.upkeep.unknown(&key.tenant, &key.owner);
                    Ok(None)
                }
                Ok(true) => Ok(Some(Principal {
                    disabled: true,
                    ..Principal::default()
                })),
                Err(error) => {
                    tracing::warn!(%error, "an owner could not be looked up");
                    Err(error.reason())
                }
            };
        };
        let principal = Principal::open(&self.salts, owner, record).map_err(|error| {
            tracing::error!(owner = %owner, %error, "the record of an owner cannot be trusted");
            Reason::RecordUntrusted
        })?;
        if !principal.is_current {
            self.upkeep.unknown(&key.tenant, &key.owner);
        }
        Ok(Some(principal))
    }
}

impl Source for KeyCheck {
    fn line(&self) -> u64 {
        self.store.line()
    }

    async fn read(&self, id: ApiKeyId) -> Result<Known, Reason> {
        Self::read(self, id).await
    }

    async fn confirm(&self, line: u64) -> Result<(), Reason> {
        self.store.confirm(line).await.map_err(unavailable)
    }
}

/// A seed record as a key: it gives its subject and no scopes.
fn adopt(record: &SeedRecord) -> Option<ApiKey> {
    Some(ApiKey {
        id: record.id,
        tenant: Tenant::default(),
        owner: Owner::from_record("", &record.subject).ok()?,
        proof: Proof::Id,
        name: String::new(),
        scopes: Vec::new(),
        created_at: Timestamp::from_millis(0)?,
        created_by: String::new(),
        expires_at: None,
        disabled: None,
        bounds: RequestMatch::default(),
        revocation: None,
        rotated_from: None,
        rotated_to: None,
        grace_until: None,
    })
}

/// A store that does not answer proves nothing: never a pass, and never "your
/// key is bad", which would make people throw good keys away.
#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function in map_err"
)]
fn unavailable(error: StoreError) -> Reason {
    tracing::warn!(%error, "a key could not be looked up");
    Reason::StoreUnavailable
}
