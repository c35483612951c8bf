//! JSON bodies: bounded, and refused with the place of the fault.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::problem::Problem;
use super::problem_type::ProblemType;

/// Largest body, in bytes: generous for any request of the API.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// A body that has not been read. As a parameter of a handler it is there at
/// once, so that a caller is judged before a single byte of it is looked at.
pub struct Body {
    is_json: bool,
    payload: Payload,
}

/// What a body says, and the bytes that say it.
#[derive(Debug)]
pub struct Parsed<T> {
    /// The meaning.
    pub value: T,
    /// The bytes.
    pub raw: Bytes,
}

impl FromRequest for Body {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Ok(Self {
            is_json: says_json(request.headers()),
            payload: payload.take(),
        }))
    }
}

impl Body {
    /// Reads and parses the body, which must be there.
    ///
    /// # Errors
    /// A problem that says what is wrong with it, and where.
    pub async fn json<T: DeserializeOwned>(self) -> Result<Parsed<T>, Problem> {
        if !self.is_json {
            return Err(Problem::new(
                ProblemType::UnsupportedMediaType,
                "the body must be JSON, with Content-Type: application/json",
            ));
        }
        let raw = read(self.payload).await?;
        let value = parse(&raw)?;
        Ok(Parsed { value, raw })
    }

    /// The same where no body at all means the default.
    ///
    /// # Errors
    /// As [`Body::json`].
    pub async fn json_or_default<T>(self) -> Result<Parsed<T>, Problem>
    where
        T: DeserializeOwned + Default,
    {
        if self.is_json {
            return self.json().await;
        }
        let raw = read(self.payload).await?;
        if raw.is_empty() {
            let value = T::default();
            return Ok(Parsed { value, raw });
        }
        Err(Problem::new(
            ProblemType::UnsupportedMediaType,
            "the body, if there is one, must be JSON, with Content-Type: application/json",
        ))
    }

    /// The body as it is, for what is no JSON.
    ///
    /// # Errors
    /// As [`Body::json`], but for the content.
    pub async fn bytes(self) -> Result<Bytes, Problem> {
        read(self.payload).await
    }
}

/// Whether the type is `application/json` or ends in `+json`, with whatever parameters.
fn says_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers
        .get(header::CONTENT_TYPE)
        .map(header::HeaderValue::to_str)
    else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or(value).trim();
    let essence = essence.to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

async fn read(mut payload: Payload) -> Result<Bytes, Problem> {
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::new(
                ProblemType::MalformedRequest,
                "the body did not arrive in full",
            )
        })?;
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            return Err(Problem::new(
                ProblemType::TooLarge,
                format!("the body must not be larger than {BODY_BYTES_MAX} bytes"),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // The derived parser also takes lists, by the order of fields in the code.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::new(
            ProblemType::MalformedRequest,
            "the body must be a JSON object",
        ));
    }
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut parser).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        match cause.classify() {
            Category::Data if path != "." => Problem::field(path, cause.to_string()),
            Category::Data => Problem::new(ProblemType::MalformedRequest, cause.to_string()),
            Category::Io | Category::Syntax | Category::Eof => not_json(&cause),
        }
    })?;
    parser.end().map_err(|cause| not_json(&cause))?;
    Ok(value)
}

fn not_json(cause: &serde_json::Error) -> Problem {
    let detail = format!("the body is not JSON: {cause}");
    Problem::new(ProblemType::MalformedRequest, detail)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Wish {
        #[serde(default)]
        scopes: Vec<String>,
    }

    async fn body(content_type: &str, body: &str) -> Body {
        let (request, mut payload) = TestRequest::default()
            .insert_header((header::CONTENT_TYPE, content_type))
            .set_payload(body.to_owned())
            .to_http_parts();
        let Ok(body) = Body::from_request(&request, &mut payload).await;
        body
    }

    async fn fault(text: &str) -> String {
        let body = body("application/json", text).await;
        body.json::<Wish>().await.unwrap_err().to_string()
    }

    #[actix_web::test]
    async fn a_fault_is_named_with_its_place() {
        insta::assert_snapshot!(fault(r#"{"scopes": ["a", 7]}"#).await, @"invalid-field: invalid type: integer `7`, expected a string at line 1 column 18");
        insta::assert_snapshot!(fault(r#"{"scope": []}"#).await, @"invalid-field: unknown field `scope`, expected `scopes` at line 1 column 8");
        insta::assert_snapshot!(fault(r#"{"scopes": []"#).await, @"malformed-request: the body is not JSON: EOF while parsing an object at line 1 column 13");
        insta::assert_snapshot!(fault("").await, @"malformed-request: the body is not JSON: EOF while parsing a value at line 1 column 0");
        insta::assert_snapshot!(fault("{} {}").await, @"malformed-request: the body is not JSON: trailing characters at line 1 column 4");
        insta::assert_snapshot!(fault(" [[]]").await, @"malformed-request: the body must be a JSON object");
        insta::assert_snapshot!(fault("7").await, @"malformed-request: invalid type: integer `7`, expected struct Wish at line 1 column 1");
    }

    #[actix_web::test]
    async fn a_body_is_bounded() {
        let text = format!(r#"{{"scopes": ["{}"]}}"#, "x".repeat(BODY_BYTES_MAX));
        assert!(fault(&text).await.starts_with("too-large"));
    }

    #[actix_web::test]
    async fn a_body_says_that_it_is_json() {
        for good in [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/merge-patch+json",
        ] {
            let parsed = body(good, "{}").await.json::<Wish>().await;
            assert_eq!(parsed.unwrap().value, Wish::default(), "{good}");
        }
        for bad in ["", "text/plain", "text/json", "application/x-json"] {
            let problem = body(bad, "{}").await.json::<Wish>().await.unwrap_err();
            assert_eq!(problem.kind(), ProblemType::UnsupportedMediaType, "{bad}");
        }
        let none = body("", "").await.json_or_default::<Wish>().await;
        assert_eq!(none.unwrap().value, Wish::default());
        assert!(
            body("", "{}")
                .await
                .json_or_default::<Wish>()
                .await
                .is_err()
        );
    }
}
