//! What the headers of a request say about the page that made it.
//!
//! A cookie comes along whoever made the request. So one that changes something
//! by a session counts only if nothing says that a page of another origin made
//! it: browsers say so in `Sec-Fetch-Site` (Fetch Metadata) and in `Origin` (the
//! Fetch standard, section 3.2), and no page can forge either.

use super::facts::{RequestFacts, normalise_host};
use super::reason::Reason;
use super::request::{HeaderValues, Headers};

const ORIGIN: &str = "origin";
const SEC_FETCH_SITE: &str = "sec-fetch-site";
const SEC_WEBSOCKET_KEY: &str = "sec-websocket-key";
const UPGRADE: &str = "upgrade";
const ACCESS_CONTROL_REQUEST_METHOD: &str = "access-control-request-method";

/// Whether a request asks whether another may be made (the Fetch standard,
/// section 3.3.2): such a one carries no credential and changes nothing.
///
/// # Errors
/// Gives the reason for a method that is not known.
pub fn is_preflight(headers: &dyn Headers, facts: &mut RequestFacts<'_>) -> Result<bool, Reason> {
    let is_one = |name| matches!(headers.values(name), HeaderValues::One(_));
    Ok(is_one(ORIGIN) && is_one(ACCESS_CONTROL_REQUEST_METHOD) && facts.method()? == "OPTIONS")
}

/// Whether a request is the beginning of a WebSocket.
pub fn is_websocket(headers: &dyn Headers) -> bool {
    let upgrades = match headers.values(UPGRADE) {
        HeaderValues::Absent => false,
        HeaderValues::One(value) => value.trim_ascii().eq_ignore_ascii_case(b"websocket"),
        HeaderValues::Several => true,
    };
    upgrades || headers.values(SEC_WEBSOCKET_KEY) != HeaderValues::Absent
}

/// Refuses a request with a session that another's page may have made. Requests
/// that read may come from anywhere; WebSockets may not, as browsers let any
/// page read them.
///
/// # Errors
/// [`Reason::ForgedRequest`], or the reason for a fact that is not known.
pub fn check_maker(
    headers: &dyn Headers,
    facts: &mut RequestFacts<'_>,
    trusted_origins: &[Box<str>],
) -> Result<(), Reason> {
    let reads = matches!(facts.method()?, "GET" | "HEAD" | "OPTIONS");
    if reads && !is_websocket(headers) {
        return Ok(());
    }
    let site = single(headers, SEC_FETCH_SITE)?;
    let origin = single(headers, ORIGIN)?;
    if origin.is_some_and(|origin| trusted_origins.iter().any(|known| **known == *origin)) {
        return Ok(());
    }
    match (site, origin) {
        // The browser itself compared the origins, ports among them.
        (Some("same-origin" | "none"), _) | (None, None) => Ok(()),
        (None, Some(origin)) if is_own(origin, facts)? => Ok(()),
        _ => Err(Reason::ForgedRequest),
    }
}

fn is_own(origin: &str, facts: &mut RequestFacts<'_>) -> Result<bool, Reason> {
    let Some((scheme, host)) = origin.split_once("://") else {
        return Ok(false);
    };
    if scheme != facts.scheme()?.as_str() {
        return Ok(false);
    }
    let Ok(host) = normalise_host(host.as_bytes()) else {
        return Ok(false);
    };
    Ok(*host == *facts.host()?)
}

fn single<'h>(headers: &'h dyn Headers, name: &str) -> Result<Option<&'h str>, Reason> {
    match headers.values(name) {
        HeaderValues::Absent => Ok(None),
        HeaderValues::One(value) => std::str::from_utf8(value)
            .map(Some)
            .map_err(|_| Reason::ForgedRequest),
        HeaderValues::Several => Err(Reason::ForgedRequest),
    }
}

#[cfg(test)]
mod tests {
    use super::super::facts::StatedFacts;
    use super::*;

    struct Map<'t>(&'t [(&'t str, &'t str)]);
    impl Headers for Map<'_> {
        fn values(&self, name: &str) -> HeaderValues<'_> {
            let mut found = self.0.iter().filter(|(known, _)| *known == name);
            match (found.next(), found.next()) {
                (None, _) => HeaderValues::Absent,
                (Some((_, value)), None) => HeaderValues::One(value.as_bytes()),
                _ => HeaderValues::Several,
            }
        }
    }

    fn check(method: &str, headers: &[(&str, &str)]) -> Result<(), Reason> {
        let mut stated = StatedFacts {
            method: Some(method.to_owned()),
            ..StatedFacts::default()
        };
        stated.state_url("https://app.example.com/a");
        let trusted = [
            "tauri://localhost".into(),
            "https://admin.example.com".into(),
        ];
        check_maker(&Map(headers), &mut RequestFacts::new(&stated), &trusted)
    }

    #[test]
    fn whoever_only_reads_may_come_from_anywhere() {
        let foreign = [
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "cross-site"),
        ];
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert_eq!(check(method, &foreign), Ok(()), "{method}");
        }
        let websocket = [foreign[0], ("sec-websocket-key", "x")];
        assert_eq!(check("GET", &websocket), Err(Reason::ForgedRequest));
        let websocket = [foreign[0], ("upgrade", "WebSocket")];
        assert_eq!(check("GET", &websocket), Err(Reason::ForgedRequest));
        let own = [
            ("origin", "https://app.example.com"),
            ("upgrade", "websocket"),
        ];
        assert_eq!(check("GET", &own), Ok(()));
    }

    #[test]
    fn a_change_comes_from_a_page_of_the_same_origin_or_a_trusted_one() {
        for headers in [
            &[][..],
            &[("origin", "https://app.example.com")],
            &[
                ("origin", "https://app.example.com:8443"),
                ("sec-fetch-site", "same-origin"),
            ],
            &[("sec-fetch-site", "none")],
            &[
                ("origin", "tauri://localhost"),
                ("sec-fetch-site", "cross-site"),
            ],
            &[
                ("origin", "https://admin.example.com"),
                ("sec-fetch-site", "same-site"),
            ],
        ] {
            assert_eq!(check("POST", headers), Ok(()), "{headers:?}");
        }
        for headers in [
            &[("origin", "https://evil.example")][..],
            &[
                ("origin", "https://other.example.com"),
                ("sec-fetch-site", "same-site"),
            ],
            &[("origin", "http://app.example.com")],
            &[("origin", "null")],
            &[("origin", "")],
            &[("origin", "tauri://localhost.evil")],
            &[("origin", "https://app.example.com.evil.example")],
            &[
                ("origin", "https://app.example.com"),
                ("origin", "https://evil.example"),
            ],
            &[
                ("origin", "https://app.example.com"),
                ("sec-fetch-site", "same-site"),
            ],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "cross-site")],
        ] {
            assert_eq!(
                check("POST", headers),
                Err(Reason::ForgedRequest),
                "{headers:?}"
            );
        }
    }

    #[test]
    fn a_preflight_is_told_by_all_its_marks() {
        let asks = |method: &str, headers: &[(&str, &str)]| {
            let stated = StatedFacts {
                method: Some(method.to_owned()),
                ..StatedFacts::default()
            };
            is_preflight(&Map(headers), &mut RequestFacts::new(&stated))
        };
        let both = [
            ("origin", "https://a"),
            ("access-control-request-method", "PUT"),
        ];
        assert_eq!(asks("OPTIONS", &both), Ok(true));
        assert_eq!(asks("GET", &both), Ok(false));
        assert_eq!(asks("OPTIONS", &both[..1]), Ok(false));
        assert_eq!(asks("OPTIONS", &both[1..]), Ok(false));
    }
}
