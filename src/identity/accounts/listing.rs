//! Lists of accounts, and what is done to all of them at a start.

use super::manage::AccountView;
use super::{AccountError, Accounts, list_of_all, owner_of};
use crate::domain::account::{Account, Username};
use crate::domain::api_key::OwnerTag;
use crate::identity::OwnerError;
use crate::store::records::Condition;

/// How many accounts are read at a time.
const PAGE: usize = 200;

/// A part of the list of accounts.
#[derive(Clone, Debug)]
pub struct AccountPage {
    /// The accounts.
    pub views: Vec<AccountView>,
    /// After whom the next part begins; `None` at the end.
    pub next: Option<Username>,
}

impl Accounts {
    /// All accounts, by user name.
    ///
    /// # Errors
    /// Fails where the store does or a record cannot be trusted.
    pub async fn list(&self) -> Result<Vec<AccountView>, AccountError> {
        Ok(self.page(None, None, usize::MAX).await?.views)
    }

    /// Accounts by user name, from after `after` on, at most `limit`; with a text
    /// to search for only those with it in their name, address or user name.
    ///
    /// # Errors
    /// Fails where the store does or a record cannot be trusted.
    pub async fn page(
        &self,
        after: Option<&Username>,
        search: Option<&str>,
        limit: usize,
    ) -> Result<AccountPage, AccountError> {
        let mut accounts = self.all().await?;
        accounts.retain(|account| {
            after.is_none_or(|after| account.username > *after)
                && search.is_none_or(|search| has(account, search))
        });
        accounts.sort_by(|one, other| one.username.cmp(&other.username));
        let is_last = accounts.len() <= limit;
        accounts.truncate(limit);
        let mut views = Vec::new();
        for account in accounts {
            views.push(self.view(account).await?);
        }
        let last = views.last().filter(|_| !is_last);
        let next = last.map(|view| view.account.username.clone());
        Ok(AccountPage { views, next })
    }

    /// Seals under the active salt what lies under a former one, so that accounts
    /// outlive it whether or not their owners sign in; and sees to it that the
    /// records of their owners say whose they are.
    ///
    /// # Errors
    /// Fails where the store does. What cannot be opened is left and logged.
    pub async fn reseal(&self) -> Result<(), AccountError> {
        let Some(list) = list_of_all() else {
            return Ok(());
        };
        let mut after = None;
        loop {
            let page = self.store.list_records(&list, after.as_ref(), PAGE).await?;
            for (name, record) in &page {
                match Account::open(&self.salts, name, record) {
                    Ok(account) => {
                        self.refresh(&account, record).await?;
                        self.refresh_owner(&account).await?;
                    }
                    Err(error) => {
                        tracing::error!(record = ?name, %error, "an account cannot be trusted");
                    }
                }
            }
            after = page.last().map(|(name, _)| name.clone());
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }

    async fn refresh(&self, account: &Account, record: &[u8]) -> Result<(), AccountError> {
        let sheet = self.sheet(account)?;
        if sheet.record != *record {
            // Whoever changed it meanwhile sealed it anew, too.
            let condition = Condition::Unchanged(record);
            self.store.put_record(&sheet, condition).await?;
        }
        Ok(())
    }

    /// Where nothing is known of an owner, signing in writes it: a record without
    /// their groups would say that they have none.
    async fn refresh_owner(&self, account: &Account) -> Result<(), AccountError> {
        let (tenant, owner) = (Self::tenant(), owner_of(&account.username)?);
        let owners = self.sessions.owners();
        let refreshed = match owners.find(&OwnerTag::new(&tenant, &owner)).await {
            Ok(Some(_)) => owners.introduce(&tenant, &owner).await,
            other => other.map(drop),
        };
        match refreshed {
            Err(OwnerError::Untrusted(error)) => {
                let username = &account.username;
                tracing::error!(%username, %error, "what is known of the owner of an account cannot be trusted");
                Ok(())
            }
            other => Ok(other?),
        }
    }

    /// Whether there is no account at all.
    ///
    /// # Errors
    /// Fails where the store does.
    pub async fn is_empty(&self) -> Result<bool, AccountError> {
        let Some(list) = list_of_all() else {
            return Ok(true);
        };
        Ok(self.store.list_records(&list, None, 1).await?.is_empty())
    }

    pub(super) async fn all(&self) -> Result<Vec<Account>, AccountError> {
        let Some(list) = list_of_all() else {
            return Ok(Vec::new());
        };
        let (mut accounts, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.list_records(&list, after.as_ref(), PAGE).await?;
            for (name, record) in &page {
                accounts.push(Account::open(&self.salts, name, record)?);
            }
            after = page.last().map(|(name, _)| name.clone());
            if page.len() < PAGE {
                return Ok(accounts);
            }
        }
    }
}

fn has(account: &Account, search: &str) -> bool {
    let search = search.to_lowercase();
    [
        Some(account.username.as_str()),
        account.name.as_deref(),
        account.email.as_deref(),
    ]
    .into_iter()
    .flatten()
    .any(|text| text.to_lowercase().contains(&search))
}
