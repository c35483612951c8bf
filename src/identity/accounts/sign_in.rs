//! Signing in with a password, and changing it.
//!
//! A name that nobody has is treated like one that somebody has: it is counted
//! under a digest of the name, and a password is hashed for nothing.

use std::net::IpAddr;
use std::time::Duration;

use super::hashing::Verdict;
use super::{AccountError, Accounts, BadPassword, Doer, TRIES, owner_of, signed_in, tag_of};
use crate::audit::{Action, Origin};
use crate::domain::account::attempts::{Attempts, REMEMBERED_FOR};
use crate::domain::account::{Account, Username};
use crate::domain::record_name::{RecordName, Shelf};
use crate::domain::secret::Secret;
use crate::domain::subject::Owner;
use crate::domain::time::Timestamp;
use crate::identity::sessions::SignedIn;
use crate::store::records::{Condition, NewSheet};

/// What failures are counted of. One who is signed in changes the password
/// whatever others do to the sign-in.
#[derive(Clone, Copy)]
pub(super) enum Counted {
    SignIn,
    PasswordChange,
}

impl Accounts {
    /// Proves who somebody is by user name and password.
    ///
    /// # Errors
    /// [`AccountError::Refused`] for whatever is wrong, and
    /// [`AccountError::TooManyTries`] where nothing was looked at.
    pub async fn sign_in(
        &self,
        username: &str,
        password: &Secret<String>,
        origin: &Origin,
    ) -> Result<SignedIn, AccountError> {
        let (now, from) = (self.now()?, origin.address);
        let parsed = Username::parse(username).ok();
        let counted = parsed.as_ref().map_or(username, Username::as_str);
        let counter = self.counter(Counted::SignIn, counted);
        self.charge_network(from)?;
        self.charge(&counter, now).await?;
        let stored = match &parsed {
            Some(username) => self.load(username).await?.map(|stored| stored.account),
            None => None,
        };
        let known = stored.is_some();
        let usable = stored.filter(Account::is_usable);
        let hash = usable
            .as_ref()
            .and_then(|account| account.password.as_ref());
        let verdict = self.hashing.verify(password, hash).await?;
        let (Some(account), Verdict::Right { outdated }) = (usable, verdict) else {
            // A name that nobody has may be a password in the wrong field.
            if let Some(username) = parsed.filter(|_| known) {
                let by = Doer::oneself(&username, origin);
                self.note(Action::SessionRefused, &username, &by).await;
            }
            return Err(AccountError::Refused);
        };
        let owners = self.sessions.owners();
        if owners.is_disabled(&tag_of(&account.username)?).await? {
            return Err(AccountError::Refused);
        }
        let account = self.note_sign_in(&account, password, outdated, now).await?;
        self.store.remove_record(&counter).await?;
        if let Some(address) = from {
            self.networks.take_back(address);
        }
        signed_in(&account)
    }

    /// Replaces the password of somebody who is signed in. Their other sessions
    /// end; this one is the caller's to renew.
    ///
    /// # Errors
    /// [`AccountError::WrongPassword`] where the old one is another,
    /// [`AccountError::Password`] where the new one is not accepted.
    pub async fn change_password(
        &self,
        owner: &Owner,
        current: &Secret<String>,
        new: &Secret<String>,
        origin: &Origin,
    ) -> Result<(), AccountError> {
        let now = self.now()?;
        let username =
            Username::parse(owner.subject().as_str()).map_err(|_| AccountError::NotFound)?;
        if owner_of(&username)? != *owner {
            return Err(AccountError::NotFound);
        }
        let stored = self.load(&username).await?.ok_or(AccountError::NotFound)?;
        let before = stored.account.password.clone();
        if !stored.account.is_usable() {
            return Err(AccountError::NotFound);
        }
        let counter = self.counter(Counted::PasswordChange, username.as_str());
        self.charge(&counter, now).await?;
        if self.hashing.verify(current, before.as_ref()).await? == Verdict::Wrong {
            return Err(AccountError::WrongPassword);
        }
        self.store.remove_record(&counter).await?;
        self.options.rules.check(new, &username)?;
        if self.hashing.verify(new, before.as_ref()).await? != Verdict::Wrong {
            return Err(BadPassword::Unchanged.into());
        }
        let hash = self.hashing.hash(new).await?;
        self.change(&username, |account| {
            if account.password != before {
                return Err(AccountError::Contended);
            }
            set_password(account, hash.clone(), now);
            Ok(())
        })
        .await?;
        let by = Doer::oneself(&username, origin);
        self.note(Action::AccountPasswordChanged, &username, &by)
            .await;
        Ok(())
    }

    /// Counts a try before it is looked at, so that many at once count as many.
    async fn charge(&self, counter: &RecordName, now: Timestamp) -> Result<(), AccountError> {
        for _ in 0..TRIES {
            let found = self.store.find_record(counter).await?;
            let known = match &found {
                Some(record) => Attempts::open(&self.salts, counter, record)?,
                None => Attempts::default(),
            };
            if let Some(until) = known.blocked_until(self.options.patience, now) {
                let millis = until.as_millis().saturating_sub(now.as_millis());
                return Err(AccountError::TooManyTries {
                    retry_after: Duration::from_millis(millis),
                });
            }
            let sheet = NewSheet {
                name: counter.clone(),
                record: known.charged(now).seal(&self.salts, counter),
                expires_at: Some(now.plus(REMEMBERED_FOR)),
                lists: Vec::new(),
            };
            let condition = match &found {
                Some(record) => Condition::Unchanged(record),
                None => Condition::Absent,
            };
            if self.store.put_record(&sheet, condition).await? {
                return Ok(());
            }
        }
        // So many at once are nobody who mistyped.
        Err(AccountError::TooManyTries {
            retry_after: Duration::from_secs(1),
        })
    }

    fn charge_network(&self, from: Option<IpAddr>) -> Result<(), AccountError> {
        let Some(address) = from else {
            return Ok(());
        };
        self.networks
            .charge(address, self.options.patience, self.clock.monotonic())
            .map_err(|retry_after| AccountError::TooManyTries { retry_after })
    }

    /// Where the failures of a name are counted.
    pub(super) fn counter(&self, what: Counted, name: &str) -> RecordName {
        let what = match what {
            Counted::SignIn => "sign-in",
            Counted::PasswordChange => "password change",
        };
        let mut hasher = blake3::Hasher::new_keyed(self.salts.active().link_key());
        hasher.update(what.as_bytes()).update(&[0]);
        hasher.update(name.as_bytes());
        RecordName::of_digest(Shelf::OneTime, hasher.finalize().as_bytes())
    }

    /// Writes down when it was, and the hash anew where costs have changed.
    async fn note_sign_in(
        &self,
        known: &Account,
        password: &Secret<String>,
        outdated: bool,
        now: Timestamp,
    ) -> Result<Account, AccountError> {
        let renewed = if outdated {
            Some(self.hashing.hash(password).await?)
        } else {
            None
        };
        self.change(&known.username, |account| {
            // Whoever disabled the account meanwhile, or set another password, wins.
            if account.disabled || account.password != known.password {
                return Err(AccountError::Refused);
            }
            account.last_sign_in_at = Some(now);
            if let Some(hash) = &renewed {
                account.password = Some(hash.clone());
            }
            Ok(())
        })
        .await
    }
}

pub(super) fn set_password(account: &mut Account, hash: Secret<String>, now: Timestamp) {
    account.password = Some(hash);
    account.password_set_at = Some(now);
    account.must_change_password = false;
    account.link = None;
}
