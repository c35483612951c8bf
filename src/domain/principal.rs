//! What is known of an owner apart from any key: written each time an issuer
//! vouches for somebody, and asked at every check of one of their keys.
//!
//! An owner without such a record (of keys made on the command line, or by the
//! former service) has no groups, and the keys have their own scopes only.

use minicbor::{Decode, Encode};

use super::api_key::OwnerTag;
use super::api_key::record::BadRecord;
use super::envelope;
use super::salt::Salts;
use super::subject::{GroupName, Scope};
use super::time::Timestamp;

/// The owner's standing as last known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// The groups that the issuer last named.
    pub groups: Vec<GroupName>,
    /// The scopes that the owner may grant to keys; no bound if absent.
    pub scopes: Option<Vec<Scope>>,
    /// Whether one of the groups makes an administrator.
    pub admin: bool,
    /// Whether everything of this owner is refused.
    pub disabled: bool,
    /// An address to show.
    pub email: Option<String>,
    /// A name to show.
    pub name: Option<String>,
    /// When an issuer last vouched for this.
    pub seen_at: Option<Timestamp>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    groups: Vec<String>,
    #[n(1)]
    scopes: Option<Vec<String>>,
    #[n(2)]
    admin: bool,
    #[n(3)]
    disabled: bool,
    #[n(4)]
    email: Option<String>,
    #[n(5)]
    name: Option<String>,
    #[n(6)]
    seen_at: Option<u64>,
}

fn name(owner: &OwnerTag) -> String {
    format!("gl:p:{{{}}}:{owner}", owner.shard())
}

impl Principal {
    /// Encodes and seals the record under the active salt.
    pub fn seal(&self, salts: &Salts, owner: &OwnerTag) -> Vec<u8> {
        let texts = |scopes: &Vec<Scope>| scopes.iter().map(|s| s.as_str().to_owned()).collect();
        let wire = Wire {
            groups: self
                .groups
                .iter()
                .map(|group| group.as_str().to_owned())
                .collect(),
            scopes: self.scopes.as_ref().map(texts),
            admin: self.admin,
            disabled: self.disabled,
            email: self.email.clone(),
            name: self.name.clone(),
            seen_at: self.seen_at.map(Timestamp::as_millis),
        };
        let mut payload = Vec::with_capacity(128);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        envelope::seal(salts, &name(owner), &payload)
    }

    /// Opens and decodes the record of that owner.
    ///
    /// # Errors
    /// Fails for a record that cannot be trusted or read.
    pub fn open(salts: &Salts, owner: &OwnerTag, bytes: &[u8]) -> Result<Self, BadRecord> {
        let payload = envelope::open(salts, &name(owner), bytes)?;
        let wire: Wire = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
        wire.into_principal().ok_or(BadRecord::Unreadable)
    }

    /// Whether it says the same as `other`, leaving aside when it was said.
    pub fn agrees_with(&self, other: &Self) -> bool {
        Self {
            seen_at: None,
            ..self.clone()
        } == Self {
            seen_at: None,
            ..other.clone()
        }
    }
}

impl Wire {
    fn into_principal(self) -> Option<Principal> {
        let scopes = match self.scopes {
            None => None,
            Some(texts) => Some(
                texts
                    .iter()
                    .map(|text| Scope::parse(text).ok())
                    .collect::<Option<_>>()?,
            ),
        };
        Some(Principal {
            groups: self
                .groups
                .iter()
                .map(|g| GroupName::parse(g).ok())
                .collect::<Option<_>>()?,
            scopes,
            admin: self.admin,
            disabled: self.disabled,
            email: self.email,
            name: self.name,
            seen_at: self.seen_at.and_then(Timestamp::from_millis),
        })
    }
}
