//! `gatelodge user …`: the operator's way to built-in accounts, beside a running
//! server or without one.

use std::io::Read as _;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::args::{CreateUser, UserCommand};
use super::output;
use crate::audit::{Action, NewEvent};
use crate::domain::account::Username;
use crate::domain::api_key::OwnerTag;
use crate::domain::secret::Secret;
use crate::domain::session::Session;
use crate::domain::subject::GroupName;
use crate::domain::time::Timestamp;
use crate::identity::accounts::{
    AccountDraft, AccountEdit, AccountView, Accounts, Doer, IssuedLink,
};
use crate::keys::Actor;
use crate::settings::{Loaded, Settings};
use crate::startup::Workbench;

/// More than any password has.
const PASSWORD_BYTES_MAX: u64 = 4_096;

pub(super) async fn run(command: UserCommand, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let bench = Workbench::open(&loaded.settings).await?;
    let done = run_on(command, &loaded.settings, &bench).await;
    bench.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn run_on(
    command: UserCommand,
    settings: &Settings,
    bench: &Workbench,
) -> anyhow::Result<()> {
    let Some(accounts) = &bench.accounts else {
        bail!("built-in accounts are off; set accounts.enabled = \"on\"");
    };
    let by = Doer::command_line();
    match command {
        UserCommand::Create(create) => make(create, settings, accounts).await,
        UserCommand::List { json } => list(accounts, json).await,
        UserCommand::Disable { username } => set_disabled(accounts, &username, true).await,
        UserCommand::Enable { username } => set_disabled(accounts, &username, false).await,
        UserCommand::Delete { username } => delete(accounts, bench, &username).await,
        UserCommand::Reset { username, json } => {
            let link = accounts.issue_link(&parse(&username)?, &by).await?;
            print_link(&link, settings, json)
        }
        UserCommand::Sessions {
            username,
            end,
            json,
        } => sessions(accounts, bench, &username, end, json).await,
    }
}

async fn make(create: CreateUser, settings: &Settings, accounts: &Accounts) -> anyhow::Result<()> {
    let group = |text: &String| {
        GroupName::parse(text).map_err(|bad| anyhow::anyhow!("--group {text:?} {bad}"))
    };
    let draft = AccountDraft {
        username: parse(&create.username)?,
        name: create.name,
        email: create.email,
        groups: create.groups.iter().map(group).collect::<Result<_, _>>()?,
        admin: create.admin,
        password: create.password_stdin.then(read_password).transpose()?,
        must_change_password: false,
    };
    let by = Doer::command_line();
    let view = accounts.create(&draft, &by).await?;
    if draft.password.is_none() {
        let link = accounts.issue_link(&draft.username, &by).await?;
        return print_link(&link, settings, create.json);
    }
    if create.json {
        return output::line(&format_args!("{:#}", row(&view)));
    }
    output::line(&format_args!("{} created", draft.username))
}

/// One line, without its end.
fn read_password() -> anyhow::Result<Secret<String>> {
    let mut text = String::new();
    std::io::stdin()
        .take(PASSWORD_BYTES_MAX)
        .read_to_string(&mut text)
        .context("the password on standard input cannot be read")?;
    let password = Secret::new(text);
    Ok(Secret::new(
        password.expose().trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

async fn list(accounts: &Accounts, as_json: bool) -> anyhow::Result<()> {
    let rows: Vec<Value> = accounts.list().await?.iter().map(row).collect();
    if as_json {
        return output::line(&format_args!("{:#}", Value::from(rows)));
    }
    let cells = |row: &Value| {
        let text = |name: &str, none: &str| row[name].as_str().unwrap_or(none).to_owned();
        let groups = row["groups"].as_array().map_or(&[][..], Vec::as_slice);
        let groups: Vec<&str> = groups.iter().filter_map(Value::as_str).collect();
        vec![
            text("username", ""),
            text("status", ""),
            if row["admin"] == true { "yes" } else { "no" }.to_owned(),
            groups.join(" "),
            text("created_at", ""),
            text("last_sign_in_at", "never"),
        ]
    };
    output::table(
        &[
            "USER NAME",
            "STATUS",
            "ADMIN",
            "GROUPS",
            "CREATED",
            "LAST SIGN-IN",
        ],
        &rows.iter().map(cells).collect::<Vec<_>>(),
    )
}

async fn set_disabled(accounts: &Accounts, text: &str, disabled: bool) -> anyhow::Result<()> {
    let username = parse(text)?;
    set_standing(accounts, &username, disabled).await?;
    let what = if disabled { "disabled" } else { "enabled" };
    output::line(&format_args!("{username} {what}"))
}

async fn set_standing(
    accounts: &Accounts,
    username: &Username,
    disabled: bool,
) -> anyhow::Result<()> {
    let edit = AccountEdit {
        disabled: Some(disabled),
        ..AccountEdit::default()
    };
    let edited = accounts.edit(username, &edit, &Doer::command_line()).await;
    edited.map(drop).with_context(|| username.to_string())
}

/// As `DELETE /api/accounts/{username}`: each step can be repeated, and no key
/// outlives the account.
async fn delete(accounts: &Accounts, bench: &Workbench, text: &str) -> anyhow::Result<()> {
    let username = parse(text)?;
    let owner = username.owner().context("a user name is an owner")?;
    set_standing(accounts, &username, true).await?;
    let keys = bench
        .keys
        .keys_of(Accounts::tenant(), owner, Actor::command_line());
    let revoked = keys.revoke_all().await?;
    accounts.delete(&username, &Doer::command_line()).await?;
    output::line(&format_args!("{username} deleted, {revoked} keys revoked"))
}

async fn sessions(
    accounts: &Accounts,
    bench: &Workbench,
    text: &str,
    end: bool,
    as_json: bool,
) -> anyhow::Result<()> {
    let username = parse(text)?;
    accounts.find(&username).await?;
    let owner = username.owner().context("a user name is an owner")?;
    let tag = OwnerTag::new(&Accounts::tenant(), &owner);
    if end {
        let ended = accounts.sessions().end_all_of(&tag, None).await?;
        if ended > 0 {
            let (by, tenant) = (Doer::command_line(), Accounts::tenant());
            let event = NewEvent::new(Action::SessionEnded, tenant, by.name, &by.origin)
                .owner(owner)
                .detail("sessions", ended);
            bench.audit.note(event).await;
        }
        return output::line(&format_args!("{ended} sessions ended"));
    }
    let sessions = accounts.sessions().list(&tag).await?;
    let rows: Vec<Value> = sessions.iter().map(session_row).collect();
    if as_json {
        return output::line(&format_args!("{:#}", Value::from(rows)));
    }
    let names = [
        "id",
        "method",
        "created_at",
        "last_seen_at",
        "address",
        "user_agent",
    ];
    let cells = |row: &Value| {
        let cell = |name: &&str| row[*name].as_str().unwrap_or_default().to_owned();
        names.iter().map(cell).collect::<Vec<_>>()
    };
    output::table(
        &["ID", "METHOD", "BEGAN", "LAST SEEN", "ADDRESS", "BROWSER"],
        &rows.iter().map(cells).collect::<Vec<_>>(),
    )
}

fn session_row(session: &Session) -> Value {
    json!({
        "id": session.id.to_string(),
        "method": session.method.as_str(),
        "created_at": session.created_at.to_string(),
        "last_seen_at": session.last_seen_at.to_string(),
        "expires_at": session.expires_at.to_string(),
        "address": session.address,
        "user_agent": session.user_agent,
    })
}

fn row(view: &AccountView) -> Value {
    let account = &view.account;
    let time = |time: Option<Timestamp>| time.map(|time| time.to_string());
    json!({
        "username": account.username.to_string(),
        "name": account.name,
        "email": account.email,
        "groups": account.groups.iter().map(GroupName::as_str).collect::<Vec<_>>(),
        "admin": account.admin,
        "status": view.status(),
        "must_change_password": account.must_change_password,
        "created_at": account.created_at.to_string(),
        "created_by": account.created_by,
        "last_sign_in_at": time(account.last_sign_in_at),
    })
}

/// The link alone, so that it pipes. It is a secret, and it was asked for.
fn print_link(link: &IssuedLink, settings: &Settings, as_json: bool) -> anyhow::Result<()> {
    let url = link.url(&base_url(settings));
    if !as_json {
        return output::line(url.expose());
    }
    output::line(&format_args!(
        "{:#}",
        json!({
            "url": url.expose(),
            "purpose": link.purpose.as_str(),
            "expires_at": link.expires_at.to_string(),
        })
    ))
}

/// Where people reach the service, as far as the settings say.
fn base_url(settings: &Settings) -> String {
    match &settings.server.public_url {
        Some(url) => url.to_string(),
        None => format!(
            "http://{}:{}",
            settings.server.address, settings.server.port
        ),
    }
}

fn parse(text: &str) -> anyhow::Result<Username> {
    Username::parse(text).map_err(|bad| anyhow::anyhow!("the user name {text:?} {bad}"))
}
