//! RFC 9457: what goes wrong over HTTP has one shape.
//!
//! Besides the members of the standard the body carries `message`, which
//! clients of rusty-valkey-forward-auth read, and `request_id`, which leads to
//! the log.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU32;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;

use super::problem_type::ProblemType;
use super::request_id;

/// The content type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json";
/// After how many seconds to try again where nothing could be decided.
pub const RETRY_AFTER_SECONDS: u32 = 1;
const TYPE_PREFIX: &str = "urn:gatelodge:problem:";

/// Something that went wrong, ready to be answered.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: ProblemType,
    detail: Cow<'static, str>,
    message: Option<&'static str>,
    field: Option<Cow<'static, str>>,
    challenges: Vec<HeaderValue>,
    retry_after: Option<NonZeroU32>,
    extensions: serde_json::Map<String, serde_json::Value>,
}

/// The body on the wire.
#[derive(Serialize)]
struct Body<'b> {
    r#type: Cow<'b, str>,
    title: Cow<'b, str>,
    status: u16,
    detail: Cow<'b, str>,
    message: Cow<'b, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<Cow<'b, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Cow<'b, str>>,
    #[serde(flatten)]
    extensions: Cow<'b, serde_json::Map<String, serde_json::Value>>,
}

impl Problem {
    /// A problem of that type; `detail` says to a person what is wrong here and
    /// what would be right, and never holds anything secret.
    pub fn new(kind: ProblemType, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            message: None,
            field: None,
            challenges: Vec::new(),
            retry_after: None,
            extensions: serde_json::Map::new(),
        }
    }

    /// A field that cannot be accepted as it is.
    pub fn field(name: impl Into<Cow<'static, str>>, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            field: Some(name.into()),
            ..Self::new(ProblemType::InvalidField, detail)
        }
    }

    /// Nothing could be decided or done.
    pub fn unavailable() -> Self {
        Self::new(
            ProblemType::Unavailable,
            "the service cannot decide at the moment; try again shortly",
        )
    }

    /// The short text that clients of the former service expect in `message`,
    /// where it differs from `detail`.
    #[must_use]
    pub fn message(mut self, message: &'static str) -> Self {
        self.message = Some(message);
        self
    }

    /// Adds a `WWW-Authenticate` field (RFC 9110, section 11.6.1).
    #[must_use]
    pub fn challenge(mut self, challenge: HeaderValue) -> Self {
        self.challenges.push(challenge);
        self
    }

    /// After how many seconds to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = NonZeroU32::new(seconds);
        self
    }

    /// Adds a member for machines (RFC 9457, section 3.2).
    #[must_use]
    pub fn with(mut self, name: &str, value: serde_json::Value) -> Self {
        self.extensions.insert(name.to_owned(), value);
        self
    }

    /// The type.
    pub fn kind(&self) -> ProblemType {
        self.kind
    }

    /// The answer, with an id that leads to the log.
    pub fn answer(&self, request_id: Option<&str>) -> HttpResponse {
        let body = Body {
            r#type: format!("{TYPE_PREFIX}{}", self.kind.slug()).into(),
            title: self.kind.title().into(),
            status: self.kind.status().as_u16(),
            detail: Cow::Borrowed(&self.detail),
            message: self
                .message
                .map_or(Cow::Borrowed(&*self.detail), Cow::Borrowed),
            field: self.field.as_deref().map(Cow::Borrowed),
            request_id: request_id.map(Cow::Borrowed),
            extensions: Cow::Borrowed(&self.extensions),
        };
        let mut answer = HttpResponseBuilder::new(self.kind.status());
        answer.insert_header((header::CONTENT_TYPE, CONTENT_TYPE));
        answer.insert_header((header::CACHE_CONTROL, "no-store"));
        for challenge in &self.challenges {
            answer.append_header((header::WWW_AUTHENTICATE, challenge.clone()));
        }
        if let Some(seconds) = self.retry_after {
            answer.insert_header((header::RETRY_AFTER, seconds.get()));
        } else if self.kind.status() == StatusCode::SERVICE_UNAVAILABLE {
            answer.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
        }
        if let Some(id) = request_id {
            answer.insert_header((request_id::HEADER, id));
        }
        // Texts and numbers always serialise.
        answer.body(serde_json::to_vec(&body).unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.slug(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status()
    }

    fn error_response(&self) -> HttpResponse {
        self.answer(request_id::current().as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn the_body_is_of_the_standards_shape_and_keeps_the_seeds_message() {
        let problem = Problem::new(ProblemType::MissingCredential, "send a key")
            .message("missing token")
            .challenge(HeaderValue::from_static("Bearer"));
        let answer = problem.answer(Some("r-1"));
        assert_eq!(answer.status(), 401);
        assert_eq!(answer.headers().get("content-type").unwrap(), CONTENT_TYPE);
        assert_eq!(answer.headers().get("www-authenticate").unwrap(), "Bearer");
        let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        insta::assert_json_snapshot!(body, @r#"
        {
          "detail": "send a key",
          "message": "missing token",
          "request_id": "r-1",
          "status": 401,
          "title": "No credential was presented",
          "type": "urn:gatelodge:problem:missing-credential"
        }
        "#);
    }

    #[test]
    fn names_are_unique() {
        let mut slugs: Vec<_> = ProblemType::ALL.iter().map(|kind| kind.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), ProblemType::ALL.len());
    }
}
