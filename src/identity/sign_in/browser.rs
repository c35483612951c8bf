//! The cookie that a sign-in is bound to: which browser it is, and how often it
//! began one lately. It is worth nothing but that an answer of a provider is
//! taken only from the browser that asked.
//!
//! One cookie serves all tabs, so that several can sign in at once.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::entropy::{Entropy, EntropyUnavailable, random_bytes};
use crate::domain::salt::Salt;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;

/// The time in which beginnings are counted.
const WINDOW: Duration = Duration::from_mins(1);
/// How many are no loop.
const BEGINNINGS_MAX: u8 = 5;

/// Who the browser is to us while it signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserCookie {
    secret: Secret<[u8; 32]>,
    since: Timestamp,
    begun: u8,
}

impl BrowserCookie {
    /// Reads `secret.since.begun`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (secret, since, begun) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || secret.len() != 43 {
            return None;
        }
        let mut bytes = [0; 32];
        let written = URL_SAFE_NO_PAD.decode_slice(secret, &mut bytes).ok()?;
        if written != bytes.len() {
            return None;
        }
        Some(Self {
            secret: Secret::new(bytes),
            since: Timestamp::from_seconds(since.parse().ok()?)?,
            begun: begun.parse().ok()?,
        })
    }

    /// The value for the browser.
    pub fn text(&self) -> Secret<String> {
        Secret::new(format!(
            "{}.{}.{}",
            URL_SAFE_NO_PAD.encode(self.secret.expose()),
            self.since.as_seconds(),
            self.begun
        ))
    }

    /// The same browser after it began another sign-in; `None` if that is one too
    /// many. The browser may lie about the count: it is for its own good.
    pub(super) fn begins(
        former: Option<&Self>,
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<Option<Self>, EntropyUnavailable> {
        let Some(former) = former else {
            return Ok(Some(Self {
                secret: Secret::new(random_bytes(entropy)?),
                since: now,
                begun: 1,
            }));
        };
        let is_recent = former.since <= now && now < former.since.plus(WINDOW);
        let (since, begun) = match is_recent {
            true => (former.since, former.begun.saturating_add(1)),
            false => (now, 1),
        };
        Ok((begun <= BEGINNINGS_MAX).then(|| Self {
            secret: former.secret.clone(),
            since,
            begun,
        }))
    }

    /// What is stored of it.
    pub(super) fn digest(&self, salt: &Salt) -> [u8; 32] {
        *blake3::keyed_hash(salt.session_key(), self.secret.expose()).as_bytes()
    }
}
