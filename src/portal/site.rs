//! The front end in the binary: compressed beforehand, named by its content,
//! and a start page that is made anew for each response.

use std::collections::HashMap;
use std::sync::Arc;

use actix_web::dev::HttpServiceFactory;
use actix_web::guard::{GuardContext, fn_guard};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::pages::{elsewhere, is_reserved};
use super::parts::FrontendOptions;
use crate::domain::entropy::{Entropy, random_bytes};
use crate::http::problem::Problem;
use crate::http::problem_type::ProblemType;

const INDEX: &str = "/index.html";
/// Where the start page wants its nonce.
const NONCE_PLACE: &str = "__NONCE__";
/// 128 bits: no nonce is ever guessed or seen twice (CSP 3, section 7.1).
const NONCE_BYTES: usize = 16;
const LASTING: &str = "public, max-age=31536000, immutable";

/// A file of the front end as the build left it.
#[derive(Clone, Copy, Debug)]
pub struct SiteFile {
    /// The path that browsers ask for.
    pub path: &'static str,
    /// Its bytes as they are.
    pub plain: &'static [u8],
    /// The same under Brotli (RFC 7932), where that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// The same under gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

/// What was built before this binary was; empty if nothing was.
pub const EMBEDDED: &[SiteFile] = include!(concat!(env!("OUT_DIR"), "/site.rs"));

/// A front end to serve.
#[derive(Clone)]
pub struct Site {
    files: Arc<HashMap<&'static str, Served>>,
    page: [&'static str; 2],
    entropy: Arc<dyn Entropy>,
}

struct Served {
    file: SiteFile,
    kind: &'static str,
    /// Of its content, so that it holds across restarts and replicas.
    tag: String,
}

impl Site {
    /// Of these files, if there is a start page with a place for its nonce
    /// among them.
    pub fn new(files: &[SiteFile], entropy: Arc<dyn Entropy>) -> Option<Self> {
        let index = files.iter().find(|file| file.path == INDEX)?;
        let page = std::str::from_utf8(index.plain)
            .ok()?
            .split_once(NONCE_PLACE)?;
        let served = |file: &SiteFile| Served {
            file: *file,
            kind: content_type(file.path),
            tag: blake3::hash(file.plain).to_hex()[..16].to_owned(),
        };
        let files = files.iter().filter(|file| file.path != INDEX);
        Some(Self {
            files: Arc::new(files.map(|file| (file.path, served(file))).collect()),
            page: [page.0, page.1],
            entropy,
        })
    }

    /// Its files; whatever else people navigate to is a page of the front
    /// end's own (a deep link).
    pub(super) fn service(&self, options: &FrontendOptions) -> impl HttpServiceFactory + use<> {
        let docs_path = options.api_docs_path.clone();
        let policy = PagePolicy::new(options);
        let site = self.clone();
        web::resource("/{path:.*}")
            .guard(fn_guard(move |context| may_answer(context, &docs_path)))
            .to(move |request: HttpRequest| {
                let answer = site.answer(&request, &policy);
                async move { answer }
            })
    }

    fn answer(&self, request: &HttpRequest, policy: &PagePolicy) -> HttpResponse {
        if let Some(served) = self.files.get(request.path()) {
            return served.answer(request.headers());
        }
        // For a script or an image that is missing, a page would be a lie.
        if wants_page(request.headers()) && !request.path().starts_with("/assets/") {
            return self
                .start_page(policy)
                .unwrap_or_else(|problem| problem.answer(None));
        }
        actix_web::ResponseError::error_response(&Problem::new(
            ProblemType::NotFound,
            "there is no such path",
        ))
    }

    fn start_page(&self, policy: &PagePolicy) -> Result<HttpResponse, Problem> {
        let nonce: [u8; NONCE_BYTES] =
            random_bytes(&*self.entropy).map_err(|_| Problem::unavailable())?;
        let nonce = STANDARD.encode(nonce);
        let [before, after] = self.page;
        Ok(HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::CONTENT_SECURITY_POLICY, policy.with(&nonce)))
            .body([before, &nonce, after].concat()))
    }
}

fn may_answer(context: &GuardContext<'_>, docs_path: &str) -> bool {
    let head = context.head();
    matches!(head.method, Method::GET | Method::HEAD) && !is_reserved(head.uri.path(), docs_path)
}

fn wants_page(headers: &HeaderMap) -> bool {
    text(headers, &header::ACCEPT).is_some_and(|accept| accept.contains("text/html"))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

impl Served {
    fn answer(&self, asked: &HeaderMap) -> HttpResponse {
        let (bytes, coding) = self.form(text(asked, &header::ACCEPT_ENCODING));
        // Each form is a representation with a tag of its own (RFC 9110, 8.8.3).
        let tag = format!("\"{}-{}\"", self.tag, coding.unwrap_or("plain"));
        let is_known = text(asked, &header::IF_NONE_MATCH)
            .is_some_and(|known| known.split(',').any(|known| known.trim() == tag));
        let cache = if self.file.path.starts_with("/assets/") {
            LASTING
        } else {
            "no-cache"
        };
        let status = if is_known {
            StatusCode::NOT_MODIFIED
        } else {
            StatusCode::OK
        };
        let mut answer = HttpResponse::build(status);
        answer
            .insert_header((header::CACHE_CONTROL, cache))
            .insert_header((header::VARY, "Accept-Encoding"))
            .insert_header((header::ETAG, tag));
        if is_known {
            return answer.finish();
        }
        if let Some(coding) = coding {
            answer.insert_header((header::CONTENT_ENCODING, coding));
        }
        answer
            .content_type(self.kind)
            .body(Bytes::from_static(bytes))
    }

    /// The smallest form that the browser takes.
    fn form(&self, accepted: Option<&str>) -> (&'static [u8], Option<&'static str>) {
        let accepted = accepted.unwrap_or_default();
        for (coding, form) in [("br", self.file.brotli), ("gzip", self.file.gzip)] {
            if let Some(bytes) = form.filter(|_| takes(accepted, coding)) {
                return (bytes, Some(coding));
            }
        }
        (self.file.plain, None)
    }
}

/// Whether `Accept-Encoding` names this coding, and not to forbid it.
fn takes(accepted: &str, coding: &str) -> bool {
    accepted.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        let is_it = words
            .next()
            .is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let is_forbidden = words.any(|word| {
            word.strip_prefix("q=")
                .and_then(|weight| weight.parse::<f32>().ok())
                .is_some_and(|weight| weight <= 0.0)
        });
        is_it && !is_forbidden
    })
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json" | "webmanifest") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The policy of the start page: scripts and requests only of and to here,
/// styles also with the nonce, nothing in line.
#[derive(Clone)]
struct PagePolicy {
    connect: String,
}

impl PagePolicy {
    fn new(options: &FrontendOptions) -> Self {
        Self {
            connect: elsewhere(options),
        }
    }

    fn with(&self, nonce: &str) -> HeaderValue {
        let text = format!(
            "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src \
             'self' data:; font-src 'self'; connect-src 'self'{}; base-uri 'none'; form-action \
             'none'; frame-ancestors 'none'",
            self.connect
        );
        HeaderValue::try_from(text)
            .unwrap_or_else(|_| HeaderValue::from_static(crate::http::security_headers::NOTHING))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coding_is_taken_where_it_is_named_and_not_forbidden() {
        for (accepted, takes_brotli) in [
            ("gzip, deflate, br", true),
            ("BR;q=0.5", true),
            ("br;q=0", false),
            ("br; q=0.0, gzip", false),
            ("gzip", false),
            ("", false),
        ] {
            assert_eq!(takes(accepted, "br"), takes_brotli, "{accepted}");
        }
    }
}
