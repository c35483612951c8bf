//! What stays of a revoked key: that it was, who ended it and when.

use minicbor::{Decode, Encode};

use super::super::envelope;
use super::super::salt::Salts;
use super::super::time::Timestamp;
use super::id::ApiKeyId;
use super::record::{ApiKey, BadRecord};

/// A revoked key. Revocation is final: no id is ever used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The key as it last was.
    pub key: ApiKey,
    /// When it was revoked.
    pub revoked_at: Timestamp,
    /// Who revoked it, as text.
    pub revoked_by: String,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[cbor(n(0), with = "minicbor::bytes")]
    key: Vec<u8>,
    #[n(1)]
    revoked_at: u64,
    #[n(2)]
    revoked_by: String,
}

fn name(id: ApiKeyId) -> String {
    format!("gl:t:{{{}}}:{id}", id.shard())
}

impl Tombstone {
    /// Encodes and seals it under the active salt.
    pub fn seal(&self, salts: &Salts) -> Vec<u8> {
        let wire = Wire {
            key: self.key.seal(salts),
            revoked_at: self.revoked_at.as_millis(),
            revoked_by: self.revoked_by.clone(),
        };
        let mut payload = Vec::with_capacity(320);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        envelope::seal(salts, &name(self.key.id), &payload)
    }

    /// Opens and decodes the tombstone of that id.
    ///
    /// # Errors
    /// Fails for one that cannot be trusted or read.
    pub fn open(salts: &Salts, id: ApiKeyId, bytes: &[u8]) -> Result<Self, BadRecord> {
        let payload = envelope::open(salts, &name(id), bytes)?;
        let wire: Wire = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
        Ok(Self {
            key: ApiKey::open(salts, id, &wire.key)?,
            revoked_at: Timestamp::from_millis(wire.revoked_at).ok_or(BadRecord::Unreadable)?,
            revoked_by: wire.revoked_by,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::{key, salts};
    use super::*;

    #[test]
    fn a_tombstone_reads_as_it_was_written_and_never_as_a_key() {
        let tombstone = Tombstone {
            key: key(),
            revoked_at: Timestamp::from_millis(7).unwrap(),
            revoked_by: "admin".to_owned(),
        };
        let sealed = tombstone.seal(&salts());
        assert_eq!(Tombstone::open(&salts(), key().id, &sealed), Ok(tombstone));
        assert!(ApiKey::open(&salts(), key().id, &sealed).is_err());
    }
}
