//! What is stored of a key, and what it is worth at a given time.
//!
//! The payload is CBOR with small integer keys: compact, and open to fields of
//! later versions, which older ones skip. Its envelope seals it to the key's name.

use minicbor::{Decode, Encode};

use super::super::envelope::{self, BadSeal};
use super::super::matching::RequestMatch;
use super::super::salt::{SaltId, Salts};
use super::super::subject::{Owner, Scope, Tenant};
use super::super::time::Timestamp;
use super::bounds::WireBounds;
use super::hash::KeyHash;
use super::id::{ApiKeyId, OwnerTag};

/// Longest name (the seed's description), in bytes: the seed's own limit.
pub const KEY_NAME_BYTES_MAX: usize = 256;
/// Most scopes on one key.
pub const KEY_SCOPES_MAX: usize = 64;

/// What proves that the presented text is the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A keyed hash under the salt of that name.
    Hash {
        /// The salt.
        salt: SaltId,
        /// The hash.
        hash: KeyHash,
    },
    /// The id itself is the hash: a key imported from rusty-valkey-forward-auth.
    Id,
}

/// Who took a key out of use for the time being, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disabled {
    /// When.
    pub at: Timestamp,
    /// Who, as text.
    pub by: String,
}

/// That a key is being revoked: it opens nothing from the first moment on, and
/// until `at` this can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// From when on it is final. The epoch once it was claimed to be made
    /// final: then no clock, however slow, takes it back.
    pub at: Timestamp,
    /// Who revoked it, as text.
    pub by: String,
}

/// A key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Its public name.
    pub id: ApiKeyId,
    /// The organisation of its owner.
    pub tenant: Tenant,
    /// Whose identity it proves.
    pub owner: Owner,
    /// How it is recognised.
    pub proof: Proof,
    /// What its owner calls it; may be empty.
    pub name: String,
    /// What it permits.
    pub scopes: Vec<Scope>,
    /// The requests that it is bound to.
    pub bounds: RequestMatch,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it, as text: the owner, an administrator, another key, the command line.
    pub created_by: String,
    /// From when on it is refused; never, if absent.
    pub expires_at: Option<Timestamp>,
    /// Set while it is out of use.
    pub disabled: Option<Disabled>,
    /// Set while it is being revoked.
    pub revocation: Option<Revocation>,
    /// The key that it replaced.
    pub rotated_from: Option<ApiKeyId>,
    /// The key that replaces it.
    pub rotated_to: Option<ApiKeyId>,
    /// Until when it works beside its successor.
    pub grace_until: Option<Timestamp>,
}

/// What a key is worth at a given time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It opens what it permits.
    Active,
    /// Its time is over.
    Expired,
    /// It is being revoked, which can still be taken back.
    Revoking,
    /// It is out of use for the time being.
    Disabled,
    /// A successor took its place and the overlap is over.
    Superseded,
}

impl Standing {
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Active,
            Self::Expired,
            Self::Revoking,
            Self::Disabled,
            Self::Superseded,
        ]
        .into_iter()
        .find(|standing| standing.as_str() == text)
    }

    /// The word in answers and tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoking => "revoking",
            Self::Disabled => "disabled",
            Self::Superseded => "superseded",
        }
    }
}

impl ApiKey {
    /// What the key is worth at `now`. An end is exclusive: at the very moment
    /// of its expiry a key is already refused.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if self.revocation.is_some() {
            Standing::Revoking
        } else if self.disabled.is_some() {
            Standing::Disabled
        } else if self.expires_at.is_some_and(|end| end <= now) {
            Standing::Expired
        } else if self.grace_until.is_some_and(|end| end <= now) {
            Standing::Superseded
        } else {
            Standing::Active
        }
    }

    /// The owner as stores name it.
    pub fn owner_tag(&self) -> OwnerTag {
        OwnerTag::new(&self.tenant, &self.owner)
    }

    /// Encodes and seals the record under the active salt.
    pub fn seal(&self, salts: &Salts) -> Vec<u8> {
        let wire = Wire::from(self);
        let mut payload = Vec::with_capacity(256);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        envelope::seal(salts, &self.id.record_name(), &payload)
    }

    /// Opens and decodes the record of that id.
    ///
    /// # Errors
    /// Fails for a record that cannot be trusted or read; see [`BadRecord`].
    pub fn open(salts: &Salts, id: ApiKeyId, bytes: &[u8]) -> Result<Self, BadRecord> {
        let payload = envelope::open(salts, &id.record_name(), bytes)?;
        let wire: Wire<'_> = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
        wire.into_key(id).ok_or(BadRecord::Unreadable)
    }
}

/// Why a stored record is of no use: proves nothing, neither for nor against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecord {
    /// The envelope did not open.
    #[error(transparent)]
    Seal(#[from] BadSeal),
    /// The seal is ours, the content of another version.
    #[error("the record holds what this version cannot read")]
    Unreadable,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire<'b> {
    #[b(0)]
    tenant: &'b str,
    #[b(1)]
    realm: &'b str,
    #[b(2)]
    subject: &'b str,
    #[cbor(n(3), with = "minicbor::bytes")]
    salt: Option<[u8; 8]>,
    #[cbor(n(4), with = "minicbor::bytes")]
    hash: Option<[u8; 32]>,
    #[b(5)]
    name: &'b str,
    #[b(6)]
    scopes: Vec<&'b str>,
    #[n(7)]
    created_at: u64,
    #[b(8)]
    created_by: &'b str,
    #[n(9)]
    expires_at: Option<u64>,
    #[n(10)]
    disabled_at: Option<u64>,
    #[b(11)]
    disabled_by: Option<&'b str>,
    #[n(12)]
    rotated_from: Option<String>,
    #[n(13)]
    rotated_to: Option<String>,
    #[n(14)]
    grace_until: Option<u64>,
    #[n(20)]
    bounds: Option<WireBounds>,
    #[n(30)]
    revoke_at: Option<u64>,
    #[b(31)]
    revoke_by: Option<&'b str>,
}

impl<'k> From<&'k ApiKey> for Wire<'k> {
    fn from(key: &'k ApiKey) -> Self {
        let (salt, hash) = match &key.proof {
            Proof::Hash { salt, hash } => (Some(*salt.as_bytes()), Some(*hash.as_bytes())),
            Proof::Id => (None, None),
        };
        let (disabled, revocation) = (key.disabled.as_ref(), key.revocation.as_ref());
        Self {
            tenant: key.tenant.as_str(),
            realm: key.owner.realm().as_str(),
            subject: key.owner.subject().as_str(),
            salt,
            hash,
            name: &key.name,
            scopes: key.scopes.iter().map(Scope::as_str).collect(),
            created_at: key.created_at.as_millis(),
            created_by: &key.created_by,
            expires_at: key.expires_at.map(Timestamp::as_millis),
            disabled_at: disabled.map(|one| one.at.as_millis()),
            disabled_by: disabled.map(|one| &*one.by),
            rotated_from: key.rotated_from.map(|id| id.to_string()),
            rotated_to: key.rotated_to.map(|id| id.to_string()),
            grace_until: key.grace_until.map(Timestamp::as_millis),
            bounds: WireBounds::of(&key.bounds),
            revoke_at: revocation.map(|one| one.at.as_millis()),
            revoke_by: revocation.map(|one| &*one.by),
        }
    }
}

impl Wire<'_> {
    fn into_key(self, id: ApiKeyId) -> Option<ApiKey> {
        let proof = match (self.salt, self.hash) {
            (Some(salt), Some(hash)) if !id.is_seed() => Proof::Hash {
                salt: SaltId::from_bytes(salt),
                hash: KeyHash::from_bytes(hash),
            },
            // Only a seed key's id is a hash: for any other it would prove nothing.
            (None, None) if id.is_seed() => Proof::Id,
            _ => return None,
        };
        let disabled = match (self.disabled_at, self.disabled_by) {
            (Some(at), by) => Some(Disabled {
                at: Timestamp::from_millis(at)?,
                by: by.unwrap_or_default().to_owned(),
            }),
            (None, _) => None,
        };
        let revocation = match (self.revoke_at, self.revoke_by) {
            (Some(at), by) => Some(Revocation {
                at: Timestamp::from_millis(at)?,
                by: by.unwrap_or_default().to_owned(),
            }),
            (None, _) => None,
        };
        Some(ApiKey {
            id,
            tenant: Tenant::parse(self.tenant).ok()?,
            owner: Owner::from_record(self.realm, self.subject).ok()?,
            proof,
            name: self.name.to_owned(),
            scopes: self
                .scopes
                .iter()
                .map(|text| Scope::parse(text).ok())
                .collect::<Option<_>>()?,
            bounds: match self.bounds {
                Some(bounds) => bounds.read()?,
                None => RequestMatch::default(),
            },
            created_at: Timestamp::from_millis(self.created_at)?,
            created_by: self.created_by.to_owned(),
            expires_at: lasting(self.expires_at, Timestamp::from_millis).ok()?,
            disabled,
            revocation,
            rotated_from: lasting(self.rotated_from, |text| ApiKeyId::parse(&text)).ok()?,
            rotated_to: lasting(self.rotated_to, |text| ApiKeyId::parse(&text)).ok()?,
            grace_until: lasting(self.grace_until, Timestamp::from_millis).ok()?,
        })
    }
}

/// A limit that cannot be read.
struct Lost;

/// Absent stays absent; present must parse, so that no limit is lost by accident.
fn lasting<A, B>(value: Option<A>, parse: impl Fn(A) -> Option<B>) -> Result<Option<B>, Lost> {
    value.map(|value| parse(value).ok_or(Lost)).transpose()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::super::super::matching::{HostPattern, PathPattern, parse_method, parse_network};
    use super::super::super::salt::Salt;
    use super::*;

    pub(crate) fn salts() -> Salts {
        let mut raw = [1; 32];
        raw[0] = 2;
        Salts::new(Salt::from_bytes(raw), Vec::new())
    }

    pub(crate) fn key() -> ApiKey {
        ApiKey {
            id: ApiKeyId::parse("00abcdefghABCDEF").unwrap(),
            tenant: Tenant::default(),
            owner: Owner::from_record("corp", "alice").unwrap(),
            proof: Proof::Hash {
                salt: salts().active().id(),
                hash: KeyHash::from_bytes([9; 32]),
            },
            name: "ci".to_owned(),
            scopes: vec![Scope::parse("models:read").unwrap()],
            bounds: RequestMatch::default(),
            created_at: Timestamp::from_millis(1_000).unwrap(),
            created_by: "corp:alice".to_owned(),
            expires_at: Timestamp::from_millis(5_000),
            disabled: None,
            revocation: None,
            rotated_from: None,
            rotated_to: ApiKeyId::parse("00zzzzzzzzABCDEF"),
            grace_until: Timestamp::from_millis(4_000),
        }
    }

    #[test]
    fn a_record_reads_as_it_was_written() {
        let sealed = key().seal(&salts());
        assert_eq!(ApiKey::open(&salts(), key().id, &sealed), Ok(key()));
        assert!(sealed.len() < 200, "{} bytes", sealed.len());
    }

    #[test]
    fn bounds_are_part_of_the_record() {
        let bound = ApiKey {
            bounds: RequestMatch {
                hosts: vec![HostPattern::parse("*.example.com").unwrap()],
                methods: vec![parse_method("GET").unwrap()],
                paths: vec![PathPattern::parse("/v1/**").unwrap()],
                networks: vec![parse_network("2001:db8::/32").unwrap()],
            },
            ..key()
        };
        let sealed = bound.seal(&salts());
        assert_eq!(ApiKey::open(&salts(), key().id, &sealed), Ok(bound));
    }

    #[test]
    fn a_record_moved_to_another_id_does_not_open() {
        let sealed = key().seal(&salts());
        let other = ApiKeyId::parse("00abcdefghABCDEG").unwrap();
        assert_eq!(
            ApiKey::open(&salts(), other, &sealed),
            Err(BadSeal::Broken.into())
        );
    }

    #[test]
    fn an_end_is_exclusive_and_grace_ends_before_expiry() {
        let at = |millis| key().standing(Timestamp::from_millis(millis).unwrap());
        assert_eq!(at(3_999), Standing::Active);
        assert_eq!(at(4_000), Standing::Superseded);
        assert_eq!(at(5_000), Standing::Expired);
    }
}
