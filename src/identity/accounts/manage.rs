//! What administrators do with accounts.

use std::collections::BTreeSet;

use super::sign_in::Counted;
use super::{AccountError, Accounts, Doer, owner_of, record_name, tag_of};
use crate::audit::Action;
use crate::domain::account::attempts::Attempts;
use crate::domain::account::{Account, GROUPS_MAX, PROFILE_BYTES_MAX, Username};
use crate::domain::record_name::{RecordName, Shelf};
use crate::domain::secret::Secret;
use crate::domain::subject::GroupName;
use crate::domain::time::Timestamp;
use crate::store::records::Condition;

/// A new account.
#[derive(Clone, Debug)]
pub struct AccountDraft {
    /// What its owner types.
    pub username: Username,
    /// A name to show.
    pub name: Option<String>,
    /// An address to show.
    pub email: Option<String>,
    /// The groups of its owner.
    pub groups: Vec<GroupName>,
    /// Whether an administrator.
    pub admin: bool,
    /// Its password; without one its owner needs a link.
    pub password: Option<Secret<String>>,
    /// Whether that password is only for the first sign-in.
    pub must_change_password: bool,
}

/// What becomes of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TextChange {
    /// It stays.
    #[default]
    Keep,
    /// There is none any more.
    Clear,
    /// It is this one.
    Set(String),
}

/// What to change of an account.
#[derive(Clone, Debug, Default)]
pub struct AccountEdit {
    /// A name to show.
    pub name: TextChange,
    /// An address to show.
    pub email: TextChange,
    /// Other groups.
    pub groups: Option<Vec<GroupName>>,
    /// Whether an administrator.
    pub admin: Option<bool>,
    /// Whether nobody may sign in with it.
    pub disabled: Option<bool>,
    /// Whether its owner has to choose a new password at the next sign-in.
    pub must_change_password: Option<bool>,
}

/// An account as administrators see it.
#[derive(Clone, Debug)]
pub struct AccountView {
    /// The account.
    pub account: Account,
    /// Whether too many failures keep people from signing in with it for now.
    pub locked: bool,
    /// Until when the link that sets its password is good, where there is one.
    pub link_expires_at: Option<Timestamp>,
}

impl AccountView {
    /// How it is, in a word.
    pub fn status(&self) -> &'static str {
        if self.account.disabled {
            "disabled"
        } else if self.account.password.is_none() {
            "invited"
        } else if self.locked {
            "locked"
        } else {
            "active"
        }
    }
}

impl Accounts {
    /// Makes an account.
    ///
    /// # Errors
    /// [`AccountError::Exists`] where there is one of that name; errors of
    /// fields and of the password as they are.
    pub async fn create(
        &self,
        draft: &AccountDraft,
        by: &Doer,
    ) -> Result<AccountView, AccountError> {
        let now = self.now()?;
        check_text("name", draft.name.as_deref())?;
        check_text("email", draft.email.as_deref())?;
        let password = match &draft.password {
            None => None,
            Some(password) => {
                self.options.rules.check(password, &draft.username)?;
                Some(self.hashing.hash(password).await?)
            }
        };
        let account = Account {
            username: draft.username.clone(),
            name: draft.name.clone(),
            email: draft.email.clone(),
            groups: checked_groups(&draft.groups)?,
            admin: draft.admin,
            disabled: false,
            must_change_password: password.is_some() && draft.must_change_password,
            password_set_at: password.as_ref().map(|_| now),
            password,
            created_at: now,
            created_by: by.name.clone(),
            last_sign_in_at: None,
            link: None,
        };
        let sheet = self.sheet(&account)?;
        if !self.store.put_record(&sheet, Condition::Absent).await? {
            return Err(AccountError::Exists);
        }
        self.vouch(&account).await?;
        // A former account of that name left its owner disabled, and no keys.
        let tag = tag_of(&account.username)?;
        if self.sessions.owners().is_disabled(&tag).await? {
            self.sessions
                .enable_owner(&Self::tenant(), &owner_of(&account.username)?)
                .await?;
        }
        self.note_created(&account, by).await;
        self.view(account).await
    }

    /// The account of that name.
    ///
    /// # Errors
    /// [`AccountError::NotFound`] where there is none.
    pub async fn find(&self, username: &Username) -> Result<AccountView, AccountError> {
        let stored = self.load(username).await?.ok_or(AccountError::NotFound)?;
        self.view(stored.account).await
    }

    /// Changes an account, and what is known of its owner. Disabling ends all
    /// sessions and refuses all keys of its owner at once.
    ///
    /// # Errors
    /// [`AccountError::LastAdministrator`] where nobody else could administer.
    pub async fn edit(
        &self,
        username: &Username,
        edit: &AccountEdit,
        by: &Doer,
    ) -> Result<AccountView, AccountError> {
        for (field, text) in [("name", &edit.name), ("email", &edit.email)] {
            if let TextChange::Set(text) = text {
                check_text(field, Some(text))?;
            }
        }
        let groups = edit.groups.as_deref().map(checked_groups).transpose()?;
        let takes_admin_away = edit.admin == Some(false) || edit.disabled == Some(true);
        let lock = if takes_admin_away {
            self.lock_unless_needed(username).await?
        } else {
            None
        };
        let before = self.load(username).await?.ok_or(AccountError::NotFound)?;
        let changed = self
            .change(username, |account| {
                apply(account, edit, groups.as_ref());
                Ok(())
            })
            .await;
        self.unlock(lock).await;
        let account = changed?;
        let (tenant, owner) = (Self::tenant(), owner_of(username)?);
        match edit.disabled {
            Some(true) => {
                self.sessions
                    .disable_owner(&tenant, &owner, &by.name)
                    .await?;
            }
            Some(false) => self.sessions.enable_owner(&tenant, &owner).await?,
            None => {}
        }
        self.vouch(&account).await?;
        self.note_changes(&before.account, &account, by).await;
        self.view(account).await
    }

    /// Takes an account away: its sessions end, and its owner's keys are refused
    /// from now on. The caller revokes these for good.
    ///
    /// # Errors
    /// [`AccountError::LastAdministrator`] where nobody else could administer.
    pub async fn delete(&self, username: &Username, by: &Doer) -> Result<(), AccountError> {
        let lock = self.lock_unless_needed(username).await?;
        let deleted = self.delete_locked(username, by).await;
        self.unlock(lock).await;
        deleted
    }

    async fn delete_locked(&self, username: &Username, by: &Doer) -> Result<(), AccountError> {
        let disabled = self
            .change(username, |account| {
                account.disabled = true;
                Ok(())
            })
            .await?;
        self.sessions
            .disable_owner(&Self::tenant(), &owner_of(username)?, &by.name)
            .await?;
        if let Some(link) = disabled.link {
            let name = RecordName::new(Shelf::OneTime, &link);
            if let Ok(name) = name {
                self.store.remove_record(&name).await?;
            }
        }
        self.store.remove_record(&record_name(username)?).await?;
        self.note(Action::AccountDeleted, username, by).await;
        Ok(())
    }

    pub(super) async fn view(&self, account: Account) -> Result<AccountView, AccountError> {
        let now: Timestamp = self.now()?;
        let counter = self.counter(Counted::SignIn, account.username.as_str());
        let attempts = match self.store.find_record(&counter).await? {
            Some(record) => Attempts::open(&self.salts, &counter, &record)?,
            None => Attempts::default(),
        };
        let locked = attempts.is_locked(self.options.patience, now);
        let link_expires_at = self.end_of_link(&account, now).await?;
        Ok(AccountView {
            account,
            locked,
            link_expires_at,
        })
    }
}

impl TextChange {
    fn apply(&self, text: &mut Option<String>) {
        match self {
            Self::Keep => {}
            Self::Clear => *text = None,
            Self::Set(new) => *text = Some(new.clone()),
        }
    }
}

fn apply(account: &mut Account, edit: &AccountEdit, groups: Option<&Vec<GroupName>>) {
    edit.name.apply(&mut account.name);
    edit.email.apply(&mut account.email);
    if let Some(groups) = groups {
        account.groups.clone_from(groups);
    }
    account.admin = edit.admin.unwrap_or(account.admin);
    account.disabled = edit.disabled.unwrap_or(account.disabled);
    // Before there is a password, one is to be set anyway.
    if account.password.is_some() {
        let must = account.must_change_password;
        account.must_change_password = edit.must_change_password.unwrap_or(must);
    }
}

fn checked_groups(groups: &[GroupName]) -> Result<Vec<GroupName>, AccountError> {
    let distinct: BTreeSet<GroupName> = groups.iter().cloned().collect();
    if distinct.len() > GROUPS_MAX {
        return Err(AccountError::Field {
            field: "groups",
            problem: format!("must not be more than {GROUPS_MAX}"),
        });
    }
    Ok(distinct.into_iter().collect())
}

fn check_text(field: &'static str, text: Option<&str>) -> Result<(), AccountError> {
    let problem = match text {
        Some("") => "must not be empty; leave it out or send null".to_owned(),
        Some(text) if text.len() > PROFILE_BYTES_MAX => {
            format!("must not be longer than {PROFILE_BYTES_MAX} bytes")
        }
        Some(text) if text.chars().any(char::is_control) => {
            "must not contain control characters".to_owned()
        }
        _ => return Ok(()),
    };
    Err(AccountError::Field { field, problem })
}
