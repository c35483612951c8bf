//! The cookie that gates know a browser by: a child of the portal's, with a
//! value of its own.
//!
//! It names the session's record and carries a seal over that name, so it ends
//! with the session and needs no record itself. It travels to every host below
//! one domain, where upstreams see it: neither the portal's cookie nor anything
//! else follows from it, and nothing but a gate takes it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq as _;

use super::super::record_name::{RecordName, Shelf};
use super::super::request::{HeaderValues, Headers};
use super::super::salt::{Salt, Salts};
use super::super::secret::Secret;

/// What the cookie is called.
pub const GATE_COOKIE: &str = "gl_gate";
const COOKIE: &str = "cookie";
const DIGEST_BYTES: usize = 32;
const VALUE_BYTES: usize = 2 * DIGEST_BYTES;

/// A value of the cookie, not judged yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateCookie(Secret<[u8; VALUE_BYTES]>);

/// What a request has by way of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PresentedGateCookie {
    /// None.
    Nothing,
    /// One that is none by its shape, or two: nobody can tell which is ours.
    Malformed,
    /// One that may be good.
    Cookie(GateCookie),
}

impl GateCookie {
    /// The cookie of the session with that record.
    pub fn of(salts: &Salts, session: &RecordName) -> Option<Self> {
        let digest = blake3::Hash::from_hex(session.as_str()).ok()?;
        let seal = seal(salts.active(), digest.as_bytes());
        let mut value = [0; VALUE_BYTES];
        value[..DIGEST_BYTES].copy_from_slice(digest.as_bytes());
        value[DIGEST_BYTES..].copy_from_slice(&seal);
        Some(Self(Secret::new(value)))
    }

    /// Reads a value; only the one way of writing it is taken.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut value = [0; VALUE_BYTES];
        let written = URL_SAFE_NO_PAD.decode_slice(text, &mut value).ok()?;
        (written == VALUE_BYTES).then_some(Self(Secret::new(value)))
    }

    /// The value for the browser.
    pub fn text(&self) -> Secret<String> {
        Secret::new(URL_SAFE_NO_PAD.encode(self.0.expose()))
    }

    /// The record of the session, if we made the cookie under an accepted salt.
    pub fn session(&self, salts: &Salts) -> Option<RecordName> {
        let (digest, found) = self.0.expose().split_first_chunk::<DIGEST_BYTES>()?;
        let is_ours = |salt: &Salt| -> bool { seal(salt, digest).ct_eq(found).into() };
        let known = salts.accepted().iter().any(is_ours);
        known.then(|| RecordName::of_digest(Shelf::Session, digest))
    }

    /// Finds the one cookie of that name in a request.
    pub fn present(headers: &dyn Headers) -> PresentedGateCookie {
        let field = match headers.values(COOKIE) {
            HeaderValues::Absent => return PresentedGateCookie::Nothing,
            HeaderValues::Several => return PresentedGateCookie::Malformed,
            HeaderValues::One(field) => field,
        };
        let mut values = field
            .split(|byte| *byte == b';')
            .map(<[u8]>::trim_ascii)
            .filter_map(|pair| {
                pair.strip_prefix(GATE_COOKIE.as_bytes())?
                    .strip_prefix(b"=")
            });
        match (values.next(), values.next()) {
            (None, _) => PresentedGateCookie::Nothing,
            (Some(value), None) => match Self::parse(value) {
                Some(cookie) => PresentedGateCookie::Cookie(cookie),
                None => PresentedGateCookie::Malformed,
            },
            (Some(_), Some(_)) => PresentedGateCookie::Malformed,
        }
    }
}

fn seal(salt: &Salt, digest: &[u8; DIGEST_BYTES]) -> [u8; DIGEST_BYTES] {
    *blake3::keyed_hash(salt.gate_key(), digest).as_bytes()
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

    fn session(byte: u8) -> RecordName {
        RecordName::of_digest(Shelf::Session, &[byte; 32])
    }

    struct Field(Option<Vec<u8>>);
    impl Headers for Field {
        fn values(&self, name: &str) -> HeaderValues<'_> {
            match &self.0 {
                Some(field) if name == "cookie" => HeaderValues::One(field),
                _ => HeaderValues::Absent,
            }
        }
    }

    fn presented(field: &str) -> PresentedGateCookie {
        GateCookie::present(&Field(Some(field.as_bytes().to_vec())))
    }

    #[test]
    fn a_cookie_leads_to_its_session_and_no_other() {
        let cookie = GateCookie::of(&salts(1, &[]), &session(7)).unwrap();
        let text = cookie.text().expose().clone();
        let read = GateCookie::parse(text.as_bytes()).unwrap();
        assert_eq!(read.session(&salts(1, &[])), Some(session(7)));
        assert_eq!(read.session(&salts(2, &[1])), Some(session(7)));
        assert_eq!(read.session(&salts(2, &[])), None);
        // Somebody who knows the name of a record cannot make its cookie.
        let mut forged = [7; VALUE_BYTES];
        forged[DIGEST_BYTES..].copy_from_slice(&[0; DIGEST_BYTES]);
        assert_eq!(
            GateCookie(Secret::new(forged)).session(&salts(1, &[])),
            None
        );
        assert!(!format!("{cookie:?}").contains(&text));
    }

    #[test]
    fn it_is_found_by_its_very_name_and_once() {
        let cookie = GateCookie::of(&salts(1, &[]), &session(7)).unwrap();
        let text = cookie.text().expose().clone();
        let found = PresentedGateCookie::Cookie(cookie);
        assert_eq!(presented(&format!("gl_gate={text}")), found);
        assert_eq!(presented(&format!("a=1;  gl_gate={text};b")), found);
        let nothing = PresentedGateCookie::Nothing;
        assert_eq!(GateCookie::present(&Field(None)), nothing);
        for field in [
            "",
            "a=1",
            &format!("xgl_gate={text}; gl_gate2={text}; GL_GATE={text}"),
        ] {
            assert_eq!(presented(field), nothing, "{field}");
        }
        for field in [
            "gl_gate=".to_owned(),
            format!("gl_gate={text}="),
            format!("gl_gate={text}; gl_gate={text}"),
            format!("gl_gate={text}; gl_gate="),
            format!("gl_gate={}", &text[1..]),
        ] {
            assert_eq!(presented(&field), PresentedGateCookie::Malformed, "{field}");
        }
    }
}
