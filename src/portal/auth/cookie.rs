//! The cookie that a sign-in at a provider is bound to, for as long as that may
//! take. Lax, since providers send browsers back here from their own pages.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName, HeaderValue};

use super::super::parts::PortalOptions;
use super::super::session::cookie_attributes;
use crate::http::cookies;
use crate::identity::sign_in::{BrowserCookie, LIFE};

const BY_HTTPS: &str = "__Host-gl_sign_in";
const ON_LOOPBACK: &str = "gl_sign_in";

fn name(options: &PortalOptions) -> &'static str {
    if options.security_headers.https {
        BY_HTTPS
    } else {
        ON_LOOPBACK
    }
}

/// The cookie of a request; `None` also where there are two.
pub(super) fn read(request: &HttpRequest, options: &PortalOptions) -> Option<BrowserCookie> {
    let found = cookies::only(request.headers(), name(options)).ok()?;
    found.and_then(BrowserCookie::parse)
}

/// The field that hands it to the browser; `None` where it cannot be a field.
pub(super) fn setting(
    options: &PortalOptions,
    cookie: &BrowserCookie,
) -> Option<(HeaderName, HeaderValue)> {
    let text = cookie.text();
    let mut field = HeaderValue::try_from(format!(
        "{}={}; Max-Age={}{}",
        name(options),
        text.expose(),
        LIFE.as_secs(),
        cookie_attributes(options),
    ))
    .ok()?;
    field.set_sensitive(true);
    Some((header::SET_COOKIE, field))
}
