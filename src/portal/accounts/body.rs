//! What clients send and get about accounts.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::domain::account::Username;
use crate::domain::secret::Secret;
use crate::domain::subject::GroupName;
use crate::http::problem::Problem;
use crate::identity::accounts::{AccountDraft, AccountEdit, AccountView, IssuedLink, TextChange};

/// A built-in account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "username": "alice", "owner": "local:alice", "name": "Alice", "email": null,
    "groups": ["staff"], "admin": false, "status": "invited", "must_change_password": false,
    "created_at": "2026-11-24T12:00:00Z", "last_sign_in_at": null,
    "link_expires_at": "2026-12-01T12:00:00Z"
}))]
pub(in crate::portal) struct AccountBody {
    /// What its owner types.
    username: String,
    /// Who that is to upstreams and in `/api/users/{sub}`.
    owner: String,
    /// A name to show.
    #[schema(required)]
    name: Option<String>,
    /// An address to show.
    #[schema(required)]
    email: Option<String>,
    /// The groups of its owner.
    groups: Vec<String>,
    /// Whether an administrator.
    admin: bool,
    /// `active`, `disabled`, `invited` (there is no password yet) or `locked`
    /// (for a while, after too many failures).
    status: &'static str,
    /// Whether its owner has to choose a new password first.
    must_change_password: bool,
    /// When it was made.
    created_at: String,
    /// When somebody last signed in with it.
    #[schema(required)]
    last_sign_in_at: Option<String>,
    /// Until when the link that sets its password is good, if there is one.
    #[schema(required)]
    link_expires_at: Option<String>,
}

/// A link that sets a password, once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "url": "https://lodge.example.com/welcome#…", "expires_at": "2026-12-01T12:00:00Z"
}))]
pub(in crate::portal) struct LinkBody {
    /// What to hand over.
    url: String,
    /// Until when it is good.
    expires_at: String,
}

/// A new account, and how its owner comes in.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::portal) struct MadeAccount {
    /// The account.
    pub(super) account: AccountBody,
    /// The link, unless a password was given.
    #[schema(required)]
    pub(super) link: Option<LinkBody>,
}

/// What a new account shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "alice", "name": "Alice", "groups": ["staff"]}))]
pub(in crate::portal) struct AccountWish {
    /// Letters `a` to `z`, digits and `. _ - @ +`; upper case means lower case.
    username: String,
    /// A name to show.
    #[serde(default)]
    name: Option<String>,
    /// An address to show.
    #[serde(default)]
    email: Option<String>,
    /// The groups of its owner.
    #[serde(default)]
    groups: Vec<String>,
    /// Whether an administrator.
    #[serde(default)]
    admin: bool,
    /// A password for the first sign-in; better none, and a link is made.
    #[serde(default)]
    password: Option<String>,
}

/// What to change of an account. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"groups": ["staff", "ops"], "disabled": false}))]
pub(in crate::portal) struct AccountChange {
    /// A name to show; `null` for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    name: TextChange,
    /// An address to show; `null` for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    email: TextChange,
    /// The groups of its owner.
    #[serde(default)]
    groups: Option<Vec<String>>,
    /// Whether an administrator.
    #[serde(default)]
    admin: Option<bool>,
    /// Whether nobody may sign in with it.
    #[serde(default)]
    disabled: Option<bool>,
    /// Whether its owner has to choose a new password at the next sign-in.
    #[serde(default)]
    must_change_password: Option<bool>,
}

/// Tells `null` from "left out".
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TextChange, D::Error> {
    let text = Option::deserialize(deserializer)?;
    Ok(text.map_or(TextChange::Clear, TextChange::Set))
}

impl AccountBody {
    pub(super) fn of(view: &AccountView) -> Self {
        let account = &view.account;
        let owner = account.username.owner();
        Self {
            username: account.username.to_string(),
            owner: owner.map(|owner| owner.to_string()).unwrap_or_default(),
            name: account.name.clone(),
            email: account.email.clone(),
            groups: account.groups.iter().map(ToString::to_string).collect(),
            admin: account.admin,
            status: view.status(),
            must_change_password: account.must_change_password,
            created_at: account.created_at.to_string(),
            last_sign_in_at: account.last_sign_in_at.map(|at| at.to_string()),
            link_expires_at: view.link_expires_at.map(|at| at.to_string()),
        }
    }
}

impl LinkBody {
    pub(super) fn new(link: &IssuedLink, base_url: &str) -> Self {
        Self {
            url: link.url(base_url).expose().clone(),
            expires_at: link.expires_at.to_string(),
        }
    }
}

impl AccountWish {
    pub(super) fn meaning(self) -> Result<AccountDraft, Problem> {
        Ok(AccountDraft {
            username: Username::parse(&self.username)
                .map_err(|bad| Problem::field("username", bad.to_string()))?,
            name: self.name,
            email: self.email,
            groups: groups(&self.groups)?,
            admin: self.admin,
            must_change_password: true,
            password: self.password.map(Secret::new),
        })
    }
}

impl AccountChange {
    pub(super) fn meaning(self) -> Result<AccountEdit, Problem> {
        Ok(AccountEdit {
            name: self.name,
            email: self.email,
            groups: self.groups.as_deref().map(groups).transpose()?,
            admin: self.admin,
            disabled: self.disabled,
            must_change_password: self.must_change_password,
        })
    }
}

fn groups(texts: &[String]) -> Result<Vec<GroupName>, Problem> {
    let parse = |(place, text): (usize, &String)| {
        GroupName::parse(text)
            .map_err(|bad| Problem::field(format!("groups[{place}]"), bad.to_string()))
    };
    texts.iter().enumerate().map(parse).collect()
}
