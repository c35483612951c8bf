//! Built-in accounts: making them, signing in with them, taking them away.
//!
//! `hashing` knows Argon2id, `rules` which passwords are accepted, `networks`
//! and the counters of `sign_in` slow down who guesses; `links` lets people set
//! a password of their own, and `manage` is for administrators.

mod error;
mod hashing;
mod last_administrator;
mod links;
mod listing;
mod manage;
mod networks;
mod noting;
mod rules;
mod sign_in;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

pub use error::AccountError;
pub use hashing::{COSTS_MAX, HashCosts, HashError};
pub use links::{IssuedLink, LookedAt};
pub use listing::AccountPage;
pub use manage::{AccountDraft, AccountEdit, AccountView, TextChange};
pub use noting::Doer;
pub use rules::{BadPassword, PASSWORD_MAX, PasswordRules};

use self::hashing::PasswordHashing;
use self::networks::Networks;
use super::Profile;
use super::sessions::{Sessions, SignedIn};
use crate::audit::AuditTrail;
use crate::domain::account::attempts::Patience;
use crate::domain::account::{Account, Username};
use crate::domain::api_key::OwnerTag;
use crate::domain::api_key::record::BadRecord;
use crate::domain::entropy::Entropy;
use crate::domain::record_name::{ListName, RecordName};
use crate::domain::salt::Salts;
use crate::domain::session::SignInMethod;
use crate::domain::subject::{Owner, Tenant};
use crate::domain::time::{Clock, Timestamp};
use crate::store::Store;
use crate::store::records::{Condition, NewSheet};

/// The list of all accounts.
const ALL: &str = "accounts";
/// How often a record is written anew after somebody else was faster.
const TRIES: usize = 8;

/// What an operator decides about accounts.
#[derive(Clone, Debug)]
pub struct AccountOptions {
    /// What a hash costs.
    pub costs: HashCosts,
    /// Which passwords are accepted.
    pub rules: PasswordRules,
    /// How failures slow down further tries.
    pub patience: Patience,
    /// How long an invitation is good.
    pub invitation_life: Duration,
    /// How long a link for a new password is good.
    pub reset_life: Duration,
}

/// All accounts.
pub struct Accounts {
    store: Arc<dyn Store>,
    sessions: Arc<Sessions>,
    audit: Arc<AuditTrail>,
    salts: Salts,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    options: AccountOptions,
    hashing: PasswordHashing,
    networks: Networks,
}

/// An account with the bytes that it was read from.
struct Stored {
    account: Account,
    record: Vec<u8>,
}

impl Accounts {
    /// Joins the parts.
    pub fn new(
        store: Arc<dyn Store>,
        sessions: Arc<Sessions>,
        audit: Arc<AuditTrail>,
        salts: Salts,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        options: AccountOptions,
    ) -> Self {
        Self {
            hashing: PasswordHashing::new(options.costs, Arc::clone(&entropy)),
            networks: Networks::default(),
            store,
            sessions,
            audit,
            salts,
            clock,
            entropy,
            options,
        }
    }

    /// The organisation of all built-in accounts.
    pub fn tenant() -> Tenant {
        Tenant::default()
    }

    /// How many passwords were hashed since the start.
    pub fn hashes_done(&self) -> u64 {
        self.hashing.done()
    }

    /// The sessions that people begin with their accounts.
    pub fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    fn now(&self) -> Result<Timestamp, AccountError> {
        self.clock.now().ok_or(AccountError::ClockUnknown)
    }

    async fn load(&self, username: &Username) -> Result<Option<Stored>, AccountError> {
        let name = record_name(username)?;
        let Some(record) = self.store.find_record(&name).await? else {
            return Ok(None);
        };
        let account = Account::open(&self.salts, &name, &record)?;
        Ok(Some(Stored { account, record }))
    }

    fn sheet(&self, account: &Account) -> Result<NewSheet, AccountError> {
        let name = record_name(&account.username)?;
        Ok(NewSheet {
            record: account.seal(&self.salts, &name),
            name,
            expires_at: None,
            lists: list_of_all().into_iter().collect(),
        })
    }

    /// Changes an account, whoever else changes it at the same time.
    async fn change(
        &self,
        username: &Username,
        change: impl Fn(&mut Account) -> Result<(), AccountError>,
    ) -> Result<Account, AccountError> {
        for _ in 0..TRIES {
            let stored = self.load(username).await?.ok_or(AccountError::NotFound)?;
            let mut account = stored.account;
            change(&mut account)?;
            let sheet = self.sheet(&account)?;
            let condition = Condition::Unchanged(&stored.record);
            if self.store.put_record(&sheet, condition).await? {
                return Ok(account);
            }
        }
        Err(AccountError::Contended)
    }

    /// Writes down of the owner what the account says, for their keys and
    /// sessions; keeps whether they are disabled.
    async fn vouch(&self, account: &Account) -> Result<(), AccountError> {
        let owner = owner_of(&account.username)?;
        self.sessions
            .owners()
            .vouch(&Self::tenant(), &owner, &profile(account))
            .await?;
        Ok(())
    }
}

fn profile(account: &Account) -> Profile {
    Profile {
        groups: account.groups.clone(),
        admin: account.admin,
        email: account.email.clone(),
        name: account.name.clone(),
    }
}

fn signed_in(account: &Account) -> Result<SignedIn, AccountError> {
    Ok(SignedIn {
        tenant: Accounts::tenant(),
        owner: owner_of(&account.username)?,
        profile: profile(account),
        scopes: Vec::new(),
        method: SignInMethod::Password,
        provider: None,
        must_change_password: account.must_change_password,
    })
}

fn list_of_all() -> Option<ListName> {
    ListName::new(ALL).ok()
}

/// Every user name makes an owner and a record's name; the types do not show it.
fn owner_of(username: &Username) -> Result<Owner, AccountError> {
    username
        .owner()
        .ok_or(AccountError::Untrusted(BadRecord::Unreadable))
}

fn record_name(username: &Username) -> Result<RecordName, AccountError> {
    username
        .record_name()
        .map_err(|_| AccountError::Untrusted(BadRecord::Unreadable))
}

fn tag_of(username: &Username) -> Result<OwnerTag, AccountError> {
    Ok(OwnerTag::new(&Accounts::tenant(), &owner_of(username)?))
}
