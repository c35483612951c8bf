//! What each dialect says about the request: which headers carry it, and
//! whether whoever asks may say so.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use ipnet::IpNet;

use crate::domain::facts::{FactSource, Given};
use crate::domain::identity_headers::{IdentityHeaders, is_twin};

/// The header with the addresses that a request came by.
const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_METHOD: &str = "x-forwarded-method";
pub(super) const FORWARDED_PROTO: &str = "x-forwarded-proto";
const FORWARDED_HOST: &str = "x-forwarded-host";
const FORWARDED_URI: &str = "x-forwarded-uri";

/// Who may state facts, and how far to follow the addresses.
#[derive(Clone, Debug, Default)]
pub struct ProxyTrust {
    /// The networks of the proxies. Nobody else's facts count.
    pub networks: Vec<IpNet>,
    /// How many proxies add an address to `X-Forwarded-For`; 0 leaves the header alone.
    pub hops: usize,
}

impl ProxyTrust {
    pub(super) fn admits(&self, peer: Option<IpAddr>) -> bool {
        peer.is_some_and(|peer| self.networks.iter().any(|network| network.contains(&peer)))
    }
}

/// Whoever asks, and what it sent.
pub(super) struct Asker<'r> {
    headers: &'r HeaderMap,
    peer: Option<IpAddr>,
    trust: &'r ProxyTrust,
}

impl<'r> Asker<'r> {
    pub(super) fn of(request: &'r HttpRequest, trust: &'r ProxyTrust) -> Self {
        let peer = request
            .peer_addr()
            .map(|address| address.ip().to_canonical());
        Self {
            headers: request.headers(),
            peer,
            trust,
        }
    }

    pub(super) fn is_trusted(&self) -> bool {
        self.trust.admits(self.peer)
    }

    /// A fact that stands in a header of its own.
    pub(super) fn stated(&self, name: &str) -> Given<'r> {
        if !self.is_trusted() {
            return Given::Untrusted;
        }
        let mut values = self.headers.get_all(name);
        let (first, second) = (values.next(), values.next());
        match first {
            _ if second.is_some() || self.is_doubtful(name) => Given::Conflict,
            None => Given::Absent,
            Some(value) => Given::One(value.as_bytes()),
        }
    }

    /// Whether a twin of the name stands beside it, or a proxy on the way was
    /// told to take the header off (RFC 9110, section 7.6.1).
    fn is_doubtful(&self, name: &str) -> bool {
        self.headers
            .keys()
            .any(|other| is_twin(name, other.as_str()))
            || self.headers.get_all(header::CONNECTION).any(|value| {
                names_option(value.as_bytes(), |option| option.eq_ignore_ascii_case(name))
            })
    }

    /// The address that the outermost of our proxies saw. A list that is
    /// shorter than there are proxies says nothing.
    pub(super) fn client(&self) -> Option<IpAddr> {
        if !self.is_trusted() || self.trust.hops == 0 {
            return self.peer;
        }
        let place = self.trust.hops - 1;
        let mut lines = self.headers.get_all(FORWARDED_FOR);
        let first = lines.next()?;
        let address = if lines.next().is_none() {
            // The common case, without a list: every use of a key asks.
            parts(first).nth(place)?
        } else {
            let lines: Vec<_> = self.headers.get_all(FORWARDED_FOR).collect();
            lines.into_iter().rev().flat_map(parts).nth(place)?
        };
        address_in(std::str::from_utf8(address).ok()?.trim_ascii())
    }
}

/// The address of whoever sent a request, by the word of our proxies; of the
/// peer where they say nothing. To show and to count by, never to let in by.
pub fn client_address(request: &HttpRequest, trust: &ProxyTrust) -> Option<IpAddr> {
    let asker = Asker::of(request, trust);
    asker.client().or(asker.peer)
}

/// Whether a request tampers with the identity headers that its upstream will
/// see: by a twin of a name, or by telling a proxy on the way to take one off.
pub(super) fn touches_identity<'h>(
    mut headers: impl Iterator<Item = (&'h str, &'h [u8])>,
    identity: &IdentityHeaders,
) -> bool {
    headers.any(|(name, value)| {
        identity.is_alias(name)
            || (name == header::CONNECTION.as_str()
                && names_option(value, |option| identity.is_named(option)))
    })
}

/// Whether a list of options holds one that fits.
fn names_option(value: &[u8], fits: impl Fn(&str) -> bool) -> bool {
    value
        .split(|byte| *byte == b',')
        .any(|option| std::str::from_utf8(option).is_ok_and(|option| fits(option.trim_ascii())))
}

/// The entries of one line, the last one first.
fn parts(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes().rsplit(|byte| *byte == b',')
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address_in(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let address = bare.parse().ok().or_else(|| {
        let with_port: SocketAddr = text.parse().ok()?;
        Some(with_port.ip())
    });
    address.map(|address: IpAddr| address.to_canonical())
}

/// `X-Forwarded-*`: Traefik, Caddy, HAProxy.
pub(super) struct Forwarded<'r>(pub(super) Asker<'r>);

impl FactSource for Forwarded<'_> {
    fn method(&self) -> Given<'_> {
        self.0.stated(FORWARDED_METHOD)
    }

    fn scheme(&self) -> Given<'_> {
        self.0.stated(FORWARDED_PROTO)
    }

    fn host(&self) -> Given<'_> {
        self.0.stated(FORWARDED_HOST)
    }

    fn target(&self) -> Given<'_> {
        self.0.stated(FORWARDED_URI)
    }

    fn client(&self) -> Option<IpAddr> {
        self.0.client()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const TRUSTED: &str = "10.0.0.9:5";

    fn trust(hops: usize) -> ProxyTrust {
        ProxyTrust {
            networks: vec!["10.0.0.0/8".parse().unwrap()],
            hops,
        }
    }

    fn request(peer: &str, headers: &[(&'static str, &'static str)]) -> HttpRequest {
        let mut request = TestRequest::default().peer_addr(peer.parse().unwrap());
        for (name, value) in headers {
            request = request.append_header((*name, *value));
        }
        request.to_http_request()
    }

    fn client(peer: &str, hops: usize, lines: &[&'static str]) -> Option<String> {
        let headers: Vec<_> = lines.iter().map(|line| (FORWARDED_FOR, *line)).collect();
        let request = request(peer, &headers);
        let trust = trust(hops);
        let client = Forwarded(Asker::of(&request, &trust)).client();
        client.map(|address| address.to_string())
    }

    #[test]
    fn the_client_is_who_the_outermost_trusted_proxy_saw() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(client(TRUSTED, 1, &["203.0.113.7"]), some("203.0.113.7"));
        assert_eq!(
            client(TRUSTED, 1, &["1.1.1.1, 203.0.113.7"]),
            some("203.0.113.7")
        );
        assert_eq!(
            client(TRUSTED, 2, &["1.1.1.1, 203.0.113.7 ,10.2.2.2"]),
            some("203.0.113.7")
        );
        // HAProxy adds a line of its own.
        assert_eq!(
            client(TRUSTED, 1, &["1.1.1.1", "203.0.113.7"]),
            some("203.0.113.7")
        );
        for (written, read) in [
            ("203.0.113.7:4711", "203.0.113.7"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
        ] {
            assert_eq!(client(TRUSTED, 1, &[written]), some(read), "{written}");
        }
    }

    #[test]
    fn a_client_that_cannot_be_known_is_nobody_and_never_the_proxy() {
        assert_eq!(client(TRUSTED, 1, &[]), None);
        assert_eq!(client(TRUSTED, 2, &["203.0.113.7"]), None);
        for bad in ["unknown", "", "203.0.113.7,", "a.b.c.d", "203.0.113.7 x"] {
            let headers = [(FORWARDED_FOR, bad)];
            let request = request(TRUSTED, &headers);
            let trust = trust(1);
            assert_eq!(
                Forwarded(Asker::of(&request, &trust)).client(),
                None,
                "{bad}"
            );
        }
    }

    #[test]
    fn who_is_no_trusted_proxy_is_the_client_itself() {
        let peer = Some("192.0.2.9".to_owned());
        assert_eq!(client("192.0.2.9:5", 1, &["10.0.0.1"]), peer);
        assert_eq!(
            client("[::ffff:10.0.0.9]:5", 1, &["203.0.113.7"]),
            Some("203.0.113.7".to_owned())
        );
        assert_eq!(
            client(TRUSTED, 0, &["203.0.113.7"]),
            Some("10.0.0.9".to_owned())
        );
    }

    /// CVE-2026-39858, CVE-2024-45410, CVE-2026-26308.
    #[test]
    fn a_fact_under_two_spellings_or_marked_for_removal_is_in_conflict() {
        let target = |peer, headers: &[_]| {
            let request = request(peer, headers);
            let trust = trust(1);
            match Forwarded(Asker::of(&request, &trust)).target() {
                Given::One(value) => Ok(String::from_utf8(value.to_vec()).unwrap()),
                Given::Absent => Err("absent"),
                Given::Conflict => Err("conflict"),
                Given::Untrusted => Err("untrusted"),
            }
        };
        let uri = (FORWARDED_URI, "/admin");
        assert_eq!(target(TRUSTED, &[uri]), Ok("/admin".to_owned()));
        assert_eq!(target(TRUSTED, &[]), Err("absent"));
        assert_eq!(target("192.0.2.9:5", &[uri]), Err("untrusted"));
        for doubt in [
            (FORWARDED_URI, "/public"),
            ("x_forwarded_uri", "/public"),
            ("x-forwarded.uri", "/public"),
            ("connection", "keep-alive, X-Forwarded-Uri"),
        ] {
            assert_eq!(target(TRUSTED, &[uri, doubt]), Err("conflict"), "{doubt:?}");
        }
        let other = ("x-original-url", "https://app.test/public");
        assert_eq!(target(TRUSTED, &[uri, other]), Ok("/admin".to_owned()));
    }
}
