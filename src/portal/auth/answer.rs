//! Where browsers go next.

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use url::form_urlencoded;

use crate::http::request_id;
use crate::http::return_address::HOME;
use crate::identity::sign_in::{NotFinished, SignInError, SignInProblem};

/// The page that offers the ways of signing in, and says what went wrong.
pub(super) const SIGN_IN: &str = "/sign-in";

/// Nobody was signed in.
pub(super) struct Failure {
    problem: SignInProblem,
    error: Option<SignInError>,
    return_to: Option<String>,
}

impl From<SignInProblem> for Failure {
    fn from(problem: SignInProblem) -> Self {
        Self {
            problem,
            error: None,
            return_to: None,
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        Self {
            error: Some(error),
            ..Self::from(SignInProblem::Unavailable)
        }
        .with_problem()
    }
}

impl From<NotFinished> for Failure {
    fn from(not: NotFinished) -> Self {
        Self {
            return_to: not.return_to,
            ..Self::from(not.error)
        }
    }
}

impl Failure {
    fn with_problem(mut self) -> Self {
        if let Some(error) = &self.error {
            self.problem = error.problem();
        }
        self
    }

    /// So that trying again leads where they wanted to go.
    pub(super) fn returning_to(mut self, address: &str) -> Self {
        self.return_to = Some(address.to_owned());
        self
    }

    pub(super) fn problem(&self) -> SignInProblem {
        self.problem
    }

    pub(super) fn return_to(&self) -> Option<&str> {
        self.return_to.as_deref()
    }

    /// To the page that says so; the log knows the rest.
    pub(super) fn page(self, provider: &str) -> HttpResponse {
        let request_id = request_id::current();
        let provider: String = provider.chars().take(64).collect();
        let reason = self.problem.as_str();
        let error = self.error.as_ref().map(tracing::field::display);
        if self.problem == SignInProblem::Unavailable {
            tracing::error!(
                error,
                provider = ?provider,
                request.id = request_id,
                "nobody can be signed in at the moment"
            );
        } else {
            tracing::warn!(
                decision.reason = reason,
                error,
                provider = ?provider,
                request.id = request_id,
                "nobody was signed in at a provider"
            );
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("problem", reason);
        if let Some(id) = &request_id {
            query.append_pair("request_id", id);
        }
        if let Some(address) = self.return_to.as_deref().filter(|address| *address != HOME) {
            query.append_pair("return_to", address);
        }
        see_other(&format!("{SIGN_IN}?{}", query.finish()), None)
    }
}

/// To another address, with a cookie.
pub(super) fn see_other(address: &str, cookie: Option<(HeaderName, HeaderValue)>) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    answer.insert_header((header::LOCATION, address));
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    if let Some(cookie) = cookie {
        answer.append_header(cookie);
    }
    answer.finish()
}
