//! A look at how the server is set up, for people.

use std::collections::HashMap;

use super::{StoreError, ValkeyStore, following};
use crate::store::Inspection;

/// What the server says of itself, by name.
type Facts = HashMap<String, String>;

impl ValkeyStore {
    pub(super) async fn look(&self) -> Result<Inspection, StoreError> {
        let [server] = self.server.all();
        let said: String = server.ask(&redis::cmd("INFO")).await?;
        let facts = facts(&said);
        let mut inspection = Inspection {
            description: describe(&facts, &self.address),
            ..Inspection::default()
        };
        match self.try_script().await {
            Ok(()) => inspection
                .fine
                .push("it speaks RESP3 and runs our scripts".to_owned()),
            Err(error) => inspection.warnings.push(format!(
                "our scripts do not run ({error}): Valkey, or Redis from 7.0 on, is needed, and a \
                 user that may run them"
            )),
        }
        if self.allegiance.is_some() {
            self.try_following(&mut inspection).await;
        }
        look_at_role(&facts, &mut inspection);
        look_at_memory(&facts, &mut inspection);
        let appendfsync = self.configured("appendfsync").await;
        let save = self.configured("save").await;
        if appendfsync.is_none() || save.is_none() {
            inspection.warnings.push(
                "CONFIG GET is not permitted, so that not all could be looked at and no \
                 revocation counts as on disk: add +config|get to the ACL rule"
                    .to_owned(),
            );
        }
        look_at_persistence(
            &facts,
            appendfsync.as_deref(),
            save.as_deref(),
            &mut inspection,
        );
        Ok(inspection)
    }

    /// Only where somebody would.
    async fn try_following(&self, inspection: &mut Inspection) {
        match following::try_out(&self.recipe, self.timeout).await {
            Ok(()) => inspection
                .fine
                .push("changes on it can be followed, so that keys may be cached".to_owned()),
            Err(error) => inspection.warnings.push(format!(
                "changes on it cannot be followed ({error}), so that each check asks it: let the \
                 ACL rule have &gl:revoke +client|tracking +subscribe +publish"
            )),
        }
    }

    /// A setting of the server; `None` where it may not or cannot be asked.
    pub(super) async fn configured(&self, name: &str) -> Option<String> {
        let [server] = self.server.all();
        let mut question = redis::cmd("CONFIG");
        question.arg("GET").arg(name);
        let mut settings: Facts = server.ask(&question).await.ok()?;
        settings.remove(name)
    }
}

/// Reads lines of `name:value`.
fn facts(said: &str) -> Facts {
    said.lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
        .collect()
}

fn fact<'a>(facts: &'a Facts, name: &str) -> &'a str {
    facts.get(name).map_or("", String::as_str)
}

fn number(facts: &Facts, name: &str) -> u64 {
    fact(facts, name).parse().unwrap_or(0)
}

fn describe(facts: &Facts, address: &str) -> String {
    match facts.get("valkey_version") {
        Some(version) => format!("Valkey {version} at {address}"),
        None => format!("Redis {} at {address}", fact(facts, "redis_version")),
    }
}

fn look_at_role(facts: &Facts, inspection: &mut Inspection) {
    if fact(facts, "role") == "master" {
        let replicas = number(facts, "connected_slaves");
        inspection
            .fine
            .push(format!("it is a primary with {replicas} replicas"));
    } else {
        inspection.warnings.push(
            "it is a replica, which takes no writes and may lag behind: point valkey_url at the \
             primary"
                .to_owned(),
        );
    }
    if fact(facts, "cluster_enabled") == "1" {
        inspection.warnings.push(
            "it is a node of a cluster, which this version does not follow: use one primary"
                .to_owned(),
        );
    }
}

fn look_at_memory(facts: &Facts, inspection: &mut Inspection) {
    let policy = fact(facts, "maxmemory_policy");
    if policy == "noeviction" {
        let fine = "no key is thrown out when memory runs short (maxmemory-policy noeviction)";
        inspection.fine.push(fine.to_owned());
    } else {
        inspection.warnings.push(format!(
            "maxmemory-policy is {policy}: when memory runs short, keys of people vanish; set \
             maxmemory-policy noeviction"
        ));
    }
    let (used, limit) = (number(facts, "used_memory"), number(facts, "maxmemory"));
    if limit > 0 && used > limit / 10 * 9 {
        inspection.warnings.push(format!(
            "{} of {} MiB of memory are in use: raise maxmemory; without memory no keys are \
             minted or changed, only checked and revoked",
            used >> 20,
            limit >> 20
        ));
    }
}

fn look_at_persistence(
    facts: &Facts,
    appendfsync: Option<&str>,
    save: Option<&str>,
    inspection: &mut Inspection,
) {
    let appends = fact(facts, "aof_enabled") == "1";
    match (appends, appendfsync, save) {
        (true, Some("always"), _) => inspection.fine.push(
            "changes are on disk when they are acknowledged (appendonly yes, appendfsync always)"
                .to_owned(),
        ),
        (true, Some(when), _) => inspection.warnings.push(format!(
            "changes reach the disk some time after they are acknowledged (appendfsync {when}): \
             after a crash, a key that was revoked last may work again; set appendfsync always"
        )),
        (true, None, _) => inspection
            .fine
            .push("changes are appended to a file (appendonly yes)".to_owned()),
        (false, _, Some("")) => inspection.warnings.push(
            "nothing is written to disk: a restart loses every key; set appendonly yes and \
             appendfsync always"
                .to_owned(),
        ),
        (false, _, _) => inspection.warnings.push(
            "at most snapshots are written to disk: a crash loses what came after the last one, \
             and revoked keys work again; set appendonly yes and appendfsync always"
                .to_owned(),
        ),
    }
    for (name, what) in [
        (
            "aof_last_write_status",
            "the last write to the append-only file",
        ),
        ("rdb_last_bgsave_status", "the last snapshot"),
    ] {
        if fact(facts, name) == "err" {
            inspection.warnings.push(format!(
                "{what} failed, and the server may refuse to revoke keys: look for room on its \
                 disk and into its log"
            ));
        }
    }
}
