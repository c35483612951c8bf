//! One's own sessions: `/api/me/sessions`.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::super::guard::{ActInPerson, Guard};
use super::super::problems;
use crate::domain::session::{Session, SessionId};
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;

/// A browser that somebody is signed in with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "Xk29dLw0QpZr81Tn",
    "current": true,
    "browser": "Firefox",
    "system": "Linux",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "address": "192.0.2.7",
    "method": "oidc",
    "provider": "corp",
    "created_at": "2026-11-24T12:00:00Z",
    "last_seen_at": "2026-11-24T12:41:00Z",
    "expires_at": "2026-12-01T12:00:00Z"
}))]
pub(in crate::portal) struct SessionView {
    /// Its public name.
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    /// The browser, as far as it can be told.
    #[schema(required)]
    browser: Option<&'static str>,
    /// The operating system, likewise.
    #[schema(required)]
    system: Option<&'static str>,
    /// What the browser calls itself.
    user_agent: String,
    /// The address that they signed in from.
    #[schema(required)]
    address: Option<String>,
    /// How they signed in: `password`, `oidc` or `dev_user`.
    method: &'static str,
    /// At which provider, where it was one.
    #[schema(required)]
    provider: Option<String>,
    /// When they signed in.
    created_at: String,
    /// When it was last used, to the minute.
    last_seen_at: String,
    /// When it ends, used or not.
    expires_at: String,
}

impl SessionView {
    pub(in crate::portal) fn of(session: &Session, current: Option<SessionId>) -> Self {
        let device = session.device();
        Self {
            id: session.id.to_string(),
            current: current == Some(session.id),
            browser: device.browser,
            system: device.system,
            user_agent: session.user_agent.clone(),
            address: session.address.clone(),
            method: session.method.as_str(),
            provider: session.provider.clone(),
            created_at: session.created_at.to_string(),
            last_seen_at: session.last_seen_at.to_string(),
            expires_at: session.expires_at.to_string(),
        }
    }
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "ended": 2 }))]
pub(in crate::portal) struct SessionsEnded {
    /// How many.
    pub(in crate::portal) ended: usize,
}

/// Which of one's sessions end.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Which {
    /// Whether also the one that asks; no if left out.
    #[serde(default)]
    all: bool,
}

/// See where one is signed in.
///
/// The one that was used last comes first.
#[utoipa::path(
    get, path = "/api/me/sessions", operation_id = "show_my_sessions", tag = "me",
    responses((status = 200, description = "The sessions", body = [SessionView])),
)]
pub(in crate::portal) async fn list(caller: Guard<ActInPerson>) -> Result<HttpResponse, Problem> {
    let sessions = caller.parts().sessions.list(&caller.owner_tag()).await;
    let sessions = sessions.map_err(|error| problems::of_sessions(&error))?;
    let current = current(&caller);
    let views = sessions.iter().map(|one| SessionView::of(one, current));
    Ok(HttpResponse::Ok().json(views.collect::<Vec<_>>()))
}

/// Sign out everywhere else.
///
/// Ends all sessions but the one that asks; with `all=true` that one, too.
#[utoipa::path(
    delete, path = "/api/me/sessions", operation_id = "end_my_sessions", tag = "me",
    params(Which),
    responses((status = 200, description = "How many ended", body = SessionsEnded)),
)]
pub(in crate::portal) async fn end_others(
    caller: Guard<ActInPerson>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let which = web::Query::<Which>::from_query(request.query_string())
        .map_err(|_| Problem::field("all", "must be true or false"))?;
    let except = if which.all { None } else { current(&caller) };
    let sessions = &caller.parts().sessions;
    let ended = sessions.end_all_of(&caller.owner_tag(), except).await;
    let ended = ended.map_err(|error| problems::of_sessions(&error))?;
    caller.note_end(None, ended).await;
    Ok(HttpResponse::Ok().json(SessionsEnded { ended }))
}

/// Sign out one browser.
#[utoipa::path(
    delete, path = "/api/me/sessions/{id}", operation_id = "end_my_session", tag = "me",
    responses((status = 204, description = "It ended")),
)]
pub(in crate::portal) async fn end(
    caller: Guard<ActInPerson>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = SessionId::parse(&id).ok_or_else(no_such_session)?;
    let sessions = &caller.parts().sessions;
    let ended = sessions.end_one(&caller.owner_tag(), id).await;
    if ended.map_err(|error| problems::of_sessions(&error))? {
        caller.note_end(Some(id), 1).await;
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(no_such_session())
    }
}

/// No such session, nobody's or somebody else's.
pub(in crate::portal) fn no_such_session() -> Problem {
    Problem::new(ProblemType::NotFound, "there is no such session")
}

fn current(caller: &Guard<ActInPerson>) -> Option<SessionId> {
    let held = caller.person().session.as_ref();
    held.map(|held| held.session.id)
}
