//! The beginning of a session, and its renewal.

use std::net::IpAddr;

use super::super::owners::Profile;
use super::{HeldSession, SessionError, Sessions};
use crate::domain::api_key::OwnerTag;
use crate::domain::record_name::RecordName;
use crate::domain::secret::Secret;
use crate::domain::session::{
    Session, SessionCookie, SessionId, SignInMethod, USER_AGENT_BYTES_MAX,
};
use crate::domain::subject::{Owner, Scope, Tenant};
use crate::domain::vault;
use crate::store::StoreError;
use crate::store::records::Condition;

/// How many sessions somebody has at most; another one ends the one that was
/// not used for longest.
const PER_OWNER_MAX: usize = 100;
/// The longest token of a provider that is kept.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// Somebody who just signed in, and how.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The organisation.
    pub tenant: Tenant,
    /// Who.
    pub owner: Owner,
    /// What the provider or the account says of them.
    pub profile: Profile,
    /// What the provider granted, if it named scopes.
    pub scopes: Vec<Scope>,
    /// How.
    pub method: SignInMethod,
    /// At which provider, where it was one.
    pub provider: Option<AtProvider>,
    /// Whether nothing but a new password is accepted until there is one.
    pub must_change_password: bool,
}

/// What is known of a sign-in at a provider.
#[derive(Clone, Debug)]
pub struct AtProvider {
    /// Its name in the settings.
    pub id: String,
    /// What it calls whoever signed in (`sub`).
    pub subject: String,
    /// What it calls its own session (`sid`), if it says.
    pub sid: Option<String>,
    /// The ID token, for signing out there.
    pub id_token: Secret<String>,
    /// What the provider is asked with whether it still stands by them; none
    /// where it is not asked.
    pub refresh_token: Option<Secret<String>>,
}

/// What they signed in with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Browser {
    /// What it calls itself.
    pub user_agent: String,
    /// Where it is.
    pub address: Option<IpAddr>,
}

impl Sessions {
    /// Begins a session with a new cookie, writes down what is said of its owner,
    /// and ends the session of the cookie that the browser had before.
    ///
    /// # Errors
    /// [`SessionError::OwnerDisabled`] where everything of the owner is refused.
    pub async fn begin(
        &self,
        who: &SignedIn,
        browser: &Browser,
        former: Option<&SessionCookie>,
    ) -> Result<(SessionCookie, Session), SessionError> {
        let now = self.now()?;
        let tag = OwnerTag::new(&who.tenant, &who.owner);
        if self
            .owners
            .vouch(&who.tenant, &who.owner, &who.profile)
            .await?
            .disabled
        {
            return Err(SessionError::OwnerDisabled);
        }
        self.make_room(&tag).await?;
        let cookie = SessionCookie::draw(self.entropy.as_ref())?;
        let name = cookie.record_name(self.salts.active());
        let provider = who.provider.as_ref();
        let session = Session {
            id: SessionId::draw(self.entropy.as_ref())?,
            tenant: who.tenant.clone(),
            owner: who.owner.clone(),
            scopes: who.scopes.clone(),
            method: who.method,
            provider: provider.map(|at| at.id.clone()),
            provider_sid: provider.and_then(|at| at.sid.clone()),
            provider_subject: provider.map(|at| at.subject.clone()),
            id_token: self.lock_up(provider.map(|at| &at.id_token), &name)?,
            refresh_token: self
                .lock_up(provider.and_then(|at| at.refresh_token.as_ref()), &name)?,
            confirmed_at: provider.map(|_| now),
            asked_at: None,
            must_change_password: who.must_change_password,
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(self.lifetimes.absolute),
            user_agent: shortened(&browser.user_agent),
            address: browser.address.map(|address| address.to_string()),
        };
        self.file(&name, &session).await?;
        // Somebody may have disabled the owner since, and ended all sessions
        // that there were.
        if self.owners.is_disabled(&tag).await? {
            self.store.remove_record(&name).await?;
            return Err(SessionError::OwnerDisabled);
        }
        if let Some(former) = former {
            self.end(former).await?;
        }
        Ok((cookie, session))
    }

    /// Gives a session another cookie and another id: after its owner proved who
    /// they are once more, as with a new password, which they then have.
    ///
    /// # Errors
    /// Fails where the store does; then the former cookie still holds.
    pub async fn renew(
        &self,
        held: &HeldSession,
    ) -> Result<(SessionCookie, Session), SessionError> {
        let cookie = SessionCookie::draw(self.entropy.as_ref())?;
        let name = cookie.record_name(self.salts.active());
        let session = Session {
            id: SessionId::draw(self.entropy.as_ref())?,
            id_token: self.lock_up(self.id_token(held).as_ref(), &name)?,
            refresh_token: self.lock_up(self.refresh_token(held).as_ref(), &name)?,
            must_change_password: false,
            last_seen_at: self.now()?,
            ..held.session.clone()
        };
        self.file(&name, &session).await?;
        self.store.remove_record(&held.name).await?;
        Ok((cookie, session))
    }

    async fn file(&self, name: &RecordName, session: &Session) -> Result<(), SessionError> {
        let sheet = self.sheet(name, session);
        if self.store.put_record(&sheet, Condition::Absent).await? {
            return Ok(());
        }
        // 256 random bits do not come twice.
        let reason = "a new session has the name of another".to_owned();
        Err(StoreError::Corrupt(reason).into())
    }

    async fn make_room(&self, owner: &OwnerTag) -> Result<(), SessionError> {
        let mut stored = self.stored_of(owner).await?;
        stored.sort_by_key(|stored| stored.session.last_seen_at);
        let too_many = (stored.len() + 1).saturating_sub(PER_OWNER_MAX);
        for oldest in stored.iter().take(too_many) {
            self.store.remove_record(&oldest.name).await?;
        }
        Ok(())
    }

    pub(super) fn lock_up(
        &self,
        token: Option<&Secret<String>>,
        name: &RecordName,
    ) -> Result<Option<Vec<u8>>, SessionError> {
        let Some(token) = token.filter(|token| token.expose().len() <= TOKEN_BYTES_MAX) else {
            return Ok(None);
        };
        let key = self.salts.active().vault_key();
        let token = token.expose().as_bytes();
        let sealed = vault::encrypt(key, &name.full(), token, self.entropy.as_ref())?;
        Ok(Some(sealed))
    }
}

/// Without control characters, which would be trouble in a terminal.
fn shortened(user_agent: &str) -> String {
    let mut text = String::new();
    for c in user_agent.chars().filter(|c| !c.is_control()) {
        if text.len() + c.len_utf8() > USER_AGENT_BYTES_MAX {
            break;
        }
        text.push(c);
    }
    text
}
