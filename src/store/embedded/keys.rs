//! Keys: minted, found, changed, listed.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::{Row, query, query_scalar};

use super::connections::Change;
use super::error::within;
use super::rows::{to_listed, to_sql, to_tombstone};
use super::{EmbeddedStore, StoreError};
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::store::KeyStore;
use crate::store::keys::{
    Found, Listed, Minted, NewRecord, Place, REPLAY_HOURS, Replaced, Replay, Revocation, Revoked,
    Rotated, TOMBSTONES_LISTED_MAX,
};

/// How many records one step of a scan reads.
pub(super) const SCAN_PAGE: usize = 200;

#[async_trait]
impl KeyStore for EmbeddedStore {
    async fn find_key(&self, id: &ApiKeyId) -> Result<Option<Found>, StoreError> {
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let row = query(
                "SELECT keys.record, principals.record FROM keys \
                 LEFT JOIN principals ON principals.owner = keys.owner WHERE keys.id = ?1",
            )
            .bind(id.to_string())
            .fetch_optional(&mut *seat)
            .await?;
            row.map(|row| {
                Ok(Found {
                    record: row.try_get(0)?,
                    principal: row.try_get(1)?,
                })
            })
            .transpose()
        })
        .await
    }

    async fn mint_key(
        &self,
        new: &NewRecord,
        limit: Option<u32>,
        replay: Option<&Replay>,
    ) -> Result<Minted, StoreError> {
        let minted = within(self.options.write_timeout, self.mint(new, limit, replay)).await;
        self.follower.key_changed(&new.id);
        minted
    }

    async fn replace_key(&self, expected: &[u8], new: &NewRecord) -> Result<Replaced, StoreError> {
        let replaced = within(self.options.write_timeout, async {
            let mut change = self.keys.begin().await?;
            if replace(&mut change, expected, new).await? {
                change.commit().await?;
                return Ok(Replaced::Done);
            }
            let is_there: bool = query_scalar("SELECT EXISTS (SELECT 1 FROM keys WHERE id = ?1)")
                .bind(new.id.to_string())
                .fetch_one(change.connection()?)
                .await?;
            Ok(if is_there {
                Replaced::Changed
            } else {
                Replaced::Absent
            })
        })
        .await;
        self.follower.key_changed(&new.id);
        replaced
    }

    async fn rotate_key(
        &self,
        expected: &[u8],
        superseded: &NewRecord,
        successor: &NewRecord,
        replay: Option<&Replay>,
    ) -> Result<Rotated, StoreError> {
        let rotated = within(self.options.write_timeout, async {
            self.ballast.restore().await?;
            let mut change = self.keys.begin().await?;
            if let Some(answer) = self.replayed(&mut change, replay).await? {
                return Ok(Rotated::Replayed(answer));
            }
            if !replace(&mut change, expected, superseded).await? {
                return Ok(Rotated::Changed);
            }
            if !insert(&mut change, successor).await? {
                return Ok(Rotated::IdTaken);
            }
            self.keep_answer(&mut change, replay).await?;
            change.commit().await?;
            Ok(Rotated::Done)
        })
        .await;
        self.follower.key_changed(&superseded.id);
        self.follower.key_changed(&successor.id);
        rotated
    }

    async fn revoke_keys(
        &self,
        owner: &OwnerTag,
        revocations: &[Revocation],
    ) -> Result<Revoked, StoreError> {
        let revoked = within(self.options.write_timeout, self.revoke(owner, revocations)).await;
        match &revoked {
            Ok(revoked) => self.follower.keys_revoked(&revoked.ids),
            Err(_) => revocations
                .iter()
                .for_each(|revocation| self.follower.key_changed(&revocation.id)),
        }
        revoked
    }

    async fn find_tombstone(&self, id: &ApiKeyId) -> Result<Option<Vec<u8>>, StoreError> {
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let record =
                query_scalar("SELECT record FROM tombstones WHERE id = ?1 AND kept_until > ?2")
                    .bind(id.to_string())
                    .bind(self.now())
                    .fetch_optional(&mut *seat)
                    .await?;
            Ok(record)
        })
        .await
    }

    async fn list_tombstones(
        &self,
        owner: &OwnerTag,
        limit: usize,
    ) -> Result<Vec<(ApiKeyId, Vec<u8>)>, StoreError> {
        let limit = limit.min(TOMBSTONES_LISTED_MAX);
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let rows = query(
                "SELECT id, record FROM tombstones WHERE owner = ?1 AND kept_until > ?2 \
                 ORDER BY kept_until DESC, id LIMIT ?3",
            )
            .bind(owner.as_bytes().as_slice())
            .bind(self.now())
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *seat)
            .await?;
            rows.iter().map(to_tombstone).collect()
        })
        .await
    }

    async fn list_keys(
        &self,
        owner: &OwnerTag,
        after: Option<Place>,
        limit: usize,
    ) -> Result<Vec<Listed>, StoreError> {
        // Every place comes after the first of these.
        let (created_at, id) = after.map_or((-1, String::new()), |place| {
            (to_sql(place.created_at), place.id.to_string())
        });
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let rows = query(
                "SELECT keys.id, keys.record, keys.created_at, uses.last_used_at FROM keys \
                 LEFT JOIN uses ON uses.id = keys.id \
                 WHERE keys.owner = ?1 AND (keys.created_at, keys.id) > (?2, ?3) \
                 ORDER BY keys.created_at, keys.id LIMIT ?4",
            )
            .bind(owner.as_bytes().as_slice())
            .bind(created_at)
            .bind(id)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&mut *seat)
            .await?;
            rows.iter().map(to_listed).collect()
        })
        .await
    }

    /// The cursor is the last id that was seen.
    async fn scan_keys(&self, cursor: &[u8]) -> Result<(Vec<Listed>, Option<Vec<u8>>), StoreError> {
        let last = String::from_utf8_lossy(cursor);
        within(self.options.upkeep_timeout, async {
            let mut seat = self.readers.seat().await?;
            let rows = query(
                "SELECT keys.id, keys.record, keys.created_at, uses.last_used_at FROM keys \
                 LEFT JOIN uses ON uses.id = keys.id \
                 WHERE keys.id > ?1 ORDER BY keys.id LIMIT ?2",
            )
            .bind(last.as_ref())
            .bind(i64::try_from(SCAN_PAGE).unwrap_or(i64::MAX))
            .fetch_all(&mut *seat)
            .await?;
            let page: Vec<_> = rows.iter().map(to_listed).collect::<Result<_, _>>()?;
            let next = page
                .last()
                .filter(|_| page.len() == SCAN_PAGE)
                .map(|line| line.id.to_string().into_bytes());
            Ok((page, next))
        })
        .await
    }
}

impl EmbeddedStore {
    async fn mint(
        &self,
        new: &NewRecord,
        limit: Option<u32>,
        replay: Option<&Replay>,
    ) -> Result<Minted, StoreError> {
        self.ballast.restore().await?;
        let mut change = self.keys.begin().await?;
        if let Some(answer) = self.replayed(&mut change, replay).await? {
            return Ok(Minted::Replayed(answer));
        }
        if let Some(limit) = limit
            && count(&mut change, &new.owner).await? >= i64::from(limit)
        {
            return Ok(Minted::LimitReached);
        }
        if !insert(&mut change, new).await? {
            return Ok(Minted::IdTaken);
        }
        self.keep_answer(&mut change, replay).await?;
        change.commit().await?;
        if new.id.is_seed() {
            self.has_seed_keys.store(true, Ordering::Relaxed);
        }
        Ok(Minted::Done)
    }

    /// The answer that the same request got before, while it is kept.
    async fn replayed(
        &self,
        change: &mut Change,
        replay: Option<&Replay>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(replay) = replay else {
            return Ok(None);
        };
        let sealed =
            query_scalar("SELECT sealed FROM replays WHERE digest = ?1 AND kept_until > ?2")
                .bind(replay.digest.as_slice())
                .bind(self.now())
                .fetch_optional(change.connection()?)
                .await?;
        Ok(sealed)
    }

    async fn keep_answer(
        &self,
        change: &mut Change,
        replay: Option<&Replay>,
    ) -> Result<(), StoreError> {
        let Some(replay) = replay else {
            return Ok(());
        };
        // What is there already is over, or it would have been replayed.
        query("INSERT OR REPLACE INTO replays (digest, sealed, kept_until) VALUES (?1, ?2, ?3)")
            .bind(replay.digest.as_slice())
            .bind(replay.sealed.as_slice())
            .bind(self.kept_until(Duration::from_hours(REPLAY_HOURS)))
            .execute(change.connection()?)
            .await?;
        Ok(())
    }
}

async fn count(change: &mut Change, owner: &OwnerTag) -> Result<i64, StoreError> {
    let count = query_scalar("SELECT count(*) FROM keys WHERE owner = ?1")
        .bind(owner.as_bytes().as_slice())
        .fetch_one(change.connection()?)
        .await?;
    Ok(count)
}

/// Stores a record unless its id is or was taken; says whether it did.
async fn insert(change: &mut Change, new: &NewRecord) -> Result<bool, StoreError> {
    let inserted = query(
        "INSERT INTO keys (id, owner, record, created_at, expires_at) \
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM tombstones WHERE id = ?1) \
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(new.id.to_string())
    .bind(new.owner.as_bytes().as_slice())
    .bind(new.record.as_slice())
    .bind(to_sql(new.created_at))
    .bind(new.expires_at.map(to_sql))
    .execute(change.connection()?)
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// Replaces a record that is as expected; says whether it did.
async fn replace(
    change: &mut Change,
    expected: &[u8],
    new: &NewRecord,
) -> Result<bool, StoreError> {
    let replaced =
        query("UPDATE keys SET record = ?1, expires_at = ?2 WHERE id = ?3 AND record = ?4")
            .bind(new.record.as_slice())
            .bind(new.expires_at.map(to_sql))
            .bind(new.id.to_string())
            .bind(expected)
            .execute(change.connection()?)
            .await?;
    Ok(replaced.rows_affected() == 1)
}
