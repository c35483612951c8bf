//! What every way of signing in ends with: a session, and its cookie.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::guard;
use super::super::parts::PortalParts;
use super::super::problems;
use super::cookie::{self, InRequest};
use super::forgery;
use crate::domain::audit::{Action, NewEvent};
use crate::domain::session::{Session, SessionCookie};
use crate::domain::subject::{Owner, Tenant};
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::identity::{Browser, HeldSession, SessionError, SignedIn};

/// Where to go after signing in.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "return_to": "/keys", "must_change_password": false }))]
pub(in crate::portal) struct SignInAnswer {
    /// A path of the portal, or an address on a host that is allowed.
    pub(in crate::portal) return_to: String,
    /// Whether nothing but a new password is accepted until there is one.
    pub(in crate::portal) must_change_password: bool,
}

/// A session that just began. Whoever answers the request hands the cookie on.
pub(in crate::portal) struct Started {
    /// The session.
    pub(in crate::portal) session: Session,
    /// The field with its cookie, for the answer.
    pub(in crate::portal) cookie: (HeaderName, HeaderValue),
}

/// Refuses what another's page sends in the name of a browser. For every
/// request that signs somebody in and has no session yet.
///
/// # Errors
/// Refuses such requests, and those that no cookie could be handed to safely.
pub(in crate::portal) fn from_our_page(
    request: &HttpRequest,
    parts: &PortalParts,
) -> Result<(), Problem> {
    forgery::check_origin(request, parts)?;
    admits_cookies(request, parts)
}

/// Begins a session for somebody who proved who they are.
///
/// # Errors
/// Refuses whoever is disabled, and where no cookie could be handed over safely.
pub(in crate::portal) async fn start(
    request: &HttpRequest,
    parts: &PortalParts,
    who: &SignedIn,
) -> Result<Started, Problem> {
    admits_cookies(request, parts)?;
    let former = match cookie::read(request, &parts.options) {
        Ok(InRequest::Cookie(former)) => Some(former),
        _ => None,
    };
    let browser = browser(request, parts);
    let begun = parts.sessions.begin(who, &browser, former.as_ref()).await;
    let (cookie, session) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            if matches!(error, SessionError::OwnerDisabled) {
                let event = event(
                    request,
                    parts,
                    Action::SessionRefused,
                    &who.tenant,
                    &who.owner,
                );
                let event = event.detail("method", who.method.as_str());
                parts.keys.audit().note(event).await;
            }
            return Err(problems::of_sessions(&error));
        }
    };
    note(request, parts, Action::SessionStarted, &session).await;
    hand_over(parts, &cookie, session)
}

/// Gives a session another cookie, which the answer carries; the former one is
/// over. For somebody who just proved once more who they are.
///
/// # Errors
/// Fails where the store does.
pub(in crate::portal) async fn renew(
    parts: &PortalParts,
    held: &HeldSession,
) -> Result<Started, Problem> {
    let (cookie, session) = parts
        .sessions
        .renew(held)
        .await
        .map_err(|error| problems::of_sessions(&error))?;
    hand_over(parts, &cookie, session)
}

fn hand_over(
    parts: &PortalParts,
    cookie: &SessionCookie,
    session: Session,
) -> Result<Started, Problem> {
    let lasts = parts.sessions.lifetimes().absolute;
    let cookie = cookie::setting(&parts.options, cookie, lasts)
        .ok_or_else(|| Problem::new(ProblemType::Internal, "the cookie is no header field"))?;
    Ok(Started { session, cookie })
}

impl Started {
    /// The answer to a page of ours, which goes there next.
    pub(in crate::portal) fn answer(self, parts: &PortalParts, wish: Option<&str>) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header(self.cookie)
            .json(SignInAnswer {
                return_to: parts.sign_in.return_addresses.settle(wish),
                must_change_password: self.session.must_change_password,
            })
    }
}

fn admits_cookies(request: &HttpRequest, parts: &PortalParts) -> Result<(), Problem> {
    if cookie::is_safe(&parts.options, request.head()) {
        return Ok(());
    }
    Err(Problem::new(
        ProblemType::InsecureConnection,
        "signing in takes HTTPS: set public_url to an https:// URL and come by way of it",
    ))
}

/// Writes down what happened to a session.
pub(super) async fn note(
    request: &HttpRequest,
    parts: &PortalParts,
    action: Action,
    session: &Session,
) {
    let mut event = event(request, parts, action, &session.tenant, &session.owner)
        .session(session.id.to_string())
        .detail("method", session.method.as_str());
    if let Some(provider) = &session.provider {
        event = event.detail("provider", provider);
    }
    parts.keys.audit().note(event).await;
}

fn event(
    request: &HttpRequest,
    parts: &PortalParts,
    action: Action,
    tenant: &Tenant,
    owner: &Owner,
) -> NewEvent {
    let origin = guard::origin(request, parts);
    NewEvent::new(action, tenant.clone(), owner.to_string(), &origin).owner(owner.clone())
}

/// What the browser says of itself, and where it is.
fn browser(request: &HttpRequest, parts: &PortalParts) -> Browser {
    let user_agent = request.headers().get(header::USER_AGENT);
    let user_agent = user_agent.and_then(|value| value.to_str().ok());
    Browser {
        user_agent: user_agent.unwrap_or_default().to_owned(),
        address: (parts.client_address)(request),
    }
}
