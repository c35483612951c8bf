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
/// 32 bytes as base64url.
const SECRET_LENGTH: usize = 43;

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
        if parts.next().is_some() || secret.len() != SECRET_LENGTH {
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
        let (since, begun) = if is_recent {
            (former.since, former.begun.saturating_add(1))
        } else {
            (now, 1)
        };
        Ok((begun <= BEGINNINGS_MAX).then(|| Self {
            secret: former.secret.clone(),
            since,
            begun,
        }))
    }

    /// 32 bytes for that purpose of a sign-in of this browser.
    pub(super) fn derive(&self, salt: &Salt, purpose: &str, sign_in: &[u8]) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new_keyed(salt.sign_in_key());
        hasher.update(purpose.as_bytes()).update(&[0]);
        hasher.update(self.secret.expose()).update(sign_in);
        *hasher.finalize().as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
            buffer.fill(7);
            Ok(())
        }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(1_795_521_600 + seconds).unwrap()
    }

    fn begins(former: Option<&BrowserCookie>, seconds: u64) -> Option<BrowserCookie> {
        BrowserCookie::begins(former, at(seconds), &Sevens).unwrap()
    }

    #[test]
    fn a_value_is_read_as_it_is_written_and_in_no_other_way() {
        let cookie = begins(None, 0).unwrap();
        let text = cookie.text().expose().clone();
        assert_eq!(BrowserCookie::parse(&text), Some(cookie));
        for other in [
            "",
            "..",
            &text[1..],
            &format!("{text}.1"),
            &format!("{text}0000"),
            &text.replace(".1", ".x"),
        ] {
            assert_eq!(BrowserCookie::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_sixth_sign_in_within_a_minute_is_a_loop_and_a_minute_later_is_none() {
        let mut cookie = begins(None, 0).unwrap();
        for second in 1..5 {
            cookie = begins(Some(&cookie), second).unwrap();
        }
        assert_eq!(begins(Some(&cookie), 59), None);
        let later = begins(Some(&cookie), 60).unwrap();
        assert_eq!((later.begun, &later.secret), (1, &cookie.secret));
    }

    #[test]
    fn nothing_is_derived_twice() {
        let (salt, other_salt) = (Salt::from_bytes([3; 32]), Salt::from_bytes([4; 32]));
        let cookie = begins(None, 0).unwrap();
        let other = BrowserCookie {
            secret: Secret::new([8; 32]),
            ..cookie.clone()
        };
        let all = [
            cookie.derive(&salt, "nonce", b"1"),
            cookie.derive(&salt, "nonce", b"2"),
            cookie.derive(&salt, "verifier", b"1"),
            cookie.derive(&other_salt, "nonce", b"1"),
            other.derive(&salt, "nonce", b"1"),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{place}");
        }
    }
}
