//! What is true of every answer, and what people see at `/`.

use serde_json::{Value, json};

use super::api::{Api, answer};
use crate::support::app::TestLodge;

#[tokio::test]
async fn every_answer_is_guarded_and_has_an_id() {
    let lodge = TestLodge::start().await;
    let nobody = Api::nobody(&lodge);
    for path in [
        "/",
        "/docs",
        "/api/me",
        "/api/nothing",
        "/nothing",
        "/health/live",
        "/frontend/config",
    ] {
        let answer = nobody.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("strict-transport-security", ""),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(
            answer.header("permissions-policy").contains("camera=()"),
            "{path}"
        );
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
        if path.starts_with("/api") {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}

#[tokio::test]
async fn a_harmless_request_id_is_taken_over() {
    let lodge = TestLodge::start().await;
    let nobody = Api::nobody(&lodge);
    let with_id = |id: &str| nobody.request("GET", "/api/me").header("x-request-id", id);
    let taken = answer(with_id("trace-1")).await.is(401);
    assert_eq!(taken.header("x-request-id"), "trace-1");
    assert_eq!(taken.member("request_id"), "trace-1");
    let made = answer(with_id("a\"b")).await.is(401);
    assert!(!made.header("x-request-id").contains('"'), "{made:?}");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let lodge = TestLodge::start().await;
    let nobody = Api::nobody(&lodge);
    for path in [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/me/",
        "/nothing",
        "/health",
    ] {
        nobody.get(path).await.is(404).problem("not-found");
    }
    for (method, path, allow) in [
        ("POST", "/api/me", "GET, HEAD"),
        ("PUT", "/api/me/tokens", "GET, HEAD, POST, DELETE"),
        ("OPTIONS", "/api/me/tokens/x", "GET, HEAD, PATCH, DELETE"),
        ("GET", "/api/me/tokens/x/rotate", "POST"),
        ("POST", "/docs", "GET, HEAD"),
    ] {
        let refused = answer(nobody.request(method, path)).await.is(405);
        refused.problem("method-not-allowed");
        assert_eq!(refused.header("allow"), allow, "{method} {path}");
    }
    let head = answer(nobody.request("HEAD", "/frontend/config"))
        .await
        .is(200);
    assert_eq!(head.text, "");
}

#[tokio::test]
async fn a_request_for_another_host_is_refused() {
    let lodge = TestLodge::start().await;
    let nobody = Api::nobody(&lodge);
    let to = |host: &str, path: &str| nobody.request("GET", path).header("host", host);
    for path in ["/", "/api/me", "/docs", "/frontend/config"] {
        let refused = answer(to("evil.example", path)).await.is(421);
        refused.problem("misdirected-request");
    }
    answer(to("localhost:1", "/frontend/config")).await.is(200);
    // Probes come by whatever address.
    answer(to("10.1.2.3:8080", "/health/live")).await.is(200);
}

#[tokio::test]
async fn a_front_end_is_told_what_the_former_service_told_it() {
    let lodge = TestLodge::start().await;
    let config = Api::nobody(&lodge)
        .get("/frontend/config")
        .await
        .is(200)
        .json();
    let mut names: Vec<_> = config.as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(
        json!(names),
        json!([
            "api_base_url",
            "api_docs_path",
            "app_name",
            "docs_html",
            "oidc_authority",
            "oidc_client_id",
            "oidc_redirect_uri"
        ])
    );
    assert_eq!(config["api_docs_path"], "/docs");
}

#[tokio::test]
async fn probes_are_answered_by_part() {
    let lodge = TestLodge::start().await;
    let nobody = Api::nobody(&lodge);
    assert_eq!(
        nobody.get("/health/live").await.is(200).json(),
        json!({"status": "ok"})
    );
    let ready = nobody.get("/health/ready").await.is(200).json();
    assert_eq!(ready["status"], "ready");
    assert_eq!(ready["parts"]["store"]["status"], "ok");
    assert_ne!(ready["parts"]["salts"], Value::Null);
    assert!(ready["parts"]["issuers"].is_array());
}
