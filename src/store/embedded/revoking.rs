//! Revocation, which must work when nothing else can be written.

use std::time::Duration;

use sqlx::query;

use super::{EmbeddedStore, StoreError};
use crate::domain::api_key::OwnerTag;
use crate::store::keys::{Durability, Revocation, Revoked, TOMBSTONE_DAYS};

/// Whether tombstones are written.
#[derive(Clone, Copy)]
enum Tombstones {
    Written,
    LeftOut,
}

impl EmbeddedStore {
    /// Revokes; on a full disk in the room of the ballast, and if that will not
    /// do, without tombstones.
    pub(super) async fn revoke(
        &self,
        owner: &OwnerTag,
        revocations: &[Revocation],
    ) -> Result<Revoked, StoreError> {
        let full = match self.remove(owner, revocations, Tombstones::Written).await {
            Err(StoreError::Full(reason)) => reason,
            outcome => return outcome,
        };
        tracing::error!(%full, "the disk is full; keys are revoked in the room that was kept for it");
        self.ballast.release();
        // The log is mostly what filled the disk, and the file could not take it
        // up for want of room. Where it still cannot, the room serves the log.
        let _ = self.keys.empty_log().await;
        match self.remove(owner, revocations, Tombstones::Written).await {
            Err(StoreError::Full(_)) => self.remove(owner, revocations, Tombstones::LeftOut).await,
            outcome => outcome,
        }
    }

    async fn remove(
        &self,
        owner: &OwnerTag,
        revocations: &[Revocation],
        tombstones: Tombstones,
    ) -> Result<Revoked, StoreError> {
        let kept_until = self.kept_until(Duration::from_hours(24 * TOMBSTONE_DAYS));
        let mut change = self.keys.begin().await?;
        let mut ids = Vec::new();
        for Revocation { id, tombstone } in revocations {
            let removed = query("DELETE FROM keys WHERE id = ?1 AND owner = ?2")
                .bind(id.to_string())
                .bind(owner.as_bytes().as_slice())
                .execute(change.connection()?)
                .await?;
            if removed.rows_affected() == 0 {
                continue;
            }
            ids.push(*id);
            if let Tombstones::Written = tombstones {
                query(
                    "INSERT OR REPLACE INTO tombstones (id, owner, record, kept_until) \
                     VALUES (?1, ?2, ?3, ?4)",
                )
                .bind(id.to_string())
                .bind(owner.as_bytes().as_slice())
                .bind(tombstone.as_slice())
                .bind(kept_until)
                .execute(change.connection()?)
                .await?;
            }
        }
        change.commit().await?;
        Ok(Revoked {
            ids,
            // A commit with synchronous=FULL returns when the disk has it.
            durability: Durability {
                persisted: true,
                replicas: 0,
            },
        })
    }
}
