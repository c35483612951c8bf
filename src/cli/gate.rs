//! `gatelodge gate …`: what gates there are, and what they would say.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use serde_json::json;
use url::Url;

use super::args::{GateCommand, GateRequest};
use super::output;
use crate::domain::api_key::ApiKeyId;
use crate::domain::explanation::{Asker, Explanation, GateQuestion, Trial};
use crate::domain::facts::StatedFacts;
use crate::domain::matching::RequestMatch;
use crate::domain::reason::Reason;
use crate::domain::subject::{Owner, Tenant};
use crate::gate::Explainer;
use crate::settings::{Loaded, RuleAdmission, RuleSettings};
use crate::startup::{Workbench, policy};

pub(super) async fn run(command: GateCommand, loaded: Loaded) -> anyhow::Result<ExitCode> {
    match command {
        GateCommand::List => list(&loaded).map(|()| ExitCode::SUCCESS),
        GateCommand::Check(request) => {
            let (_, explanation) = ask(&request, &loaded).await?;
            match explanation.reason {
                None => output::line(&"allow")?,
                Some(reason) => output::line(&format_args!("refuse: {}", reason.as_str()))?,
            }
            Ok(code(&explanation))
        }
        GateCommand::Explain(request) => {
            let (question, explanation) = ask(&request, &loaded).await?;
            explain(&question, &explanation, request.json)?;
            Ok(code(&explanation))
        }
    }
}

fn code(explanation: &Explanation) -> ExitCode {
    match explanation.reason {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    }
}

async fn ask(
    request: &GateRequest,
    loaded: &Loaded,
) -> anyhow::Result<(GateQuestion, Explanation)> {
    let bench = Workbench::open(&loaded.settings).await?;
    let explained = ask_on(request, loaded, &bench).await;
    bench.close().await;
    explained
}

async fn ask_on(
    request: &GateRequest,
    loaded: &Loaded,
    bench: &Workbench,
) -> anyhow::Result<(GateQuestion, Explanation)> {
    let asker = match (&request.key_id, &request.owner) {
        (Some(id), _) => Asker::Key(ApiKeyId::parse(id).context("--key-id is no id of a key")?),
        (None, Some(owner)) => {
            let owner = Owner::parse(owner, &bench.realms).context("--owner")?;
            if request.session {
                Asker::Session(Tenant::default(), owner)
            } else {
                Asker::Owner(Tenant::default(), owner)
            }
        }
        (None, None) => Asker::Nobody,
    };
    let question = GateQuestion {
        gate: request.gate.clone(),
        facts: facts(request)?,
        asker,
        tenant: None,
    };
    let policy = policy(&loaded.settings, bench.keys.terms().format.clone());
    let explainer = Explainer::new(
        bench.store.clone(),
        bench.salts.clone(),
        bench.owners.clone(),
        bench.clock.clone(),
    );
    let explanation = explainer.explain(&policy, &question).await;
    Ok((question, explanation))
}

fn facts(request: &GateRequest) -> anyhow::Result<StatedFacts> {
    let address = request.address.as_deref().map(str::parse);
    let mut facts = StatedFacts {
        method: Some(request.method.clone()),
        client: address.transpose().context("--address is no IP address")?,
        ..StatedFacts::default()
    };
    let Some(url) = &request.url else {
        return Ok(facts);
    };
    if Url::parse(url).is_err() {
        bail!("--url {url:?}: write a whole URL, for example https://api.example.com/v1/models");
    }
    // What a client sends is not tidied up before it is judged.
    facts.state_url(url);
    Ok(facts)
}

fn explain(question: &GateQuestion, explanation: &Explanation, json: bool) -> anyhow::Result<()> {
    let outcome = explanation.outcome();
    let reason = explanation.reason.map(Reason::as_str);
    if json {
        return output::line(&json!({
            "gate": question.gate,
            "outcome": outcome,
            "reason": reason,
            "rule": explanation.rule,
            "text": explanation.text(),
            "rules": explanation.trials.iter().copied().map(in_words).collect::<Vec<_>>(),
        }));
    }
    output::line(&format_args!("outcome  {outcome}"))?;
    if let Some(reason) = reason {
        output::line(&format_args!("reason   {reason}"))?;
    }
    match explanation.rule {
        Some(rule) => output::line(&format_args!(
            "rule     rules[{rule}] of gate {}",
            question.gate
        ))?,
        None => output::line(&"rule     none")?,
    }
    for (place, trial) in explanation.trials.iter().enumerate() {
        output::line(&format_args!("rules[{place}] {}", in_words(*trial)))?;
    }
    output::line(&explanation.text())
}

fn in_words(trial: Trial) -> String {
    match trial {
        Trial::Misses(fact) => format!("is about another {}", fact.as_str()),
        Trial::Unknown(reason) => format!("cannot be asked: {}", reason.as_str()),
        Trial::Decides => "decides".to_owned(),
        Trial::NotReached => "is not reached".to_owned(),
    }
}

fn list(loaded: &Loaded) -> anyhow::Result<()> {
    for gate in &loaded.settings.gates {
        output::line(&gate.name)?;
        for (place, rule) in gate.rules.iter().enumerate() {
            output::line(&format_args!("  rules[{place}]  {}", described(rule)))?;
        }
    }
    Ok(())
}

fn described(rule: &RuleSettings) -> String {
    let allow = match rule.allow {
        RuleAdmission::Authenticated => "authenticated",
        RuleAdmission::Anyone => "anyone",
        RuleAdmission::Nobody => "nobody",
    };
    let RequestMatch {
        hosts,
        methods,
        paths,
        networks,
    } = &rule.matching;
    let mut words = vec![format!("allow {allow}")];
    let mut add = |name: &str, entries: Vec<String>| {
        if !entries.is_empty() {
            words.push(format!("{name} {}", entries.join(" ")));
        }
    };
    add("hosts", hosts.iter().map(ToString::to_string).collect());
    add("methods", methods.iter().map(ToString::to_string).collect());
    add("paths", paths.iter().map(ToString::to_string).collect());
    add(
        "networks",
        networks.iter().map(ToString::to_string).collect(),
    );
    add(
        "scopes",
        rule.scopes.iter().map(ToString::to_string).collect(),
    );
    add(
        "any_scopes",
        rule.any_scopes.iter().map(ToString::to_string).collect(),
    );
    add(
        "groups",
        rule.groups
            .iter()
            .map(|group| group.as_str().to_owned())
            .collect(),
    );
    add(
        "any_groups",
        rule.any_groups
            .iter()
            .map(|group| group.as_str().to_owned())
            .collect(),
    );
    words.join(", ")
}
