//! Many keys at a time: revoked in one go, and taken back.

use std::collections::BTreeMap;

use super::access::{Actor, KeysOf};
use super::error::KeyError;
use super::service::KeyService;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::lifecycle::Refusal;
use crate::domain::subject::{Owner, Tenant};

impl KeyService {
    /// Revokes keys of many owners, each in the name of whoever acts.
    ///
    /// # Errors
    /// Fails where the store does; what is gone by then stays gone.
    pub async fn revoke_across(
        &self,
        tenant: &Tenant,
        keys: Vec<(Owner, ApiKeyId)>,
        actor: &Actor,
        reason: Option<&str>,
        undoable: bool,
    ) -> Result<usize, KeyError> {
        let of = |owner: &Owner| {
            let keys = self.keys_of(tenant.clone(), owner.clone(), actor.clone());
            keys.because(reason)
        };
        let by_owner = by_owner(keys);
        if undoable {
            for (owner, ids) in &by_owner {
                of(owner).may_be_held_back(ids).await?;
            }
        }
        let mut revoked = 0;
        for (owner, ids) in by_owner {
            revoked += of(&owner).revoke_many(&ids, undoable).await?;
        }
        Ok(revoked)
    }

    /// Takes the revocation of keys of many owners back, where it is not final,
    /// and says how many it were.
    ///
    /// # Errors
    /// Fails where the store does; what is back by then stays back.
    pub async fn restore_across(
        &self,
        tenant: &Tenant,
        keys: Vec<(Owner, ApiKeyId)>,
        actor: &Actor,
    ) -> Result<usize, KeyError> {
        let mut restored = 0;
        for (owner, ids) in by_owner(keys) {
            let keys = self.keys_of(tenant.clone(), owner, actor.clone());
            for id in ids {
                match keys.restore(id).await {
                    Ok(_) => restored += 1,
                    Err(
                        KeyError::NotFound
                        | KeyError::Refused(Refusal::NotBeingRevoked | Refusal::RevocationFinal),
                    ) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(restored)
    }
}

impl KeysOf<'_> {
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
        if undoable {
            self.may_be_held_back(ids).await?;
        }
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

fn by_owner(keys: Vec<(Owner, ApiKeyId)>) -> BTreeMap<Owner, Vec<ApiKeyId>> {
    let mut by_owner: BTreeMap<Owner, Vec<ApiKeyId>> = BTreeMap::new();
    for (owner, id) in keys {
        by_owner.entry(owner).or_default().push(id);
    }
    by_owner
}
