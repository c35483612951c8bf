//! A signed-in browser: the cookie that proves it, and what is stored of it.
//!
//! The cookie is 256 random bits. The store has only its keyed hash, as the
//! name of the record: neither a copy of the store nor a list of names opens
//! anything. What others may see of a session is its id, which is worth nothing.

mod cookie;
mod gate_cookie;
mod record;

use std::fmt;

pub use cookie::{COOKIE_LENGTH, SessionCookie};
pub use gate_cookie::{GATE_COOKIE, GateCookie, PresentedGateCookie};
pub use record::{Session, USER_AGENT_BYTES_MAX};

use super::api_key::OwnerTag;
use super::api_key::base62;
use super::entropy::{Entropy, EntropyUnavailable};
use super::record_name::ListName;

/// The public name of a session: 16 letters and digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; 16]);

impl SessionId {
    /// Draws one.
    ///
    /// # Errors
    /// Fails where there is no randomness.
    pub fn draw(entropy: &dyn Entropy) -> Result<Self, EntropyUnavailable> {
        base62::draw(entropy).map(Self)
    }

    /// Reads 16 letters and digits.
    pub fn parse(text: &str) -> Option<Self> {
        let id: [u8; 16] = text.as_bytes().try_into().ok()?;
        id.iter().all(u8::is_ascii_alphanumeric).then_some(Self(id))
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// How somebody signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInMethod {
    /// With the password of a built-in account.
    Password,
    /// At an OpenID provider.
    Oidc,
    /// As the one name that everybody is, for trying things out.
    DevUser,
}

impl SignInMethod {
    /// The word in answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Oidc => "oidc",
            Self::DevUser => "dev_user",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Password, Self::Oidc, Self::DevUser]
            .into_iter()
            .find(|method| method.as_str() == word)
    }
}

/// The list of an owner's sessions.
pub fn list_of_owner(owner: &OwnerTag) -> Option<ListName> {
    ListName::new(&format!("sessions-of.{owner}")).ok()
}

/// The list of those that a provider knows by that `sid` (OpenID Connect
/// Front-Channel Logout 1.0, section 3).
pub fn list_of_sid(provider: &str, sid: &str) -> Option<ListName> {
    list_at_provider("sessions-by-sid", provider, sid)
}

/// The list of those of whoever that provider calls that (its claim `sub`).
pub fn list_of_provider_subject(provider: &str, subject: &str) -> Option<ListName> {
    list_at_provider("sessions-by-sub", provider, subject)
}

fn list_at_provider(kind: &str, provider: &str, name: &str) -> Option<ListName> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(provider.as_bytes()).update(&[0]);
    let digest = hasher.update(name.as_bytes()).finalize();
    ListName::new(&format!("{kind}.{}", digest.to_hex())).ok()
}
