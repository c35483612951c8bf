//! Answers what a gate would say, by the records that it would say it from.

use std::sync::Arc;

use crate::domain::api_key::record::ApiKey;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::decision::Holder;
use crate::domain::evidence::FiledKey;
use crate::domain::explanation::{Asker, Explanation, GateQuestion};
use crate::domain::facts::RequestFacts;
use crate::domain::identity::{CredentialKind, Identity};
use crate::domain::policy::Policy;
use crate::domain::reason::Reason;
use crate::domain::salt::Salts;
use crate::domain::subject::{Owner, Tenant};
use crate::domain::time::Clock;
use crate::identity::Owners;
use crate::store::Store;

/// Looks up whoever would ask, and asks the gate's rules. Nothing is noted, and
/// nobody passes.
pub struct Explainer {
    store: Arc<dyn Store>,
    salts: Salts,
    owners: Arc<Owners>,
    clock: Arc<dyn Clock>,
}

impl Explainer {
    /// One that reads from that store.
    pub fn new(
        store: Arc<dyn Store>,
        salts: Salts,
        owners: Arc<Owners>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            store,
            salts,
            owners,
            clock,
        }
    }

    /// What the gates of `policy` would say.
    pub async fn explain(&self, policy: &Policy, question: &GateQuestion) -> Explanation {
        let Some(gate) = policy.gate(&question.gate) else {
            return Explanation::refused(Reason::UnknownGate);
        };
        let mut facts = RequestFacts::new(&question.facts);
        match &question.asker {
            Asker::Nobody => Explanation::of(gate, Ok(None), &mut facts),
            Asker::Key(id) => match self.key(*id, question.tenant.as_ref()).await {
                Err(reason) => Explanation::of(gate, Err(reason), &mut facts),
                Ok(filed) => {
                    let holder = Holder {
                        identity: filed.identity(),
                        bounds: filed.bounds(),
                    };
                    Explanation::of(gate, Ok(Some(holder)), &mut facts)
                }
            },
            Asker::Owner(tenant, owner) | Asker::Session(tenant, owner) => {
                let kind = match &question.asker {
                    Asker::Session(..) => CredentialKind::Session,
                    _ => CredentialKind::Jwt,
                };
                match self.owner(tenant, owner, kind).await {
                    Err(reason) => Explanation::of(gate, Err(reason), &mut facts),
                    Ok(identity) => {
                        let holder = Holder {
                            identity: &identity,
                            bounds: None,
                        };
                        Explanation::of(gate, Ok(Some(holder)), &mut facts)
                    }
                }
            }
        }
    }

    async fn key(&self, id: ApiKeyId, tenant: Option<&Tenant>) -> Result<FiledKey, Reason> {
        let found = self.store.find_key(&id).await;
        let found = found.map_err(|_| Reason::StoreUnavailable)?;
        let found = found.ok_or(Reason::KeyUnknown)?;
        let key = ApiKey::open(&self.salts, id, &found.record);
        let key = key.map_err(|_| Reason::RecordUntrusted)?;
        if tenant.is_some_and(|tenant| *tenant != key.tenant) {
            return Err(Reason::KeyUnknown);
        }
        let principal = self.owners.find(&key.owner_tag()).await;
        let principal = principal.map_err(|error| error.reason())?;
        let filed = FiledKey::new(key, principal);
        let now = self.clock.now().ok_or(Reason::ClockUnknown)?;
        filed.standing(now)?;
        Ok(filed)
    }

    async fn owner(
        &self,
        tenant: &Tenant,
        owner: &Owner,
        method: CredentialKind,
    ) -> Result<Identity, Reason> {
        let principal = self.owners.find(&OwnerTag::new(tenant, owner)).await;
        let principal = principal.map_err(|error| error.reason())?;
        // Nobody is signed in of whom nothing is known.
        if principal.is_none() && method == CredentialKind::Session {
            return Err(Reason::SessionUnknown);
        }
        let principal = principal.unwrap_or_default();
        if principal.disabled {
            return Err(Reason::OwnerDisabled);
        }
        Ok(Identity {
            owner: owner.clone(),
            tenant: tenant.clone(),
            groups: principal.groups,
            scopes: principal.scopes.unwrap_or_default(),
            email: principal.email,
            name: principal.name,
            admin: principal.admin,
            method,
            key_id: None,
        })
    }
}
