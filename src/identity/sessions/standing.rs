//! Whether a provider still stands by somebody who signed in there. It is asked
//! when their session is used and its last word is old, by the session's refresh
//! token, by one process at a time. What it says of their groups counts from
//! then on; where it no longer stands by them, the session is over.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::super::owners::Profile;
use super::{SessionError, Sessions, Stored};
use crate::domain::record_name::RecordName;
use crate::domain::secret::Secret;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::vault;
use crate::store::records::Condition;

/// How long nobody asks again, after asking in vain or while somebody asks.
const PAUSE: Duration = Duration::from_mins(1);
/// How often a session is written anew after somebody else was faster.
const ATTEMPTS: usize = 8;

/// When a provider is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingTerms {
    /// How old its last word may be.
    pub every: Duration,
    /// How much older, while it cannot be asked.
    pub bridged: Duration,
}

/// What a provider says.
#[derive(Debug)]
pub enum Word {
    /// It stands by them.
    Confirmed(Box<Confirmed>),
    /// It does not: the session is over.
    Over,
    /// It cannot be asked now.
    Unknown,
}

/// What comes with a provider's word.
#[derive(Debug, Default)]
pub struct Confirmed {
    /// What it says of them, if it says anything.
    pub profile: Option<Profile>,
    /// What to ask with the next time, if not with the same.
    pub refresh_token: Option<Secret<String>>,
    /// A newer ID token, for signing out there.
    pub id_token: Option<Secret<String>>,
}

/// Who can ask providers.
#[async_trait]
pub trait Standing: Send + Sync {
    /// When that provider is asked; `None` where it is not.
    fn terms(&self, provider: &str) -> Option<StandingTerms>;

    /// Asks the provider of a session.
    async fn ask(&self, session: &Session, refresh_token: &Secret<String>) -> Word;
}

impl Sessions {
    /// Has providers asked from now on. Only the first who can ask counts.
    pub fn have_asked(&self, standing: Arc<dyn Standing>) {
        let _ = self.standing.set(standing);
    }

    /// The session once its provider was asked, if that is due; `None` where it
    /// is over.
    pub(super) async fn confirm(
        &self,
        stored: Stored,
        now: Timestamp,
    ) -> Result<Option<Stored>, SessionError> {
        let Some((standing, terms)) = self.who_asks(&stored.session) else {
            return Ok(Some(stored));
        };
        let session = &stored.session;
        let due_at = session
            .confirmed_at
            .unwrap_or(session.created_at)
            .plus(terms.every);
        if now < due_at {
            return Ok(Some(stored));
        }
        let waits = session.asked_at.is_some_and(|at| now < at.plus(PAUSE));
        let asking = if waits {
            None
        } else {
            self.claim(&stored, now).await?
        };
        let Some(asking) = asking else {
            return bridge(stored, due_at.plus(terms.bridged), now);
        };
        // Once begun it is finished, even if nobody waits for it any more: the
        // provider may take each refresh token only once.
        let this = self.clone();
        let asked = tokio::spawn(async move { this.ask(standing, asking, now).await }).await;
        match asked.map_err(|_| SessionError::StandingUnknown)?? {
            Answered::Holds(stored) => Ok(Some(*stored)),
            Answered::Over => Ok(None),
            Answered::Unknown => bridge(stored, due_at.plus(terms.bridged), now),
        }
    }

    fn who_asks(&self, session: &Session) -> Option<(Arc<dyn Standing>, StandingTerms)> {
        let standing = self.standing.get()?;
        session.refresh_token.as_ref()?;
        let terms = standing.terms(session.provider.as_deref()?)?;
        Some((Arc::clone(standing), terms))
    }

    /// Writes down that the provider is being asked; `None` where somebody else
    /// was faster.
    async fn claim(&self, stored: &Stored, now: Timestamp) -> Result<Option<Stored>, SessionError> {
        let session = Session {
            asked_at: Some(now),
            ..stored.session.clone()
        };
        self.put(stored, session).await
    }

    async fn ask(
        &self,
        standing: Arc<dyn Standing>,
        stored: Stored,
        now: Timestamp,
    ) -> Result<Answered, SessionError> {
        let token = self.unlock(&stored.name, stored.session.refresh_token.as_ref());
        let word = match &token {
            Some(token) => standing.ask(&stored.session, token).await,
            // Its salt is no longer accepted.
            None => Word::Over,
        };
        match word {
            Word::Confirmed(confirmed) => self.write_down(stored, *confirmed, now).await,
            Word::Unknown => Ok(Answered::Unknown),
            Word::Over => {
                let id = stored.session.id;
                tracing::info!(session.id = %id, "a session is over: its provider does not stand by it");
                self.store.remove_record(&stored.name).await?;
                Ok(Answered::Over)
            }
        }
    }

    /// The refresh token is kept even where the rest cannot be written: the
    /// former one may be worth nothing any more.
    async fn write_down(
        &self,
        mut stored: Stored,
        word: Confirmed,
        now: Timestamp,
    ) -> Result<Answered, SessionError> {
        let vouched = match &word.profile {
            Some(profile) => {
                let Session { tenant, owner, .. } = &stored.session;
                self.owners.vouch(tenant, owner, profile).await.map(drop)
            }
            None => Ok(()),
        };
        let refresh_token = self.lock_up(word.refresh_token.as_ref(), &stored.name)?;
        let id_token = self.lock_up(word.id_token.as_ref(), &stored.name)?;
        for _ in 0..ATTEMPTS {
            let mut session = stored.session.clone();
            session.refresh_token = refresh_token.clone().or(session.refresh_token);
            session.id_token = id_token.clone().or(session.id_token);
            if vouched.is_ok() {
                (session.confirmed_at, session.asked_at) = (Some(now), None);
            }
            if let Some(written) = self.put(&stored, session).await? {
                vouched?;
                return Ok(Answered::Holds(Box::new(written)));
            }
            let Some(record) = self.store.find_record(&stored.name).await? else {
                return Ok(Answered::Over);
            };
            stored.session = Session::open(&self.salts, &stored.name, &record)?;
            stored.record = record;
        }
        Err(SessionError::StandingUnknown)
    }

    /// Writes a session in place of what it was; `None` where that changed.
    async fn put(&self, before: &Stored, session: Session) -> Result<Option<Stored>, SessionError> {
        let sheet = self.sheet(&before.name, &session);
        let unchanged = Condition::Unchanged(&before.record);
        let is_written = self.store.put_record(&sheet, unchanged).await?;
        Ok(is_written.then_some(Stored {
            name: sheet.name,
            record: sheet.record,
            session,
        }))
    }

    /// A token of the provider that was locked up under that name.
    pub(super) fn unlock(
        &self,
        name: &RecordName,
        sealed: Option<&Vec<u8>>,
    ) -> Option<Secret<String>> {
        let (sealed, name) = (sealed?, name.full());
        let mut salts = self.salts.accepted().iter();
        let token = salts.find_map(|salt| vault::decrypt(salt.vault_key(), &name, sealed).ok())?;
        String::from_utf8(token.expose().clone())
            .ok()
            .map(Secret::new)
    }
}

/// What became of asking.
enum Answered {
    Holds(Box<Stored>),
    Over,
    Unknown,
}

/// A session whose provider cannot be asked holds for some time more.
fn bridge(
    stored: Stored,
    until: Timestamp,
    now: Timestamp,
) -> Result<Option<Stored>, SessionError> {
    if now < until {
        return Ok(Some(stored));
    }
    Err(SessionError::StandingUnknown)
}
