//! The session of a browser: `/api/session`.

mod cookie;
mod forgery;
mod held;
pub(super) mod password;
mod start;
mod ways;

pub(super) use cookie::{attributes as cookie_attributes, is_safe};
pub(super) use forgery::check as check_forgery;
pub(super) use held::{Presented, present};
pub(super) use start::{SignInAnswer, from_our_page, renew, start};
pub use ways::{SignInParts, SignInProvider, SignInWays};

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::authenticate::Caller;
use super::me::Me;
use super::parts::PortalParts;
use super::problems;
use crate::domain::audit::Action;
use crate::domain::session::SignInMethod;
use crate::domain::subject::{Owner, Realm, Tenant};
use crate::http::headers::RequestHeaders;
use crate::http::json::Body;
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::identity::{HeldSession, Profile, SignedIn};

/// Whether somebody is signed in here, and how one could be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "signed_in": false,
    "me": null,
    "csrf": null,
    "session": null,
    "must_change_password": false,
    "ways": { "password": true, "dev_user": false, "providers": [{ "id": "corp", "name": "Example Corp" }] }
}))]
pub(super) struct SessionState {
    /// Whether somebody is.
    signed_in: bool,
    /// Who that is, as `GET /api/me` says it.
    #[schema(required)]
    me: Option<Me>,
    /// What to send in `X-CSRF-Token` with each request that changes something.
    #[schema(required)]
    csrf: Option<String>,
    /// The session; `null` also where a credential was sent instead of the cookie.
    #[schema(required)]
    session: Option<SessionTimes>,
    /// Whether nothing but a new password is accepted until there is one.
    must_change_password: bool,
    /// How one can sign in.
    ways: SignInWays,
}

/// The session of this browser.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SessionTimes {
    /// Its public name, which is not its cookie.
    id: String,
    /// When it began.
    created_at: String,
    /// When it ends, used or not.
    expires_at: String,
    /// When it ends if it is not used again.
    idle_expires_at: String,
}

impl SessionTimes {
    fn of(held: &HeldSession) -> Self {
        Self {
            id: held.session.id.to_string(),
            created_at: held.session.created_at.to_string(),
            expires_at: held.session.expires_at.to_string(),
            idle_expires_at: held.idle_expires_at.to_string(),
        }
    }
}

/// Is somebody signed in?
///
/// Also says which ways of signing in there are, to whoever asks.
#[utoipa::path(
    get, path = "/api/session", operation_id = "show_session", tag = "session",
    security(()),
    responses((status = 200, description = "The session, if there is one", body = SessionState)),
)]
pub(super) async fn show(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
) -> Result<HttpResponse, Problem> {
    let headers = RequestHeaders(request.headers());
    let mut state = SessionState {
        signed_in: false,
        me: None,
        csrf: None,
        session: None,
        must_change_password: false,
        ways: parts.sign_in.ways.clone(),
    };
    // A credential wins over the cookie, as everywhere.
    if let Ok(caller) = parts.authenticate.authenticate(&headers).await {
        state.signed_in = true;
        state.me = Some(Me::of(&caller, &parts));
        return Ok(HttpResponse::Ok().json(state));
    }
    let mut answer = HttpResponse::Ok();
    match present(&request, &parts).await? {
        Presented::Nothing => {}
        Presented::Ended => {
            answer.insert_header(cookie::clearing(&parts.options));
        }
        Presented::Held(held) => {
            state.signed_in = true;
            state.csrf = Some(held.cookie().csrf_token(parts.sessions.salts()));
            state.session = Some(SessionTimes::of(&held));
            state.must_change_password = held.session.must_change_password;
            state.me = Some(Me::of(&Caller::in_session(held), &parts));
        }
    }
    Ok(answer.json(state))
}

/// What became of signing out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "redirect": null }))]
pub(super) struct SignedOut {
    /// Where to go next to sign out at the provider, too.
    #[schema(required)]
    redirect: Option<String>,
}

/// Sign out here.
///
/// Ends the session of this browser and takes its cookie away. Where the
/// provider has a page for signing out there, too, `redirect` leads to it.
#[utoipa::path(
    delete, path = "/api/session", operation_id = "end_session", tag = "session",
    security(()),
    responses(
        (status = 200, description = "Signed out", body = SignedOut),
        (status = 403, description = "Not asked for by a page of ours", body = super::openapi::ProblemBody),
    ),
)]
pub(super) async fn end(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
) -> Result<HttpResponse, Problem> {
    let mut redirect = None;
    if let Presented::Held(held) = present(&request, &parts).await? {
        forgery::check(&request, &parts, &held)?;
        if let Some(providers) = &parts.sign_in.relying_party {
            let id_token = parts.sessions.id_token(&held);
            redirect = providers.way_out(&held.session, id_token.as_ref()).await;
        }
        parts
            .sessions
            .end(held.cookie())
            .await
            .map_err(|error| problems::of_sessions(&error))?;
        start::note(&request, &parts, Action::SessionEnded, &held.session).await;
    }
    let mut answer = HttpResponse::Ok();
    answer.insert_header(cookie::clearing(&parts.options));
    // Gates refuse its session already.
    let gates = parts.sign_in.gates.as_ref();
    if let Some(field) = gates.and_then(|gates| gates.clearing()) {
        answer.append_header(field);
    }
    Ok(answer.json(SignedOut { redirect }))
}

/// Where to go after signing in as the one name that everybody is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "return_to": "/keys" }))]
pub(super) struct DevSignIn {
    /// A path of the portal, or an address on a host that is allowed.
    #[serde(default)]
    return_to: Option<String>,
}

/// Sign in as the one name that everybody is.
///
/// For trying things out on one's own machine: only where `dev_user` is set, and
/// only without a proxy in between.
#[utoipa::path(
    post, path = "/api/session/dev", operation_id = "begin_dev_session", tag = "session",
    security(()),
    request_body = DevSignIn,
    responses(
        (status = 200, description = "Signed in", body = SignInAnswer),
        (status = 403, description = "Came by way of a proxy, or not from a page of ours", body = super::openapi::ProblemBody),
        (status = 404, description = "There is no such way here", body = super::openapi::ProblemBody),
    ),
)]
pub(super) async fn begin_dev(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
    body: Body,
) -> Result<HttpResponse, Problem> {
    let Some(name) = parts.sign_in.dev_user.clone() else {
        return Err(Problem::new(
            ProblemType::NotFound,
            "dev_user is not set here",
        ));
    };
    from_our_page(&request, &parts)?;
    if ways::came_by_proxy(request.headers()) {
        tracing::warn!(
            decision.reason = "forwarded_dev_user",
            "dev_user refused a request of a proxy"
        );
        return Err(Problem::new(
            ProblemType::InsufficientRights,
            "dev_user works without a proxy in between only",
        ));
    }
    let wish: DevSignIn = body.json_or_default().await?.value;
    let owner = Owner::from_record(Realm::local().as_str(), name.as_str())
        .map_err(|_| Problem::new(ProblemType::Internal, "dev_user is no name"))?;
    let who = SignedIn {
        tenant: Tenant::default(),
        owner,
        profile: Profile {
            admin: true,
            name: Some(name.to_string()),
            ..Profile::default()
        },
        scopes: Vec::new(),
        method: SignInMethod::DevUser,
        provider: None,
        must_change_password: false,
    };
    let started = start(&request, &parts, &who).await?;
    Ok(started.answer(&parts, wish.return_to.as_deref()))
}
