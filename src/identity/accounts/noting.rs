//! What the audit trail is told about accounts.

use super::{Accounts, owner_of};
use crate::audit::{Action, NewEvent, Origin};
use crate::domain::account::{Account, Username};
use crate::domain::subject::GroupName;

/// Who does something to accounts, and from where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doer {
    /// As text: the owner, `key <id> of <owner>`, `command line`.
    pub name: String,
    /// Where the change comes from.
    pub origin: Origin,
}

impl Doer {
    /// Whoever has the command line.
    pub fn command_line() -> Self {
        Self {
            name: "command line".to_owned(),
            origin: Origin::default(),
        }
    }

    /// The owner of an account, from there.
    pub(super) fn oneself(username: &Username, origin: &Origin) -> Self {
        Self {
            name: format!("local:{username}"),
            origin: origin.clone(),
        }
    }
}

impl Accounts {
    pub(super) async fn note(&self, action: Action, username: &Username, by: &Doer) {
        self.audit.note(event(action, username, by)).await;
    }

    /// One event for each kind of change.
    pub(super) async fn note_changes(&self, before: &Account, after: &Account, by: &Doer) {
        let username = &after.username;
        if before.disabled != after.disabled {
            let action = if after.disabled {
                Action::AccountDisabled
            } else {
                Action::AccountEnabled
            };
            self.note(action, username, by).await;
        }
        let mut changed = event(Action::AccountChanged, username, by);
        if before.admin != after.admin {
            changed = changed.detail("admin", after.admin);
        }
        if before.groups != after.groups {
            changed = changed.detail("groups", groups(after));
        }
        if before.name != after.name {
            changed = changed.detail("name", after.name.as_deref().unwrap_or_default());
        }
        if before.email != after.email {
            changed = changed.detail("email", after.email.as_deref().unwrap_or_default());
        }
        if before.must_change_password != after.must_change_password {
            let must = after.must_change_password;
            changed = changed.detail("must_change_password", must);
        }
        if !changed.details.is_empty() {
            self.audit.note(changed).await;
        }
    }

    pub(super) async fn note_created(&self, account: &Account, by: &Doer) {
        let event = event(Action::AccountCreated, &account.username, by)
            .detail("admin", account.admin)
            .detail("groups", groups(account));
        self.audit.note(event).await;
    }
}

fn groups(account: &Account) -> String {
    let names: Vec<&str> = account.groups.iter().map(GroupName::as_str).collect();
    names.join(", ")
}

fn event(action: Action, username: &Username, by: &Doer) -> NewEvent {
    let event = NewEvent::new(action, Accounts::tenant(), &by.name, &by.origin);
    match owner_of(username) {
        Ok(owner) => event.owner(owner),
        Err(_) => event,
    }
}
