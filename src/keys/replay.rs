//! Answering the same request twice: a client that lost the answer to "mint"
//! or "rotate" asks again with the same `Idempotency-Key` and gets that answer.
//!
//! The answer holds a secret, so it is encrypted under a key that is derived
//! from the salt *and* the client's `Idempotency-Key`, of which the store has
//! only a keyed digest: the store alone opens nothing.

use minicbor::{Decode, Encode};

use super::error::KeyError;
use super::view::MintedKey;
use crate::domain::api_key::record::ApiKey;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::entropy::{Entropy, EntropyUnavailable};
use crate::domain::salt::Salts;
use crate::domain::secret::Secret;
use crate::domain::vault;
use crate::store::keys::Replay;

/// Shortest `Idempotency-Key`, in characters: it keys an encryption.
pub const IDEMPOTENCY_KEY_MIN: usize = 16;
/// Longest `Idempotency-Key`, in characters.
pub const IDEMPOTENCY_KEY_MAX: usize = 255;

const NAME: &str = "gl:i";
const DIGEST_CONTEXT: &str = "gatelodge 2026-11-24 v1 digest of an idempotency key";
const SEAL_CONTEXT: &str = "gatelodge 2026-11-24 v1 encryption under an idempotency key";

/// A request that may be repeated.
#[derive(Clone, Debug)]
pub struct Repeatable {
    digest: [u8; 32],
    key: Secret<[u8; 32]>,
    body: [u8; 32],
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[cbor(n(0), with = "minicbor::bytes")]
    body: [u8; 32],
    #[n(1)]
    id: String,
    #[n(2)]
    text: String,
    #[cbor(n(3), with = "minicbor::bytes")]
    record: Vec<u8>,
}

impl Repeatable {
    /// Binds an `Idempotency-Key` to who asks, for whom, and what.
    pub fn new(
        salts: &Salts,
        caller: &str,
        owner: &OwnerTag,
        idempotency_key: &str,
        body: &[u8],
    ) -> Self {
        let derive = |context| {
            let mut hasher = blake3::Hasher::new_derive_key(context);
            hasher.update(salts.active().vault_key());
            for part in [
                caller.as_bytes(),
                owner.as_bytes(),
                idempotency_key.as_bytes(),
            ] {
                hasher
                    .update(&(part.len() as u64).to_le_bytes())
                    .update(part);
            }
            *hasher.finalize().as_bytes()
        };
        Self {
            digest: derive(DIGEST_CONTEXT),
            key: Secret::new(derive(SEAL_CONTEXT)),
            body: *blake3::hash(body).as_bytes(),
        }
    }

    /// The answer, sealed for the store.
    ///
    /// # Errors
    /// Fails where there is no randomness.
    pub fn seal(
        &self,
        minted: &MintedKey,
        salts: &Salts,
        entropy: &dyn Entropy,
    ) -> Result<Replay, EntropyUnavailable> {
        let wire = Wire {
            body: self.body,
            id: minted.key.id.to_string(),
            text: minted.text.expose().clone(),
            record: minted.key.seal(salts),
        };
        let mut plain = zeroize::Zeroizing::new(Vec::with_capacity(512));
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut *plain);
        let sealed = vault::encrypt(self.key.expose(), NAME, &plain, entropy)?;
        Ok(Replay {
            digest: self.digest,
            sealed,
        })
    }

    /// The answer that was given before.
    ///
    /// # Errors
    /// [`KeyError::ReplayMismatch`] where the body was another; the key was
    /// used for something else then.
    pub fn open(&self, sealed: &[u8], salts: &Salts) -> Result<MintedKey, KeyError> {
        let plain = vault::decrypt(self.key.expose(), NAME, sealed)
            .map_err(|_| KeyError::ReplayMismatch)?;
        let wire: Wire = minicbor::decode(plain.expose()).map_err(|_| KeyError::ReplayMismatch)?;
        if wire.body != self.body {
            return Err(KeyError::ReplayMismatch);
        }
        let id = ApiKeyId::parse(&wire.id).ok_or(KeyError::ReplayMismatch)?;
        let key = ApiKey::open(salts, id, &wire.record)
            .map_err(|source| KeyError::Untrusted { id, source })?;
        Ok(MintedKey {
            key,
            text: Secret::new(wire.text),
            is_replayed: true,
        })
    }
}
