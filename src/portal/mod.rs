//! REST for people; folders follow the URL.
//!
//! A handler is: parse, call one use case, shape the answer. Its permission
//! stands in its type: see [`guard`].

mod accounts;
mod auth;
mod authenticate;
mod docs;
mod enter;
mod events;
mod everybody;
mod examination;
mod frontend_config;
mod gates;
pub mod guard;
mod health;
mod me;
pub mod openapi;
mod pages;
mod parts;
mod problems;
mod routes;
mod scopes;
mod session;
mod site;
mod tokens;
mod users;
mod welcome;

pub use authenticate::{Authenticate, Caller, Refused};
pub use gates::Gates;
pub use parts::{ClientAddress, EXPIRY_PRESET_DAYS, FrontendOptions, PortalOptions, PortalParts};
pub use session::{SignInParts, SignInProvider, SignInWays};
pub use site::{EMBEDDED, Site, SiteFile};

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::{Error, ResponseError as _, web};

use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;
use crate::http::{cors::Cors, methods, request_id, unwind};

/// Probes address the machine by whatever name or address they have for it.
const PROBES: &str = "/health/";

/// The portal, ready to be put into any number of workers.
#[derive(Clone)]
pub struct Portal {
    parts: web::Data<PortalParts>,
    description: web::Data<openapi::Rendered>,
    docs_page: web::Data<docs::DocsPage>,
    landing: web::Data<pages::Landing>,
    front_end: Option<pages::FrontEnd>,
}

impl Portal {
    /// Joins the parts, and looks once whether there is a front end to serve.
    pub fn new(mut parts: PortalParts) -> Self {
        parts.options.frontend.settle_docs_path();
        let options = &parts.options;
        Self {
            description: web::Data::new(openapi::Rendered(openapi::json().into())),
            docs_page: web::Data::new(docs::DocsPage::new(&options.frontend)),
            landing: web::Data::new(pages::Landing::new(options)),
            front_end: pages::FrontEnd::find(options),
            parts: web::Data::new(parts),
        }
    }

    /// Adds all routes. Call it after all others: the portal also answers for
    /// whatever path nobody else has.
    pub fn configure(&self, config: &mut web::ServiceConfig) {
        let mut scope = web::scope("")
            .app_data(self.parts.clone())
            .app_data(self.description.clone())
            .app_data(self.docs_page.clone())
            .app_data(self.landing.clone());
        for (path, routes) in routes::table() {
            scope = scope.service(methods::resource(&routes::pattern(path), routes));
        }
        let docs_path = &self.parts.options.frontend.api_docs_path;
        let read = |path: &str, route| methods::resource(path, vec![(Method::GET, route)]);
        scope = scope
            .service(read(docs_path, web::to(docs::page)))
            .service(read(&format!("{docs_path}/{{file}}"), web::to(docs::file)));
        // A folder of the operator's comes before what is built in.
        scope = match (&self.front_end, &self.parts.site) {
            (Some(front_end), _) => scope.service(front_end.service()),
            (None, Some(site)) => scope.service(site.service(&self.parts.options.frontend)),
            (None, None) => scope
                .service(read("/", web::to(pages::landing)))
                .service(read("/landing.css", web::to(pages::landing_style))),
        };
        let parts = self.parts.clone();
        config.service(
            scope
                .default_service(web::to(methods::unknown_path))
                .wrap(from_fn(move |request: ServiceRequest, next: Next<_>| {
                    let parts = parts.clone();
                    async move { around(&parts, request, next).await }
                })),
        );
    }
}

/// What every request to the portal goes through, and every answer.
async fn around(
    parts: &PortalParts,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = parts.request_ids.of(request.request());
    let options = &parts.options;
    let cors = options.cors.as_ref();
    let allowed = cors.and_then(|cors| cors.allowed(request.headers()));
    let answered = request_id::scope(id.clone(), admit(parts, request, next));
    let mut answer = unwind::caught(answered).await.map_err(|_| fault(&id))??;
    let headers = answer.headers_mut();
    if let Some(cors) = cors {
        cors.complete(allowed, headers);
    }
    options.security_headers.complete(headers);
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(HeaderName::from_static(request_id::HEADER), id);
    }
    Ok(answer)
}

/// The answer to a panic, which is a fault of ours.
fn fault(request_id: &str) -> Error {
    tracing::error!(
        request.id = request_id,
        "a panic of the portal was answered as a fault"
    );
    Problem::new(
        ProblemType::Internal,
        "the service has a fault; the log knows it by X-Request-Id",
    )
    .into()
}

/// Turns away what is addressed to somebody else, and answers preflights.
async fn admit(
    parts: &PortalParts,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let options = &parts.options;
    if !request.path().starts_with(PROBES) && !options.hosts.admits(request.head()) {
        tracing::warn!(
            decision.reason = "foreign_host",
            request.id = request_id::current(),
            "the portal refused a request for another host"
        );
        let problem = Problem::new(
            ProblemType::MisdirectedRequest,
            "the portal does not answer to the name in Host; see public_url and allowed_hosts",
        );
        return Ok(request.into_response(problem.error_response()));
    }
    if options.cors.is_some()
        && let Some(answer) = Cors::preflight(request.head())
    {
        return Ok(request.into_response(answer));
    }
    next.call(request).await
}
