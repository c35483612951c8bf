//! Somebody's sessions, for administrators: `/api/users/{sub}/sessions`.

use actix_web::{HttpResponse, web};

use super::super::guard::{Guard, ManageAnyonesKeys};
use super::super::me::sessions::{SessionView, SessionsEnded, no_such_session};
use super::super::problems;
use super::SubInPath;
use crate::domain::api_key::OwnerTag;
use crate::domain::session::SessionId;
use crate::domain::subject::Owner;
use crate::http::problem::Problem;

impl Guard<ManageAnyonesKeys> {
    fn owner_in_path(&self, sub: &SubInPath) -> Result<(Owner, OwnerTag), Problem> {
        let owner = sub.owner(&self.parts().realms)?;
        let tag = self.owner_tag_of(&owner)?;
        Ok((owner, tag))
    }
}

/// See where somebody is signed in.
///
/// The one that was used last comes first.
#[utoipa::path(
    get, path = "/api/users/{sub}/sessions", operation_id = "show_user_sessions", tag = "users",
    responses((status = 200, description = "The sessions", body = [SessionView])),
)]
pub(in crate::portal) async fn list(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
) -> Result<HttpResponse, Problem> {
    let (_, tag) = caller.owner_in_path(&sub)?;
    let sessions = caller.parts().sessions.list(&tag).await;
    let sessions = sessions.map_err(|error| problems::of_sessions(&error))?;
    let views = sessions.iter().map(|one| SessionView::of(one, None));
    Ok(HttpResponse::Ok().json(views.collect::<Vec<_>>()))
}

/// Sign somebody out everywhere.
#[utoipa::path(
    delete, path = "/api/users/{sub}/sessions", operation_id = "end_user_sessions", tag = "users",
    responses((status = 200, description = "How many ended", body = SessionsEnded)),
)]
pub(in crate::portal) async fn end_all(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
) -> Result<HttpResponse, Problem> {
    let (owner, tag) = caller.owner_in_path(&sub)?;
    let ended = caller.parts().sessions.end_all_of(&tag, None).await;
    let ended = ended.map_err(|error| problems::of_sessions(&error))?;
    caller.note_end_of(owner, None, ended).await;
    Ok(HttpResponse::Ok().json(SessionsEnded { ended }))
}

/// Sign out one browser of somebody.
#[utoipa::path(
    delete, path = "/api/users/{sub}/sessions/{id}", operation_id = "end_user_session",
    tag = "users",
    responses((status = 204, description = "It ended")),
)]
pub(in crate::portal) async fn end(
    caller: Guard<ManageAnyonesKeys>,
    sub: SubInPath,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (owner, tag) = caller.owner_in_path(&sub)?;
    let id = SessionId::parse(&path.1).ok_or_else(no_such_session)?;
    let ended = caller.parts().sessions.end_one(&tag, id).await;
    if ended.map_err(|error| problems::of_sessions(&error))? {
        caller.note_end_of(owner, Some(id), 1).await;
        Ok(HttpResponse::NoContent().finish())
    } else {
        Err(no_such_session())
    }
}
