//! Sessions: begun when somebody signed in, found by their cookie, ended by
//! whoever may.
//!
//! A session says who somebody is; what they are stands in the owner's record,
//! which is asked each time. Where that record is gone, the session is over:
//! signing in anew writes it again.

mod begin;
mod end;
mod error;
mod gate;
mod standing;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use begin::{AtProvider, Browser, SignedIn};
pub use end::AtProviderWhich;
pub use error::SessionError;
pub use standing::{Confirmed, Standing, StandingTerms, Word};

use super::owners::Owners;
use crate::domain::api_key::OwnerTag;
use crate::domain::entropy::Entropy;
use crate::domain::identity::{CredentialKind, Identity};
use crate::domain::principal::Principal;
use crate::domain::record_name::{ListName, RecordName};
use crate::domain::salt::Salts;
use crate::domain::secret::Secret;
use crate::domain::session::{Session, SessionCookie, list_of_owner};
use crate::domain::time::{Clock, Timestamp};
use crate::store::Store;
use crate::store::records::{Condition, NewSheet};

/// After what time the last use of a session is written down again.
const SEEN_EVERY: Duration = Duration::from_mins(1);
/// How many sessions are read at a time.
const PAGE: usize = 200;

/// How long sessions last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// Without use.
    pub idle: Duration,
    /// At most.
    pub absolute: Duration,
}

/// All sessions.
#[derive(Clone)]
pub struct Sessions {
    store: Arc<dyn Store>,
    owners: Arc<Owners>,
    salts: Salts,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    lifetimes: Lifetimes,
    standing: OnceLock<Arc<dyn Standing>>,
}

/// A session whose cookie was presented just now, and who it proves.
#[derive(Clone, Debug)]
pub struct HeldSession {
    /// The session.
    pub session: Session,
    /// Its owner, as they are known now.
    pub identity: Arc<Identity>,
    /// When it ends if it is not used again.
    pub idle_expires_at: Timestamp,
    cookie: SessionCookie,
    name: RecordName,
}

impl HeldSession {
    /// The cookie that was presented.
    pub fn cookie(&self) -> &SessionCookie {
        &self.cookie
    }
}

/// A record with its name, as it is stored.
struct Stored {
    name: RecordName,
    record: Vec<u8>,
    session: Session,
}

impl Sessions {
    /// Joins the parts.
    pub fn new(
        store: Arc<dyn Store>,
        owners: Arc<Owners>,
        salts: Salts,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        lifetimes: Lifetimes,
    ) -> Self {
        Self {
            store,
            owners,
            salts,
            clock,
            entropy,
            lifetimes,
            standing: OnceLock::new(),
        }
    }

    /// How long they last.
    pub fn lifetimes(&self) -> Lifetimes {
        self.lifetimes
    }

    /// What hashes their cookies, for the tokens of their pages.
    pub fn salts(&self) -> &Salts {
        &self.salts
    }

    /// The records of owners.
    pub fn owners(&self) -> &Arc<Owners> {
        &self.owners
    }

    /// The session of a cookie; `None` where it ended or never was. Notes the
    /// use, at most once a minute.
    ///
    /// # Errors
    /// Fails where that cannot be told.
    pub async fn find(&self, cookie: &SessionCookie) -> Result<Option<HeldSession>, SessionError> {
        let now = self.now()?;
        let Some(stored) = self.load(cookie).await? else {
            return Ok(None);
        };
        let Some((stored, principal)) = self.stands(stored, now).await? else {
            return Ok(None);
        };
        let session = &stored.session;
        let identity = Identity {
            owner: session.owner.clone(),
            tenant: session.tenant.clone(),
            groups: principal.groups,
            scopes: session.scopes.clone(),
            email: principal.email,
            name: principal.name,
            admin: principal.admin,
            method: CredentialKind::Session,
            key_id: None,
        };
        let (session, name) = self.note_use(stored, now).await;
        Ok(Some(HeldSession {
            idle_expires_at: session.ends_at(self.lifetimes.idle),
            session,
            identity: Arc::new(identity),
            cookie: cookie.clone(),
            name,
        }))
    }

    /// A session that is not over, with what is known of its owner; `None` where it is.
    async fn stands(
        &self,
        stored: Stored,
        now: Timestamp,
    ) -> Result<Option<(Stored, Principal)>, SessionError> {
        if stored.session.ends_at(self.lifetimes.idle) <= now {
            self.store.remove_record(&stored.name).await?;
            return Ok(None);
        }
        let Some(stored) = self.confirm(stored, now).await? else {
            return Ok(None);
        };
        let session = &stored.session;
        let Some(principal) = self.owners.find(&session.owner_tag()).await? else {
            tracing::warn!(session.id = %session.id, "a session is over: its owner is not known");
            return Ok(None);
        };
        if principal.disabled {
            self.store.remove_record(&stored.name).await?;
            return Ok(None);
        }
        Ok(Some((stored, principal)))
    }

    /// The sessions of an owner, the one that was used last in front.
    ///
    /// # Errors
    /// Fails where the store does or a record cannot be trusted.
    pub async fn list(&self, owner: &OwnerTag) -> Result<Vec<Session>, SessionError> {
        let stored = self.stored_of(owner).await?;
        let mut sessions: Vec<_> = stored.into_iter().map(|stored| stored.session).collect();
        sessions.sort_by_key(|session| std::cmp::Reverse((session.last_seen_at, session.id)));
        Ok(sessions)
    }

    /// The ID token that the provider gave at sign-in, for signing out there.
    /// `None` where it gave none, or where its salt is no longer accepted.
    pub fn id_token(&self, held: &HeldSession) -> Option<Secret<String>> {
        self.unlock(&held.name, held.session.id_token.as_ref())
    }

    /// The refresh token, likewise.
    fn refresh_token(&self, held: &HeldSession) -> Option<Secret<String>> {
        self.unlock(&held.name, held.session.refresh_token.as_ref())
    }

    fn now(&self) -> Result<Timestamp, SessionError> {
        self.clock.now().ok_or(SessionError::ClockUnknown)
    }

    async fn load(&self, cookie: &SessionCookie) -> Result<Option<Stored>, SessionError> {
        for salt in self.salts.accepted() {
            let name = cookie.record_name(salt);
            if let Some(record) = self.store.find_record(&name).await? {
                let session = Session::open(&self.salts, &name, &record)?;
                return Ok(Some(Stored {
                    name,
                    record,
                    session,
                }));
            }
        }
        Ok(None)
    }

    /// Pushes the end of a session forward. One that was ended meanwhile stays
    /// ended, and a store that takes no writes ends none before its time.
    async fn note_use(&self, stored: Stored, now: Timestamp) -> (Session, RecordName) {
        let Stored {
            name,
            record,
            mut session,
        } = stored;
        if now < session.last_seen_at.plus(SEEN_EVERY) {
            return (session, name);
        }
        let before = session.last_seen_at;
        session.last_seen_at = now;
        let sheet = self.sheet(&name, &session);
        match self
            .store
            .put_record(&sheet, Condition::Unchanged(&record))
            .await
        {
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "the use of a session was not written down");
                session.last_seen_at = before;
            }
        }
        (session, name)
    }

    fn sheet(&self, name: &RecordName, session: &Session) -> NewSheet {
        NewSheet {
            name: name.clone(),
            record: session.seal(&self.salts, name),
            expires_at: Some(session.ends_at(self.lifetimes.idle)),
            lists: session.lists(),
        }
    }

    async fn stored_of(&self, owner: &OwnerTag) -> Result<Vec<Stored>, SessionError> {
        let now = self.now()?;
        let mut stored = Vec::new();
        for (name, record) in self.records_in(list_of_owner(owner)).await? {
            let session = Session::open(&self.salts, &name, &record)?;
            if session.ends_at(self.lifetimes.idle) > now && session.owner_tag() == *owner {
                stored.push(Stored {
                    name,
                    record,
                    session,
                });
            }
        }
        Ok(stored)
    }

    async fn records_in(
        &self,
        list: Option<ListName>,
    ) -> Result<Vec<(RecordName, Vec<u8>)>, SessionError> {
        let Some(list) = list else {
            return Ok(Vec::new());
        };
        let (mut records, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.list_records(&list, after.as_ref(), PAGE).await?;
            after = page.last().map(|(name, _)| name.clone());
            let is_last = page.len() < PAGE;
            records.extend(page);
            if is_last {
                return Ok(records);
            }
        }
    }
}
