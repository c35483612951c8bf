//! One-time links: whoever has one sets the password of an account, once.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use minicbor::{Decode, Encode};

use super::super::api_key::record::BadRecord;
use super::super::entropy::{Entropy, EntropyUnavailable, random_bytes};
use super::super::envelope;
use super::super::record_name::{RecordName, Shelf};
use super::super::salt::{Salt, Salts};
use super::super::secret::Secret;
use super::super::time::Timestamp;
use super::username::Username;

/// How long the text of a token is: 256 bits in base64url.
const TOKEN_LENGTH: usize = 43;

/// The token of a link. The store has only its keyed hash, as the name of the record.
#[derive(Clone, Debug)]
pub struct LinkToken(Secret<String>);

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The first password of a new account.
    Invitation,
    /// A new password in place of a lost one.
    Reset,
}

/// A link as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose password it sets.
    pub username: Username,
    /// What it is for.
    pub purpose: LinkPurpose,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    username: String,
    #[n(1)]
    is_reset: bool,
    #[n(2)]
    expires_at: u64,
}

impl LinkToken {
    /// Draws one.
    ///
    /// # Errors
    /// Fails where there is no randomness.
    pub fn draw(entropy: &dyn Entropy) -> Result<Self, EntropyUnavailable> {
        let bytes = random_bytes::<32>(entropy)?;
        Ok(Self(Secret::new(BASE64_URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// Reads what somebody sent; `None` for what can be no token.
    pub fn parse(text: &str) -> Option<Self> {
        let is_fine = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_');
        (text.len() == TOKEN_LENGTH && text.bytes().all(is_fine))
            .then(|| Self(Secret::new(text.to_owned())))
    }

    /// The text, for the one who hands it over.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Where the link's record lies under that salt.
    pub fn record_name(&self, salt: &Salt) -> RecordName {
        let digest = blake3::keyed_hash(salt.link_key(), self.0.expose().as_bytes());
        RecordName::of_digest(Shelf::OneTime, digest.as_bytes())
    }
}

impl LinkPurpose {
    /// The word in answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }
}

impl fmt::Display for LinkPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Link {
    /// Encodes and seals the record under the active salt.
    pub fn seal(&self, salts: &Salts, name: &RecordName) -> Vec<u8> {
        let wire = Wire {
            username: self.username.to_string(),
            is_reset: self.purpose == LinkPurpose::Reset,
            expires_at: self.expires_at.as_millis(),
        };
        let mut payload = Vec::with_capacity(96);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        envelope::seal(salts, &name.full(), &payload)
    }

    /// Opens and decodes the record of that name.
    ///
    /// # Errors
    /// Fails for a record that cannot be trusted or read.
    pub fn open(salts: &Salts, name: &RecordName, bytes: &[u8]) -> Result<Self, BadRecord> {
        let payload = envelope::open(salts, &name.full(), bytes)?;
        let wire: Wire = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
        Ok(Self {
            username: Username::parse(&wire.username).map_err(|_| BadRecord::Unreadable)?,
            purpose: if wire.is_reset {
                LinkPurpose::Reset
            } else {
                LinkPurpose::Invitation
            },
            expires_at: Timestamp::from_millis(wire.expires_at).ok_or(BadRecord::Unreadable)?,
        })
    }
}
