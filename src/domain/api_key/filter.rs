//! The filter: the last six characters of a key's id prove, without a look at
//! the store, that we made the key. A flood of made-up keys ends here.
//!
//! The check is 35 bits of keyed BLAKE3 over prefix, shard, random part and
//! secret. Its key is made at the first start and outlives salts, because it
//! stands in every key that was ever handed out.

use subtle::ConstantTimeEq;

use super::super::secret::Secret;
use super::base62;
use super::plain::NativeKey;

/// 62 to the power of six: as many values as six digits have.
const VALUES: u64 = 56_800_235_584;

/// The secret that the filter is keyed with.
#[derive(Clone, Debug)]
pub struct FilterKey(Secret<[u8; 32]>);

impl FilterKey {
    /// From 32 bytes that were drawn at the first start.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Secret::new(bytes))
    }

    /// The bytes, to be encrypted for the store.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// The six characters that belong to these parts.
    pub(super) fn characters(&self, prefix: &str, head: &[u8], secret: &[u8]) -> [u8; 6] {
        let mut hasher = blake3::Hasher::new_keyed(self.0.expose());
        for part in [prefix.as_bytes(), head, secret] {
            hasher.update(part).update(&[0]);
        }
        let mut number = [0; 8];
        number.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
        base62::encode(u64::from_le_bytes(number) % VALUES)
    }

    /// Whether a key may have been made here; if not, no store needs to be asked.
    pub fn admits(&self, key: &NativeKey<'_>) -> bool {
        let id = key.id_text().as_bytes();
        let expected = self.characters(key.prefix(), &id[..10], key.secret().as_bytes());
        expected.ct_eq(&id[10..]).into()
    }
}
