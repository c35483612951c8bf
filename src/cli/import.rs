//! `gatelodge key import --from-seed`: keys of rusty-valkey-forward-auth become
//! records of ours. Their holders notice nothing; from then on they can be
//! disabled and listed like any other, and the former service knows them no more.

use super::output;
use crate::domain::api_key::record::{ApiKey, KEY_NAME_BYTES_MAX, Proof};
use crate::domain::matching::RequestMatch;
use crate::domain::subject::{Owner, Tenant};
use crate::keys::view::seed_time;
use crate::startup::Workbench;
use crate::store::keys::{Minted, NewRecord};
use crate::store::seed::SeedRecord;

pub(super) async fn from_seed(bench: &Workbench, dry_run: bool) -> anyhow::Result<()> {
    let (mut moved, mut left) = (0_usize, 0_usize);
    let mut cursor = Vec::new();
    loop {
        let (records, next) = bench.store.scan_seed_keys(&cursor).await?;
        for record in records {
            match adopt(&record, bench) {
                Err(error) => {
                    left += 1;
                    output::warn(&format_args!("{}: left where it is: {error:#}", record.id));
                }
                Ok(_) if dry_run => moved += 1,
                Ok(key) => {
                    take_over(bench, &record, &key).await?;
                    moved += 1;
                }
            }
        }
        match next {
            Some(next) => cursor = next,
            None => break,
        }
    }
    let verb = if dry_run { "would be moved" } else { "moved" };
    output::line(&format_args!("{moved} keys {verb}, {left} left"))
}

/// Ours first, the seed's afterwards: at no moment is the key without a record,
/// and a run that was cut off is completed by the next.
async fn take_over(bench: &Workbench, record: &SeedRecord, key: &ApiKey) -> anyhow::Result<()> {
    let new = NewRecord {
        id: key.id,
        owner: key.owner_tag(),
        record: key.seal(bench.keys.salts()),
        created_at: key.created_at,
        expires_at: None,
    };
    match bench.store.mint_key(&new, None, None).await? {
        Minted::Done | Minted::IdTaken => {}
        other => anyhow::bail!("{}: the store answered {other:?}", record.id),
    }
    bench
        .store
        .revoke_seed_key(&record.subject, &record.id)
        .await?;
    Ok(())
}

fn adopt(record: &SeedRecord, bench: &Workbench) -> anyhow::Result<ApiKey> {
    let owner = Owner::parse(&record.subject, &bench.realms)
        .map_err(|bad| anyhow::anyhow!("its subject {bad}"))?;
    anyhow::ensure!(
        owner.realm().is_bare(),
        "its subject {:?} reads like one of realm {}",
        record.subject,
        owner.realm()
    );
    let mut name: String = record
        .description
        .chars()
        .filter(|c| !c.is_control())
        .collect();
    while name.len() > KEY_NAME_BYTES_MAX {
        name.pop();
    }
    Ok(ApiKey {
        id: record.id,
        tenant: Tenant::default(),
        owner,
        proof: Proof::Id,
        name,
        scopes: Vec::new(),
        created_at: seed_time(record),
        created_by: "rusty-valkey-forward-auth".to_owned(),
        expires_at: None,
        disabled: None,
        bounds: RequestMatch::default(),
        revocation: None,
        rotated_from: None,
        rotated_to: None,
        grace_until: None,
    })
}
