//! The front end in the binary, and the page of a binary without one.

use actix_web::http::Method;
use actix_web::test::{self, TestRequest};
use gatelodge::portal::SiteFile;

use super::{Alone, header, options, well};

const FILES: &[SiteFile] = &[
    SiteFile {
        path: "/index.html",
        plain: b"<meta property=\"csp-nonce\" nonce=\"__NONCE__\"><p>front end</p>",
        brotli: None,
        gzip: None,
    },
    SiteFile {
        path: "/theme.js",
        plain: b"plain",
        brotli: Some(b"under brotli"),
        gzip: Some(b"under gzip"),
    },
    SiteFile {
        path: "/assets/app-1a2b.js",
        plain: b"run()",
        brotli: None,
        gzip: None,
    },
];

async fn serving() -> Alone {
    Alone::built(options(), well(), FILES).await
}

fn browsing(path: &str) -> TestRequest {
    TestRequest::with_uri(path).insert_header(("accept", "text/html,*/*;q=0.8"))
}

/// The nonce of a page's policy.
fn nonce(policy: &str) -> String {
    let (_, rest) = policy.split_once("'nonce-").unwrap();
    rest.split_once('\'').unwrap().0.to_owned()
}

#[actix_web::test]
async fn each_start_page_has_a_nonce_of_its_own_and_is_kept_by_nobody() {
    let portal = serving().await;
    let mut seen = Vec::new();
    for path in ["/", "/keys", "/keys/some?x=1", "/sign-in"] {
        let page = portal.answer(browsing(path)).await;
        assert_eq!(page.status(), 200, "{path}");
        assert_eq!(header(&page, "cache-control"), "no-store", "{path}");
        let policy = header(&page, "content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "));
        assert!(!policy.contains("unsafe"), "{policy}");
        let nonce = nonce(&policy);
        let body = test::read_body(page).await;
        let body = std::str::from_utf8(&body).unwrap();
        assert!(body.contains(&format!("nonce=\"{nonce}\"")), "{body}");
        assert!(!seen.contains(&nonce), "{path}");
        seen.push(nonce);
    }
}

#[actix_web::test]
async fn a_file_comes_in_the_smallest_form_that_the_browser_takes() {
    let portal = serving().await;
    for (accepted, coding, body) in [
        ("gzip, deflate, br", "br", "under brotli"),
        ("gzip, br;q=0", "gzip", "under gzip"),
        ("identity", "", "plain"),
    ] {
        let request =
            || TestRequest::with_uri("/theme.js").insert_header(("accept-encoding", accepted));
        let answer = portal.answer(request()).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "vary"), "Accept-Encoding");
        assert_eq!(header(&answer, "cache-control"), "no-cache");
        assert_eq!(
            header(&answer, "content-type"),
            "text/javascript; charset=utf-8"
        );
        let sent = answer.headers().get("content-encoding");
        assert_eq!(sent.map_or("", |sent| sent.to_str().unwrap()), coding);
        let tag = header(&answer, "etag");
        assert_eq!(test::read_body(answer).await, body);
        let again = request().insert_header(("if-none-match", tag));
        assert_eq!(portal.answer(again).await.status(), 304);
    }
}

#[actix_web::test]
async fn what_is_named_by_its_content_lasts_and_what_is_missing_is_no_page() {
    let portal = serving().await;
    let script = portal
        .answer(TestRequest::with_uri("/assets/app-1a2b.js"))
        .await;
    assert_eq!(
        header(&script, "cache-control"),
        "public, max-age=31536000, immutable"
    );
    for path in ["/assets/app-old.js", "/api/nothing", "/auth/x", "/metrics"] {
        let missing = portal.answer(browsing(path)).await;
        assert_eq!(missing.status(), 404, "{path}");
        assert_eq!(
            header(&missing, "content-type"),
            "application/problem+json",
            "{path}"
        );
    }
    let image = portal.answer(TestRequest::with_uri("/logo.png")).await;
    assert_eq!(image.status(), 404);
    let posted = portal.answer(browsing("/keys").method(Method::POST)).await;
    assert_eq!(posted.status(), 404);
}

#[actix_web::test]
async fn a_binary_without_a_front_end_says_what_this_is_without_any_script() {
    let portal = Alone::with(options()).await;
    let page = portal.answer(browsing("/")).await;
    assert_eq!(page.status(), 200);
    assert_eq!(header(&page, "content-type"), "text/html; charset=utf-8");
    assert!(!header(&page, "content-security-policy").contains("script-src"));
    let body = test::read_body(page).await;
    let body = std::str::from_utf8(&body).unwrap();
    assert!(!body.contains("<script") && !body.contains(" style="));
    assert!(body.contains("href=\"/docs\"") && body.contains("make run"));
    assert!(body.contains("/forward-auth"));
    let style = portal.answer(TestRequest::with_uri("/landing.css")).await;
    assert!(header(&style, "content-type").starts_with("text/css"));
}
