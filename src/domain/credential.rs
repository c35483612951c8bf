//! What a request presents: read from the headers that a rule names, and from
//! nowhere else.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::api_key::plain::KeyFormat;
use super::reason::Reason;
use super::request::{HeaderValues, Headers};

/// Longest credential that is looked at, in bytes.
pub const CREDENTIAL_BYTES_MAX: usize = 16 * 1024;
/// The header whose value has a scheme.
pub const AUTHORIZATION: &str = "authorization";

/// One credential, unproven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presented<'h> {
    /// None.
    Nothing,
    /// The text of an API key, by its shape.
    ApiKey(Cow<'h, str>),
    /// A JWT, by its shape.
    Jwt(&'h str),
    /// Something that was meant as a credential and can be none.
    Malformed,
}

const BASIC: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Finds the one credential that a request presents in the headers `read_from`
/// (lower case).
///
/// # Errors
/// Two different credentials, or a header with a credential standing there
/// twice, leave it open who asks: such a request is malformed.
pub fn present<'h>(
    headers: &'h dyn Headers,
    read_from: &[Box<str>],
    format: &KeyFormat,
) -> Result<Presented<'h>, Reason> {
    let mut found = Presented::Nothing;
    for name in read_from {
        let value = match headers.values(name) {
            HeaderValues::Absent => continue,
            HeaderValues::Several => return Err(Reason::DuplicateHeader),
            HeaderValues::One(value) => value,
        };
        let next = if &**name == AUTHORIZATION {
            from_authorization(value, format)?
        } else {
            from_key_header(value, format)?
        };
        match (&found, &next) {
            (_, Presented::Nothing) => {}
            (Presented::Nothing, _) => found = next,
            (one, other) if one == other => {}
            _ => return Err(Reason::CredentialConflict),
        }
    }
    Ok(found)
}

/// `Bearer` (RFC 6750, section 2.1) and `Basic` (RFC 7617). Any other scheme is
/// none of ours and presents nothing.
fn from_authorization<'h>(value: &'h [u8], format: &KeyFormat) -> Result<Presented<'h>, Reason> {
    // Proxies fold repeated headers into one with commas; no credential of ours holds one.
    if value.contains(&b',') {
        return Err(Reason::DuplicateHeader);
    }
    let Some(text) = readable(value) else {
        return Ok(Presented::Malformed);
    };
    let (scheme, rest) = text
        .split_once(|c: char| c.is_ascii_whitespace())
        .unwrap_or((text, ""));
    let rest = rest.trim_ascii();
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(bearer(rest, format))
    } else if scheme.eq_ignore_ascii_case("basic") {
        Ok(basic(rest, format))
    } else {
        Ok(Presented::Nothing)
    }
}

fn bearer<'h>(text: &'h str, format: &KeyFormat) -> Presented<'h> {
    if format.has_shape(text) {
        Presented::ApiKey(Cow::Borrowed(text))
    } else if has_jwt_shape(text) {
        Presented::Jwt(text)
    } else {
        Presented::Malformed
    }
}

/// The key is the password; or the user name, if the password is empty; or the
/// whole text, if there is no colon.
fn basic(encoded: &str, format: &KeyFormat) -> Presented<'static> {
    let Some(text) = BASIC
        .decode(encoded)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
    else {
        return Presented::Malformed;
    };
    let key = match text.split_once(':') {
        Some((user, "")) => user,
        Some((_, password)) => password,
        None => &text,
    };
    let key = key.trim_ascii();
    if format.has_shape(key) {
        Presented::ApiKey(Cow::Owned(key.to_owned()))
    } else {
        Presented::Malformed
    }
}

/// A header such as `X-API-Key` may serve the upstream too: only what has the
/// shape of one of our keys was meant for us.
fn from_key_header<'h>(value: &'h [u8], format: &KeyFormat) -> Result<Presented<'h>, Reason> {
    let Some(text) = readable(value) else {
        return Ok(Presented::Nothing);
    };
    if format.has_shape(text) {
        return Ok(Presented::ApiKey(Cow::Borrowed(text)));
    }
    // Two lines that a proxy folded into one: a key is among them, and none is meant.
    let mut parts = text.split(',').map(str::trim_ascii);
    if text.contains(',') && parts.any(|part| format.has_shape(part)) {
        return Err(Reason::DuplicateHeader);
    }
    Ok(Presented::Nothing)
}

fn readable(value: &[u8]) -> Option<&str> {
    if value.len() > CREDENTIAL_BYTES_MAX {
        return None;
    }
    std::str::from_utf8(value).ok().map(str::trim_ascii)
}

/// Three non-empty parts of base64url (RFC 7515, section 3.1).
fn has_jwt_shape(text: &str) -> bool {
    let mut parts = 0;
    for part in text.split('.') {
        parts += 1;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if part.is_empty() || !part.bytes().all(fits) {
            return false;
        }
    }
    parts == 3
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    struct Map(Vec<(&'static str, Vec<u8>)>);
    impl Headers for Map {
        fn values(&self, name: &str) -> HeaderValues<'_> {
            let mut found = self.0.iter().filter(|(known, _)| *known == name);
            match (found.next(), found.next()) {
                (None, _) => HeaderValues::Absent,
                (Some((_, value)), None) => HeaderValues::One(value),
                _ => HeaderValues::Several,
            }
        }
    }

    const SEED: &str = "abcdefghijklmnopqrstuvwxyz012345";
    const OTHER: &str = "012345abcdefghijklmnopqrstuvwxyz";

    fn read(headers: &[(&'static str, &str)]) -> Result<String, Reason> {
        let map = Map(headers
            .iter()
            .map(|(n, v)| (*n, v.as_bytes().to_vec()))
            .collect());
        let format = KeyFormat::new("glk", &[], true);
        let names: Vec<Box<str>> = vec!["authorization".into(), "x-api-key".into()];
        present(&map, &names, &format).map(|presented| match presented {
            Presented::Nothing => "nothing".to_owned(),
            Presented::ApiKey(key) => key.into_owned(),
            Presented::Jwt(token) => format!("jwt {token}"),
            Presented::Malformed => "malformed".to_owned(),
        })
    }

    #[test]
    fn a_key_is_found_wherever_the_contract_puts_it() {
        let basic = |text: &str| format!("bAsIc {}", STANDARD.encode(text));
        for value in [
            format!("Bearer {SEED}"),
            format!("bearer \t {SEED}  "),
            format!("BEARER {SEED}"),
            basic(&format!("token-user:{SEED}")),
            basic(&format!("{SEED}:")),
            basic(SEED),
            basic(SEED).trim_end_matches('=').to_owned(),
        ] {
            assert_eq!(
                read(&[("authorization", &value)]),
                Ok(SEED.to_owned()),
                "{value}"
            );
        }
        assert_eq!(
            read(&[("x-api-key", &format!(" {SEED} "))]),
            Ok(SEED.to_owned())
        );
    }

    #[test]
    fn what_is_no_credential_of_ours_presents_nothing_or_is_malformed() {
        for (header, value, expected) in [
            ("authorization", "Digest username=x", "nothing"),
            ("authorization", "Bearer", "malformed"),
            ("authorization", "Bearer not a key", "malformed"),
            ("authorization", "Bearer a.b", "malformed"),
            ("authorization", "Bearer a.b.c.d.e", "malformed"),
            ("authorization", "Basic %%%", "malformed"),
            ("authorization", "Bearer a.b.c", "jwt a.b.c"),
            ("x-api-key", "the upstream's own", "nothing"),
            ("x-api-key", "a.b.c", "nothing"),
            ("cookie", SEED, "nothing"),
            ("proxy-authorization", "Bearer a.b.c", "nothing"),
        ] {
            assert_eq!(
                read(&[(header, value)]),
                Ok(expected.to_owned()),
                "{header}: {value}"
            );
        }
    }

    #[test]
    fn two_minds_are_no_credential() {
        let bearer = format!("Bearer {SEED}");
        assert_eq!(
            read(&[("authorization", &bearer), ("x-api-key", OTHER)]),
            Err(Reason::CredentialConflict)
        );
        assert_eq!(
            read(&[("authorization", &bearer), ("x-api-key", SEED)]),
            Ok(SEED.to_owned())
        );
        assert_eq!(
            read(&[("authorization", &bearer), ("authorization", &bearer)]),
            Err(Reason::DuplicateHeader)
        );
        assert_eq!(
            read(&[("authorization", &format!("{bearer}, {bearer}"))]),
            Err(Reason::DuplicateHeader)
        );
        let folded = format!("opaque, {OTHER}");
        assert_eq!(
            read(&[("x-api-key", &folded)]),
            Err(Reason::DuplicateHeader)
        );
        assert_eq!(read(&[("x-api-key", "one, two")]), Ok("nothing".to_owned()));
        // The upstream's own header does not clash with a credential of ours.
        assert_eq!(
            read(&[("authorization", &bearer), ("x-api-key", "opaque")]),
            Ok(SEED.to_owned())
        );
    }

    proptest! {
        #[test]
        fn no_header_makes_reading_panic(value in proptest::collection::vec(any::<u8>(), 0..300)) {
            let map = Map(vec![("authorization", value)]);
            let format = KeyFormat::new("glk", &[], true);
            let _ = present(&map, &["authorization".into()], &format);
        }
    }
}
