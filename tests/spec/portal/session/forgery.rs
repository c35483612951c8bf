//! What a page of somebody else makes a browser send.

use serde_json::json;

use super::super::api::{answer, with_json};
use super::super::browser::Browser;
use crate::support::app::TestLodge;

/// Requests that change something, each of them harmless if it is refused.
const CHANGES: [(&str, &str); 7] = [
    ("POST", "/api/me/tokens"),
    ("DELETE", "/api/me/tokens"),
    ("PATCH", "/api/me/tokens/00abcdefghABCDEF"),
    ("POST", "/api/me/tokens/00abcdefghABCDEF/rotate"),
    ("DELETE", "/api/me/sessions"),
    ("DELETE", "/api/session"),
    ("POST", "/api/users/corp:alice/tokens"),
];

#[tokio::test]
async fn a_request_of_a_session_that_changes_something_must_come_from_a_page_of_ours() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of_administrator(&lodge, "corp:root").await;
    let other = Browser::of(&lodge, "corp:mallory").await;
    let (ours, token) = (lodge.url(), browser.csrf.as_str());
    let elsewhere = "https://evil.example";
    let attempts: &[&[(&str, &str)]] = &[
        &[],
        &[("origin", &ours)],
        &[("origin", &ours), ("sec-fetch-site", "same-origin")],
        &[("origin", &ours), ("x-csrf-token", "")],
        &[("origin", &ours), ("x-csrf-token", &token[1..])],
        &[("origin", &ours), ("x-csrf-token", &other.csrf)],
        &[("origin", &ours), ("x-csrf-token", &browser.cookie)],
        &[
            ("origin", &ours),
            ("x-csrf-token", token),
            ("x-csrf-token", token),
        ],
        &[("origin", elsewhere), ("x-csrf-token", token)],
        &[("origin", "null"), ("x-csrf-token", token)],
        &[("origin", "http://localhost:1"), ("x-csrf-token", token)],
        &[("sec-fetch-site", "cross-site"), ("x-csrf-token", token)],
        &[("sec-fetch-site", "same-site"), ("x-csrf-token", token)],
        &[("sec-fetch-site", "none"), ("x-csrf-token", token)],
        &[
            ("origin", &ours),
            ("origin", elsewhere),
            ("x-csrf-token", token),
        ],
    ];
    for (method, path) in CHANGES {
        for fields in attempts {
            let mut request = browser.bare(method, path);
            for (name, value) in *fields {
                request = request.header(*name, *value);
            }
            let refused = answer(with_json(request, &json!({}))).await;
            assert_eq!(
                refused.status, 403,
                "{method} {path} {fields:?}: {refused:?}"
            );
            refused.problem("forged-request");
        }
    }
    assert_eq!(
        browser.get("/api/me/tokens").await.is(200).json(),
        json!([])
    );
    browser.post("/api/me/tokens", json!({})).await.is(201);
}

#[tokio::test]
async fn whoever_is_no_browser_needs_the_token_all_the_same() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    let request = browser.bare("POST", "/api/me/tokens");
    let request = request.header("x-csrf-token", &browser.csrf);
    answer(with_json(request, &json!({}))).await.is(201);
}

#[tokio::test]
async fn a_credential_needs_no_token() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    let key = lodge.mint("corp:bob", &["gatelodge:keys"]).await;
    let request = browser
        .bare("POST", "/api/me/tokens")
        .header("origin", "https://spa.example")
        .header("sec-fetch-site", "cross-site")
        .header("authorization", format!("Bearer {key}"));
    let minted = answer(with_json(request, &json!({}))).await.is(201);
    assert_eq!(minted.member("sub"), "corp:bob");
}

#[tokio::test]
async fn behind_https_pages_come_from_the_public_url() {
    let public = ("GATELODGE_PUBLIC_URL", "https://lodge.example.org");
    let lodge = TestLodge::start_with(&[public]).await;
    let (cookie, csrf) = lodge.cookie_of("corp:alice").await;
    let delete = |origin: &str, cookie: String| {
        let request = lodge
            .client()
            .delete(format!("{}/api/me/sessions", lodge.url()));
        answer(
            request
                .header("host", "lodge.example.org")
                .header("origin", origin)
                .header("cookie", cookie)
                .header("x-csrf-token", &csrf),
        )
    };
    let ours = format!("__Host-gl_session={cookie}");
    for origin in [
        "http://lodge.example.org",
        "https://lodge.example.org:8443",
        "https://sub.lodge.example.org",
    ] {
        delete(origin, ours.clone()).await.is(403);
    }
    delete(public.1, ours).await.is(200);
    // A page on a sister host can plant a cookie of this name, not of the other.
    delete(public.1, format!("gl_session={cookie}"))
        .await
        .is(401);
}
