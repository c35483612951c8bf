//! Where the parts meet; `mint` and `manage` hold the operations.

use std::sync::Arc;

use super::access::{Actor, KeysOf};
use super::error::KeyError;
use super::view::KeyView;
use crate::audit::AuditTrail;
use crate::domain::api_key::expiry::{ExpiryWish, LifeLimits};
use crate::domain::api_key::filter::FilterKey;
use crate::domain::api_key::lifecycle::Terms;
use crate::domain::api_key::plain::KeyFormat;
use crate::domain::api_key::record::ApiKey;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::entropy::Entropy;
use crate::domain::matching::RequestMatch;
use crate::domain::salt::Salts;
use crate::domain::subject::{Owner, Scope, Tenant};
use crate::domain::time::{Clock, Timestamp};
use crate::store::Store;
use crate::store::keys::NewRecord;

/// The rules for keys in a deployment.
#[derive(Clone, Debug)]
pub struct KeyTerms {
    /// How keys read.
    pub format: KeyFormat,
    /// How long they may live.
    pub limits: LifeLimits,
    /// How many an owner may have.
    pub per_owner_max: u32,
}

/// Everything around a key's life.
pub struct KeyService {
    pub(super) store: Arc<dyn Store>,
    pub(super) salts: Salts,
    pub(super) filter: FilterKey,
    pub(super) terms: KeyTerms,
    pub(super) audit: Arc<AuditTrail>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
}

/// What to mint.
#[derive(Clone, Debug)]
pub struct MintRequest {
    /// What to call it.
    pub name: String,
    /// What it shall permit.
    pub scopes: Vec<Scope>,
    /// The requests that it shall be bound to.
    pub bounds: RequestMatch,
    /// When it shall end.
    pub expiry: ExpiryWish,
}

impl KeyService {
    /// Joins the parts.
    pub fn new(
        store: Arc<dyn Store>,
        salts: Salts,
        filter: FilterKey,
        terms: KeyTerms,
        audit: Arc<AuditTrail>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Self {
        Self {
            store,
            salts,
            filter,
            terms,
            audit,
            clock,
            entropy,
        }
    }

    /// The keys of an owner, for whoever `actor` is. The caller has made sure
    /// that they may manage these.
    pub fn keys_of(&self, tenant: Tenant, owner: Owner, actor: Actor) -> KeysOf<'_> {
        let tag = OwnerTag::new(&tenant, &owner);
        KeysOf {
            service: self,
            tenant,
            owner,
            tag,
            actor,
            reason: None,
        }
    }

    /// The salts, for binding a request to its `Idempotency-Key`.
    pub fn salts(&self) -> &Salts {
        &self.salts
    }

    /// What was done to keys.
    pub fn audit(&self) -> &Arc<AuditTrail> {
        &self.audit
    }

    /// The rules.
    pub fn terms(&self) -> &KeyTerms {
        &self.terms
    }

    /// The record of any key: for the command line, which serves operators.
    ///
    /// # Errors
    /// Fails where the store does or the record cannot be trusted.
    pub async fn find(&self, id: ApiKeyId) -> Result<Option<KeyView>, KeyError> {
        if let Some(found) = self.store.find_key(&id).await? {
            let key = Box::new(self.open(id, &found.record)?);
            return Ok(Some(KeyView::Ours {
                key,
                last_used_at: None,
            }));
        }
        if id.is_seed() && self.store.may_hold_seed_keys() {
            return Ok(self
                .store
                .find_seed_key(&id)
                .await?
                .map(|(seed, _)| KeyView::Seed(seed)));
        }
        Ok(None)
    }

    /// The time by which keys are judged here.
    ///
    /// # Errors
    /// Fails where it is not known.
    pub fn now(&self) -> Result<Timestamp, KeyError> {
        self.clock.now().ok_or(KeyError::ClockUnknown)
    }

    pub(super) fn terms_at(&self, now: Timestamp) -> Terms<'_> {
        Terms {
            format: &self.terms.format,
            salts: &self.salts,
            limits: self.terms.limits,
            now,
        }
    }

    pub(super) fn open(&self, id: ApiKeyId, record: &[u8]) -> Result<ApiKey, KeyError> {
        ApiKey::open(&self.salts, id, record).map_err(|source| KeyError::Untrusted { id, source })
    }

    pub(super) fn new_record(&self, key: &ApiKey) -> NewRecord {
        NewRecord {
            id: key.id,
            owner: key.owner_tag(),
            record: key.seal(&self.salts),
            created_at: key.created_at,
            expires_at: key.expires_at,
        }
    }
}
