//! `gatelodge owner …`: who is let in at all.

use std::process::ExitCode;

use super::args::OwnerCommand;
use super::output;
use crate::audit::{Action, NewEvent, Origin};
use crate::domain::subject::{Owner, Tenant};
use crate::keys::Actor;
use crate::settings::{Loaded, Settings};
use crate::startup::Workbench;

pub(super) async fn run(command: OwnerCommand, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let bench = Workbench::open(&loaded.settings).await?;
    let done = run_on(&command, &loaded.settings, &bench).await;
    bench.close().await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn run_on(
    command: &OwnerCommand,
    settings: &Settings,
    bench: &Workbench,
) -> anyhow::Result<()> {
    let (OwnerCommand::Disable { owner: text } | OwnerCommand::Enable { owner: text }) = command;
    let owner = Owner::parse(text, &bench.realms)
        .map_err(|bad| anyhow::anyhow!("the owner {text:?} {bad}"))?;
    let tenant = tenant_of(&owner, settings);
    let actor = Actor::command_line();
    let event = |action| {
        NewEvent::new(action, tenant.clone(), &actor.name, &Origin::default()).owner(owner.clone())
    };
    if let OwnerCommand::Disable { .. } = command {
        let ended = bench
            .sessions
            .disable_owner(&tenant, &owner, &actor.name)
            .await?;
        bench.audit.note(event(Action::OwnerDisabled)).await;
        output::line(&format_args!("{owner} disabled, {ended} sessions ended"))
    } else {
        bench.sessions.enable_owner(&tenant, &owner).await?;
        bench.audit.note(event(Action::OwnerEnabled)).await;
        output::line(&format_args!("{owner} enabled"))
    }
}

fn tenant_of(owner: &Owner, settings: &Settings) -> Tenant {
    let of_realm = |issuer: &&crate::settings::IssuerSettings| issuer.realm == *owner.realm();
    let issuer = settings.issuers.iter().find(of_realm);
    issuer.map_or_else(Tenant::default, |issuer| issuer.tenant.clone())
}
