//! What the command line prints: answers on standard output, complaints on
//! standard error, and nothing secret but the one key that was asked for.

use std::fmt::Display;
use std::io::Write as _;

use serde_json::{Value, json};

use crate::domain::api_key::record::ApiKey;
use crate::domain::subject::Scope;
use crate::domain::time::Timestamp;
use crate::keys::{KeyView, MintedKey};

/// One line of answer. Whoever closed the pipe has read enough.
pub(super) fn line(text: &dyn Display) -> anyhow::Result<()> {
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// A complaint; where even that cannot be written there is nobody to tell.
pub(super) fn complain(text: &dyn Display) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Something that the operator should know, beside the answer.
pub(super) fn warn(text: &dyn Display) {
    complain(&format_args!("warning: {text}"));
}

/// A fresh key: alone on its line, or with all that belongs to it.
pub(super) fn minted(minted: &MintedKey, now: Timestamp, as_json: bool) -> anyhow::Result<()> {
    if !as_json {
        return line(minted.text.expose());
    }
    let mut value = ours(&minted.key, None, now);
    value["token"] = Value::from(minted.text.expose().as_str());
    line(&format_args!("{value:#}"))
}

/// Keys as a table or as JSON.
pub(super) fn key_list(keys: &[KeyView], now: Timestamp, as_json: bool) -> anyhow::Result<()> {
    let rows: Vec<Value> = keys.iter().map(|key| row(key, now)).collect();
    if as_json {
        return line(&format_args!("{:#}", Value::from(rows)));
    }
    table(
        &[
            "ID",
            "NAME",
            "STATUS",
            "SCOPES",
            "CREATED",
            "EXPIRES",
            "LAST USED",
        ],
        &rows.iter().map(cells).collect::<Vec<_>>(),
    )
}

fn row(view: &KeyView, now: Timestamp) -> Value {
    match view {
        KeyView::Ours { key, last_used_at } => ours(key, *last_used_at, now),
        KeyView::Seed(record) => json!({
            "id": record.id.to_string(),
            "sub": record.subject,
            "name": record.description,
            "status": "active",
            "kind": "seed",
            "scopes": [],
            "created_at": record.created_at,
            "expires_at": null,
            "last_used_at": null,
        }),
    }
}

fn ours(key: &ApiKey, last_used_at: Option<Timestamp>, now: Timestamp) -> Value {
    let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
    json!({
        "id": key.id.to_string(),
        "sub": key.owner.to_string(),
        "name": key.name,
        "status": key.standing(now).as_str(),
        "kind": if key.id.is_seed() { "imported" } else { "native" },
        "scopes": key.scopes.iter().map(Scope::as_str).collect::<Vec<_>>(),
        "hosts": texts(&key.bounds.hosts),
        "methods": texts(&key.bounds.methods),
        "paths": texts(&key.bounds.paths),
        "networks": texts(&key.bounds.networks),
        "created_at": key.created_at.to_string(),
        "created_by": key.created_by,
        "expires_at": text(key.expires_at),
        "last_used_at": text(last_used_at),
        "rotated_from": key.rotated_from.map(|id| id.to_string()),
        "rotated_to": key.rotated_to.map(|id| id.to_string()),
        "grace_until": text(key.grace_until),
    })
}

fn texts<T: ToString>(entries: &[T]) -> Vec<String> {
    entries.iter().map(T::to_string).collect()
}

fn cells(row: &Value) -> Vec<String> {
    let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
    let or = |name: &str, none: &str| row[name].as_str().unwrap_or(none).to_owned();
    let scopes = row["scopes"].as_array().map_or(&[][..], Vec::as_slice);
    let scopes: Vec<&str> = scopes.iter().filter_map(Value::as_str).collect();
    vec![
        text("id"),
        text("name"),
        text("status"),
        scopes.join(" "),
        text("created_at"),
        or("expires_at", "never"),
        or("last_used_at", "never"),
    ]
}

/// Columns as wide as their widest cell.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> anyhow::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let write = |cells: Vec<&str>| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        line(&padded.join("  ").trim_end())
    };
    write(head.to_vec())?;
    rows.iter()
        .try_for_each(|row| write(row.iter().map(String::as_str).collect()))
}
