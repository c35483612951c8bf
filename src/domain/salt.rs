//! The salt: the secret under which everything at rest is hashed and sealed.
//!
//! Each use has a key of its own, derived from the salt by BLAKE3's key
//! derivation mode with a context that names the use, so that no two uses can
//! be played against each other. Several salts may be accepted at once, and one
//! is active: it seals what is written, while all accepted ones open what is read.

use std::fmt;
use std::sync::Arc;

use super::hex;
use super::secret::Secret;

const HASH_CONTEXT: &str = "gatelodge 2026-11-24 v1 hash of an api key";
const RECORD_CONTEXT: &str = "gatelodge 2026-11-24 v1 seal of a stored record";
const VAULT_CONTEXT: &str = "gatelodge 2026-11-24 v1 encryption of a stored secret";
const CURSOR_CONTEXT: &str = "gatelodge 2026-11-24 v1 seal of a page cursor";
const SESSION_CONTEXT: &str = "gatelodge 2026-11-24 v1 hash of a session cookie";
const CSRF_CONTEXT: &str = "gatelodge 2026-11-24 v1 token against forged requests of a session";
const RETURN_CONTEXT: &str = "gatelodge 2026-11-24 v1 signature of a return address";
const SIGN_IN_CONTEXT: &str = "gatelodge 2026-11-24 v1 nonce and verifier of a sign-in elsewhere";
const GATE_CONTEXT: &str = "gatelodge 2026-11-24 v1 seal of a gate's cookie";
const LINK_CONTEXT: &str = "gatelodge 2026-11-24 v1 hash of a one-time link";
const FINGERPRINT_CONTEXT: &str = "gatelodge 2026-11-24 v1 public name of a salt";

/// The constant that rusty-valkey-forward-auth falls back to: public, and so worthless.
const WELL_KNOWN: &str = "3794447850d23a5db972dbe556437ec2edfe4294687843d7f0587bd9535beecf";

/// Why a text is no salt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSalt {
    /// Nothing was there.
    #[error("is empty")]
    Empty,
    /// Not 64 hexadecimal digits.
    #[error("has {length} characters; it must be 64 hexadecimal digits")]
    Length {
        /// How many there were.
        length: usize,
    },
    /// The right length, the wrong alphabet.
    #[error("holds a character that is no hexadecimal digit")]
    NotHex,
    /// A constant that anybody can look up, or one byte over and over.
    #[error("is a well-known value, which protects nothing")]
    WellKnown,
}

/// The public name of a salt: tells salts apart without telling what they are.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SaltId([u8; 8]);

impl SaltId {
    /// From the bytes in a record.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(bytes)
    }

    /// The bytes for a record.
    pub fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for SaltId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex::write(&self.0, f)
    }
}

impl fmt::Debug for SaltId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// One salt and the keys derived from it.
#[derive(Debug)]
pub struct Salt {
    id: SaltId,
    raw: Secret<[u8; 32]>,
    hash_key: Secret<[u8; 32]>,
    record_key: Secret<[u8; 32]>,
    vault_key: Secret<[u8; 32]>,
    cursor_key: Secret<[u8; 32]>,
    session_key: Secret<[u8; 32]>,
    csrf_key: Secret<[u8; 32]>,
    return_key: Secret<[u8; 32]>,
    link_key: Secret<[u8; 32]>,
    sign_in_key: Secret<[u8; 32]>,
    gate_key: Secret<[u8; 32]>,
}

impl Salt {
    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// Refuses what is not that, and what anybody could guess.
    pub fn parse_hex(text: &str) -> Result<Self, BadSalt> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadSalt::Empty);
        }
        if text.len() != 64 {
            return Err(BadSalt::Length {
                length: text.chars().count(),
            });
        }
        if text.eq_ignore_ascii_case(WELL_KNOWN) {
            return Err(BadSalt::WellKnown);
        }
        let mut raw = [0; 32];
        for (byte, pair) in raw.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = hex_pair(pair).ok_or(BadSalt::NotHex)?;
        }
        if raw.iter().all(|byte| *byte == raw[0]) {
            return Err(BadSalt::WellKnown);
        }
        Ok(Self::from_bytes(raw))
    }

    /// From 32 bytes that were drawn from the operating system.
    pub fn from_bytes(raw: [u8; 32]) -> Self {
        let derived = |context| Secret::new(blake3::derive_key(context, &raw));
        let name = blake3::derive_key(FINGERPRINT_CONTEXT, &raw);
        let mut id = [0; 8];
        id.copy_from_slice(&name[..8]);
        Self {
            id: SaltId(id),
            hash_key: derived(HASH_CONTEXT),
            record_key: derived(RECORD_CONTEXT),
            vault_key: derived(VAULT_CONTEXT),
            cursor_key: derived(CURSOR_CONTEXT),
            session_key: derived(SESSION_CONTEXT),
            csrf_key: derived(CSRF_CONTEXT),
            return_key: derived(RETURN_CONTEXT),
            link_key: derived(LINK_CONTEXT),
            sign_in_key: derived(SIGN_IN_CONTEXT),
            gate_key: derived(GATE_CONTEXT),
            raw: Secret::new(raw),
        }
    }

    /// The salt's public name.
    pub fn id(&self) -> SaltId {
        self.id
    }

    /// The salt itself, for the hash of rusty-valkey-forward-auth, which uses it as it is.
    pub fn raw(&self) -> &[u8; 32] {
        self.raw.expose()
    }

    /// Keys the hash of our API keys.
    pub fn hash_key(&self) -> &[u8; 32] {
        self.hash_key.expose()
    }

    /// Keys the seal of stored records.
    pub fn record_key(&self) -> &[u8; 32] {
        self.record_key.expose()
    }

    /// Encrypts what must be read back, such as the filter key.
    pub fn vault_key(&self) -> &[u8; 32] {
        self.vault_key.expose()
    }

    /// Seals the cursors that clients hand back.
    pub fn cursor_key(&self) -> &[u8; 32] {
        self.cursor_key.expose()
    }

    /// Hashes the cookies of sessions.
    pub fn session_key(&self) -> &[u8; 32] {
        self.session_key.expose()
    }

    /// Derives the token that requests of a session carry besides its cookie.
    pub fn csrf_key(&self) -> &[u8; 32] {
        self.csrf_key.expose()
    }

    /// Hashes the tokens of one-time links, and the names under which failures
    /// to sign in are counted.
    pub fn link_key(&self) -> &[u8; 32] {
        self.link_key.expose()
    }

    /// Seals the cookies that gates know sessions by.
    pub fn gate_key(&self) -> &[u8; 32] {
        self.gate_key.expose()
    }

    /// Signs where people return to after they signed in.
    pub fn return_key(&self) -> &[u8; 32] {
        self.return_key.expose()
    }

    /// Derives what a sign-in at a provider needs of its browser.
    pub fn sign_in_key(&self) -> &[u8; 32] {
        self.sign_in_key.expose()
    }
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(*pair.first()?)? * 16 + digit(*pair.get(1)?)?;
    u8::try_from(value).ok()
}

/// The salts of a deployment.
#[derive(Clone, Debug)]
pub struct Salts {
    all: Arc<[Salt]>,
}

impl Salts {
    /// The active salt, and those that are still accepted beside it.
    pub fn new(active: Salt, accepted: Vec<Salt>) -> Self {
        let mut all = vec![active];
        for salt in accepted {
            if !all.iter().any(|known| known.id == salt.id) {
                all.push(salt);
            }
        }
        Self { all: all.into() }
    }

    /// The one that seals what is written.
    pub fn active(&self) -> &Salt {
        &self.all[0]
    }

    /// All that open what is read, the active one first.
    pub fn accepted(&self) -> &[Salt] {
        &self.all
    }

    /// The accepted salt of that name.
    pub fn find(&self, id: SaltId) -> Option<&Salt> {
        self.all.iter().find(|salt| salt.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_anybody_could_guess_is_refused() {
        assert_eq!(Salt::parse_hex("").unwrap_err(), BadSalt::Empty);
        assert_eq!(
            Salt::parse_hex("abc").unwrap_err(),
            BadSalt::Length { length: 3 }
        );
        assert_eq!(
            Salt::parse_hex(&"zz".repeat(32)).unwrap_err(),
            BadSalt::NotHex
        );
        assert_eq!(
            Salt::parse_hex(&"00".repeat(32)).unwrap_err(),
            BadSalt::WellKnown
        );
        assert_eq!(Salt::parse_hex(WELL_KNOWN).unwrap_err(), BadSalt::WellKnown);
        assert_eq!(
            Salt::parse_hex(&WELL_KNOWN.to_uppercase()).unwrap_err(),
            BadSalt::WellKnown
        );
    }

    #[test]
    fn no_two_uses_share_a_key_and_none_shows_itself() {
        let salt = Salt::parse_hex(&"0123456789abcdef".repeat(4)).unwrap();
        let keys = [
            salt.raw(),
            salt.hash_key(),
            salt.record_key(),
            salt.vault_key(),
            salt.cursor_key(),
            salt.session_key(),
            salt.csrf_key(),
            salt.return_key(),
            salt.link_key(),
            salt.sign_in_key(),
            salt.gate_key(),
        ];
        for (i, one) in keys.iter().enumerate() {
            assert!(keys.iter().skip(i + 1).all(|other| other != one));
        }
        assert!(!format!("{salt:?}").contains("0123456789"));
    }
}
