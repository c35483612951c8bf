//! The cookie: its name, how it is read, how it is set.
//!
//! By HTTPS its name begins with `__Host-`, so that browsers take it from this
//! very host alone, for all paths and never by plain HTTP (RFC 6265bis, section
//! 4.1.3.2). On plain HTTP it has another name and works on the machine's own
//! names only: nobody listens there.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::RequestHead;
use actix_web::http::header::{self, HeaderName, HeaderValue};

use super::super::parts::PortalOptions;
use crate::domain::session::SessionCookie;
use crate::http::cookies::{self, CookieTwice};
use crate::http::host;

const BY_HTTPS: &str = "__Host-gl_session";
const ON_LOOPBACK: &str = "gl_session";

fn name(options: &PortalOptions) -> &'static str {
    if options.security_headers.https {
        BY_HTTPS
    } else {
        ON_LOOPBACK
    }
}

/// Whether cookies are safe on the way that the request came.
pub(in crate::portal) fn is_safe(options: &PortalOptions, head: &RequestHead) -> bool {
    options.security_headers.https
        || head
            .headers()
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .is_some_and(host::is_loopback)
}

/// What the request carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum InRequest {
    /// No cookie of ours, or one that is not safe here.
    Nothing,
    /// One that is none by its shape.
    Malformed,
    /// One that may be good.
    Cookie(SessionCookie),
}

/// Reads the cookie.
pub(super) fn read(
    request: &HttpRequest,
    options: &PortalOptions,
) -> Result<InRequest, CookieTwice> {
    if !is_safe(options, request.head()) {
        return Ok(InRequest::Nothing);
    }
    let found = cookies::only(request.headers(), name(options))?;
    Ok(match found.map(SessionCookie::parse) {
        None => InRequest::Nothing,
        Some(None) => InRequest::Malformed,
        Some(Some(cookie)) => InRequest::Cookie(cookie),
    })
}

/// The field that hands a cookie to the browser; `None` where it cannot be a field.
pub(super) fn setting(
    options: &PortalOptions,
    cookie: &SessionCookie,
    lasts: Duration,
) -> Option<(HeaderName, HeaderValue)> {
    let text = cookie.text();
    let mut field = HeaderValue::try_from(format!(
        "{}={}; Max-Age={}{}",
        name(options),
        text.expose(),
        lasts.as_secs(),
        attributes(options),
    ))
    .ok()?;
    field.set_sensitive(true);
    Some((header::SET_COOKIE, field))
}

/// The field that takes it away.
pub(super) fn clearing(options: &PortalOptions) -> (HeaderName, HeaderValue) {
    let value = if options.security_headers.https {
        "__Host-gl_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "gl_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    };
    (header::SET_COOKIE, HeaderValue::from_static(value))
}

/// What all our cookies say besides.
pub(in crate::portal) fn attributes(options: &PortalOptions) -> &'static str {
    if options.security_headers.https {
        "; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}
