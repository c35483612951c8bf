//! The end of sessions, one or many. Ending works where records cannot be read.

use super::super::owners::OwnerError;
use super::{SessionError, Sessions};
use crate::domain::api_key::OwnerTag;
use crate::domain::record_name::ListName;
use crate::domain::session::{Session, SessionCookie, SessionId, list_of_owner, list_of_sid};
use crate::domain::subject::{Owner, Tenant};

impl Sessions {
    /// Ends the session of a cookie; false where there was none.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn end(&self, cookie: &SessionCookie) -> Result<bool, SessionError> {
        let mut was_there = false;
        for salt in self.salts.accepted() {
            was_there |= self.store.remove_record(&cookie.record_name(salt)).await?;
        }
        Ok(was_there)
    }

    /// Ends one session of an owner; false where they have none of that id.
    ///
    /// # Errors
    /// Fails where the store does or a record cannot be trusted.
    pub async fn end_one(&self, owner: &OwnerTag, id: SessionId) -> Result<bool, SessionError> {
        let stored = self.stored_of(owner).await?;
        match stored.iter().find(|stored| stored.session.id == id) {
            Some(stored) => Ok(self.store.remove_record(&stored.name).await?),
            None => Ok(false),
        }
    }

    /// Ends all sessions of an owner but one, and says how many that were.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn end_all_of(
        &self,
        owner: &OwnerTag,
        except: Option<SessionId>,
    ) -> Result<usize, SessionError> {
        let keep = |session: &Session| Some(session.id) == except;
        self.end_listed(list_of_owner(owner), keep).await
    }

    /// Ends the sessions that a provider knows by that `sid`, and says how many
    /// that were (OpenID Connect Back-Channel Logout 1.0).
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn end_by_sid(&self, provider: &str, sid: &str) -> Result<usize, SessionError> {
        self.end_listed(list_of_sid(provider, sid), |_| false).await
    }

    /// Ends the sessions that an owner began at that provider.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn end_of_provider(
        &self,
        owner: &OwnerTag,
        provider: &str,
    ) -> Result<usize, SessionError> {
        let keep = |session: &Session| session.provider.as_deref() != Some(provider);
        self.end_listed(list_of_owner(owner), keep).await
    }

    /// Refuses everything of an owner from now on, ends their sessions, and says
    /// how many that were.
    ///
    /// # Errors
    /// Fails where the store does: try again, it may have been done halfway.
    pub async fn disable_owner(
        &self,
        tenant: &Tenant,
        owner: &Owner,
        by: &str,
    ) -> Result<usize, SessionError> {
        self.owners.disable(tenant, owner, by).await?;
        self.end_all_of(&OwnerTag::new(tenant, owner), None).await
    }

    /// Lets an owner back.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn enable_owner(&self, tenant: &Tenant, owner: &Owner) -> Result<(), OwnerError> {
        self.owners.enable(tenant, owner).await
    }

    async fn end_listed(
        &self,
        list: Option<ListName>,
        keep: impl Fn(&Session) -> bool,
    ) -> Result<usize, SessionError> {
        let mut ended = 0;
        for (name, record) in self.records_in(list).await? {
            let is_kept = Session::open(&self.salts, &name, &record).is_ok_and(|s| keep(&s));
            if !is_kept && self.store.remove_record(&name).await? {
                ended += 1;
            }
        }
        Ok(ended)
    }
}
