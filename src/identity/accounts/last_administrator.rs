//! There is always somebody left who can administer.

use std::time::Duration;

use super::{AccountError, Accounts};
use crate::domain::account::{Account, Username};
use crate::domain::record_name::{RecordName, Shelf};
use crate::store::records::{Condition, NewSheet};

/// Held while an administrator is taken away, so that two are not at once.
const ADMINISTRATORS_LOCK: &str = "administrators-lock";
/// How long it holds at most, should its holder be gone.
const LOCK_LIFE: Duration = Duration::from_secs(10);

impl Accounts {
    /// Refuses where the account is the last one that can administer; otherwise
    /// keeps others from taking away another administrator at the same time.
    pub(super) async fn lock_unless_needed(
        &self,
        username: &Username,
    ) -> Result<Option<RecordName>, AccountError> {
        let stored = self.load(username).await?.ok_or(AccountError::NotFound)?;
        if !(stored.account.admin && stored.account.is_usable()) {
            return Ok(None);
        }
        let Ok(name) = RecordName::new(Shelf::OneTime, ADMINISTRATORS_LOCK) else {
            return Err(AccountError::Contended);
        };
        let sheet = NewSheet {
            name: name.clone(),
            record: Vec::from(*b"locked"),
            expires_at: Some(self.now()?.plus(LOCK_LIFE)),
            lists: Vec::new(),
        };
        if !self.store.put_record(&sheet, Condition::Absent).await? {
            return Err(AccountError::Contended);
        }
        let others = self.all().await.map(|accounts| {
            let is_other = |account: &Account| account.username != *username;
            let administers = |account: &Account| account.admin && account.is_usable();
            accounts
                .iter()
                .any(|account| is_other(account) && administers(account))
        });
        match others {
            Ok(true) => Ok(Some(name)),
            Ok(false) => {
                self.unlock(Some(name)).await;
                Err(AccountError::LastAdministrator)
            }
            Err(error) => {
                self.unlock(Some(name)).await;
                Err(error)
            }
        }
    }

    pub(super) async fn unlock(&self, lock: Option<RecordName>) {
        let Some(name) = lock else {
            return;
        };
        if let Err(error) = self.store.remove_record(&name).await {
            // It ends by itself.
            tracing::warn!(%error, "the lock of administrators could not be taken away");
        }
    }
}
