//! The last good keys of an issuer as the store holds them, for replicas that
//! start while the issuer is down.
//!
//! The seal binds a record to its issuer: who writes to the store without the
//! salt can neither bring in keys nor pass one issuer's for another's.

use std::sync::Arc;
use std::time::Duration;

use minicbor::{Decode, Encode};
use serde_json::Value;

use super::discovery;
use super::issuer::IssuerOptions;
use super::jwks::{BadJwks, Jwks};
use super::strict_json;
use crate::domain::envelope::{self, BadSeal};
use crate::domain::salt::Salts;
use crate::domain::time::{Clock, Timestamp};
use crate::store::KeySetStore;

/// How far ahead of ours the clock of another replica may be.
const CLOCK_SKEW_MAX: Duration = Duration::from_mins(5);

/// The place of one issuer's keys in the store. What goes wrong there is
/// logged and otherwise makes no difference: the issuer itself is asked too.
pub(super) struct KeyShare {
    issuer: String,
    source: String,
    store: Arc<dyn KeySetStore>,
    salts: Salts,
    clock: Arc<dyn Clock>,
}

/// Keys that a replica fetched.
pub(super) struct SharedKeys {
    /// The issuer's exact name, where discovery gave it.
    pub(super) issuer: Option<String>,
    /// The usable keys.
    pub(super) jwks: Jwks,
    /// How long ago they were fetched.
    pub(super) age: Duration,
}

impl KeyShare {
    /// The place of that issuer.
    pub(super) fn new(
        options: &IssuerOptions,
        store: Arc<dyn KeySetStore>,
        salts: Salts,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            issuer: options.url.clone(),
            source: discovery::source(options),
            store,
            salts,
            clock,
        }
    }

    /// The keys that a replica left there, if they are not too old.
    pub(super) async fn find(&self, age_max: Duration) -> Option<SharedKeys> {
        let (record, jwks) = self.read().await?;
        let now = self.clock.now()?;
        // From another address, or from a future that no clock of ours agrees with.
        if record.source != self.source || record.fetched_at > now.plus(CLOCK_SKEW_MAX) {
            return None;
        }
        let age_ms = now
            .as_millis()
            .saturating_sub(record.fetched_at.as_millis());
        let age = Duration::from_millis(age_ms);
        let issuer = record.issuer;
        (age <= age_max).then_some(SharedKeys { issuer, jwks, age })
    }

    async fn read(&self) -> Option<(KeyRecord, Jwks)> {
        let issuer = &self.issuer;
        let bytes = match self.store.find_key_set(issuer).await {
            Ok(found) => found?,
            Err(error) => {
                tracing::warn!(issuer, %error, "the store could not be asked for the issuer's keys");
                return None;
            }
        };
        match KeyRecord::open(&self.salts, issuer, &bytes) {
            Ok(found) => Some(found),
            Err(error) => {
                tracing::error!(issuer, %error, "the stored keys of the issuer are not used");
                None
            }
        }
    }

    /// Leaves fetched keys there. Without knowing the time there is nothing to
    /// leave: nobody could tell how old they are.
    pub(super) async fn put(
        &self,
        issuer: Option<String>,
        document: &Value,
        fetched_at: Option<Timestamp>,
    ) {
        let Some(fetched_at) = fetched_at else { return };
        let record = KeyRecord {
            source: self.source.clone(),
            issuer,
            document: document.clone(),
            fetched_at,
        };
        let issuer = &self.issuer;
        let sealed = record.seal(&self.salts, issuer);
        if let Err(error) = self.store.put_key_set(issuer, &sealed).await {
            tracing::warn!(issuer, %error, "the issuer's keys could not be shared through the store");
        }
    }
}

/// What is kept of a good fetch.
struct KeyRecord {
    /// The address that it began with. Under another one the record is of no
    /// use: the operator may have had a reason to move.
    source: String,
    /// The issuer's exact name, where discovery gave it.
    issuer: Option<String>,
    /// The key set as it was sent.
    document: Value,
    /// When it was fetched.
    fetched_at: Timestamp,
}

/// Why a record is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum BadKeyRecord {
    #[error(transparent)]
    Seal(#[from] BadSeal),
    #[error("the record holds what this version cannot read")]
    Unreadable,
    #[error("the key set in the record {0}")]
    Keys(#[from] BadJwks),
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    source: String,
    #[n(1)]
    issuer: Option<String>,
    #[n(2)]
    document: String,
    #[n(3)]
    fetched_at: u64,
}

/// The name that the seal binds the record to.
fn name(configured: &str) -> String {
    format!("gl:j:{configured}")
}

impl KeyRecord {
    /// Encodes and seals the record of the issuer of that configured name.
    fn seal(&self, salts: &Salts, configured: &str) -> Vec<u8> {
        let wire = Wire {
            source: self.source.clone(),
            issuer: self.issuer.clone(),
            document: self.document.to_string(),
            fetched_at: self.fetched_at.as_millis(),
        };
        let mut payload = Vec::with_capacity(1024);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        envelope::seal(salts, &name(configured), &payload)
    }

    /// Opens a record and reads its keys by the same rules as a fresh set.
    fn open(salts: &Salts, configured: &str, bytes: &[u8]) -> Result<(Self, Jwks), BadKeyRecord> {
        let payload = envelope::open(salts, &name(configured), bytes)?;
        let wire: Wire = minicbor::decode(payload).map_err(|_| BadKeyRecord::Unreadable)?;
        let record = wire.into_record().ok_or(BadKeyRecord::Unreadable)?;
        let jwks = Jwks::parse(&record.document)?;
        Ok((record, jwks))
    }
}

impl Wire {
    fn into_record(self) -> Option<KeyRecord> {
        Some(KeyRecord {
            source: self.source,
            issuer: self.issuer,
            document: strict_json::parse(self.document.as_bytes()).ok()?,
            fetched_at: Timestamp::from_millis(self.fetched_at)?,
        })
    }
}
