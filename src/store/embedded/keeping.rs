//! What is kept beside keys: owners, uses, filter keys, key sets.

use async_trait::async_trait;
use sqlx::{Row, query, query_scalar};

use super::error::within;
use super::keys::SCAN_PAGE;
use super::rows::to_sql;
use super::{EmbeddedStore, StoreError};
use crate::domain::api_key::OwnerTag;
use crate::domain::salt::SaltId;
use crate::store::principals::ScannedPrincipals;
use crate::store::upkeep::Use;
use crate::store::{KeySetStore, PrincipalStore, UsageStore, VaultStore};

#[async_trait]
impl PrincipalStore for EmbeddedStore {
    async fn find_principal(&self, owner: &OwnerTag) -> Result<Option<Vec<u8>>, StoreError> {
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let record = query_scalar("SELECT record FROM principals WHERE owner = ?1")
                .bind(owner.as_bytes().as_slice())
                .fetch_optional(&mut *seat)
                .await?;
            Ok(record)
        })
        .await
    }

    async fn put_principal(&self, owner: &OwnerTag, record: &[u8]) -> Result<(), StoreError> {
        let put = within(self.options.write_timeout, async {
            let mut change = self.keys.begin().await?;
            query(
                "INSERT INTO principals (owner, record) VALUES (?1, ?2) \
                 ON CONFLICT (owner) DO UPDATE SET record = excluded.record",
            )
            .bind(owner.as_bytes().as_slice())
            .bind(record)
            .execute(change.connection()?)
            .await?;
            change.commit().await
        })
        .await;
        self.follower.owner_changed(owner);
        put
    }

    async fn swap_principal(
        &self,
        owner: &OwnerTag,
        expected: Option<&[u8]>,
        record: &[u8],
    ) -> Result<bool, StoreError> {
        let statement = match expected {
            Some(_) => "UPDATE principals SET record = ?2 WHERE owner = ?1 AND record = ?3",
            None => {
                "INSERT INTO principals (owner, record) VALUES (?1, ?2) \
                 ON CONFLICT (owner) DO NOTHING"
            }
        };
        let swapped = within(self.options.write_timeout, async {
            let mut change = self.keys.begin().await?;
            let mut writing = query(statement)
                .bind(owner.as_bytes().as_slice())
                .bind(record);
            if let Some(expected) = expected {
                writing = writing.bind(expected);
            }
            let written = writing.execute(change.connection()?).await?;
            change.commit().await?;
            Ok(written.rows_affected() == 1)
        })
        .await;
        self.follower.owner_changed(owner);
        swapped
    }

    async fn scan_principals(&self, cursor: &[u8]) -> Result<ScannedPrincipals, StoreError> {
        within(self.options.upkeep_timeout, async {
            let mut seat = self.readers.seat().await?;
            let rows = query(
                "SELECT owner, record FROM principals WHERE owner > ?1 ORDER BY owner LIMIT ?2",
            )
            .bind(cursor)
            .bind(i64::try_from(SCAN_PAGE).unwrap_or(i64::MAX))
            .fetch_all(&mut *seat)
            .await?;
            let mut page = Vec::with_capacity(rows.len());
            for row in &rows {
                let owner: Vec<u8> = row.try_get(0)?;
                let owner = <[u8; 16]>::try_from(owner).map_err(|_| {
                    StoreError::Corrupt("an owner's tag has another length".to_owned())
                })?;
                page.push((OwnerTag::from_bytes(owner), row.try_get(1)?));
            }
            let last = page.last().filter(|_| page.len() == SCAN_PAGE);
            let next = last.map(|(owner, _)| owner.as_bytes().to_vec());
            Ok((page, next))
        })
        .await
    }
}

#[async_trait]
impl UsageStore for EmbeddedStore {
    async fn record_uses(&self, uses: &[Use]) -> Result<(), StoreError> {
        // One statement for all of them: as many changes of threads would hold
        // the write lock for longer than the work itself.
        let uses: Vec<_> = uses
            .iter()
            .map(|used| (used.id.to_string(), to_sql(used.at), count(used.count)))
            .collect();
        let uses = serde_json::to_string(&uses)
            .map_err(|error| StoreError::Corrupt(format!("uses cannot be written: {error}")))?;
        within(self.options.write_timeout, async {
            // While the disk is full, the room there is belongs to revocations.
            self.ballast.restore().await?;
            let mut change = self.usage.begin().await?;
            query(
                "INSERT INTO uses (id, last_used_at, count) \
                 SELECT keys.id, used.value ->> 1, used.value ->> 2 \
                 FROM json_each(?1) AS used CROSS JOIN keys ON keys.id = used.value ->> 0 \
                 WHERE true ON CONFLICT (id) DO UPDATE SET \
                 last_used_at = max(last_used_at, excluded.last_used_at), \
                 count = count + excluded.count",
            )
            .bind(uses)
            .execute(change.connection()?)
            .await?;
            change.commit().await
        })
        .await
    }
}

/// A count for a column; no key is used this often between two reports.
fn count(uses: u64) -> u32 {
    u32::try_from(uses).unwrap_or(u32::MAX)
}

#[async_trait]
impl VaultStore for EmbeddedStore {
    async fn filter_keys(&self) -> Result<Vec<(SaltId, Vec<u8>)>, StoreError> {
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let rows = query("SELECT salt, sealed FROM filter_keys ORDER BY salt")
                .fetch_all(&mut *seat)
                .await?;
            let mut copies = Vec::new();
            for row in rows {
                let salt = row.try_get::<&[u8], _>(0)?.try_into().map_err(|_| {
                    StoreError::Corrupt("a filter key lies under a name that is no salt's".into())
                })?;
                copies.push((SaltId::from_bytes(salt), row.try_get(1)?));
            }
            Ok(copies)
        })
        .await
    }

    async fn create_filter_key(&self, salt: SaltId, sealed: &[u8]) -> Result<bool, StoreError> {
        within(self.options.write_timeout, async {
            let mut change = self.keys.begin().await?;
            let created = query(
                "INSERT INTO filter_keys (salt, sealed) \
                 SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM filter_keys)",
            )
            .bind(salt.as_bytes().as_slice())
            .bind(sealed)
            .execute(change.connection()?)
            .await?;
            change.commit().await?;
            Ok(created.rows_affected() == 1)
        })
        .await
    }

    async fn add_filter_key(&self, salt: SaltId, sealed: &[u8]) -> Result<(), StoreError> {
        within(self.options.write_timeout, async {
            let mut change = self.keys.begin().await?;
            query(
                "INSERT INTO filter_keys (salt, sealed) VALUES (?1, ?2) \
                 ON CONFLICT (salt) DO NOTHING",
            )
            .bind(salt.as_bytes().as_slice())
            .bind(sealed)
            .execute(change.connection()?)
            .await?;
            change.commit().await
        })
        .await
    }
}

#[async_trait]
impl KeySetStore for EmbeddedStore {
    async fn find_key_set(&self, issuer: &str) -> Result<Option<Vec<u8>>, StoreError> {
        within(self.options.read_timeout, async {
            let mut seat = self.readers.seat().await?;
            let record = query_scalar("SELECT record FROM key_sets WHERE issuer = ?1")
                .bind(issuer)
                .fetch_optional(&mut *seat)
                .await?;
            Ok(record)
        })
        .await
    }

    async fn put_key_set(&self, issuer: &str, record: &[u8]) -> Result<(), StoreError> {
        within(self.options.write_timeout, async {
            let mut change = self.keys.begin().await?;
            query(
                "INSERT INTO key_sets (issuer, record) VALUES (?1, ?2) \
                 ON CONFLICT (issuer) DO UPDATE SET record = excluded.record",
            )
            .bind(issuer)
            .bind(record)
            .execute(change.connection()?)
            .await?;
            change.commit().await
        })
        .await
    }
}
