//! `gatelodge doctor`: store, clock, issuers and salts: what is wrong and what to do.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde::Serialize;

use super::output;
use crate::domain::api_key::record::{ApiKey, Proof};
use crate::domain::salt::SaltId;
use crate::domain::time::Timestamp;
use crate::identity::{IssuerState, IssuerStatus};
use crate::settings::{Loaded, Settings};
use crate::startup::{Workbench, token_verifier};

/// The year in which this was written: a clock before it is wrong.
const BORN: &str = "2026-11-24T00:00:00Z";

/// One finding.
#[derive(Debug, Serialize)]
struct Finding {
    part: String,
    well: bool,
    text: String,
}

#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn well(&mut self, part: &str, text: impl Into<String>) {
        self.0.push(Finding {
            part: part.to_owned(),
            well: true,
            text: text.into(),
        });
    }

    fn wrong(&mut self, part: &str, text: impl Into<String>) {
        self.0.push(Finding {
            part: part.to_owned(),
            well: false,
            text: text.into(),
        });
    }
}

pub(super) async fn run(json: bool, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    for warning in &loaded.settings.warnings {
        findings.wrong("settings", warning.clone());
    }
    examine(&loaded.settings, &mut findings).await;
    let all_well = findings.0.iter().all(|finding| finding.well);
    if json {
        output::line(&serde_json::to_string_pretty(&findings.0)?)?;
    } else {
        for finding in &findings.0 {
            let mark = if finding.well { "ok   " } else { "WRONG" };
            output::line(&format_args!("{mark}  {}: {}", finding.part, finding.text))?;
        }
    }
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        super::EX_FAILED.into()
    })
}

async fn examine(settings: &Settings, findings: &mut Findings) {
    let bench = match Workbench::open(settings).await {
        Ok(bench) => bench,
        Err(error) => return findings.wrong("store", format!("{error:#}")),
    };
    examine_clock(&bench, findings);
    examine_store(&bench, findings).await;
    examine_salts(&bench, findings).await;
    examine_issuers(settings, &bench, findings).await;
    bench.close().await;
}

fn examine_clock(bench: &Workbench, findings: &mut Findings) {
    match bench.clock.now() {
        None => findings.wrong("clock", "cannot be read; nothing can be decided without it"),
        Some(now) if Timestamp::parse_rfc3339(BORN).is_some_and(|born| now < born) => {
            findings.wrong(
                "clock",
                format!("says {now}, which has passed; set it (NTP)"),
            );
        }
        Some(now) => findings.well("clock", format!("says {now}")),
    }
}

async fn examine_store(bench: &Workbench, findings: &mut Findings) {
    match bench.store.inspect().await {
        Err(error) => findings.wrong("store", error.to_string()),
        Ok(inspection) => {
            findings.well("store", inspection.description);
            inspection
                .fine
                .into_iter()
                .for_each(|text| findings.well("store", text));
            inspection
                .warnings
                .into_iter()
                .for_each(|text| findings.wrong("store", text));
        }
    }
}

/// Counts keys by the salt that their hash is under: a salt without keys can go.
async fn examine_salts(bench: &Workbench, findings: &mut Findings) {
    let mut by_salt: BTreeMap<SaltId, usize> = bench
        .salts
        .accepted()
        .iter()
        .map(|salt| (salt.id(), 0))
        .collect();
    let mut cursor = Vec::new();
    let mut unreadable = 0_usize;
    loop {
        let (lines, next) = match bench.store.scan_keys(&cursor).await {
            Ok(page) => page,
            Err(error) => return findings.wrong("salts", error.to_string()),
        };
        for line in lines {
            match ApiKey::open(&bench.salts, line.id, &line.record).map(|key| key.proof) {
                Ok(Proof::Hash { salt, .. }) => *by_salt.entry(salt).or_default() += 1,
                Ok(Proof::Id) => {}
                Err(error) => {
                    unreadable += 1;
                    findings.wrong("salts", format!("key {}: {error}", line.id));
                }
            }
        }
        match next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    let active = bench.salts.active().id();
    for (salt, keys) in by_salt {
        if salt == active {
            findings.well(
                "salts",
                format!("{salt} is active; {keys} keys are under it"),
            );
        } else if bench.salts.find(salt).is_none() {
            findings.wrong("salts", format!("{salt} is not accepted, and {keys} keys are under it: add it to token_salts_accepted"));
        } else if keys == 0 {
            findings.well("salts", format!("{salt} is accepted, and no keys are under it: take it out of token_salts_accepted (keys of rusty-valkey-forward-auth still need theirs)"));
        } else {
            findings.well(
                "salts",
                format!(
                    "{salt} is accepted; {keys} keys are still under it and move when they are used"
                ),
            );
        }
    }
    if unreadable > 0 {
        findings.wrong(
            "salts",
            format!("{unreadable} records cannot be trusted; they open nothing"),
        );
    }
}

async fn examine_issuers(settings: &Settings, bench: &Workbench, findings: &mut Findings) {
    if settings.issuers.is_empty() {
        return findings.well("issuers", "none is configured; API keys alone are accepted");
    }
    match token_verifier(settings, bench) {
        Err(error) => findings.wrong("issuers", format!("{error:#}")),
        Ok(verifier) => {
            for status in verifier.probe().await {
                examine_issuer(&status, findings);
            }
        }
    }
}

fn examine_issuer(status: &IssuerStatus, findings: &mut Findings) {
    let part = format!("issuer {}", status.issuer);
    match &status.state {
        IssuerState::Ready { .. } => {
            findings.well(
                &part,
                format!("answers, with {} usable keys", status.usable_keys),
            );
        }
        IssuerState::Stale { last_error, .. } => {
            findings.wrong(
                &part,
                format!("does not answer, its last good keys are used: {last_error}"),
            );
        }
        IssuerState::Down { last_error, .. } => {
            let why = last_error.as_deref().unwrap_or("no answer yet");
            findings.wrong(
                &part,
                format!("its keys cannot be fetched, so its tokens open nothing: {why}"),
            );
        }
    }
    status
        .warnings
        .iter()
        .for_each(|warning| findings.wrong(&part, warning.clone()));
}
