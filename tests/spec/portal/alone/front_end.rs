//! A front end out of a folder.

use std::fs;

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::test::{self, TestRequest};
use gatelodge::domain::picture::Picture;
use gatelodge::portal::{FrontendOptions, PortalOptions};
use serde_json::{Value, json};

use super::{Alone, header, options};

const PAGE: &str = "<!doctype html><title>front end</title>";

async fn serving(folder: &tempfile::TempDir) -> Alone {
    Alone::with(PortalOptions {
        static_dir: Some(folder.path().to_owned()),
        frontend: FrontendOptions {
            oidc_authority: Some("https://sso.example.org/realms/main".to_owned()),
            api_docs_path: "/reference".to_owned(),
            ..FrontendOptions::default()
        },
        ..options()
    })
    .await
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), PAGE).unwrap();
    fs::create_dir(folder.path().join("assets")).unwrap();
    fs::write(folder.path().join("assets/app-1a2b.js"), "run()").unwrap();
    fs::write(folder.path().join("robots.txt"), "User-agent: *").unwrap();
    fs::write(folder.path().join(".secret"), "hidden").unwrap();
    folder
}

fn browsing(path: &str) -> TestRequest {
    TestRequest::with_uri(path).insert_header(("accept", "text/html,*/*;q=0.8"))
}

async fn text(answer: ServiceResponse<impl MessageBody>) -> String {
    String::from_utf8(test::read_body(answer).await.to_vec()).unwrap()
}

#[actix_web::test]
async fn deep_links_are_pages_and_missing_files_are_not() {
    let folder = folder();
    let portal = serving(&folder).await;
    for path in ["/", "/keys", "/keys/some/thing?x=1"] {
        let page = portal.answer(browsing(path)).await;
        assert_eq!(page.status(), 200, "{path}");
        assert_eq!(header(&page, "cache-control"), "no-cache", "{path}");
        let policy = header(&page, "content-security-policy");
        assert!(policy.contains("script-src 'self';"), "{policy}");
        assert!(
            policy.contains("connect-src 'self' https://sso.example.org;"),
            "{policy}"
        );
        assert_eq!(text(page).await, PAGE, "{path}");
    }
    let script = portal
        .answer(TestRequest::with_uri("/assets/app-1a2b.js"))
        .await;
    assert_eq!(script.status(), 200);
    assert_eq!(
        header(&script, "cache-control"),
        "public, max-age=31536000, immutable"
    );
    for path in [
        "/assets/app-old.js",
        "/logo.png",
        "/.secret",
        "/../Cargo.toml",
    ] {
        let missing = portal.answer(TestRequest::with_uri(path)).await;
        assert_eq!(missing.status(), 404, "{path}");
        assert_ne!(
            header(&missing, "cache-control"),
            "public, max-age=31536000, immutable"
        );
    }
    let hidden = portal.answer(browsing("/.secret")).await;
    assert_eq!(hidden.status(), 404);
    let head = portal.answer(browsing("/keys").method(Method::HEAD)).await;
    assert_eq!(head.status(), 200);
}

#[actix_web::test]
async fn what_others_answer_is_never_a_page() {
    let folder = folder();
    let portal = serving(&folder).await;
    for path in [
        "/api",
        "/api/nothing",
        "/forward-auth/x",
        "/nginx-auth",
        "/ext-authz/x/y",
        "/health/nothing",
        "/frontend/nothing",
        "/metrics",
        "/.well-known/nothing",
        "/reference/nothing",
    ] {
        let answer = portal.answer(browsing(path)).await;
        assert_eq!(answer.status(), 404, "{path}");
        assert_eq!(
            header(&answer, "content-type"),
            "application/problem+json",
            "{path}"
        );
    }
    let posted = portal.answer(browsing("/keys").method(Method::POST)).await;
    assert_eq!(posted.status(), 404);
    let docs = portal.answer(browsing("/reference")).await;
    assert!(text(docs).await.contains("/reference/swagger-ui-bundle.js"));
    // No longer the documentation's, so the front end's.
    let former = portal.answer(browsing("/docs")).await;
    assert_eq!(text(former).await, PAGE);
}

#[actix_web::test]
async fn a_folder_without_a_front_end_leaves_the_built_in_page() {
    let portal = serving(&tempfile::tempdir().unwrap()).await;
    let page = portal.answer(browsing("/")).await;
    let page = text(page).await;
    assert!(
        page.contains("https://lodge.example.org/forward-auth"),
        "{page}"
    );
    assert!(page.contains("href=\"/reference\""), "{page}");
}

#[actix_web::test]
async fn the_operators_looks_are_told_and_a_logo_runs_nothing() {
    let drawing = b"<svg xmlns='http://www.w3.org/2000/svg'/>";
    let portal = Alone::with(PortalOptions {
        frontend: FrontendOptions {
            logo: Some(Picture::read(drawing).unwrap()),
            accent_color: Some("#c0ffee".to_owned()),
            languages: vec!["de".to_owned(), "en".to_owned()],
            ..FrontendOptions::default()
        },
        ..options()
    })
    .await;
    let config = portal
        .answer(TestRequest::with_uri("/frontend/config"))
        .await;
    let config: Value = serde_json::from_str(&text(config).await).unwrap();
    assert_eq!(config["accent_color"], "#c0ffee");
    assert_eq!(config["languages"], json!(["de", "en"]));
    let logo = portal
        .answer(TestRequest::with_uri(config["logo_url"].as_str().unwrap()))
        .await;
    assert_eq!(logo.status(), 200);
    assert_eq!(header(&logo, "content-type"), "image/svg+xml");
    assert_eq!(header(&logo, "x-content-type-options"), "nosniff");
    let policy = header(&logo, "content-security-policy");
    assert!(policy.starts_with("default-src 'none';") && policy.contains("sandbox"));
    assert_eq!(text(logo).await.as_bytes(), drawing);
}
