//! The path of a request, decoded once. A path that two programs would read in
//! two ways is refused: the rule would be about the one, the upstream would
//! serve the other.

use std::borrow::Cow;

use super::super::reason::Reason;

/// Longest path with its query, in bytes.
pub const PATH_BYTES_MAX: usize = 16 * 1024;

/// Takes the query off and decodes the rest. The result begins with `/`, is
/// text, and holds no `.` or `..` segment, no empty segment but a last one, and
/// nothing that decoding once more would change.
///
/// # Errors
/// [`Reason::FactUnreadable`] for what is no path; [`Reason::PathAmbiguous`]
/// for one that cannot be read in one way only: dot segments, empty segments,
/// a backslash, `;`, an encoded `/ \ ? # ; %xx`, control characters, what is
/// not UTF-8.
pub fn normalise_path(given: &[u8]) -> Result<Cow<'_, str>, Reason> {
    let is_sound = given.first() == Some(&b'/') && given.len() <= PATH_BYTES_MAX;
    if !is_sound || !given.iter().all(u8::is_ascii_graphic) {
        return Err(Reason::FactUnreadable);
    }
    // A request line has no fragment: some programs cut there, others do not.
    if given.contains(&b'#') {
        return Err(Reason::PathAmbiguous);
    }
    let path = given.split(|byte| *byte == b'?').next().unwrap_or(given);
    let path = decode(path)?;
    let without_root = path.get(1..).unwrap_or_default();
    let inner = without_root.strip_suffix('/').unwrap_or(without_root);
    let is_unambiguous = path.as_ref() == "/" || inner.split('/').all(is_plain_segment);
    if is_unambiguous {
        Ok(path)
    } else {
        Err(Reason::PathAmbiguous)
    }
}

/// Whether a decoded segment means itself to every program.
pub fn is_plain_segment(segment: &str) -> bool {
    let is_misread = |c: char| c.is_control() || matches!(c, '\\' | ';' | '?' | '#' | '/');
    !segment.is_empty()
        && segment != "."
        && segment != ".."
        && !segment.contains(is_misread)
        && !holds_escape(segment)
}

/// Whether decoding once more would change the text.
fn holds_escape(text: &str) -> bool {
    let is_hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    let mut escapes = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%');
    escapes.any(|(at, _)| is_hex(bytes.get(at + 1)) && is_hex(bytes.get(at + 2)))
}

fn decode(path: &[u8]) -> Result<Cow<'_, str>, Reason> {
    if !path.contains(&b'%') {
        let text = std::str::from_utf8(path).map_err(|_| Reason::PathAmbiguous)?;
        return Ok(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.iter();
    while let Some(byte) = rest.next() {
        decoded.push(match byte {
            b'%' => match (digit(rest.next()), digit(rest.next())) {
                (Some(high), Some(low)) => encoded(high * 16 + low)?,
                _ => return Err(Reason::PathAmbiguous),
            },
            plain => *plain,
        });
    }
    // Overlong and half characters are no UTF-8.
    let text = String::from_utf8(decoded).map_err(|_| Reason::PathAmbiguous)?;
    Ok(Cow::Owned(text))
}

/// A decoded byte, unless it would part what its encoding held together.
fn encoded(byte: u8) -> Result<u8, Reason> {
    if byte == b'/' || byte.is_ascii_control() {
        Err(Reason::PathAmbiguous)
    } else {
        Ok(byte)
    }
}

fn digit(byte: Option<&u8>) -> Option<u8> {
    let value = char::from(*byte?).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_is_decoded_once_and_loses_its_query() {
        for (given, normal) in [
            ("/", "/"),
            ("/?a=/b", "/"),
            ("/a/b?x=%2f..//", "/a/b"),
            ("/a/", "/a/"),
            ("/%61dmin", "/admin"),
            ("/caf%C3%A9", "/café"),
            ("/100%25", "/100%"),
            ("/a%20b", "/a b"),
            ("/a:b@c,d=e", "/a:b@c,d=e"),
            ("/...", "/..."),
            ("/.well-known/x", "/.well-known/x"),
        ] {
            assert_eq!(normalise_path(given.as_bytes()).unwrap(), normal, "{given}");
        }
    }

    /// CVE-2021-29492, CVE-2025-66490, CVE-2019-9901, CVE-2026-73551,
    /// CVE-2026-41059, CVE-2026-26205 and the like.
    #[test]
    fn a_path_with_two_readings_is_refused() {
        for bad in [
            "/public/..%2fadmin",
            "/public/%2e%2e/admin",
            "/public/.%2E/admin",
            "/public%5c..%5cadmin",
            "/public\\admin",
            "/public/../admin",
            "/public/./admin",
            "/public/..",
            "/public/.",
            "/public/..;/admin",
            "/admin;x=y",
            "/admin%3bx=y",
            "/admin%3fx",
            "/admin#/public/a",
            "/public/%23/../admin",
            "/public/a?x#y",
            "//admin/x",
            "/a//b",
            "//",
            "/a%00b",
            "/a%0ab",
            "/a%7fb",
            "/%252e%252e/admin",
            "/%25%32%66",
            "/%c0%ae%c0%ae/admin",
            "/%c0%af",
            "/%e0%80%af",
            "/%ff",
            "/%c2%85",
            "/%zz",
            "/%",
            "/%4",
            "/%+1",
        ] {
            assert_eq!(
                normalise_path(bad.as_bytes()),
                Err(Reason::PathAmbiguous),
                "{bad}"
            );
        }
    }

    /// CVE-2026-88009, CVE-2021-32637.
    #[test]
    fn what_is_no_path_is_refused() {
        for bad in [
            "",
            "*",
            "admin",
            "http:http://internal/admin",
            "https://app.test/a",
            "?a",
            "/a b",
            "/caf\u{e9}",
            "/a\tb",
            "/a\0b",
        ] {
            assert_eq!(
                normalise_path(bad.as_bytes()),
                Err(Reason::FactUnreadable),
                "{bad:?}"
            );
        }
        let long = format!("/{}", "a".repeat(100 * 1024));
        assert_eq!(normalise_path(long.as_bytes()), Err(Reason::FactUnreadable));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(given in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = normalise_path(&given);
            let rooted = [b"/", &given[..]].concat();
            let _ = normalise_path(&rooted);
        }

        /// Decoding and cutting once more, as a careless upstream would, finds
        /// the same path.
        #[test]
        fn a_second_reading_changes_nothing(given in "/([a-c.;%/25eEfF\\\\#?]|%2[ef5]|\\.\\.){0,24}") {
            if let Ok(path) = normalise_path(given.as_bytes()) {
                let again = percent_encoding::percent_decode_str(&path).decode_utf8().unwrap();
                prop_assert_eq!(&*again, &*path);
                prop_assert!(path.starts_with('/') && !path.starts_with("//"));
                prop_assert!(!path.split('/').any(|segment| segment == ".." || segment == "."));
                prop_assert!(!path.contains(['\\', ';', '?', '#']));
                prop_assert!(!path.contains("//"));
            }
        }

        /// However a path is escaped, it is the same path.
        #[test]
        fn escaping_what_needs_none_changes_nothing(
            segments in proptest::collection::vec("[a-z0-9_~-]{1,8}", 1..5),
            escape in proptest::collection::vec(any::<bool>(), 64),
        ) {
            let plain = format!("/{}", segments.join("/"));
            let escaped: String = plain.chars().zip(escape.iter().cycle()).map(|(c, escape)| {
                if *escape && c != '/' { format!("%{:02x}", u32::from(c)) } else { c.to_string() }
            }).collect();
            prop_assert_eq!(&*normalise_path(escaped.as_bytes()).unwrap(), plain.as_str());
        }
    }
}
