//! The first administrator among built-in accounts: made at a start that finds
//! no account at all, by the operator's settings or, on the embedded store, with
//! a password that is made up.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::private_file;
use super::workbench::Workbench;
use crate::domain::account::Username;
use crate::domain::entropy::random_bytes;
use crate::domain::secret::Secret;
use crate::identity::accounts::{AccountDraft, AccountError, Accounts, Doer};
use crate::settings::Settings;

/// The administrator of a fresh start.
const ADMINISTRATOR: &str = "admin";
/// The file with the password that was made up for them.
const PASSWORD_FILE: &str = "admin-password";
/// 144 bits, in 24 characters.
const PASSWORD_BYTES: usize = 18;

/// How to sign in for the first time.
#[derive(Clone, Debug)]
pub struct FirstAccount {
    /// What to type.
    pub username: String,
    /// Where the password lies.
    pub file: PathBuf,
    /// The password, at the start that made it up.
    pub fresh: Option<Secret<String>>,
}

/// Makes the first administrator if there is no account yet. Gives how to sign
/// in for as long as the made-up password is the one to sign in with.
///
/// # Errors
/// Says what could not be made and what to do.
pub(super) async fn ensure(
    settings: &Settings,
    bench: &Workbench,
) -> anyhow::Result<Option<FirstAccount>> {
    let Some(accounts) = &bench.accounts else {
        return Ok(None);
    };
    let file = settings.data_dir.join(PASSWORD_FILE);
    if !accounts.is_empty().await? {
        accounts.reseal().await?;
        return still_to_sign_in(accounts, file).await;
    }
    if let Some(first) = &settings.accounts.first_administrator {
        let draft = draft(first.username.clone(), first.password.clone(), false);
        create(accounts, &draft).await.context("admin_password")?;
        return Ok(None);
    }
    if bench.embedded.is_none() {
        return Ok(None);
    }
    // The file comes first: a start that breaks off in between finds it again.
    let password = match private_file::read(&file)? {
        Some(password) => password,
        None => make_up(bench, &file)?,
    };
    let username = administrator()?;
    create(accounts, &draft(username.clone(), password.clone(), true)).await?;
    Ok(Some(FirstAccount {
        username: username.to_string(),
        file,
        fresh: Some(password),
    }))
}

fn make_up(bench: &Workbench, file: &Path) -> anyhow::Result<Secret<String>> {
    let bytes = Secret::new(random_bytes::<PASSWORD_BYTES>(bench.entropy.as_ref())?);
    let password = Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.expose()));
    private_file::create(file, password.expose())
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(password)
}

/// The file is of no use once its password was changed: it is taken away then.
async fn still_to_sign_in(
    accounts: &Accounts,
    file: PathBuf,
) -> anyhow::Result<Option<FirstAccount>> {
    if !file.exists() {
        return Ok(None);
    }
    let username = administrator()?;
    let is_pending = match accounts.find(&username).await {
        Ok(view) => view.account.must_change_password,
        Err(AccountError::NotFound) => false,
        // Under a salt that is no longer accepted: the log says so.
        Err(AccountError::Untrusted(_)) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !is_pending {
        std::fs::remove_file(&file).with_context(|| format!("cannot remove {}", file.display()))?;
        return Ok(None);
    }
    Ok(Some(FirstAccount {
        username: username.to_string(),
        file,
        fresh: None,
    }))
}

async fn create(accounts: &Accounts, draft: &AccountDraft) -> Result<(), AccountError> {
    let by = Doer {
        name: "first start".to_owned(),
        ..Doer::default()
    };
    match accounts.create(draft, &by).await {
        // Another replica was faster.
        Ok(_) | Err(AccountError::Exists) => Ok(()),
        Err(error) => Err(error),
    }
}

fn draft(username: Username, password: Secret<String>, must_change_password: bool) -> AccountDraft {
    AccountDraft {
        username,
        name: None,
        email: None,
        groups: Vec::new(),
        admin: true,
        password: Some(password),
        must_change_password,
    }
}

fn administrator() -> anyhow::Result<Username> {
    Ok(Username::parse(ADMINISTRATOR)?)
}
