//! `gatelodge key …`: the operator's way to keys, beside a running server or
//! without one.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};

use super::args::{CreateKey, KeyCommand};
use super::{bulk, import, output, usage};
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::expiry::ExpiryWish;
use crate::domain::api_key::lifecycle::Edit;
use crate::domain::matching::{
    BadPattern, HostPattern, PathPattern, RequestMatch, parse_method, parse_network,
};
use crate::domain::subject::{Owner, Scope, Tenant};
use crate::domain::time::Timestamp;
use crate::keys::usage::REPORT_DAYS;
use crate::keys::{Actor, KeyView, KeysOf, MintRequest};
use crate::settings::Loaded;
use crate::startup::Workbench;

pub(super) async fn run(command: KeyCommand, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let bench = Workbench::open(&loaded.settings).await?;
    let done = run_on(command, &bench).await;
    bench.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn run_on(command: KeyCommand, bench: &Workbench) -> anyhow::Result<()> {
    match command {
        KeyCommand::Create(create) => mint(create, bench).await,
        KeyCommand::List {
            owner: Some(owner),
            json,
            ..
        } => {
            let page = keys_of(bench, &owner)?.list(None, None).await?;
            output::key_list(&page.keys, now(bench)?, json)
        }
        KeyCommand::List { wanted, json, .. } => {
            let keys = bulk::find(&wanted, bench).await?;
            output::key_list(&keys, now(bench)?, json)
        }
        KeyCommand::BulkRevoke(command) => bulk::revoke(&command, bench).await,
        KeyCommand::Show { id, json } => {
            let view = find(bench, &id).await?;
            output::key_list(std::slice::from_ref(&view), now(bench)?, json)
        }
        KeyCommand::Revoke {
            ids,
            undoable: true,
            ..
        } => start_revocations(bench, &ids).await,
        KeyCommand::Revoke { ids, all_of, .. } => revoke(bench, &ids, all_of.as_deref()).await,
        KeyCommand::Restore { id } => {
            let (id, keys) = keys_around(bench, &id).await?;
            keys.restore(id).await?;
            output::line(&format_args!("{id} restored"))
        }
        KeyCommand::Disable { id } => set_disabled(bench, &id, true).await,
        KeyCommand::Enable { id } => set_disabled(bench, &id, false).await,
        KeyCommand::Rotate { id, overlap, json } => {
            let (id, keys) = keys_around(bench, &id).await?;
            let minted = keys.rotate(id, parse_overlap(&overlap)?, None).await?;
            output::minted(&minted, now(bench)?, json)
        }
        KeyCommand::Usage { id, json } => {
            let (id, keys) = keys_around(bench, &id).await?;
            usage::print(&keys.usage(id, REPORT_DAYS).await?, json)
        }
        KeyCommand::Import { dry_run, .. } => import::from_seed(bench, dry_run).await,
    }
}

fn bounds(
    hosts: &[String],
    methods: &[String],
    paths: &[String],
    networks: &[String],
) -> anyhow::Result<RequestMatch> {
    Ok(RequestMatch {
        hosts: parsed("--host", hosts, HostPattern::parse)?,
        methods: parsed("--method", methods, parse_method)?,
        paths: parsed("--path", paths, PathPattern::parse)?,
        networks: parsed("--network", networks, parse_network)?,
    })
}

fn parsed<T>(
    option: &str,
    texts: &[String],
    parse: impl Fn(&str) -> Result<T, BadPattern>,
) -> anyhow::Result<Vec<T>> {
    let parse =
        |text: &String| parse(text).map_err(|bad| anyhow::anyhow!("{option} {text:?} {bad}"));
    texts.iter().map(parse).collect()
}

async fn mint(create: CreateKey, bench: &Workbench) -> anyhow::Result<()> {
    let expiry = match &create.expires {
        None => ExpiryWish::Default,
        Some(text) => ExpiryWish::parse(text).with_context(|| {
            format!("--expires {text:?}: write 30d, 12h, 2027-01-31, an RFC 3339 time, or never")
        })?,
    };
    let parse = |text: &String| {
        Scope::parse(text).map_err(|bad| anyhow::anyhow!("--scope {text:?}: {bad}"))
    };
    let scopes = create.scopes.iter().map(parse).collect::<Result<_, _>>()?;
    let request = MintRequest {
        name: create.name,
        scopes,
        bounds: bounds(
            &create.hosts,
            &create.methods,
            &create.paths,
            &create.networks,
        )?,
        expiry,
    };
    let minted = keys_of(bench, &create.owner)?.mint(&request, None).await?;
    output::minted(&minted, now(bench)?, create.json)
}

async fn revoke(bench: &Workbench, ids: &[String], all_of: Option<&str>) -> anyhow::Result<()> {
    if let Some(owner) = all_of {
        let count = keys_of(bench, owner)?.revoke_all().await?;
        return output::line(&format_args!("{count} keys revoked"));
    }
    for text in ids {
        let (id, keys) = keys_around(bench, text).await?;
        keys.revoke(id).await.with_context(|| text.clone())?;
        output::line(&format_args!("{id} revoked"))?;
    }
    Ok(())
}

async fn start_revocations(bench: &Workbench, ids: &[String]) -> anyhow::Result<()> {
    for text in ids {
        let (id, keys) = keys_around(bench, text).await?;
        let key = keys
            .start_revocation(id)
            .await
            .with_context(|| text.clone())?;
        let at = key.revocation.map(|one| one.at.to_string());
        let at = at.unwrap_or_default();
        output::line(&format_args!(
            "{id} is refused; a running server revokes it at {at}, unless: gatelodge key restore {id}"
        ))?;
    }
    Ok(())
}

async fn set_disabled(bench: &Workbench, text: &str, disabled: bool) -> anyhow::Result<()> {
    let (id, keys) = keys_around(bench, text).await?;
    keys.edit(
        id,
        &Edit {
            disabled: Some(disabled),
            ..Edit::default()
        },
    )
    .await?;
    output::line(&format_args!(
        "{id} {}",
        if disabled { "disabled" } else { "enabled" }
    ))
}

fn keys_of<'b>(bench: &'b Workbench, owner: &str) -> anyhow::Result<KeysOf<'b>> {
    let owner = Owner::parse(owner, &bench.realms)
        .map_err(|bad| anyhow::anyhow!("the owner {owner:?} {bad}"))?;
    Ok(bench
        .keys
        .keys_of(Tenant::default(), owner, Actor::command_line()))
}

async fn find(bench: &Workbench, text: &str) -> anyhow::Result<KeyView> {
    let id = parse_id(bench, text)?;
    bench
        .keys
        .find(id)
        .await?
        .with_context(|| format!("{id}: there is no such key"))
}

/// The id, and the keys of whoever owns that key.
async fn keys_around<'b>(
    bench: &'b Workbench,
    text: &str,
) -> anyhow::Result<(ApiKeyId, KeysOf<'b>)> {
    let (tenant, owner, id) = match find(bench, text).await? {
        KeyView::Ours { key, .. } => (key.tenant, key.owner, key.id),
        KeyView::Seed(record) => (
            Tenant::default(),
            Owner::from_record("", &record.subject)?,
            record.id,
        ),
    };
    Ok((id, bench.keys.keys_of(tenant, owner, Actor::command_line())))
}

/// Reads an id. A whole key is refused without being printed: it was about to
/// end up in a shell's history.
fn parse_id(bench: &Workbench, text: &str) -> anyhow::Result<ApiKeyId> {
    if bench.keys.terms().format.has_shape(text) && ApiKeyId::parse(text).is_none() {
        bail!("this is a whole key; give its id alone: the 16 characters after the prefix");
    }
    ApiKeyId::parse(text)
        .with_context(|| format!("{text:?} is no key id: it has 16 letters and digits"))
}

fn parse_overlap(text: &str) -> anyhow::Result<Duration> {
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    match ExpiryWish::parse(text) {
        Some(ExpiryWish::After(overlap)) => Ok(overlap),
        _ => bail!("--overlap {text:?}: write 0, 1h, 24h or 7d"),
    }
}

fn now(bench: &Workbench) -> anyhow::Result<Timestamp> {
    bench
        .clock
        .now()
        .context("the machine's clock cannot be read")
}
