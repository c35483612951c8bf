//! What is known of owners: written whenever somebody vouches for them, asked
//! whenever they act in person.

use std::sync::Arc;

use crate::domain::api_key::OwnerTag;
use crate::domain::api_key::record::BadRecord;
use crate::domain::disabled::{self, DisabledOwner};
use crate::domain::identity::Identity;
use crate::domain::principal::Principal;
use crate::domain::reason::Reason;
use crate::domain::salt::Salts;
use crate::domain::scope_catalogue::ScopeCatalogue;
use crate::domain::subject::{GroupName, Owner, Tenant};
use crate::domain::time::Clock;
use crate::store::records::{Condition, NewSheet};
use crate::store::{Store, StoreError};

/// How often a record is written anew after somebody else was faster.
const ATTEMPTS: usize = 8;

/// What an issuer, an account or an operator says of somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The groups.
    pub groups: Vec<GroupName>,
    /// Whether an administrator.
    pub admin: bool,
    /// An address to show.
    pub email: Option<String>,
    /// A name to show.
    pub name: Option<String>,
}

impl Profile {
    /// What an identity says.
    pub fn of(identity: &Identity) -> Self {
        Self {
            groups: identity.groups.clone(),
            admin: identity.admin,
            email: identity.email.clone(),
            name: identity.name.clone(),
        }
    }
}

/// Why an owner's record could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum OwnerError {
    /// The store did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored cannot be trusted.
    #[error("the record of an owner cannot be trusted: {0}")]
    Untrusted(#[from] BadRecord),
    /// Others changed it all the while.
    #[error("the record of an owner changes too often at the moment")]
    Contended,
    /// The time is not known.
    #[error("the time is not known")]
    ClockUnknown,
}

impl OwnerError {
    /// What a decision makes of it: always that nothing can be decided.
    pub fn reason(&self) -> Reason {
        match self {
            Self::Store(_) | Self::Contended => Reason::StoreUnavailable,
            Self::Untrusted(_) => Reason::RecordUntrusted,
            Self::ClockUnknown => Reason::ClockUnknown,
        }
    }
}

/// The records of owners.
pub struct Owners {
    store: Arc<dyn Store>,
    salts: Salts,
    clock: Arc<dyn Clock>,
    catalogue: Arc<ScopeCatalogue>,
}

impl Owners {
    /// Joins the parts.
    pub fn new(
        store: Arc<dyn Store>,
        salts: Salts,
        clock: Arc<dyn Clock>,
        catalogue: Arc<ScopeCatalogue>,
    ) -> Self {
        Self {
            store,
            salts,
            clock,
            catalogue,
        }
    }

    /// What is known of an owner, if anything is.
    ///
    /// # Errors
    /// Fails where the store does or the record cannot be trusted.
    pub async fn find(&self, owner: &OwnerTag) -> Result<Option<Principal>, OwnerError> {
        let found = self.store.find_principal(owner).await?;
        let open = |record: Vec<u8>| Principal::open(&self.salts, owner, &record);
        Ok(found.map(open).transpose()?)
    }

    /// Whether everything of an owner is refused, also where all else that was
    /// known of them is lost.
    ///
    /// # Errors
    /// Fails where that cannot be told.
    pub async fn is_disabled(&self, owner: &OwnerTag) -> Result<bool, OwnerError> {
        match self.find(owner).await? {
            Some(principal) => Ok(principal.disabled),
            None => self.is_marked_disabled(owner).await,
        }
    }

    /// The same where it is known already that there is no other record.
    ///
    /// # Errors
    /// Fails where that cannot be told.
    pub async fn is_marked_disabled(&self, owner: &OwnerTag) -> Result<bool, OwnerError> {
        let Some(record) = self.store.find_record(&disabled::name(owner)).await? else {
            return Ok(false);
        };
        DisabledOwner::open(&self.salts, owner, &record)?;
        Ok(true)
    }

    /// Writes down what is said of an owner, keeps what else is known, and gives
    /// the whole.
    ///
    /// # Errors
    /// Fails where the store does or what is known cannot be trusted.
    pub async fn vouch(
        &self,
        tenant: &Tenant,
        owner: &Owner,
        profile: &Profile,
    ) -> Result<Principal, OwnerError> {
        let seen_at = self.clock.now();
        self.change(tenant, owner, |known| Principal {
            groups: profile.groups.clone(),
            scopes: self.catalogue.bound(&profile.groups, profile.admin),
            admin: profile.admin,
            email: profile.email.clone(),
            name: profile.name.clone(),
            seen_at,
            ..known
        })
        .await
    }

    /// Makes sure that there is a record of an owner, which says whose it is and
    /// outlives former salts.
    ///
    /// # Errors
    /// Fails where the store does or what is known cannot be trusted.
    pub async fn introduce(&self, tenant: &Tenant, owner: &Owner) -> Result<(), OwnerError> {
        let tag = OwnerTag::new(tenant, owner);
        if self.find(&tag).await?.is_none_or(|known| !known.is_current) {
            self.change(tenant, owner, |known| known).await?;
        }
        Ok(())
    }

    /// Refuses everything of an owner from now on. Sessions are ended by
    /// [`Sessions::disable_owner`](super::Sessions::disable_owner), which calls this.
    ///
    /// # Errors
    /// Fails where the store does: then the owner may not be disabled.
    pub(super) async fn disable(
        &self,
        tenant: &Tenant,
        owner: &Owner,
        by: &str,
    ) -> Result<(), OwnerError> {
        let tag = OwnerTag::new(tenant, owner);
        let mark = DisabledOwner {
            at: self.clock.now().ok_or(OwnerError::ClockUnknown)?,
            by: by.to_owned(),
        };
        let sheet = NewSheet {
            name: disabled::name(&tag),
            record: mark.seal(&self.salts, &tag),
            expires_at: None,
            lists: Vec::new(),
        };
        // First, so that nobody who finds no other record makes one without it.
        self.store.put_record(&sheet, Condition::Always).await?;
        self.set_disabled(tenant, owner, true).await
    }

    /// Lets an owner back.
    ///
    /// # Errors
    /// Fails where the store does: then the owner may still be disabled.
    pub async fn enable(&self, tenant: &Tenant, owner: &Owner) -> Result<(), OwnerError> {
        self.set_disabled(tenant, owner, false).await?;
        let mark = disabled::name(&OwnerTag::new(tenant, owner));
        self.store.remove_record(&mark).await?;
        Ok(())
    }

    async fn set_disabled(
        &self,
        tenant: &Tenant,
        owner: &Owner,
        disabled: bool,
    ) -> Result<(), OwnerError> {
        let set = |known| Principal { disabled, ..known };
        self.change(tenant, owner, set).await.map(drop)
    }

    /// Changes a record, whoever else changes it at the same time.
    async fn change(
        &self,
        tenant: &Tenant,
        owner: &Owner,
        change: impl Fn(Principal) -> Principal,
    ) -> Result<Principal, OwnerError> {
        let tag = OwnerTag::new(tenant, owner);
        for _ in 0..ATTEMPTS {
            let found = self.store.find_principal(&tag).await?;
            let known = match &found {
                Some(record) => Principal::open(&self.salts, &tag, record)?,
                None => Principal {
                    disabled: self.is_marked_disabled(&tag).await?,
                    ..Principal::default()
                },
            };
            let changed = change(known);
            let record = changed.seal(&self.salts, tenant, owner);
            let swapped = self.store.swap_principal(&tag, found.as_deref(), &record);
            if swapped.await? {
                return Ok(changed);
            }
        }
        Err(OwnerError::Contended)
    }
}
