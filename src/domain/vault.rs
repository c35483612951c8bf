//! Encryption of what must be read back: the filter key, replayed answers.
//!
//! XChaCha20-Poly1305 with a random 192-bit nonce, which may be drawn at random
//! for any number of messages. The name of the place is authenticated with it,
//! so that a sealed value cannot be moved.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

use super::entropy::{Entropy, EntropyUnavailable, random_bytes};
use super::secret::Secret;

const NONCE_BYTES: usize = 24;

/// The value was not encrypted under this key for this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the value was not encrypted under this key for this place")]
pub struct CannotDecrypt;

/// Encrypts `secret` for the place called `name`.
///
/// # Errors
/// Fails where there is no randomness for the nonce.
pub fn encrypt(
    key: &[u8; 32],
    name: &str,
    secret: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, EntropyUnavailable> {
    let nonce = random_bytes::<NONCE_BYTES>(entropy)?;
    let payload = Payload {
        msg: secret,
        aad: name.as_bytes(),
    };
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), payload)
        .map_err(|_| EntropyUnavailable)?;
    Ok([&nonce[..], &sealed].concat())
}

/// Decrypts what [`encrypt`] made for the same place.
///
/// # Errors
/// Fails for another key, another place, or a changed value.
pub fn decrypt(
    key: &[u8; 32],
    name: &str,
    sealed: &[u8],
) -> Result<Secret<Vec<u8>>, CannotDecrypt> {
    let (nonce, message) = sealed
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(CannotDecrypt)?;
    let payload = Payload {
        msg: message,
        aad: name.as_bytes(),
    };
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), payload)
        .map(Secret::new)
        .map_err(|_| CannotDecrypt)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counting;
    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
            buffer.fill(9);
            Ok(())
        }
    }

    #[test]
    fn what_was_encrypted_is_read_back_only_in_its_place() {
        let key = [3; 32];
        let sealed = encrypt(&key, "gl:f", b"filter key", &Counting).unwrap();
        assert_eq!(
            decrypt(&key, "gl:f", &sealed).unwrap().expose().as_slice(),
            b"filter key"
        );
        assert_eq!(decrypt(&key, "gl:x", &sealed), Err(CannotDecrypt));
        assert_eq!(decrypt(&[4; 32], "gl:f", &sealed), Err(CannotDecrypt));
        assert_eq!(decrypt(&key, "gl:f", &sealed[1..]), Err(CannotDecrypt));
    }
}
