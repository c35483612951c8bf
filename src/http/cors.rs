//! Cross-origin requests (the Fetch standard, section 3.3): off unless the
//! operator names the origins. No cookie is ever part of them.

use actix_web::HttpResponse;
use actix_web::dev::RequestHead;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};

const METHODS: &str = "GET, POST, PATCH, DELETE, OPTIONS";
const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key";
/// What a script of another origin may read of an answer.
const ANSWER_HEADERS: &str =
    "link, location, retry-after, www-authenticate, x-request-id, x-revocation";
const PREFLIGHT_SECONDS: u32 = 3600;

/// Whose scripts may call the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cors {
    /// Those of any page. Harmless by itself: browsers send no cookie along, as
    /// answers do not allow it, and forged requests are refused.
    AnyOrigin,
    /// Those of these origins (`https://app.example.org`), compared exactly.
    Origins(Vec<String>),
}

impl Cors {
    /// Reads a list of origins; `*` among them stands for any.
    pub fn of(origins: Vec<String>) -> Self {
        if origins.iter().any(|origin| origin == "*") {
            Self::AnyOrigin
        } else {
            Self::Origins(origins)
        }
    }

    /// The answer to a preflight, if the request is one. It asks what would be
    /// allowed, so it carries no credential and reaches no handler.
    pub fn preflight(head: &RequestHead) -> Option<HttpResponse> {
        let is_preflight = head.method == Method::OPTIONS
            && head.headers().contains_key(header::ORIGIN)
            && head
                .headers()
                .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        is_preflight.then(|| {
            HttpResponse::NoContent()
                .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
                .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS))
                .insert_header((header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS))
                .finish()
        })
    }

    /// What to allow the origin of a request, if anything.
    pub fn allowed(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let origin = request.get(header::ORIGIN)?;
        match self {
            Self::AnyOrigin => Some(HeaderValue::from_static("*")),
            Self::Origins(known) => known
                .iter()
                .any(|known| known.as_bytes() == origin.as_bytes())
                .then(|| origin.clone()),
        }
    }

    /// Adds what an answer says to that origin. With a list, caches must keep
    /// the answers for different origins apart, also those without an origin.
    pub fn complete(&self, allowed: Option<HeaderValue>, answer: &mut HeaderMap) {
        if matches!(self, Self::Origins(_)) {
            answer.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        if let Some(origin) = allowed {
            answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            let exposed = HeaderValue::from_static(ANSWER_HEADERS);
            answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn allowed(cors: &Cors, origin: &str) -> Option<HeaderValue> {
        let request = TestRequest::default()
            .insert_header((header::ORIGIN, origin))
            .to_http_request();
        cors.allowed(request.headers())
    }

    #[test]
    fn only_the_very_origin_is_allowed() {
        let cors = Cors::Origins(vec!["https://app.example.org".to_owned()]);
        assert_eq!(
            allowed(&cors, "https://app.example.org").unwrap(),
            "https://app.example.org"
        );
        for other in [
            "https://app.example.org:8443",
            "http://app.example.org",
            "https://app.example.org.evil.example",
            "null",
        ] {
            assert_eq!(allowed(&cors, other), None, "{other}");
        }
        assert_eq!(allowed(&Cors::AnyOrigin, "null").unwrap(), "*");
    }

    #[test]
    fn a_preflight_has_an_origin_and_a_wish() {
        let plain = TestRequest::default().method(Method::OPTIONS);
        assert!(Cors::preflight(plain.to_http_request().head()).is_none());
        let preflight = TestRequest::default()
            .method(Method::OPTIONS)
            .insert_header((header::ORIGIN, "https://app.example.org"))
            .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "DELETE"))
            .to_http_request();
        let answer = Cors::preflight(preflight.head()).unwrap();
        assert_eq!(answer.status(), 204);
        assert_eq!(
            answer.headers().get("access-control-max-age").unwrap(),
            "3600"
        );
    }
}
