//! What a refusal asks for: `WWW-Authenticate` (RFC 9110, section 11.6.1).

use actix_web::http::header::HeaderValue;

use crate::domain::subject::Scope;

/// No credential was presented: the scheme alone, without an error code
/// (RFC 6750, section 3.1).
pub fn bearer() -> HeaderValue {
    HeaderValue::from_static("Bearer realm=\"gatelodge\"")
}

/// A credential was presented, and it proves nobody.
pub fn invalid_token() -> HeaderValue {
    HeaderValue::from_static("Bearer realm=\"gatelodge\", error=\"invalid_token\"")
}

/// The scheme that some clients wait for before they send anything (RFC 7617).
pub fn basic() -> HeaderValue {
    HeaderValue::from_static("Basic realm=\"gatelodge\", charset=\"UTF-8\"")
}

/// The credential is good, and another scope is needed.
pub fn insufficient_scope(wanted: &[Scope]) -> HeaderValue {
    let names: Vec<&str> = wanted.iter().map(Scope::as_str).collect();
    let text = format!(
        "Bearer realm=\"gatelodge\", error=\"insufficient_scope\", scope=\"{}\"",
        names.join(" ")
    );
    // A scope holds neither quotes nor anything but visible ASCII.
    HeaderValue::try_from(text).unwrap_or_else(|_| bearer())
}
