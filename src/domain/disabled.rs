//! That an owner is disabled, apart from what issuers say of them.
//!
//! [`Principal::disabled`](super::principal::Principal) says it, too, where
//! every check of a key reads it anyway. This record stays when that one is
//! lost: without it, an owner would be made anew by the next word of an issuer
//! and be back.

use minicbor::{Decode, Encode};

use super::api_key::OwnerTag;
use super::api_key::record::BadRecord;
use super::envelope;
use super::record_name::{RecordName, Shelf};
use super::salt::Salts;
use super::time::Timestamp;

/// Who disabled an owner, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisabledOwner {
    /// When.
    pub at: Timestamp,
    /// Who, as text.
    pub by: String,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    at: u64,
    #[n(1)]
    by: String,
}

/// Where it lies.
pub fn name(owner: &OwnerTag) -> RecordName {
    let mut digest = [0; 32];
    digest[..16].copy_from_slice(owner.as_bytes());
    RecordName::of_digest(Shelf::Disabled, &digest)
}

/// The owner whose record lies under that name.
pub fn owner_of(text: &str) -> Option<OwnerTag> {
    let owner = OwnerTag::parse(text.get(..32)?)?;
    (name(&owner).as_str() == text).then_some(owner)
}

/// The same of the name among everything that is kept.
pub fn owner_in(full: &str) -> Option<OwnerTag> {
    let owner = owner_of(full.rsplit(':').next()?)?;
    (name(&owner).full() == full).then_some(owner)
}

impl DisabledOwner {
    /// Encodes and seals the record under the active salt.
    pub fn seal(&self, salts: &Salts, owner: &OwnerTag) -> Vec<u8> {
        let wire = Wire {
            at: self.at.as_millis(),
            by: self.by.clone(),
        };
        let mut payload = Vec::with_capacity(64);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        envelope::seal(salts, &name(owner).full(), &payload)
    }

    /// Opens and decodes the record of that owner.
    ///
    /// # Errors
    /// Fails for a record that cannot be trusted or read: whether the owner is
    /// disabled is not known then.
    pub fn open(salts: &Salts, owner: &OwnerTag, bytes: &[u8]) -> Result<Self, BadRecord> {
        let payload = envelope::open(salts, &name(owner).full(), bytes)?;
        let wire: Wire = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
        Ok(Self {
            at: Timestamp::from_millis(wire.at).ok_or(BadRecord::Unreadable)?,
            by: wire.by,
        })
    }
}
