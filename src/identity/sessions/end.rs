//! The end of sessions, one or many. Ending works where records cannot be read.

use super::super::owners::OwnerError;
use super::{SessionError, Sessions};
use crate::domain::api_key::OwnerTag;
use crate::domain::record_name::ListName;
use crate::domain::session::{
    Session, SessionCookie, SessionId, list_of_owner, list_of_provider_subject, list_of_sid,
};
use crate::domain::subject::{Owner, Tenant};

/// Which sessions a provider means.
#[derive(Clone, Copy, Debug)]
pub enum AtProviderWhich<'w> {
    /// Those of one session of its own, and of nobody but that subject if it is named.
    Sid {
        /// Its name for that session.
        sid: &'w str,
        /// Its name for whose it is.
        subject: Option<&'w str>,
    },
    /// All of somebody, by its own name for them.
    Subject(&'w str),
}

impl AtProviderWhich<'_> {
    fn means(&self, session: &Session) -> bool {
        match self {
            Self::Sid { subject, .. } => {
                subject.is_none_or(|subject| session.provider_subject.as_deref() == Some(subject))
            }
            Self::Subject(_) => true,
        }
    }
}

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

    /// Ends the sessions that a provider means, and gives them (OpenID Connect
    /// Back-Channel Logout 1.0, section 2.7).
    ///
    /// # Errors
    /// Fails where the store does: try again, some may have been ended.
    pub async fn end_at_provider(
        &self,
        provider: &str,
        which: AtProviderWhich<'_>,
    ) -> Result<Vec<Session>, SessionError> {
        let list = match which {
            AtProviderWhich::Sid { sid, .. } => list_of_sid(provider, sid),
            AtProviderWhich::Subject(subject) => list_of_provider_subject(provider, subject),
        };
        let mut ended = Vec::new();
        for (name, record) in self.records_in(list).await? {
            let Ok(session) = Session::open(&self.salts, &name, &record) else {
                // It cannot be told whose it was; it is of no more use to anybody.
                self.store.remove_record(&name).await?;
                continue;
            };
            if which.means(&session) && self.store.remove_record(&name).await? {
                ended.push(session);
            }
        }
        Ok(ended)
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
