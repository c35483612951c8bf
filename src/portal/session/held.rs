//! From the cookie of a request to the session that it proves.

use actix_web::HttpRequest;

use super::super::parts::PortalParts;
use super::super::problems;
use super::cookie::{self, InRequest};
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::identity::HeldSession;

/// What a request has by way of a cookie.
pub(in crate::portal) enum Presented {
    /// None.
    Nothing,
    /// One whose session is over, or never was.
    Ended,
    /// One that holds.
    Held(Box<HeldSession>),
}

/// Finds the session of a request.
///
/// # Errors
/// Refuses two cookies of one name; fails where nothing can be told.
pub(in crate::portal) async fn present(
    request: &HttpRequest,
    parts: &PortalParts,
) -> Result<Presented, Problem> {
    let cookie = match cookie::read(request, &parts.options) {
        Ok(InRequest::Nothing) => return Ok(Presented::Nothing),
        Ok(InRequest::Malformed) => return Ok(Presented::Ended),
        Ok(InRequest::Cookie(cookie)) => cookie,
        Err(twice) => {
            return Err(Problem::new(
                ProblemType::ConflictingCredentials,
                twice.to_string(),
            ));
        }
    };
    match parts.sessions.find(&cookie).await {
        Ok(Some(held)) => Ok(Presented::Held(Box::new(held))),
        Ok(None) => Ok(Presented::Ended),
        Err(error) => Err(problems::of_sessions(&error)),
    }
}
