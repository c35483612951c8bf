//! Decisions as Envoy's messages. The status of the message decides, never that
//! of the answer to the client within it; a message without one would be leave.

use std::collections::BTreeMap;

use actix_web::body::MessageBody as _;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue as HttpHeaderValue};
use prost_types::value::Kind;
use prost_types::{ListValue, Struct, Value};
use tonic::Code;

use super::protos::envoy::config::core::v3::header_value_option::HeaderAppendAction;
use super::protos::envoy::config::core::v3::{HeaderValue, HeaderValueOption};
use super::protos::envoy::service::auth::v3::check_response::HttpResponse;
use super::protos::envoy::service::auth::v3::{CheckResponse, DeniedHttpResponse, OkHttpResponse};
use super::protos::envoy::r#type::v3::HttpStatus;
use super::protos::google::rpc::Status;
use crate::domain::decision::Permit;
use crate::domain::identity_headers::IdentityHeaders;
use crate::domain::reason::Reason;
use crate::domain::subject::Scope;

/// A yes with every identity header: those with a value in place of whatever
/// the client sent, those without taken off.
pub(super) fn allow(
    permit: &Permit,
    identity: &IdentityHeaders,
    strip: &[Box<str>],
    gate: &str,
) -> Result<CheckResponse, Reason> {
    let mut ok = OkHttpResponse::default();
    for (name, value) in identity.values(permit) {
        let name = name.to_ascii_lowercase();
        if value.is_empty() {
            ok.headers_to_remove.push(name);
            continue;
        }
        // What HTTP cannot carry is a fault, and a fault is no allow.
        HttpHeaderValue::from_bytes(value.as_bytes()).map_err(|_| Reason::Fault)?;
        ok.headers.push(set(name, value.into_owned()));
    }
    let taken_off = strip.iter().map(|name| name.to_ascii_lowercase());
    ok.headers_to_remove.extend(taken_off);
    Ok(CheckResponse {
        status: Some(status(Code::Ok, "")),
        dynamic_metadata: Some(told(permit, gate)),
        http_response: Some(HttpResponse::OkResponse(ok)),
    })
}

/// A refusal as the client shall see it. What could not be decided is a refusal,
/// too: an answer that names its status passes under no setting of Envoy's.
pub(super) fn refuse(answer: actix_web::HttpResponse, reason: Reason, gate: &str) -> CheckResponse {
    let meant = answer.status();
    let headers = answer
        .headers()
        .iter()
        .filter(|(name, _)| *name != header::CONTENT_LENGTH)
        .filter_map(|(name, value)| {
            let value = value.to_str().ok()?;
            Some(set(name.as_str().to_owned(), value.to_owned()))
        })
        .collect();
    let body = answer.into_body().try_into_bytes().unwrap_or_default();
    let denied = DeniedHttpResponse {
        status: Some(HttpStatus {
            code: i32::from(meant.as_u16()),
        }),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let metadata = [("gate", text(gate)), ("reason", text(reason.as_str()))];
    CheckResponse {
        status: Some(status(code(meant), "refused")),
        dynamic_metadata: Some(structure(metadata)),
        http_response: Some(HttpResponse::DeniedResponse(denied)),
    }
}

/// For Envoy's access log and rate limits, in the filter's name space.
fn told(permit: &Permit, gate: &str) -> Struct {
    let Some(identity) = permit.identity() else {
        return structure([("gate", text(gate))]);
    };
    let scopes = identity.scopes.iter().map(Scope::as_str).map(text);
    let scopes = Kind::ListValue(ListValue {
        values: scopes.collect(),
    });
    let key_id = identity.key_id.map(|id| ("key_id", text(&id.to_string())));
    let always = [
        ("gate", text(gate)),
        ("subject", text(&identity.owner.qualified())),
        ("tenant", text(identity.tenant.as_str())),
        ("method", text(identity.method.as_str())),
        ("scopes", Value { kind: Some(scopes) }),
    ];
    structure(always.into_iter().chain(key_id))
}

fn structure<'k>(fields: impl IntoIterator<Item = (&'k str, Value)>) -> Struct {
    let fields = fields
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    Struct {
        fields: fields.collect::<BTreeMap<_, _>>(),
    }
}

fn text(text: &str) -> Value {
    Value {
        kind: Some(Kind::StringValue(text.to_owned())),
    }
}

fn status(code: Code, message: &str) -> Status {
    Status {
        code: code.into(),
        message: message.to_owned(),
        details: Vec::new(),
    }
}

/// The code for a refusal; never that of a yes.
fn code(status: StatusCode) -> Code {
    match status {
        // To the sign-in.
        StatusCode::FOUND | StatusCode::UNAUTHORIZED => Code::Unauthenticated,
        StatusCode::BAD_REQUEST => Code::InvalidArgument,
        StatusCode::TOO_MANY_REQUESTS => Code::ResourceExhausted,
        status if status.is_server_error() => Code::Unavailable,
        _ => Code::PermissionDenied,
    }
}

/// In place of what stands there. Versions of Envoy differ in which of the two
/// members they read, and in what its absence means.
#[expect(deprecated, reason = "older versions read nothing else")]
fn set(key: String, value: String) -> HeaderValueOption {
    HeaderValueOption {
        header: Some(HeaderValue {
            key,
            value,
            raw_value: Vec::new(),
        }),
        append: Some(false),
        append_action: HeaderAppendAction::OverwriteIfExistsOrAdd.into(),
        keep_empty_value: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Challenge;
    use crate::proxy::answer as http_answer;

    /// envoy#9177: a message without a status is leave.
    #[test]
    fn no_refusal_has_the_status_of_a_yes() {
        for reason in Reason::ALL {
            let plain = http_answer::refuse(&(*reason).into(), Challenge::default());
            let answer = refuse(plain.answer(Some("r-1")), *reason, "g");
            let status = answer.status.unwrap();
            assert_ne!(status.code, 0, "{reason:?}");
            let Some(HttpResponse::DeniedResponse(denied)) = answer.http_response else {
                panic!("{reason:?}")
            };
            let meant = denied.status.unwrap().code;
            assert!(meant >= 400, "{reason:?}");
            assert_eq!(
                i32::from(code(
                    StatusCode::from_u16(u16::try_from(meant).unwrap()).unwrap()
                )),
                status.code
            );
        }
    }

    #[test]
    fn each_status_has_the_code_that_says_the_same() {
        for (status, expected) in [
            (400, Code::InvalidArgument),
            (401, Code::Unauthenticated),
            (403, Code::PermissionDenied),
            (429, Code::ResourceExhausted),
            (500, Code::Unavailable),
            (503, Code::Unavailable),
            (302, Code::Unauthenticated),
            (404, Code::PermissionDenied),
        ] {
            assert_eq!(code(StatusCode::from_u16(status).unwrap()), expected);
        }
    }
}
