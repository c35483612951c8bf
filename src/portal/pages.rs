//! What people see at `/`: a front end out of a folder, or a page of our own.

use std::path::{Path, PathBuf};

use actix_files::{Files, NamedFile};
use actix_web::body::BoxBody;
use actix_web::dev::{HttpServiceFactory, ServiceRequest, ServiceResponse, fn_service};
use actix_web::guard::{Guard, GuardContext, fn_guard};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::Bytes;
use actix_web::{Error, HttpResponse, web};
use url::Url;

use super::parts::{FrontendOptions, PortalOptions};
use crate::http::methods;

/// Our own page runs no script at all.
const LANDING_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; \
                              form-action 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("assets/landing.css");
const INDEX: &str = "index.html";

/// What is answered by others and never by a page, also where nobody does.
const RESERVED: [&str; 10] = [
    "/api",
    "/auth",
    "/enter",
    "/forward-auth",
    "/nginx-auth",
    "/ext-authz",
    "/health",
    "/frontend",
    "/metrics",
    "/.well-known",
];

/// Whether the path is no page's, whoever answers it.
pub(super) fn is_reserved(path: &str, docs_path: &str) -> bool {
    let is_below = |root: &str| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    is_below(docs_path) || RESERVED.into_iter().any(is_below)
}

/// Our own page, with its paths filled in.
#[derive(Clone)]
pub(super) struct Landing(Bytes);

impl Landing {
    pub(super) fn new(options: &PortalOptions) -> Self {
        let page = include_str!("assets/landing.html")
            .replace("{app_name}", &escaped(&options.frontend.app_name))
            .replace("{base_url}", &escaped(&options.base_url))
            .replace("{docs_path}", &escaped(&options.frontend.api_docs_path));
        Self(page.into())
    }
}

/// Our own page.
pub(super) async fn landing(page: web::Data<Landing>) -> HttpResponse {
    html(LANDING_POLICY, page.0.clone())
}

/// Its style.
pub(super) async fn landing_style() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=3600"))
        .body(STYLE)
}

/// A page with a policy of its own.
pub(super) fn html(policy: &'static str, page: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .body(page)
}

/// A text as HTML shows it, in an element or a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// A front end in a folder.
#[derive(Clone)]
pub(super) struct FrontEnd {
    folder: PathBuf,
    docs_path: String,
    policy: HeaderValue,
}

impl FrontEnd {
    /// The front end in that folder, if there is one.
    pub(super) fn find(options: &PortalOptions) -> Option<Self> {
        let folder = options.static_dir.clone()?;
        if !folder.join(INDEX).is_file() {
            tracing::warn!(
                static_dir = %folder.display(),
                "static_dir has no index.html: / shows the built-in page"
            );
            return None;
        }
        Some(Self {
            folder,
            docs_path: options.frontend.api_docs_path.clone(),
            policy: policy(&options.frontend),
        })
    }

    /// The folder's files; a page that it lacks is one that the front end makes
    /// itself (a deep link), so people get its start page, with 200.
    pub(super) fn service(&self) -> impl HttpServiceFactory + use<> {
        let (front_end, served) = (self.clone(), self.clone());
        let index = self.folder.join(INDEX);
        let files = Files::new("/", &self.folder)
            .index_file(INDEX)
            .default_handler(fn_service(move |request: ServiceRequest| {
                let index = index.clone();
                async move { start_page(&index, request).await }
            }));
        web::scope("")
            .guard(fn_guard(move |context| front_end.may_answer(context)))
            .wrap(from_fn(move |request: ServiceRequest, next: Next<_>| {
                let served = served.clone();
                async move { served.answer(request, next).await }
            }))
            .service(files)
    }

    fn may_answer(&self, context: &GuardContext<'_>) -> bool {
        let path = context.head().uri.path();
        let is_read = |context: &GuardContext<'_>| {
            matches!(context.head().method, Method::GET | Method::HEAD)
        };
        fn_guard(is_read).check(context) && !is_reserved(path, &self.docs_path)
    }

    async fn answer(
        &self,
        request: ServiceRequest,
        next: Next<BoxBody>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        // Build tools name these by their content: they never change.
        let is_lasting = request.path().starts_with("/assets/");
        let mut answer = next.call(request).await?;
        // Hidden files and paths that lead out of the folder.
        if answer.status() == StatusCode::BAD_REQUEST {
            answer = answer.into_response(methods::unknown_path().await);
        }
        let is_page = answer
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
        let cache = match (answer.status(), is_page) {
            (StatusCode::OK | StatusCode::NOT_MODIFIED | StatusCode::PARTIAL_CONTENT, false)
                if is_lasting =>
            {
                "public, max-age=31536000, immutable"
            }
            _ => "no-cache",
        };
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        Ok(answer)
    }
}

/// The start page for whoever navigates; for a script or an image that is
/// missing, a page would be a lie.
async fn start_page(
    index: &Path,
    request: ServiceRequest,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let wants_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let (request, _) = request.into_parts();
    let answer = match NamedFile::open(index) {
        Ok(page) if wants_page => page.into_response(&request),
        Ok(_) | Err(_) => methods::unknown_path().await,
    };
    Ok(ServiceResponse::new(request, answer))
}

/// Scripts only from here; requests also to the issuer that people sign in
/// with, and to wherever the API is said to be.
fn policy(options: &FrontendOptions) -> HeaderValue {
    let text = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src \
         'self'; manifest-src 'self'; connect-src 'self'{}; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        elsewhere(options)
    );
    HeaderValue::try_from(text)
        .unwrap_or_else(|_| HeaderValue::from_static(crate::http::security_headers::NOTHING))
}

/// Where else a front end may send requests, as a policy lists it.
pub(super) fn elsewhere(options: &FrontendOptions) -> String {
    let mut elsewhere: Vec<String> = [&options.oidc_authority, &options.api_base_url]
        .into_iter()
        .flatten()
        .filter_map(|url| Url::parse(url).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .map(|url| format!(" {}", url.origin().ascii_serialization()))
        .collect();
    elsewhere.dedup();
    elsewhere.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_issuer_and_nothing_else() {
        let options = FrontendOptions {
            oidc_authority: Some("https://sso.example.org:8443/realms/main".to_owned()),
            api_base_url: Some("/relative".to_owned()),
            ..FrontendOptions::default()
        };
        let policy = policy(&options);
        let text = policy.to_str().unwrap();
        assert!(
            text.contains("connect-src 'self' https://sso.example.org:8443; "),
            "{text}"
        );
        assert!(!text.contains("unsafe"), "{text}");
    }

    #[test]
    fn what_an_operator_sets_is_text_and_not_markup() {
        assert_eq!(
            escaped(r#"<b a='"'>&"#),
            "&lt;b a=&#39;&quot;&#39;&gt;&amp;"
        );
    }
}
