//! What every answer to a browser says about itself.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// A page that may load, run and send nothing: for all that is not a page.
pub const NOTHING: &str =
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::PERMISSIONS_POLICY,
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), \
         gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
    ),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];

/// A year, as RFC 6797 counts. Only for this very host: what else lies on the
/// domain is not ours to promise for.
const STRICT_TRANSPORT: &str = "max-age=31536000";

/// Sets them.
#[derive(Clone, Copy, Debug, Default)]
pub struct SecurityHeaders {
    /// Whether people reach the portal by HTTPS: then they always shall.
    pub https: bool,
}

impl SecurityHeaders {
    /// Adds what is missing. A page with a content security policy or a cache
    /// time of its own has set it by now; all others get the strictest.
    pub fn complete(self, headers: &mut HeaderMap) {
        for (name, value) in FIXED {
            headers.insert(name, HeaderValue::from_static(value));
        }
        if self.https {
            let value = HeaderValue::from_static(STRICT_TRANSPORT);
            headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
        }
        for (name, value) in [
            (header::CONTENT_SECURITY_POLICY, NOTHING),
            (header::CACHE_CONTROL, "no-store"),
        ] {
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        }
    }
}
