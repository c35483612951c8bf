//! The one table of problems: what can go wrong over HTTP, under a name that
//! stays. `docs/reference/problems.md` is made from it.

use actix_web::http::StatusCode;

/// Builds the enum and its table together, so that no problem lacks a line.
macro_rules! problem_types {
    ($($(#[doc = $doc:literal])* $variant:ident = $slug:literal, $status:ident, $title:literal;)*) => {
        /// What went wrong, by a name that clients can rely on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ProblemType {
            $($(#[doc = $doc])* $variant,)*
        }

        impl ProblemType {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name: the last part of the problem's `type`.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug,)* }
            }

            /// The status that goes with it.
            pub fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status,)* }
            }

            /// What it is, in a few words (RFC 9457, section 3.1.3).
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// What it means and what to do, for the documentation.
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),*),)* }
            }
        }
    };
}

problem_types! {
    /// The request carries no credential. Send an API key or a token, for example as `Authorization: Bearer …`.
    MissingCredential = "missing-credential", UNAUTHORIZED, "No credential was presented";
    /// The credential does not open this gate: unknown, expired, revoked, disabled or not made for it. The answer is the same for all of these; the log says which, under the request id.
    InvalidCredential = "invalid-credential", UNAUTHORIZED, "The credential is not valid here";
    /// The session of this browser ended, or its owner was disabled. Sign in again.
    SessionEnded = "session-ended", UNAUTHORIZED, "The session is over";
    /// Nobody was signed in: an unknown name, a wrong password, or somebody who may not sign in. The answer is the same for all of these.
    SignInRefused = "sign-in-refused", UNAUTHORIZED, "Signing in was refused";
    /// Too many failures to sign in, under this name or from this network. `Retry-After` says when to try again.
    TooManyTries = "too-many-tries", TOO_MANY_REQUESTS, "Too many failures";
    /// The one-time link was used, ran out, was replaced by a newer one, or never was. Ask an administrator for a new one.
    LinkInvalid = "link-invalid", NOT_FOUND, "The link is not valid";
    /// The request has the cookie of a session, and nothing shows that a page of the portal made it. Send the token of `GET /api/session` in `X-CSRF-Token`, from a page of the same origin.
    ForgedRequest = "forged-request", FORBIDDEN, "The request may be forged";
    /// Signing in takes HTTPS, or a browser on the same machine. Set `public_url` to the `https://` URL under which people reach the service.
    InsecureConnection = "insecure-connection", FORBIDDEN, "Signing in takes HTTPS";
    /// Set a new password first; until then the session opens nothing else.
    PasswordChangeRequired = "password-change-required", FORBIDDEN, "A new password is needed first";
    /// The credential is valid, and it lacks a scope, a group or a role that is asked for.
    InsufficientRights = "insufficient-rights", FORBIDDEN, "The credential is good but not enough";
    /// The request presents two different credentials, or one header with a credential twice. Send one.
    ConflictingCredentials = "conflicting-credentials", BAD_REQUEST, "More than one credential was presented";
    /// The request contradicts itself or cannot be read: see `detail`.
    MalformedRequest = "malformed-request", BAD_REQUEST, "The request cannot be read";
    /// A field of the request has a value that cannot be accepted: `field` names it, `detail` says what would do.
    InvalidField = "invalid-field", BAD_REQUEST, "A field has a value that cannot be accepted";
    /// There is no such thing, or it belongs to somebody else: the two are not told apart.
    NotFound = "not-found", NOT_FOUND, "There is no such thing here";
    /// The path exists, the method is not one of those in `Allow`.
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "The method is not allowed here";
    /// The thing changed at the same time, or is not in a state for this: read it again.
    Conflict = "conflict", CONFLICT, "The state of things does not allow this";
    /// The owner has as many keys as allowed. Revoke one, or ask the operator for `keys.per_owner_max`.
    KeyLimit = "key-limit", CONFLICT, "No more keys are allowed";
    /// The request is addressed to a name that the portal does not answer to. Use the one in `public_url`, or add the name to `allowed_hosts`.
    MisdirectedRequest = "misdirected-request", MISDIRECTED_REQUEST, "This is not the host that was asked for";
    /// The body is larger than accepted.
    TooLarge = "too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    /// The body is not JSON, or does not say so in `Content-Type`.
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body is not JSON";
    /// The `Idempotency-Key` was used for another request before. Use a new one for each thing you want done.
    IdempotencyMismatch = "idempotency-mismatch", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used for something else";
    /// Nothing could be decided or done: the store, an issuer or the clock is not available. Nothing passes meanwhile. Try again after `Retry-After` seconds.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The service cannot decide at the moment";
    /// A fault of ours. The log has the details under the request id.
    Internal = "internal", INTERNAL_SERVER_ERROR, "The service has a fault";
}

/// The page about all problems: `docs/reference/problems.md`.
pub fn reference() -> String {
    let mut page = String::from(
        "# Problems\n\nWhat goes wrong over HTTP is answered as `application/problem+json` \
         (RFC 9457). `type` is `urn:gatelodge:problem:` and one of the names below, which stay; \
         `detail` says what is wrong in this case and what would be right; `field` names the \
         field that it is about; `request_id` leads to the log; `message` is what clients of \
         rusty-valkey-forward-auth read.\n\nThis page is generated: \
         `GATELODGE_WRITE_REFERENCE=1 cargo test reference` writes it anew.\n\n\
         | type | status | meaning |\n| --- | --- | --- |\n",
    );
    for kind in ProblemType::ALL {
        let line = format!(
            "| `{}` | {} | **{}.** {} |\n",
            kind.slug(),
            kind.status().as_u16(),
            kind.title(),
            kind.explanation().trim(),
        );
        page.push_str(&line);
    }
    page
}

/// Asserts that a committed file is what the code would write, or writes it
/// where `GATELODGE_WRITE_REFERENCE` asks for that.
#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a test's own switch, not a setting"
)]
pub(crate) fn assert_fresh(path: &std::path::Path, wanted: &str) {
    if std::env::var_os("GATELODGE_WRITE_REFERENCE").is_some() {
        std::fs::write(path, wanted).unwrap();
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == wanted,
        "{} is stale: run GATELODGE_WRITE_REFERENCE=1 cargo test reference",
        path.display()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_reference_is_fresh() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference");
        assert_fresh(&folder.join("problems.md"), &reference());
    }
}
