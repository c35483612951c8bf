//! Sessions as gates find them: by a cookie of their own.

use super::{HeldSession, SessionError, Sessions, Stored};
use crate::domain::evidence::LiveSession;
use crate::domain::identity::{CredentialKind, Identity};
use crate::domain::session::{GateCookie, Session};

impl Sessions {
    /// The cookie by which gates know a session; `None` where it has no name
    /// that a cookie could tell, which none of ours has.
    pub fn gate_cookie(&self, held: &HeldSession) -> Option<GateCookie> {
        GateCookie::of(&self.salts, &held.name)
    }

    /// The session of a gate's cookie; `None` where it ended, never was, or needs
    /// a new password first. Notes the use, at most once a minute.
    ///
    /// # Errors
    /// Fails where that cannot be told.
    pub async fn find_at_gate(
        &self,
        cookie: &GateCookie,
    ) -> Result<Option<LiveSession>, SessionError> {
        let now = self.now()?;
        let Some(name) = cookie.session(&self.salts) else {
            return Ok(None);
        };
        let Some(record) = self.store.find_record(&name).await? else {
            return Ok(None);
        };
        let session = Session::open(&self.salts, &name, &record)?;
        let stored = Stored {
            name,
            record,
            session,
        };
        if stored.session.must_change_password {
            return Ok(None);
        }
        let Some((stored, principal)) = self.stands(stored, now).await? else {
            return Ok(None);
        };
        // What somebody may put on a key, they may use themselves.
        let mut scopes = stored.session.scopes.clone();
        scopes.extend(principal.scopes.unwrap_or_default());
        let identity = Identity {
            owner: stored.session.owner.clone(),
            tenant: stored.session.tenant.clone(),
            groups: principal.groups,
            scopes,
            email: principal.email,
            name: principal.name,
            admin: principal.admin,
            method: CredentialKind::Session,
            key_id: None,
        };
        self.note_use(stored, now).await;
        Ok(Some(LiveSession::assert_live(identity)))
    }
}
