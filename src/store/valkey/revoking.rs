//! Revocation, which must work when nothing else can be written.

use super::layout::{self, CHANNEL, Filed};
use super::{StoreError, ValkeyStore};
use crate::domain::api_key::{ApiKeyId, OwnerTag, Shard};
use crate::store::keys::{Revocation, TOMBSTONE_DAYS};

/// How many keys one script removes, so that nobody waits long for the server.
const STEP: usize = 250;

impl ValkeyStore {
    /// Gives the ids of those that were there.
    pub(super) async fn revoke(
        &self,
        owner: &OwnerTag,
        revocations: &[Revocation],
    ) -> Result<Vec<ApiKeyId>, StoreError> {
        let mut sorted: Vec<_> = revocations.iter().collect();
        sorted.sort_by_key(|revocation| revocation.id.shard());
        let mut ids = Vec::new();
        for shard in sorted.chunk_by(|one, other| one.id.shard() == other.id.shard()) {
            for step in shard.chunks(STEP) {
                ids.extend(self.remove(owner, step[0].id.shard(), step).await?);
            }
        }
        Ok(ids)
    }

    /// Tells every live replica, this one first: should the server lose the
    /// revocation, as in a fail-over, they remember. That the keys are gone they
    /// learn anyway, so nothing depends on being heard.
    pub(super) async fn call_out(&self, ids: &[ApiKeyId]) {
        self.follower.keys_revoked(ids);
        let mut call = redis::pipe();
        for id in ids {
            call.cmd("PUBLISH")
                .arg(CHANNEL)
                .arg(id.to_string())
                .ignore();
        }
        if ids.is_empty() {
            return;
        }
        let home = self.server.home(CHANNEL);
        let called: Result<(), _> = self.server.within(home.ask_all(&call)).await;
        if let Err(error) = called {
            tracing::warn!(%error, "a revocation took place, but could not be called out");
        }
    }

    /// Where the server takes no writes, reading and calling out still work: the
    /// keys are blocked on every live replica, which remove them when they connect
    /// anew. That is less than was asked for, and so still an error.
    pub(super) async fn block(
        &self,
        owner: &OwnerTag,
        revocations: &[Revocation],
        error: StoreError,
    ) -> StoreError {
        for revocation in revocations {
            self.follower.key_changed(&revocation.id);
        }
        let StoreError::Full(why) = error else {
            return error;
        };
        let mut blocked = Vec::new();
        for Revocation { id, .. } in revocations {
            let value = self.server.within(self.get(&layout::record(id))).await;
            let is_theirs = value
                .ok()
                .flatten()
                .and_then(|value| Filed::read(id, value).ok())
                .is_some_and(|filed| filed.owner == *owner);
            if is_theirs {
                blocked.push(*id);
            }
        }
        self.call_out(&blocked).await;
        StoreError::Full(format!(
            "{why}; {} keys are refused by every replica that runs, and will be removed when the              server takes writes again",
            blocked.len()
        ))
    }

    /// Removes keys of one shard. The record goes first: no fault in between
    /// leaves a key alive that is not listed.
    async fn remove(
        &self,
        owner: &OwnerTag,
        shard: Shard,
        revocations: &[&Revocation],
    ) -> Result<Vec<ApiKeyId>, StoreError> {
        let expiries = layout::expiries(shard);
        let mut script = self.scripts.revoke.key(&expiries);
        script
            .arg(owner.as_bytes())
            .arg(TOMBSTONE_DAYS * 24 * 60 * 60 * 1000);
        for Revocation { id, tombstone } in revocations {
            script
                .key(layout::record(id))
                .key(layout::uses(id))
                .key(layout::tombstone(id))
                .arg(id.to_string())
                .arg(tombstone);
        }
        let index = layout::index(owner);
        if owner.shard() == shard {
            script.key(&index);
        }
        let removed: Vec<String> = self.server.home(&expiries).run(&script).await?;
        if owner.shard() != shard && !removed.is_empty() {
            let mut unlist = redis::cmd("ZREM");
            unlist.arg(&index).arg(&removed);
            () = self.server.home(&index).ask(&unlist).await?;
        }
        removed
            .iter()
            .map(|id| ApiKeyId::parse(id).ok_or_else(|| super::changing::unheard(id)))
            .collect()
    }
}
