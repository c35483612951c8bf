//! Keys as their owners see them.

use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::record::ApiKey;
use crate::domain::secret::Secret;
use crate::domain::subject::{Owner, Tenant};
use crate::domain::time::Timestamp;
use crate::store::keys::Place;
use crate::store::seed::SeedRecord;

/// A key that was just made: its text is shown now and never again.
#[derive(Clone, Debug)]
pub struct MintedKey {
    /// The record.
    pub key: ApiKey,
    /// What its holder presents.
    pub text: Secret<String>,
    /// Whether this is the answer to an earlier request that was made again:
    /// nothing was made this time.
    pub is_replayed: bool,
}

/// A key in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyView {
    /// One of ours, imported ones among them.
    Ours {
        /// The record.
        key: Box<ApiKey>,
        /// When it last passed a gate, as far as has been written down.
        last_used_at: Option<Timestamp>,
    },
    /// One of rusty-valkey-forward-auth, still in its place.
    Seed(SeedRecord),
}

impl KeyView {
    /// The public id.
    pub fn id(&self) -> ApiKeyId {
        match self {
            Self::Ours { key, .. } => key.id,
            Self::Seed(record) => record.id,
        }
    }

    /// Whose it is; `None` for a seed record whose subject can be nobody.
    pub fn owner(&self) -> Option<Owner> {
        match self {
            Self::Ours { key, .. } => Some(key.owner.clone()),
            Self::Seed(record) => Owner::from_record("", &record.subject).ok(),
        }
    }

    /// Of which organisation; the former service knew one.
    pub fn tenant(&self) -> Tenant {
        match self {
            Self::Ours { key, .. } => key.tenant.clone(),
            Self::Seed(_) => Tenant::default(),
        }
    }

    /// Its place in a list. A seed record whose time cannot be read comes first.
    pub fn place(&self) -> Place {
        match self {
            Self::Ours { key, .. } => Place {
                created_at: key.created_at,
                id: key.id,
            },
            Self::Seed(record) => Place {
                created_at: seed_time(record),
                id: record.id,
            },
        }
    }
}

/// When a seed record says it was made.
pub fn seed_time(record: &SeedRecord) -> Timestamp {
    Timestamp::parse_rfc3339(&record.created_at)
        .or(Timestamp::from_millis(0))
        .unwrap_or_else(|| unreachable!("the epoch is a time"))
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPage {
    /// The keys, oldest first.
    pub keys: Vec<KeyView>,
    /// Where the next part begins; `None` at the end.
    pub next: Option<Place>,
}
