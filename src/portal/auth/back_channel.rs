//! A provider says that somebody left (OpenID Connect Back-Channel Logout 1.0).

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::guard::origin;
use super::super::openapi::ProblemBody;
use super::super::parts::PortalParts;
use super::only_value;
use crate::domain::audit::{Action, NewEvent};
use crate::domain::session::Session;
use crate::http::json::Body;
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::http::request_id;
use crate::identity::sign_in::BackChannelError;

/// What a provider sends, as a form.
#[derive(Deserialize, ToSchema)]
#[schema(example = json!({ "logout_token": "eyJ0eXAiOiJsb2dvdXQrand0Ii…" }))]
pub(in crate::portal) struct BackChannelLogout {
    /// A JWT of the provider that names a session, or a person.
    #[expect(dead_code, reason = "describes a form that is read without it")]
    logout_token: String,
}

/// End the sessions that a provider names.
///
/// For providers themselves: the `backchannel_logout_uri` to register there. The
/// token is the provider's word; it is taken once and within ten minutes.
#[utoipa::path(
    post, path = "/auth/{provider}/back-channel-logout", operation_id = "back_channel_logout", tag = "sign-in",
    security(()),
    request_body(content = BackChannelLogout, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The sessions are over"),
        (status = 400, description = "The token is refused", body = ProblemBody),
        (status = 404, description = "There is no such provider here", body = ProblemBody),
        (status = 503, description = "Nothing can be told or done at the moment: try again", body = ProblemBody),
    ),
)]
pub(in crate::portal) async fn end(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
    provider: web::Path<String>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let form = body.bytes().await?;
    let form = std::str::from_utf8(&form).unwrap_or_default();
    let token = only_value(form, "logout_token")
        .ok_or_else(|| refused("send one logout_token, as a form".to_owned()))?;
    let relying_party = parts.sign_in.relying_party.as_deref();
    let relying_party = relying_party
        .filter(|relying_party| relying_party.realm_of(&provider).is_some())
        .ok_or_else(|| Problem::new(ProblemType::NotFound, "nobody signs in there"))?;
    let ended = relying_party
        .back_channel_sign_out(&provider, &token, &parts.sessions)
        .await;
    match ended {
        Ok(sessions) => {
            for session in &sessions {
                note(&request, &parts, &provider, session).await;
            }
            Ok(HttpResponse::Ok()
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish())
        }
        Err(error) => Err(problem(&provider, &error)),
    }
}

fn problem(provider: &str, error: &BackChannelError) -> Problem {
    tracing::warn!(
        %error,
        provider,
        request.id = request_id::current(),
        "a provider's word that somebody left was not followed"
    );
    match error {
        BackChannelError::Refused(_) => refused(error.to_string()),
        BackChannelError::Unavailable(_) => Problem::unavailable(),
    }
}

/// With the member that OAuth knows (RFC 6749, section 5.2).
fn refused(detail: String) -> Problem {
    Problem::new(ProblemType::MalformedRequest, detail).with("error", "invalid_request".into())
}

async fn note(request: &HttpRequest, parts: &PortalParts, provider: &str, session: &Session) {
    let origin = origin(request, parts);
    let actor = format!("provider {provider}");
    let event = NewEvent::new(Action::SessionEnded, session.tenant.clone(), actor, &origin);
    let event = event
        .owner(session.owner.clone())
        .session(session.id.to_string())
        .detail("method", session.method.as_str())
        .detail("provider", provider);
    parts.keys.audit().note(event).await;
}
