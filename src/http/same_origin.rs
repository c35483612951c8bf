//! Whether a page of ours made a request, by what the browser says of itself.
//!
//! Browsers send `Sec-Fetch-Site` (Fetch Metadata) with each request to a
//! trustworthy origin, and `Origin` (the Fetch standard, section 3.2) with each
//! that changes something; no page can forge either. Who sends neither is no
//! browser of today, and must know the token of the session all the same.

use actix_web::dev::RequestHead;
use actix_web::http::header::{self, HeaderMap};
use url::Url;

use super::host;

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// Where our own pages come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnOrigin {
    /// The origin of `public_url`, such as `https://lodge.example.org`.
    pub public: Option<String>,
}

impl OwnOrigin {
    /// The origin of the URL under which people reach the service.
    pub fn of(public_url: Option<&Url>) -> Self {
        Self {
            public: public_url.map(|url| url.origin().ascii_serialization()),
        }
    }

    /// Whether nothing in the request says that somebody else's page made it.
    pub fn made(&self, head: &RequestHead) -> bool {
        let headers = head.headers();
        let site = match single(headers, SEC_FETCH_SITE) {
            Err(Unreadable) => return false,
            Ok(site) => site,
        };
        if site.is_some_and(|site| site != "same-origin") {
            return false;
        }
        match single(headers, header::ORIGIN.as_str()) {
            Err(Unreadable) => false,
            Ok(None) => true,
            Ok(Some(origin)) => self.is_ours(origin, head),
        }
    }

    /// On a machine's own names there may be any port, and no `public_url`;
    /// elsewhere `public_url` counts if there is one, and otherwise that the
    /// page came from the host that the request goes to.
    fn is_ours(&self, origin: &str, head: &RequestHead) -> bool {
        let Ok(url) = Url::parse(origin) else {
            return false;
        };
        if url.origin().ascii_serialization() != origin {
            return false;
        }
        if self.public.as_deref() == Some(origin) {
            return true;
        }
        let Ok(Some(host)) = single(head.headers(), header::HOST.as_str()) else {
            return false;
        };
        let is_exempt = self.public.is_none() || host::is_loopback(host);
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        is_exempt && without_default_port(host, &url).eq_ignore_ascii_case(authority)
    }
}

/// As the serialisation of an origin leaves it out.
fn without_default_port<'h>(host: &'h str, url: &Url) -> &'h str {
    let default = match url.scheme() {
        "https" => ":443",
        _ => ":80",
    };
    host.strip_suffix(default).unwrap_or(host)
}

/// A field that stands there twice, or is no text.
struct Unreadable;

fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h str>, Unreadable> {
    let mut fields = headers.get_all(name);
    match (fields.next(), fields.next()) {
        (None, _) => Ok(None),
        (Some(field), None) => field.to_str().map(Some).map_err(|_| Unreadable),
        (Some(_), Some(_)) => Err(Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn made(own: &OwnOrigin, fields: &[(&str, &str)]) -> bool {
        let mut request = TestRequest::post();
        for (name, value) in fields {
            request = request.append_header((*name, *value));
        }
        own.made(request.to_http_request().head())
    }

    fn public() -> OwnOrigin {
        OwnOrigin::of(Some(&Url::parse("https://lodge.example.org/x").unwrap()))
    }

    #[test]
    fn pages_of_ours_are_told_by_origin_and_fetch_site() {
        let host = ("host", "lodge.example.org");
        for fields in [
            &[host][..],
            &[host, ("origin", "https://lodge.example.org")],
            &[
                host,
                ("origin", "https://lodge.example.org"),
                ("sec-fetch-site", "same-origin"),
            ],
            &[
                ("host", "localhost:8080"),
                ("origin", "http://localhost:8080"),
            ],
            &[("host", "127.0.0.1"), ("origin", "http://127.0.0.1")],
            &[("host", "[::1]:1"), ("origin", "http://[::1]:1")],
        ] {
            assert!(made(&public(), fields), "{fields:?}");
        }
        let own = OwnOrigin::default();
        let fields = [("host", "a.internal:443"), ("origin", "https://a.internal")];
        assert!(made(&own, &fields));
    }

    #[test]
    fn pages_of_others_are_refused() {
        let host = ("host", "lodge.example.org");
        let ours = ("origin", "https://lodge.example.org");
        for fields in [
            &[host, ("origin", "https://evil.example")][..],
            &[host, ("origin", "http://lodge.example.org")],
            &[host, ("origin", "https://lodge.example.org:8443")],
            &[host, ("origin", "https://lodge.example.org.evil.example")],
            &[host, ("origin", "https://lodge.example.org/")],
            &[host, ("origin", "https://evil@lodge.example.org")],
            &[host, ("origin", "null")],
            &[host, ("origin", "")],
            &[host, ours, ("origin", "https://evil.example")],
            &[host, ours, ("sec-fetch-site", "same-site")],
            &[host, ours, ("sec-fetch-site", "cross-site")],
            &[host, ours, ("sec-fetch-site", "none")],
            &[
                host,
                ours,
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-site", "cross-site"),
            ],
            &[
                ("host", "localhost:8080"),
                ("origin", "http://localhost:9090"),
            ],
            &[("host", "evil.example"), ("origin", "https://evil.example")],
        ] {
            assert!(!made(&public(), fields), "{fields:?}");
        }
    }
}
