//! Many keys at a time: `gatelodge key list --all` and `gatelodge key bulk-revoke`.

use anyhow::{Context as _, bail};

use super::args::{BulkRevoke, KeysWanted};
use super::output;
use crate::domain::api_key::record::Standing;
use crate::domain::subject::{Owner, Tenant};
use crate::keys::across::{Concern, KeyFilter, PlaceAcross};
use crate::keys::{Actor, KeyView};
use crate::startup::Workbench;

/// The keys of everybody that are wanted, by the time of their making.
pub(super) async fn find(wanted: &KeysWanted, bench: &Workbench) -> anyhow::Result<Vec<KeyView>> {
    let (tenant, filter) = meaning(wanted, bench)?;
    let (mut keys, mut place) = (Vec::new(), Some(PlaceAcross::default()));
    while let Some(from) = place {
        let page = bench
            .keys
            .list_across(&tenant, &filter, from, usize::MAX)
            .await?;
        keys.extend(page.keys);
        place = page.next;
    }
    keys.sort_by_key(KeyView::place);
    keys.dedup_by_key(|key| key.place());
    Ok(keys)
}

pub(super) async fn revoke(command: &BulkRevoke, bench: &Workbench) -> anyhow::Result<()> {
    let (tenant, filter) = meaning(&command.wanted, bench)?;
    if filter == KeyFilter::default() {
        bail!("say which: --filter, --of, --search or --status");
    }
    let found = bench.keys.find_across(&tenant, &filter).await?;
    let count = found.len();
    if command.dry_run {
        for (owner, id) in &found {
            output::line(&format_args!("{id}  {owner}"))?;
        }
        return output::line(&format_args!(
            "{count} keys would be revoked: --confirm {count}"
        ));
    }
    match command.confirm {
        None => bail!(
            "{count} keys would be revoked; look at them with --dry-run, then add --confirm {count}"
        ),
        Some(confirmed) if confirmed != count => {
            bail!("there are {count} such keys, not {confirmed}: nothing was revoked")
        }
        Some(_) => {}
    }
    let actor = Actor::command_line();
    let undoable = command.undoable;
    let revoked = bench
        .keys
        .revoke_across(&tenant, found, &actor, None, undoable)
        .await?;
    output::line(&format_args!("{revoked} keys revoked"))
}

fn meaning(wanted: &KeysWanted, bench: &Workbench) -> anyhow::Result<(Tenant, KeyFilter)> {
    let tenant = match &wanted.tenant {
        None => Tenant::default(),
        Some(text) => Tenant::parse(text).with_context(|| format!("--tenant {text:?}"))?,
    };
    let owner = |text: &String| {
        Owner::parse(text, &bench.realms).map_err(|bad| anyhow::anyhow!("--of {text:?} {bad}"))
    };
    let concern = |text: &String| {
        Concern::parse(text).with_context(|| {
            format!(
                "--filter {text:?}: write never_expires, unused_90_days, expiring_soon or too_broad"
            )
        })
    };
    let status = |text: &String| {
        Standing::parse(text).with_context(|| {
            format!("--status {text:?}: write active, expired, disabled, superseded or revoking")
        })
    };
    let filter = KeyFilter {
        owner: wanted.of.as_ref().map(owner).transpose()?,
        search: wanted.search.clone(),
        status: wanted.status.as_ref().map(status).transpose()?,
        concern: wanted.filter.as_ref().map(concern).transpose()?,
    };
    Ok((tenant, filter))
}
