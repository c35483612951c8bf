//! Signing in at OpenID providers: `/auth/{provider}/…`. Browsers come here by
//! themselves, so what goes wrong is told by the sign-in page, not as JSON.

mod answer;
pub(super) mod back_channel;
mod cookie;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use url::form_urlencoded;

use self::answer::{Failure, see_other};
use super::guard::origin;
use super::parts::PortalParts;
use super::session::{self, Presented};
use crate::domain::audit::{Action, NewEvent};
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::http::return_address::HOME;
use crate::identity::sign_in::{
    BrowserCookie, Finished, NotFinished, RelyingParty, Returned, SignInError, SignInProblem,
};

/// Sign in at a provider.
///
/// Where a browser goes to sign in: on to the provider, with a cookie by which
/// its answer is known. A sign-in takes ten minutes at most.
#[utoipa::path(
    get, path = "/auth/{provider}/start", operation_id = "begin_provider_sign_in", tag = "sign-in",
    security(()),
    responses((status = 303, description = "To the provider, or to the sign-in page, which says what is wrong")),
)]
pub(super) async fn start(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
    provider: web::Path<String>,
) -> HttpResponse {
    let return_to = only_value(request.query_string(), "return_to");
    let return_to = parts.sign_in.return_addresses.settle(return_to.as_deref());
    match begin(&request, &parts, &provider, &return_to).await {
        Ok(answer) => answer,
        Err(failure) => failure.returning_to(&return_to).page(&provider),
    }
}

async fn begin(
    request: &HttpRequest,
    parts: &PortalParts,
    provider: &str,
    return_to: &str,
) -> Result<HttpResponse, Failure> {
    let relying_party = relying_party(parts)?;
    if !session::is_safe(&parts.options, request.head()) {
        return Err(SignInProblem::Insecure.into());
    }
    let former = browser(request, parts);
    let begun = relying_party
        .begin(provider, former.as_ref(), return_to.to_owned())
        .await?;
    let cookie = cookie::setting(&parts.options, &begun.browser)
        .ok_or(Failure::from(SignInProblem::Unavailable))?;
    Ok(see_other(begun.location.as_str(), Some(cookie)))
}

/// Come back from a provider.
///
/// Where a provider sends browsers back to: the `redirect_uri` to register
/// there. Ends with a session, and goes where the sign-in was begun for.
#[utoipa::path(
    get, path = "/auth/{provider}/callback", operation_id = "finish_provider_sign_in", tag = "sign-in",
    security(()),
    responses((status = 303, description = "Signed in: to where they wanted to go. Otherwise to the sign-in page, which says what is wrong")),
)]
pub(super) async fn callback(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
    provider: web::Path<String>,
) -> HttpResponse {
    match finish(&request, &parts, &provider).await {
        Ok((address, cookie)) => see_other(&address, Some(cookie)),
        Err(failure) => match signed_in_meanwhile(&request, &parts, &failure).await {
            Some(address) => see_other(&address, None),
            None => failure.page(&provider),
        },
    }
}

type Arrived = (String, (HeaderName, HeaderValue));

async fn finish(
    request: &HttpRequest,
    parts: &PortalParts,
    provider: &str,
) -> Result<Arrived, Failure> {
    let relying_party = relying_party(parts)?;
    let returned = Returned::parse(request.query_string()).ok_or_else(|| {
        let why = "a parameter stands there twice".to_owned();
        Failure::from(SignInError::BadAnswer(why))
    })?;
    let browser = browser(request, parts);
    let finished = relying_party.finish(provider, browser.as_ref(), &returned);
    let Finished { who, return_to } = match finished.await {
        Ok(finished) => finished,
        Err(not) => {
            note_refusal(request, parts, relying_party, provider, &not).await;
            return Err(not.into());
        }
    };
    // The list of hosts may have changed meanwhile.
    let return_to = parts.sign_in.return_addresses.settle(Some(&return_to));
    match session::start(request, parts, &who).await {
        Ok(started) => Ok((return_to, started.cookie)),
        Err(problem) => Err(Failure::from(not_started(&problem)).returning_to(&return_to)),
    }
}

/// Somebody whose tab comes back a second time, or after another one, is where
/// they wanted to be.
async fn signed_in_meanwhile(
    request: &HttpRequest,
    parts: &PortalParts,
    failure: &Failure,
) -> Option<String> {
    if !matches!(
        failure.problem(),
        SignInProblem::Expired | SignInProblem::Lost
    ) {
        return None;
    }
    match session::present(request, parts).await {
        Ok(Presented::Held(_)) => Some(failure.return_to().unwrap_or(HOME).to_owned()),
        _ => None,
    }
}

/// Sign out at a provider, too.
///
/// `redirect` of `DELETE /api/session` leads here, once and within a minute, and
/// on to the provider's page for signing out.
#[utoipa::path(
    get, path = "/auth/{provider}/sign-out", operation_id = "sign_out_at_provider", tag = "sign-in",
    security(()),
    responses((status = 303, description = "To the provider, or to the sign-in page")),
)]
pub(super) async fn sign_out(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
    provider: web::Path<String>,
) -> HttpResponse {
    let ticket = only_value(request.query_string(), "ticket");
    let (Some(relying_party), Some(ticket)) = (&parts.sign_in.relying_party, ticket) else {
        return see_other(answer::SIGN_IN, None);
    };
    match relying_party.take_way_out(&provider, &ticket).await {
        Ok(Some(page)) => see_other(page.as_str(), None),
        Ok(None) => see_other(answer::SIGN_IN, None),
        Err(error) => Failure::from(error).page(&provider),
    }
}

fn relying_party(parts: &PortalParts) -> Result<&RelyingParty, Failure> {
    let there_is_none = || Failure::from(SignInError::UnknownProvider);
    parts
        .sign_in
        .relying_party
        .as_deref()
        .ok_or_else(there_is_none)
}

fn browser(request: &HttpRequest, parts: &PortalParts) -> Option<BrowserCookie> {
    if session::is_safe(&parts.options, request.head()) {
        cookie::read(request, &parts.options)
    } else {
        None
    }
}

/// Why somebody who proved who they are has no session.
fn not_started(problem: &Problem) -> SignInProblem {
    match problem.kind() {
        ProblemType::SignInRefused => SignInProblem::NotAllowed,
        ProblemType::InsecureConnection => SignInProblem::Insecure,
        _ => SignInProblem::Unavailable,
    }
}

/// A provider took a code of ours and gave tokens that are not for this sign-in:
/// that is worth knowing later. All else anybody could bring about as often as
/// they like, so it stands in the log only.
async fn note_refusal(
    request: &HttpRequest,
    parts: &PortalParts,
    relying_party: &RelyingParty,
    provider: &str,
    refused: &NotFinished,
) {
    let is_refused = matches!(refused.error, SignInError::BadIdToken(_))
        && refused.error.problem() == SignInProblem::Refused;
    let Some(realm) = relying_party.realm_of(provider).filter(|_| is_refused) else {
        return;
    };
    let actor = format!("somebody at {provider}");
    let origin = origin(request, parts);
    let event = NewEvent::new(
        Action::SessionRefused,
        parts.tenant_of(realm),
        actor,
        &origin,
    );
    let event = event
        .detail("method", "oidc")
        .detail("provider", provider)
        .detail("reason", &refused.error);
    parts.keys.audit().note(event).await;
}

/// The one value of a parameter; `None` where it stands there twice.
fn only_value(query: &str, name: &str) -> Option<String> {
    let mut found = form_urlencoded::parse(query.as_bytes()).filter(|(given, _)| given == name);
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value.into_owned()),
        _ => None,
    }
}
