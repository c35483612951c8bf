//! What a browser is answered that a gate does not know: the way to the sign-in
//! for a page, a plain 401 for everything else. A script, an API client or a
//! WebSocket would follow a redirect and take a page for the answer.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};

use super::dialect::Dialect;
use crate::domain::browser;
use crate::domain::facts::{FactSource, Given};
use crate::domain::reason::Reason;
use crate::http::gate_sign_in::{Described, GateSignIn};
use crate::http::headers::RequestHeaders;

/// Where nginx finds the link: it takes no redirect from us.
const LINK: HeaderName = HeaderName::from_static("x-auth-redirect");
const PAGE_POLICY: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a request by a browser gets in place of a plain 401.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A page that can be gone to and come back to: straight to the sign-in.
    Redirect(String),
    /// A form that was sent, which a redirect would lose: a page with a link.
    Page(String),
}

impl Way {
    /// The way for a request, if it has one.
    pub(super) fn of(
        sign_in: Option<&GateSignIn>,
        reason: Reason,
        headers: &HeaderMap,
        facts: &dyn FactSource,
    ) -> Option<Self> {
        let sign_in = sign_in?;
        // A credential that is not good enough is no browser's.
        if !matches!(reason, Reason::NoCredential | Reason::SessionUnknown) {
            return None;
        }
        if !navigates(headers) {
            return None;
        }
        let Given::One(method) = facts.method() else {
            return None;
        };
        let (Given::One(host), Given::One(target)) = (facts.host(), facts.target()) else {
            return None;
        };
        let scheme = match facts.scheme() {
            Given::One(scheme) => Some(scheme),
            Given::Absent => None,
            Given::Conflict | Given::Untrusted => return None,
        };
        let link = sign_in.link(Described {
            scheme,
            host,
            target,
        })?;
        match method {
            b"GET" | b"HEAD" => Some(Self::Redirect(link)),
            _ => Some(Self::Page(link)),
        }
    }

    /// Turns a plain refusal into what the proxy passes on.
    pub(super) fn answer(self, dialect: Dialect, plain: HttpResponse) -> HttpResponse {
        match (self, dialect) {
            (Self::Redirect(link), Dialect::Nginx) => with(plain, LINK, &link),
            (Self::Redirect(link), Dialect::ForwardAuth | Dialect::ExtAuthz { .. }) => {
                let redirect = HttpResponse::Found()
                    .insert_header((header::CACHE_CONTROL, "no-store"))
                    .finish();
                carry_on(&plain, with(redirect, header::LOCATION, &link))
            }
            // nginx drops our body: its own page says 401.
            (Self::Page(_), Dialect::Nginx) => plain,
            (Self::Page(link), Dialect::ForwardAuth | Dialect::ExtAuthz { .. }) => {
                page(&plain, &link)
            }
        }
    }
}

/// Whether a request is for a page that its sender looks at.
fn navigates(headers: &HeaderMap) -> bool {
    let one = |name: &str| {
        let mut values = headers.get_all(name);
        let first = values.next().and_then(|value| value.to_str().ok());
        first.filter(|_| values.next().is_none())
    };
    let is = |name: &str, wanted: &str| !headers.contains_key(name) || one(name) == Some(wanted);
    let takes_pages = one("accept").is_some_and(|accept| accept.contains("text/html"));
    takes_pages
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document")
        && !headers.contains_key("x-requested-with")
        && !browser::is_websocket(&RequestHeaders(headers))
}

/// A field that can be none is no field: a link that we made always can.
fn with(mut answer: HttpResponse, name: HeaderName, value: &str) -> HttpResponse {
    if let Ok(value) = HeaderValue::try_from(value) {
        answer.headers_mut().insert(name, value);
    }
    answer
}

/// What a refusal says in its fields besides what it is about.
fn carry_on(plain: &HttpResponse, mut answer: HttpResponse) -> HttpResponse {
    for name in [
        header::WWW_AUTHENTICATE,
        HeaderName::from_static("x-request-id"),
    ] {
        for value in plain.headers().get_all(&name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}

fn page(plain: &HttpResponse, link: &str) -> HttpResponse {
    let body = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>Sign in</title></head>\
         <body><h1>You are not signed in</h1><p>What you sent was not taken. \
         <a href=\"{}\">Sign in</a>, then send it again.</p></body></html>\n",
        escaped(link)
    );
    let page = HttpResponseBuilder::new(StatusCode::UNAUTHORIZED)
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(body);
    carry_on(plain, page)
}

/// A link as an attribute in quotes holds it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn is_page(fields: &[(&str, &str)]) -> bool {
        let mut request = TestRequest::default();
        for (name, value) in fields {
            request = request.append_header((*name, *value));
        }
        navigates(request.to_http_request().headers())
    }

    #[test]
    fn only_a_page_that_somebody_looks_at_is_one() {
        let html = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
        for fields in [
            &[html][..],
            &[
                html,
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ],
        ] {
            assert!(is_page(fields), "{fields:?}");
        }
        for fields in [
            &[][..],
            &[("accept", "*/*")],
            &[("accept", "application/json")],
            &[("accept", "application/grpc")],
            &[html, ("sec-fetch-mode", "cors")],
            &[html, ("sec-fetch-mode", "websocket")],
            &[html, ("sec-fetch-dest", "iframe")],
            &[html, ("x-requested-with", "XMLHttpRequest")],
            &[html, ("upgrade", "websocket")],
            &[html, ("sec-websocket-key", "x")],
            &[html, html],
            &[
                html,
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-mode", "cors"),
            ],
        ] {
            assert!(!is_page(fields), "{fields:?}");
        }
    }
}
