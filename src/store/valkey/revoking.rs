//! Revocation, which must work when nothing else can be written.

use super::layout;
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
