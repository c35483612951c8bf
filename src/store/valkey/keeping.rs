//! What is kept beside keys: owners, uses, filter keys, key sets.

use async_trait::async_trait;
use redis::Value;

use super::layout::{self, FILTER_KEYS};
use super::scripts::USE;
use super::{StoreError, ValkeyStore};
use crate::domain::api_key::OwnerTag;
use crate::domain::salt::SaltId;
use crate::store::principals::ScannedPrincipals;
use crate::store::upkeep::Use;
use crate::store::{KeySetStore, PrincipalStore, UsageStore, VaultStore};

/// How many uses go in one round trip.
const USES_STEP: usize = 1_000;

#[async_trait]
impl PrincipalStore for ValkeyStore {
    async fn find_principal(&self, owner: &OwnerTag) -> Result<Option<Vec<u8>>, StoreError> {
        let name = layout::principal(owner);
        self.server.within(self.get(&name)).await
    }

    async fn put_principal(&self, owner: &OwnerTag, record: &[u8]) -> Result<(), StoreError> {
        let name = layout::principal(owner);
        let put = self.server.within(self.set(&name, record)).await;
        self.owner_changed(owner);
        put
    }

    async fn swap_principal(
        &self,
        owner: &OwnerTag,
        expected: Option<&[u8]>,
        record: &[u8],
    ) -> Result<bool, StoreError> {
        let name = layout::principal(owner);
        let mut script = self.scripts.swap.key(&name);
        script.arg(record);
        if let Some(expected) = expected {
            script.arg(expected);
        }
        let home = self.server.home(&name);
        let swapped = self.server.within(home.run(&script)).await;
        self.owner_changed(owner);
        swapped
    }

    async fn scan_principals(&self, cursor: &[u8]) -> Result<ScannedPrincipals, StoreError> {
        let work = async {
            let (names, next) = self.names(layout::ALL_PRINCIPALS, cursor).await?;
            let owners: Vec<_> = names
                .iter()
                .filter_map(|name| layout::principal_owner(name))
                .collect();
            let Some(first) = owners.first() else {
                return Ok((Vec::new(), next));
            };
            let mut questions = redis::pipe();
            for owner in &owners {
                questions.cmd("GET").arg(layout::principal(owner));
            }
            let home = self.server.home(&layout::principal(first));
            let records: Vec<Option<Vec<u8>>> = home.ask_all(&questions).await?;
            let found = owners.into_iter().zip(records);
            // Gone between the two questions: nothing to list.
            let found = found.filter_map(|(owner, record)| Some((owner, record?)));
            Ok((found.collect(), next))
        };
        self.server.within(work).await
    }
}

#[async_trait]
impl UsageStore for ValkeyStore {
    async fn record_uses(&self, uses: &[Use]) -> Result<(), StoreError> {
        let mut sorted: Vec<_> = uses.iter().collect();
        sorted.sort_by_key(|used| used.id.shard());
        for step in sorted.chunks(USES_STEP) {
            self.server.within(self.record(step)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl VaultStore for ValkeyStore {
    async fn filter_keys(&self) -> Result<Vec<(SaltId, Vec<u8>)>, StoreError> {
        let home = self.server.home(FILTER_KEYS);
        let mut all = redis::cmd("HGETALL");
        all.arg(FILTER_KEYS);
        let copies: Vec<(String, Vec<u8>)> = self.server.within(home.ask(&all)).await?;
        copies
            .into_iter()
            .map(|(field, sealed)| match layout::salt_of(&field) {
                Some(salt) => Ok((salt, sealed)),
                None => Err(StoreError::Corrupt(
                    "a filter key lies under a name that is no salt's".to_owned(),
                )),
            })
            .collect()
    }

    async fn create_filter_key(&self, salt: SaltId, sealed: &[u8]) -> Result<bool, StoreError> {
        let mut script = self.scripts.first_filter_key.key(FILTER_KEYS);
        script.arg(layout::salt_field(salt)).arg(sealed);
        let home = self.server.home(FILTER_KEYS);
        self.server.within(home.run(&script)).await
    }

    async fn add_filter_key(&self, salt: SaltId, sealed: &[u8]) -> Result<(), StoreError> {
        let mut add = redis::cmd("HSETNX");
        add.arg(FILTER_KEYS)
            .arg(layout::salt_field(salt))
            .arg(sealed);
        let home = self.server.home(FILTER_KEYS);
        self.server.within(home.ask(&add)).await
    }
}

#[async_trait]
impl KeySetStore for ValkeyStore {
    async fn find_key_set(&self, issuer: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = layout::key_set(issuer);
        self.server.within(self.get(&name)).await
    }

    async fn put_key_set(&self, issuer: &str, record: &[u8]) -> Result<(), StoreError> {
        let name = layout::key_set(issuer);
        self.server.within(self.set(&name, record)).await
    }
}

impl ValkeyStore {
    async fn set(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        let home = self.server.home(name);
        home.ask(redis::cmd("SET").arg(name).arg(value)).await
    }

    /// Writes uses down, one script call for each shard, in one round trip.
    async fn record(&self, uses: &[&Use]) -> Result<(), StoreError> {
        let Some(first) = uses.first() else {
            return Ok(());
        };
        let mut steps = redis::pipe();
        // In front, because a pipeline cannot be told to begin again.
        let script = redis::Script::new(USE);
        steps.cmd("SCRIPT").arg("LOAD").arg(USE).ignore();
        for shard in uses.chunk_by(|one, other| one.id.shard() == other.id.shard()) {
            steps
                .cmd("EVALSHA")
                .arg(script.get_hash())
                .arg(2 * shard.len());
            for used in shard {
                steps
                    .arg(layout::record(&used.id))
                    .arg(layout::uses(&used.id));
            }
            for used in shard {
                steps.arg(used.at.as_millis()).arg(used.count);
            }
        }
        let home = self.server.home(&layout::record(&first.id));
        home.ask_all::<Vec<Value>>(&steps).await.map(drop)
    }
}
