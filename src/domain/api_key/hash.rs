//! The one-way hash under which a key is stored.

use std::fmt;

use subtle::ConstantTimeEq;

use super::super::salt::Salt;
use super::super::subject::Tenant;
use super::id::ApiKeyId;
use super::plain::{NativeKey, SeedKey};

/// Keyed BLAKE3 of a key. Comparing takes the same time wherever two differ.
#[derive(Clone, Copy)]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// Of a key that was minted here: over tenant, id and secret.
    pub fn of(salt: &Salt, tenant: &Tenant, key: &NativeKey<'_>) -> Self {
        let mut hasher = blake3::Hasher::new_keyed(salt.hash_key());
        for part in [tenant.as_str(), key.id_text(), key.secret()] {
            hasher.update(part.as_bytes()).update(&[0]);
        }
        Self(*hasher.finalize().as_bytes())
    }

    /// As a record holds it.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For a record.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for KeyHash {}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hash]")
    }
}

/// The id of a seed key under a salt: what rusty-valkey-forward-auth files it
/// under. Finding the record proves the key, since the id is its whole hash.
pub fn seed_id(salt: &Salt, key: &SeedKey<'_>) -> ApiKeyId {
    ApiKeyId::Seed(*blake3::keyed_hash(salt.raw(), key.text().as_bytes()).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::plain::{KeyFormat, PlainKey};
    use super::*;

    #[test]
    fn the_seeds_published_vector_holds() {
        assert_eq!(
            blake3::keyed_hash(&[0; 32], b"example-token")
                .to_hex()
                .as_str(),
            "2d00e35e3e78f77fa4eb0454a48fb41e45963e0f9b5a335be231a2b582790189"
        );
    }

    #[test]
    fn a_seed_keys_id_is_its_hash_under_the_salt_itself() {
        let salt = Salt::parse_hex(&"0123456789abcdef".repeat(4)).unwrap();
        let text = "abcdefghijklmnopqrstuvwxyz012345";
        let format = KeyFormat::new("glk", &[], true);
        let Ok(PlainKey::Seed(key)) = format.parse(text) else {
            panic!("not a seed key")
        };
        let expected = blake3::keyed_hash(salt.raw(), text.as_bytes()).to_hex();
        assert_eq!(seed_id(&salt, &key).to_string(), expected.as_str());
    }
}
