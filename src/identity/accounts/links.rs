//! One-time links: an administrator makes one and hands it over, whoever it is
//! for sets a password with it.

use super::sign_in::{Counted, set_password};
use super::{AccountError, Accounts, Doer, signed_in};
use crate::audit::{Action, Origin};
use crate::domain::account::link::{Link, LinkPurpose, LinkToken};
use crate::domain::account::{Account, Username};
use crate::domain::record_name::{RecordName, Shelf};
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;
use crate::identity::sessions::SignedIn;
use crate::store::records::{Condition, NewSheet};

/// A link that was made just now; its token is nowhere else.
#[derive(Clone, Debug)]
pub struct IssuedLink {
    /// What opens it.
    pub token: LinkToken,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl IssuedLink {
    /// The link for a browser. The token stands behind the `#`, which browsers
    /// keep to themselves: no log of a server or a proxy holds it.
    pub fn url(&self, base_url: &str) -> Secret<String> {
        let base = base_url.trim_end_matches('/');
        Secret::new(format!("{base}/welcome#{}", self.token.expose()))
    }
}

/// What a link says before it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedAt {
    /// Whose password it sets.
    pub username: Username,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl Accounts {
    /// Makes a link for an account, in place of any other: an invitation where
    /// there is no password yet, a reset where there is one. The password that
    /// there is holds until the link is used.
    ///
    /// # Errors
    /// [`AccountError::NotFound`] where there is no such account.
    pub async fn issue_link(
        &self,
        username: &Username,
        by: &Doer,
    ) -> Result<IssuedLink, AccountError> {
        let now = self.now()?;
        let token = LinkToken::draw(self.entropy.as_ref())?;
        let name = token.record_name(self.salts.active());
        let stored = self.load(username).await?.ok_or(AccountError::NotFound)?;
        let former = stored.account.link.clone();
        let account = self
            .change(username, |account| {
                account.link = Some(name.as_str().to_owned());
                Ok(())
            })
            .await?;
        let (purpose, life) = match account.password {
            None => (LinkPurpose::Invitation, self.options.invitation_life),
            Some(_) => (LinkPurpose::Reset, self.options.reset_life),
        };
        let link = Link {
            username: username.clone(),
            purpose,
            expires_at: now.plus(life),
        };
        let sheet = NewSheet {
            record: link.seal(&self.salts, &name),
            name,
            expires_at: Some(link.expires_at),
            lists: Vec::new(),
        };
        self.store.put_record(&sheet, Condition::Always).await?;
        if let Some(former) = former.and_then(|name| RecordName::new(Shelf::OneTime, &name).ok()) {
            self.store.remove_record(&former).await?;
        }
        let action = match purpose {
            LinkPurpose::Invitation => Action::AccountInvited,
            LinkPurpose::Reset => Action::AccountReset,
        };
        self.note(action, username, by).await;
        Ok(IssuedLink {
            token,
            purpose,
            expires_at: link.expires_at,
        })
    }

    /// What a link is for, without using it up.
    ///
    /// # Errors
    /// [`AccountError::LinkInvalid`] where it is for nothing.
    pub async fn look_at_link(&self, token: &str) -> Result<LookedAt, AccountError> {
        let (_, link) = self.find_link(token).await?;
        Ok(LookedAt {
            username: link.username,
            purpose: link.purpose,
            expires_at: link.expires_at,
        })
    }

    /// Sets a password by way of a link, which is used up by it. All sessions of
    /// the account end, failures are forgotten, and its owner is signed in.
    ///
    /// # Errors
    /// [`AccountError::Password`] where the password is not accepted: then the
    /// link is still good.
    pub async fn use_link(
        &self,
        token: &str,
        password: &Secret<String>,
        origin: &Origin,
    ) -> Result<SignedIn, AccountError> {
        let now = self.now()?;
        let (name, link) = self.find_link(token).await?;
        self.options.rules.check(password, &link.username)?;
        let hash = self.hashing.hash(password).await?;
        // Of many who use it at once, one gets it.
        if self.store.take_record(&name).await?.is_none() {
            return Err(AccountError::LinkInvalid);
        }
        let account = self
            .change(&link.username, |account| {
                if account.disabled || account.link.as_deref() != Some(name.as_str()) {
                    return Err(AccountError::LinkInvalid);
                }
                set_password(account, hash.clone(), now);
                account.last_sign_in_at = Some(now);
                Ok(())
            })
            .await
            .map_err(|error| match error {
                AccountError::NotFound => AccountError::LinkInvalid,
                error => error,
            })?;
        let signed_in = signed_in(&account)?;
        let tag = super::tag_of(&account.username)?;
        self.sessions.end_all_of(&tag, None).await?;
        let counter = self.counter(Counted::SignIn, account.username.as_str());
        self.store.remove_record(&counter).await?;
        let by = Doer::oneself(&account.username, origin);
        self.note(Action::AccountPasswordChanged, &account.username, &by)
            .await;
        Ok(signed_in)
    }

    /// Until when the newest link of an account is good; `None` where there is
    /// none, or none any more.
    pub(super) async fn end_of_link(
        &self,
        account: &Account,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, AccountError> {
        let Some(name) = &account.link else {
            return Ok(None);
        };
        let Ok(name) = RecordName::new(Shelf::OneTime, name) else {
            return Ok(None);
        };
        let Some(record) = self.store.find_record(&name).await? else {
            return Ok(None);
        };
        let link = Link::open(&self.salts, &name, &record)?;
        Ok(Some(link.expires_at).filter(|end| *end > now))
    }

    /// The link of a token, if it is good and the newest of its account.
    async fn find_link(&self, token: &str) -> Result<(RecordName, Link), AccountError> {
        let now = self.now()?;
        let token = LinkToken::parse(token).ok_or(AccountError::LinkInvalid)?;
        for salt in self.salts.accepted() {
            let name = token.record_name(salt);
            let Some(record) = self.store.find_record(&name).await? else {
                continue;
            };
            let link = Link::open(&self.salts, &name, &record)?;
            let stored = self.load(&link.username).await?;
            let is_newest = stored.is_some_and(|stored| {
                let account = stored.account;
                !account.disabled && account.link.as_deref() == Some(name.as_str())
            });
            if is_newest && link.expires_at > now {
                return Ok((name, link));
            }
        }
        Err(AccountError::LinkInvalid)
    }
}
