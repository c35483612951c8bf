//! nginx `auth_request`, ingress-nginx: GET without a body, the request in
//! `X-Original-Method` and `X-Original-URL`. nginx understands 2xx, 401 and 403;
//! what else is meant stands in `X-Auth-Status`, for its configuration to map.

use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, web};

use super::dialect::Dialect;
use super::facts::Asker;
use super::respond::Question;
use super::{DEFAULT_GATE, ProxyParts};
use crate::domain::facts::{FactSource, Given};

const ORIGINAL_METHOD: &str = "x-original-method";
const ORIGINAL_URL: &str = "x-original-url";

/// `/nginx-auth`, `/nginx-auth/{gate}`.
pub(super) async fn handle(request: HttpRequest, parts: web::Data<ProxyParts>) -> HttpResponse {
    let question = Question {
        request: &request,
        parts: &parts,
        dialect: Dialect::Nginx,
        gate: request.match_info().get("gate").unwrap_or(DEFAULT_GATE),
    };
    let facts = Original(Asker::of(&request, &parts.trust));
    question.answer(&facts).await
}

/// `X-Original-*`.
struct Original<'r>(Asker<'r>);

/// The parts of `scheme://host/path?query`.
struct Url<'r> {
    scheme: &'r [u8],
    host: &'r [u8],
    target: &'r [u8],
}

impl<'r> Url<'r> {
    /// Cuts at the first places that can be meant. What is no URL has no part
    /// that could be read.
    fn cut(url: &'r [u8]) -> Self {
        let Some(colon) = url.windows(3).position(|bytes| bytes == b"://") else {
            return Self {
                scheme: b"",
                host: b"",
                target: b"",
            };
        };
        let (scheme, rest) = (&url[..colon], &url[colon + 3..]);
        let slash = rest.iter().position(|byte| *byte == b'/');
        let (host, target) = rest.split_at(slash.unwrap_or(rest.len()));
        Self {
            scheme,
            host,
            target,
        }
    }
}

impl<'r> Original<'r> {
    fn url(&self, part: impl FnOnce(Url<'r>) -> &'r [u8]) -> Given<'r> {
        match self.0.stated(ORIGINAL_URL) {
            Given::One(url) => Given::One(part(Url::cut(url))),
            other => other,
        }
    }
}

impl FactSource for Original<'_> {
    fn method(&self) -> Given<'_> {
        self.0.stated(ORIGINAL_METHOD)
    }

    fn scheme(&self) -> Given<'_> {
        self.url(|url| url.scheme)
    }

    fn host(&self) -> Given<'_> {
        self.url(|url| url.host)
    }

    fn target(&self) -> Given<'_> {
        self.url(|url| url.target)
    }

    fn client(&self) -> Option<IpAddr> {
        self.0.client()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CVE-2021-32637: what is malformed has no part that could pass.
    #[test]
    fn a_url_is_cut_where_it_says() {
        let cut = |text: &'static str| {
            let url = Url::cut(text.as_bytes());
            [url.scheme, url.host, url.target].map(|part| std::str::from_utf8(part).unwrap())
        };
        assert_eq!(
            cut("https://app.test:8443/a?b=://c/d"),
            ["https", "app.test:8443", "/a?b=://c/d"]
        );
        assert_eq!(cut("https://app.test"), ["https", "app.test", ""]);
        assert_eq!(cut("https:///a"), ["https", "", "/a"]);
        assert_eq!(cut("/a"), ["", "", ""]);
        assert_eq!(cut("://"), ["", "", ""]);
        assert_eq!(cut(""), ["", "", ""]);
        assert_eq!(cut("https://app.test?/a"), ["https", "app.test?", "/a"]);
    }
}
