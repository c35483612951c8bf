//! Revocation, which must work when nothing else can be written.

use super::layout;
use super::{StoreError, ValkeyStore};
use crate::domain::api_key::{ApiKeyId, OwnerTag, Shard};
use crate::domain::time::Timestamp;
use crate::store::keys::{Revocation, TOMBSTONE_DAYS, TOMBSTONES_LISTED_MAX};

/// How long a tombstone is kept, in milliseconds.
const TOMBSTONE_TIME: u64 = TOMBSTONE_DAYS * 24 * 60 * 60 * 1000;

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

    /// Lists keys of other shards as revoked, best effort as their tombstones.
    async fn list_as_ended(&self, owner: &OwnerTag, ids: &[String], now: u64) {
        let ended = layout::ended(owner);
        let mut steps = redis::pipe();
        for id in ids {
            steps.cmd("ZADD").arg(&ended).arg(now).arg(id);
        }
        steps.cmd("PEXPIRE").arg(&ended).arg(TOMBSTONE_TIME);
        let written = self.server.home(&ended).ask_all::<Vec<u64>>(&steps).await;
        if let Err(error) = written {
            tracing::warn!(%error, "revoked keys are missing from the list of revoked keys");
        }
    }

    /// The tombstones of an owner, the newest first. Entries whose tombstone is
    /// gone are removed.
    pub(super) async fn ended(
        &self,
        owner: &OwnerTag,
        limit: usize,
    ) -> Result<Vec<(ApiKeyId, Vec<u8>)>, StoreError> {
        let ended = layout::ended(owner);
        let mut newest = redis::cmd("ZRANGE");
        let last = i64::try_from(limit.min(TOMBSTONES_LISTED_MAX)).unwrap_or(0) - 1;
        if last < 0 {
            return Ok(Vec::new());
        }
        newest.arg(&ended).arg(0).arg(last).arg("REV");
        let home = self.server.home(&ended);
        let names: Vec<String> = home.ask(&newest).await?;
        let mut questions = redis::pipe();
        let wrong = || StoreError::Corrupt(format!("{ended} holds what is no key"));
        let ids: Vec<ApiKeyId> = names
            .iter()
            .map(|id| ApiKeyId::parse(id).ok_or_else(wrong))
            .collect::<Result<_, _>>()?;
        for id in &ids {
            questions.cmd("GET").arg(layout::tombstone(id));
        }
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let values: Vec<Option<Vec<u8>>> = home.ask_all(&questions).await?;
        let (mut found, mut gone) = (Vec::new(), Vec::new());
        for (id, value) in ids.into_iter().zip(values) {
            match value {
                Some(value) => found.push((id, value)),
                None => gone.push(id.to_string()),
            }
        }
        if !gone.is_empty() {
            let mut remove = redis::cmd("ZREM");
            remove.arg(&ended).arg(&gone);
            () = home.ask(&remove).await?;
        }
        Ok(found)
    }

    /// Removes keys of one shard. The record goes first: no fault in between
    /// leaves a key alive that is not listed.
    async fn remove(
        &self,
        owner: &OwnerTag,
        shard: Shard,
        revocations: &[&Revocation],
    ) -> Result<Vec<ApiKeyId>, StoreError> {
        let now = self.clock.now().map_or(0, Timestamp::as_millis);
        let expiries = layout::expiries(shard);
        let mut script = self.scripts.revoke.key(&expiries);
        script
            .arg(owner.as_bytes())
            .arg(TOMBSTONE_TIME)
            .arg(now)
            .arg(TOMBSTONES_LISTED_MAX);
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
            script.key(&index).key(layout::ended(owner));
        }
        let removed: Vec<String> = self.server.home(&expiries).run(&script).await?;
        if owner.shard() != shard && !removed.is_empty() {
            let mut unlist = redis::cmd("ZREM");
            unlist.arg(&index).arg(&removed);
            () = self.server.home(&index).ask(&unlist).await?;
            self.list_as_ended(owner, &removed, now).await;
        }
        removed
            .iter()
            .map(|id| ApiKeyId::parse(id).ok_or_else(|| super::changing::unheard(id)))
            .collect()
    }
}
