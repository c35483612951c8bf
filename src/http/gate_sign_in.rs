//! From a gate to the sign-in and back, over hosts below one domain.
//!
//! A gate that knows nobody sends a browser to the portal with the address to
//! come back to, signed: the portal takes only such addresses, and only on hosts
//! that the gate's cookie reaches. So nobody can make it send people elsewhere.

use std::time::Duration;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use url::{Url, form_urlencoded};

use super::return_address;
use crate::domain::salt::Salts;
use crate::domain::session::{GATE_COOKIE, GateCookie};

/// Where browsers are sent: a path of the portal.
pub const ENTRANCE: &str = "/enter";
/// The parameter with the signed address.
pub const TO: &str = "to";
/// What the signature is for, and nothing else.
const BOUND_TO: &str = "gate";
/// The longest link; an address that would make it longer loses its path.
const LINK_BYTES_MAX: usize = 4_000;

/// How people find from gates to the portal and back.
#[derive(Clone, Debug)]
pub struct GateSignIn {
    salts: Salts,
    origin: String,
    host: String,
    is_https: bool,
    domain: Option<String>,
}

/// A request as its proxy describes it.
#[derive(Clone, Copy, Debug)]
pub struct Described<'r> {
    /// Its scheme, if it is known.
    pub scheme: Option<&'r [u8]>,
    /// Its host, perhaps with a port.
    pub host: &'r [u8],
    /// Its path and query.
    pub target: &'r [u8],
}

impl GateSignIn {
    /// For a portal at that URL, and a cookie that reaches all hosts below
    /// `domain`, or the portal's own host alone. `None` for a URL without a host.
    pub fn new(public_url: &Url, domain: Option<&str>, salts: Salts) -> Option<Self> {
        Some(Self {
            salts,
            origin: public_url.origin().ascii_serialization(),
            host: public_url.host_str()?.to_owned(),
            is_https: public_url.scheme() == "https",
            domain: domain.map(str::to_owned),
        })
    }

    /// Whether the portal is reached by HTTPS.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether the gate's cookie reaches a host.
    fn covers(&self, host: &str) -> bool {
        let is_below = |domain: &String| {
            host.strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        host == self.host || self.domain.as_ref().is_some_and(is_below)
    }

    /// The link that leads a browser to the sign-in, and then back to where it
    /// was; `None` where no session could ever get there.
    pub fn link(&self, request: Described<'_>) -> Option<String> {
        let whole = self.link_to(&self.address(request, request.target)?);
        if whole.len() <= LINK_BYTES_MAX {
            return Some(whole);
        }
        let start = self.link_to(&self.address(request, b"/")?);
        (start.len() <= LINK_BYTES_MAX).then_some(start)
    }

    fn link_to(&self, address: &str) -> String {
        let signed = return_address::signed(&self.salts, BOUND_TO, address);
        let signed: String = form_urlencoded::byte_serialize(signed.as_bytes()).collect();
        format!("{}{ENTRANCE}?{TO}={signed}", self.origin)
    }

    fn address(&self, request: Described<'_>, target: &[u8]) -> Option<String> {
        // The cookie travels by HTTPS alone where the portal does.
        let scheme = match request.scheme {
            _ if self.is_https => "https",
            Some(b"https" | b"wss") => "https",
            _ => "http",
        };
        let host = std::str::from_utf8(request.host).ok()?;
        let target = std::str::from_utf8(target).ok()?;
        if !target.starts_with('/') {
            return None;
        }
        self.accept(&format!("{scheme}://{host}{target}"))
    }

    /// The address in what a gate signed, if it may still be gone to.
    pub fn open(&self, signed: &str) -> Option<String> {
        self.accept(return_address::opened(&self.salts, BOUND_TO, signed)?)
    }

    fn accept(&self, address: &str) -> Option<String> {
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
        if !address.bytes().all(is_plain) {
            return None;
        }
        let url = Url::parse(address).ok()?;
        let is_bare = url.username().is_empty() && url.password().is_none();
        let schemes: &[&str] = if self.is_https {
            &["https"]
        } else {
            &["https", "http"]
        };
        (is_bare && schemes.contains(&url.scheme()) && self.covers(url.host_str()?))
            .then(|| url.into())
    }

    /// The field that hands a cookie to the browser; `None` where it cannot be one.
    pub fn setting(
        &self,
        cookie: &GateCookie,
        lasts: Duration,
    ) -> Option<(HeaderName, HeaderValue)> {
        let text = cookie.text();
        let lasts = lasts.as_secs();
        self.field(text.expose(), lasts)
    }

    /// The field that takes it away.
    pub fn clearing(&self) -> Option<(HeaderName, HeaderValue)> {
        self.field("", 0)
    }

    fn field(&self, value: &str, lasts: u64) -> Option<(HeaderName, HeaderValue)> {
        let domain = self.domain.as_ref();
        let domain = domain.map_or_else(String::new, |domain| format!("; Domain={domain}"));
        let secure = if self.is_https { "; Secure" } else { "" };
        let mut field = HeaderValue::try_from(format!(
            "{GATE_COOKIE}={value}; Max-Age={lasts}{domain}; Path=/; HttpOnly; SameSite=Lax{secure}"
        ))
        .ok()?;
        field.set_sensitive(true);
        Some((header::SET_COOKIE, field))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::salt::Salt;

    fn salts(first: u8) -> Salts {
        Salts::new(Salt::from_bytes([first; 32]), Vec::new())
    }

    fn sign_in(url: &str, domain: Option<&str>) -> GateSignIn {
        GateSignIn::new(&Url::parse(url).unwrap(), domain, salts(1)).unwrap()
    }

    fn below() -> GateSignIn {
        sign_in("https://lodge.example.com", Some("example.com"))
    }

    fn link(sign_in: &GateSignIn, scheme: &str, host: &str, target: &str) -> Option<String> {
        sign_in.link(Described {
            scheme: Some(scheme.as_bytes()),
            host: host.as_bytes(),
            target: target.as_bytes(),
        })
    }

    fn back(sign_in: &GateSignIn, link: &str) -> Option<String> {
        let url = Url::parse(link).unwrap();
        let to = url.query_pairs().find(|(name, _)| name == TO).unwrap().1;
        sign_in.open(&to)
    }

    #[test]
    fn a_link_leads_back_to_where_it_was_made() {
        let sign_in = below();
        for (scheme, host, target, address) in [
            (
                "https",
                "app.example.com",
                "/a/b?c=d&e=%20f",
                "https://app.example.com/a/b?c=d&e=%20f",
            ),
            ("https", "example.com", "/", "https://example.com/"),
            ("http", "app.example.com", "/", "https://app.example.com/"),
            (
                "https",
                "a.b.example.com:8443",
                "/x",
                "https://a.b.example.com:8443/x",
            ),
        ] {
            let link = link(&sign_in, scheme, host, target).unwrap();
            assert!(
                link.starts_with("https://lodge.example.com/enter?to="),
                "{link}"
            );
            assert_eq!(back(&sign_in, &link).as_deref(), Some(address));
        }
        let local = sign_in_on_loopback();
        let link = link(&local, "http", "localhost:9090", "/x").unwrap();
        assert_eq!(
            back(&local, &link).as_deref(),
            Some("http://localhost:9090/x")
        );
    }

    fn sign_in_on_loopback() -> GateSignIn {
        sign_in("http://localhost:8080", None)
    }

    #[test]
    fn nobody_is_led_to_where_the_cookie_does_not_reach() {
        let sign_in = below();
        for host in [
            "evil.example",
            "badexample.com",
            "example.com.evil.example",
            "app.example.com@evil.example",
            "evil.example\\.example.com",
            "evil.example#.example.com",
            "evil.example/.example.com",
            "evil.example?.example.com",
            "",
            "app.example.com:x",
            "app.example.com\n",
        ] {
            assert_eq!(link(&sign_in, "https", host, "/"), None, "{host:?}");
        }
        for target in [
            "",
            "@evil.example/",
            "evil",
            ".evil.example/",
            ":1@evil.example/",
        ] {
            assert_eq!(
                link(&sign_in, "https", "app.example.com", target),
                None,
                "{target:?}"
            );
        }
        let narrow = sign_in_on_loopback();
        assert_eq!(link(&narrow, "http", "app.localhost", "/"), None);
    }

    #[test]
    fn an_address_counts_only_with_its_signature() {
        let sign_in = below();
        let other = GateSignIn::new(
            &Url::parse("https://lodge.example.com").unwrap(),
            Some("example.com"),
            salts(2),
        );
        let link = link(&other.unwrap(), "https", "app.example.com", "/").unwrap();
        assert_eq!(back(&sign_in, &link), None);
        for bad in ["", "https://app.example.com/", "x.https://app.example.com/"] {
            assert_eq!(sign_in.open(bad), None, "{bad}");
        }
        let foreign =
            return_address::signed(&salts(1), "another journey", "https://app.example.com/");
        assert_eq!(sign_in.open(&foreign), None);
        let moved = return_address::signed(&salts(1), BOUND_TO, "https://evil.example/");
        assert_eq!(sign_in.open(&moved), None);
    }

    #[test]
    fn a_long_address_loses_its_path() {
        let sign_in = below();
        let long = format!("/{}", "x".repeat(LINK_BYTES_MAX));
        let link = link(&sign_in, "https", "app.example.com", &long).unwrap();
        assert_eq!(
            back(&sign_in, &link).as_deref(),
            Some("https://app.example.com/")
        );
    }

    #[test]
    fn the_cookie_reaches_as_far_as_it_is_told() {
        let text = |sign_in: &GateSignIn| {
            let (_, value) = sign_in.clearing().unwrap();
            value.to_str().unwrap().to_owned()
        };
        assert_eq!(
            text(&below()),
            "gl_gate=; Max-Age=0; Domain=example.com; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(
            text(&sign_in_on_loopback()),
            "gl_gate=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
        );
    }
}
