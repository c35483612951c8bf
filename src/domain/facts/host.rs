//! The host of a request, in the one spelling that rules are compared with.

use std::borrow::Cow;
use std::net::Ipv6Addr;

use super::super::reason::Reason;

/// Longest host, in bytes (RFC 1035, section 2.3.4).
pub const HOST_BYTES_MAX: usize = 253;
const LABEL_BYTES_MAX: usize = 63;

/// Lower case, without port and one trailing dot. An IPv6 address keeps its
/// brackets and is written in its shortest form.
///
/// # Errors
/// [`Reason::FactUnreadable`] for what is no host, user names and lists included.
pub fn normalise_host(given: &[u8]) -> Result<Cow<'_, str>, Reason> {
    let text = std::str::from_utf8(given).map_err(|_| Reason::FactUnreadable)?;
    if let Some(rest) = text.strip_prefix('[') {
        return address(rest);
    }
    let host = match text.split_once(':') {
        Some((host, port)) if is_port(port) => host,
        Some(_) => return Err(Reason::FactUnreadable),
        None => text,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.len() > HOST_BYTES_MAX || !host.split('.').all(is_label) {
        return Err(Reason::FactUnreadable);
    }
    Ok(if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    })
}

fn address(rest: &str) -> Result<Cow<'_, str>, Reason> {
    let (address, after) = rest.split_once(']').ok_or(Reason::FactUnreadable)?;
    let has_sound_end = after.is_empty() || after.strip_prefix(':').is_some_and(is_port);
    match address.parse::<Ipv6Addr>() {
        Ok(address) if has_sound_end => Ok(Cow::Owned(format!("[{address}]"))),
        _ => Err(Reason::FactUnreadable),
    }
}

fn is_port(text: &str) -> bool {
    !text.starts_with('+') && text.parse::<u16>().is_ok()
}

/// A label as names in use have it: an underscore stands in some.
fn is_label(label: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !label.is_empty() && label.len() <= LABEL_BYTES_MAX && label.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// CVE-2026-48794, CVE-2022-23632: spellings of one host are one host.
    #[test]
    fn all_spellings_of_a_host_are_one() {
        for (given, normal) in [
            ("app.test", "app.test"),
            ("APP.Test", "app.test"),
            ("app.test.", "app.test"),
            ("app.test:443", "app.test"),
            ("app.test.:8080", "app.test"),
            ("xn--bcher-kva.test", "xn--bcher-kva.test"),
            ("192.0.2.1:80", "192.0.2.1"),
            ("[::1]", "[::1]"),
            ("[0:0::1]:443", "[::1]"),
            ("under_score.test", "under_score.test"),
        ] {
            assert_eq!(normalise_host(given.as_bytes()).unwrap(), normal, "{given}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for bad in [
            "",
            ".",
            "..",
            "app..test",
            ".app.test",
            "app.test..",
            "app.test, evil.test",
            "app.test@evil",
            "user@app.test",
            "app.test:",
            "app.test:x",
            "app.test:+1",
            "app.test:99999",
            "app.test:80:80",
            "::1",
            "[::1",
            "[::1]x",
            "[::1%25eth0]",
            "app.test/x",
            "app test",
            "app%2etest",
            "bücher.test",
            "app.test\0",
        ] {
            assert!(normalise_host(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(normalise_host(&[b'a'; 64]).is_err());
        assert!(normalise_host(b"\xff.test").is_err());
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(given in "[A-Za-z0-9.:_-]{0,40}") {
            if let Ok(once) = normalise_host(given.as_bytes()) {
                prop_assert_eq!(normalise_host(once.as_bytes()).unwrap(), once.clone());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(given in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = normalise_host(&given);
        }
    }
}
