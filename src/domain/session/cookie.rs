//! The value of a session's cookie, and what is derived from it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use super::super::entropy::{Entropy, EntropyUnavailable, random_bytes};
use super::super::record_name::{RecordName, Shelf};
use super::super::salt::{Salt, Salts};
use super::super::secret::Secret;

/// How many characters the value has.
pub const COOKIE_LENGTH: usize = 43;

/// 256 random bits. Whoever has them is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCookie(Secret<[u8; 32]>);

impl SessionCookie {
    /// Draws one.
    ///
    /// # Errors
    /// Fails where there is no randomness.
    pub fn draw(entropy: &dyn Entropy) -> Result<Self, EntropyUnavailable> {
        random_bytes(entropy).map(Secret::new).map(Self)
    }

    /// Reads a value; only the one way of writing it is taken.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != COOKIE_LENGTH {
            return None;
        }
        let mut bytes = [0; 32];
        let written = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        (written == bytes.len()).then_some(Self(Secret::new(bytes)))
    }

    /// The value for the browser.
    pub fn text(&self) -> Secret<String> {
        Secret::new(URL_SAFE_NO_PAD.encode(self.0.expose()))
    }

    /// The name of the session's record under that salt.
    pub fn record_name(&self, salt: &Salt) -> RecordName {
        let digest = blake3::keyed_hash(salt.session_key(), self.0.expose());
        RecordName::of_digest(Shelf::Session, digest.as_bytes())
    }

    /// What a page of ours sends with each request that changes something, and
    /// a page of somebody else's cannot know. Told to pages, unlike the cookie.
    pub fn csrf_token(&self, salts: &Salts) -> String {
        self.csrf_under(salts.active())
    }

    /// Whether that is the token, under any accepted salt. Compares in constant time.
    pub fn has_csrf_token(&self, salts: &Salts, token: &str) -> bool {
        salts.accepted().iter().any(|salt| {
            let known = self.csrf_under(salt);
            known.as_bytes().ct_eq(token.as_bytes()).into()
        })
    }

    fn csrf_under(&self, salt: &Salt) -> String {
        let digest = blake3::keyed_hash(salt.csrf_key(), self.0.expose());
        URL_SAFE_NO_PAD.encode(digest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn salts(first: u8, accepted: &[u8]) -> Salts {
        let salt = |first| {
            let mut raw = [9; 32];
            raw[0] = first;
            Salt::from_bytes(raw)
        };
        Salts::new(salt(first), accepted.iter().copied().map(salt).collect())
    }

    fn cookie(byte: u8) -> SessionCookie {
        SessionCookie(Secret::new([byte; 32]))
    }

    #[test]
    fn a_value_is_read_as_it_is_written_and_in_no_other_way() {
        let text = cookie(0xfb).text().expose().clone();
        assert_eq!(text.len(), COOKIE_LENGTH);
        assert_eq!(SessionCookie::parse(&text), Some(cookie(0xfb)));
        // The last character has two bits that must be zero.
        let last = format!("{}t", &text[..COOKIE_LENGTH - 1]);
        for other in [
            &text[1..],
            &format!("{text}="),
            &last,
            &text.replace('-', "+"),
            "",
        ] {
            assert_eq!(SessionCookie::parse(other), None, "{other}");
        }
        assert!(!format!("{:?}", cookie(1)).contains('1'));
    }

    #[test]
    fn the_name_of_a_record_and_the_token_tell_nothing_of_each_other() {
        let salts = salts(1, &[]);
        let name = cookie(1).record_name(salts.active());
        let token = cookie(1).csrf_token(&salts);
        assert_ne!(name, cookie(2).record_name(salts.active()));
        assert_ne!(token, cookie(2).csrf_token(&salts));
        let name =
            URL_SAFE_NO_PAD.encode(blake3::Hash::from_hex(name.as_str()).unwrap().as_bytes());
        assert_ne!(name, token);
        assert_ne!(token, *cookie(1).text().expose());
    }

    #[test]
    fn a_token_holds_under_a_former_salt_and_for_its_own_cookie_only() {
        let token = cookie(1).csrf_token(&salts(1, &[]));
        assert!(cookie(1).has_csrf_token(&salts(2, &[1]), &token));
        assert!(!cookie(1).has_csrf_token(&salts(2, &[]), &token));
        assert!(!cookie(2).has_csrf_token(&salts(1, &[]), &token));
        assert!(!cookie(1).has_csrf_token(&salts(1, &[]), ""));
    }
}
