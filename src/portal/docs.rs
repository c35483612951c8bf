//! The API's documentation to read and to try, without anything from elsewhere:
//! Swagger UI's own files, and a page of ours that needs no inline script.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, web};

use super::pages::{escaped, html};
use super::parts::FrontendOptions;
use crate::http::methods;

/// Swagger UI writes styles into elements; nothing else is let go.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";
/// Of Swagger UI's files, those that the page loads.
const FILES: [&str; 3] = [
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "favicon-32x32.png",
];
const START: &str = include_str!("assets/docs.js");
const THEME: &str = include_str!("assets/theme.js");
const STYLE: &str = include_str!("assets/docs.css");
const SCRIPT: &str = "text/javascript";
const CACHED: &str = "public, max-age=3600";

/// The page, with its paths filled in.
#[derive(Clone)]
pub(super) struct DocsPage(Bytes);

impl DocsPage {
    pub(super) fn new(options: &FrontendOptions) -> Self {
        let page = include_str!("assets/docs.html")
            .replace("{app_name}", &escaped(&options.app_name))
            .replace("{docs_path}", &escaped(&options.api_docs_path));
        Self(page.into())
    }
}

/// The page.
pub(super) async fn page(page: web::Data<DocsPage>) -> HttpResponse {
    html(POLICY, page.0.clone())
}

/// One of the files that it loads.
pub(super) async fn file(name: web::Path<String>) -> HttpResponse {
    let (content_type, bytes) = match name.as_str() {
        "start.js" => ours(SCRIPT, START),
        "theme.js" => ours(SCRIPT, THEME),
        "docs.css" => ours("text/css", STYLE),
        name if FILES.contains(&name) => match utoipa_swagger_ui::serve(name, Arc::default()) {
            Ok(Some(file)) => (file.content_type, file.bytes),
            Ok(None) | Err(_) => return methods::unknown_path().await,
        },
        _ => return methods::unknown_path().await,
    };
    let bytes = match bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, CACHED))
        .body(bytes)
}

fn ours(kind: &str, text: &'static str) -> (String, Cow<'static, [u8]>) {
    (kind.to_owned(), Cow::Borrowed(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(name: &str) -> String {
        let answer = file(web::Path::from(name.to_owned())).await;
        assert_eq!(answer.status(), 200, "{name}");
        let body = actix_web::body::to_bytes(answer.into_body()).await.unwrap();
        String::from_utf8_lossy(&body).into_owned()
    }

    #[actix_web::test]
    async fn the_page_needs_no_inline_script_and_nothing_from_elsewhere() {
        let page = DocsPage::new(&FrontendOptions::default());
        let page = String::from_utf8(page.0.to_vec()).unwrap();
        assert!(!page.contains("://") && !page.contains("//"), "{page}");
        for script in page.split("<script").skip(1) {
            let (tag, rest) = script.split_once('>').unwrap();
            assert!(tag.starts_with(" src=\"/docs/"), "{tag}");
            assert!(rest.starts_with("</script>"), "{rest}");
        }
        for attribute in [" style=", " onload=", " onclick=", "javascript:"] {
            assert!(!page.contains(attribute), "{attribute}");
        }
        for name in FILES
            .into_iter()
            .chain(["theme.js", "docs.css", "start.js"])
        {
            assert!(page.contains(&format!("/docs/{name}")), "{name}");
        }
        for text in [START, THEME, STYLE] {
            assert!(!text.contains("://"), "{text}");
        }
        let style = text("swagger-ui.css").await;
        assert!(!style.contains("@import") && !style.contains("url(http"));
        let bundle = text("swagger-ui-bundle.js").await;
        assert!(bundle.len() > 500_000);
    }

    #[actix_web::test]
    async fn no_other_file_is_there() {
        for name in ["index.html", "swagger-initializer.js", "../docs.rs", ""] {
            let answer = file(web::Path::from(name.to_owned())).await;
            assert_eq!(answer.status(), 404, "{name}");
        }
    }
}
