//! `gatelodge audit …`: what was done, for operators.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::args::{AuditCommand, ListEvents};
use super::output;
use crate::audit::{Action, EventFilter, Line};
use crate::domain::api_key::ApiKeyId;
use crate::domain::subject::{Owner, Tenant};
use crate::domain::time::Timestamp;
use crate::settings::Loaded;
use crate::startup::Workbench;

pub(super) async fn run(command: AuditCommand, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let bench = Workbench::open(&loaded.settings).await?;
    let AuditCommand::List(wanted) = command;
    let done = list(&wanted, &bench).await;
    bench.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn list(wanted: &ListEvents, bench: &Workbench) -> anyhow::Result<()> {
    let tenant = match &wanted.tenant {
        None => Tenant::default(),
        Some(text) => Tenant::parse(text).with_context(|| format!("--tenant {text:?}"))?,
    };
    let filter = filter(wanted, bench)?;
    let (mut rows, mut before) = (Vec::new(), None);
    while rows.len() < wanted.limit {
        let limit = wanted.limit - rows.len();
        let page = bench.audit.list(&tenant, &filter, before, limit).await?;
        rows.extend(page.lines.iter().map(row));
        before = page.next;
        if before.is_none() {
            break;
        }
    }
    if wanted.json {
        return output::line(&format_args!("{:#}", Value::from(rows)));
    }
    output::table(
        &[
            "AT", "ACTION", "ACTOR", "OWNER", "KEY", "ADDRESS", "DETAILS",
        ],
        &rows.iter().map(cells).collect::<Vec<_>>(),
    )
}

fn filter(wanted: &ListEvents, bench: &Workbench) -> anyhow::Result<EventFilter> {
    let owner = |text: &String| {
        Owner::parse(text, &bench.realms).map_err(|bad| anyhow::anyhow!("--owner {text:?} {bad}"))
    };
    let action = |text: &String| {
        let known: Vec<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        match Action::parse(text) {
            Some(action) => Ok(action),
            None => bail!("--action {text:?}: write one of {}", known.join(", ")),
        }
    };
    let key = |text: &String| {
        ApiKeyId::parse(text).context("--key takes an id: the 16 characters after the prefix")
    };
    let time = |text: &String| {
        Timestamp::parse_rfc3339(text)
            .with_context(|| format!("{text:?} is no time; write for example 2027-01-31T12:00:00Z"))
    };
    Ok(EventFilter {
        actor: wanted.actor.clone(),
        owner: wanted.owner.as_ref().map(owner).transpose()?,
        key_id: wanted.key.as_ref().map(key).transpose()?,
        action: wanted.action.as_ref().map(action).transpose()?,
        since: wanted.since.as_ref().map(time).transpose()?,
        until: wanted.until.as_ref().map(time).transpose()?,
    })
}

fn row(line: &Line) -> Value {
    let id = line.id();
    match line {
        Line::Event(event) => {
            let what = &event.what;
            json!({
                "id": id.to_string(),
                "at": event.at.to_string(),
                "action": what.action.as_str(),
                "actor": what.actor,
                "owner": what.owner.as_ref().map(ToString::to_string),
                "key_id": what.key_id.map(|id| id.to_string()),
                "session_id": what.session_id,
                "address": what.address.map(|address| address.to_string()),
                "request_id": what.request_id,
                "details": what.details,
            })
        }
        Line::Unreadable(_) => json!({
            "id": id.to_string(),
            "at": id.at().map(|at| at.to_string()),
            "action": "unreadable",
        }),
    }
}

fn cells(row: &Value) -> Vec<String> {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let details = row["details"].as_object().map_or_else(String::new, |all| {
        let pairs = all.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join(" ")
    });
    vec![
        text("at"),
        text("action"),
        text("actor"),
        text("owner"),
        text("key_id"),
        text("address"),
        details,
    ]
}
