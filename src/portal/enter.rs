//! The way in for whoever comes from a gate: `/enter`. It hands the gate's cookie
//! to a browser that is signed in and sends it back, and any other to the page
//! for signing in.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use url::{Url, form_urlencoded};

use super::pages;
use super::parts::PortalParts;
use super::session::{Presented, present};
use crate::http::cookies;
use crate::http::gate_sign_in::{GateSignIn, TO};
use crate::http::methods;
use crate::http::problem::Problem;
use crate::http::request_id;
use crate::http::return_address::HOME;

/// Counts how often in a row a browser comes for one address.
const ROUNDS: &str = "gl_enter";
/// How many times in a row are no accident.
const ROUNDS_MAX: u32 = 4;
/// After what time without one they are none in a row, in seconds.
const ROUNDS_SECONDS: u32 = 20;
const LOOP_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; \
                           form-action 'none'; frame-ancestors 'none'";

/// Go on to where a gate turned a browser away.
///
/// A page, not an API: gates send browsers here. Whoever is signed in gets the
/// cookie that gates know them by and goes on to the address, which a gate
/// signed; whoever is not signs in first. Any other address leads to the start.
#[utoipa::path(
    get, path = "/enter", operation_id = "enter", tag = "session",
    security(()),
    params(("to" = String, Query, description = "The address, as a gate signed it")),
    responses(
        (status = 302, description = "To the address, or to the page for signing in"),
        (status = 404, description = "No gate takes sessions here", body = super::openapi::ProblemBody),
        (status = 409, description = "A page: the browser goes in circles, as the cookie does not arrive"),
    ),
)]
pub(super) async fn enter(
    request: HttpRequest,
    parts: web::Data<PortalParts>,
) -> Result<HttpResponse, Problem> {
    let Some(gates) = &parts.sign_in.gates else {
        return Ok(methods::unknown_path().await);
    };
    let Some(address) = wish(request.query_string()).and_then(|to| gates.open(&to)) else {
        return Ok(redirect(HOME));
    };
    let held = match present(&request, &parts).await? {
        Presented::Held(held) if held.session.must_change_password => {
            return Ok(redirect("/change-password"));
        }
        Presented::Held(held) => held,
        Presented::Nothing | Presented::Ended => return Ok(redirect(&sign_in(&request))),
    };
    let rounds = Rounds::of(&request, &address);
    if rounds.is_loop() {
        tracing::warn!(
            decision.reason = "sign_in_loop",
            request.id = request_id::current(),
            "a browser goes in circles between a gate and the portal: the cookie does not arrive"
        );
        return Ok(in_circles(&address));
    }
    let lasts = parts.sessions.lifetimes().absolute;
    let cookie = parts.sessions.gate_cookie(&held);
    let field = cookie.and_then(|cookie| gates.setting(&cookie, lasts));
    let mut answer = redirect(&address);
    if let Some((name, value)) = field {
        answer.headers_mut().append(name, value);
    }
    if let Some((name, value)) = rounds.next(gates) {
        answer.headers_mut().append(name, value);
    }
    Ok(answer)
}

/// The one parameter.
fn wish(query: &str) -> Option<String> {
    let mut wishes = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == TO);
    match (wishes.next(), wishes.next()) {
        (Some((_, wish)), None) => Some(wish.into_owned()),
        _ => None,
    }
}

/// The page for signing in, which leads back here.
fn sign_in(request: &HttpRequest) -> String {
    let here = request
        .uri()
        .path_and_query()
        .map_or(HOME, |here| here.as_str());
    let here: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
    format!("/sign-in?return_to={here}")
}

fn redirect(to: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, to))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
}

/// How often a browser came here in a row.
struct Rounds {
    count: u32,
    address: String,
}

impl Rounds {
    fn of(request: &HttpRequest, address: &str) -> Self {
        let address = blake3::hash(address.as_bytes()).to_hex()[..16].to_owned();
        let found = cookies::only(request.headers(), ROUNDS).ok().flatten();
        let count = found
            .and_then(|value| {
                value
                    .strip_prefix(address.as_str())?
                    .strip_prefix('.')?
                    .parse()
                    .ok()
            })
            .unwrap_or(0);
        Self { count, address }
    }

    fn is_loop(&self) -> bool {
        self.count >= ROUNDS_MAX
    }

    fn next(&self, gates: &GateSignIn) -> Option<(HeaderName, HeaderValue)> {
        let secure = if gates.is_https() { "; Secure" } else { "" };
        let field = format!(
            "{ROUNDS}={}.{}; Max-Age={ROUNDS_SECONDS}; Path=/enter; HttpOnly; SameSite=Lax{secure}",
            self.address,
            self.count.saturating_add(1),
        );
        Some((header::SET_COOKIE, HeaderValue::try_from(field).ok()?))
    }
}

fn in_circles(address: &str) -> HttpResponse {
    let host = Url::parse(address)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default();
    let (host, address) = (pages::escaped(&host), pages::escaped(address));
    let id = request_id::current().unwrap_or_default();
    let body = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>In circles</title>\
         <link rel=\"stylesheet\" href=\"/landing.css\"></head><body><main>\
         <h1>You are signed in, and {host} does not get to know it</h1>\
         <p>Your browser was sent back and forth, so this was stopped. Allow cookies for {host}, \
         then <a href=\"{address}\">try again</a>.</p>\
         <p>If you run this service: the cookie gl_gate does not arrive at the gate. \
         sessions.cookie_domain must be a domain that both hosts are below, and the proxy must \
         pass the field Cookie on.</p><p>Request id: {}</p></main></body></html>\n",
        pages::escaped(&id)
    );
    let mut answer = pages::html(LOOP_POLICY, body.into());
    *answer.status_mut() = StatusCode::CONFLICT;
    let no_store = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, no_store);
    answer
}
