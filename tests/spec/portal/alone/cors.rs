//! Cross-origin requests, where the operator wants them; and what HTTPS adds.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use gatelodge::http::cors::Cors;
use gatelodge::http::host::HostRule;
use gatelodge::http::security_headers::SecurityHeaders;
use gatelodge::portal::PortalOptions;

use super::{Alone, header, options};

const APP: &str = "https://app.example.org";

async fn with(cors: Cors) -> Alone {
    Alone::with(PortalOptions {
        cors: Some(cors),
        ..options()
    })
    .await
}

fn preflight(origin: &str) -> TestRequest {
    TestRequest::with_uri("/api/me/tokens")
        .method(Method::OPTIONS)
        .insert_header(("origin", origin))
        .insert_header(("access-control-request-method", "POST"))
}

#[actix_web::test]
async fn a_listed_origin_may_do_what_the_former_service_let_it_and_edit() {
    let portal = with(Cors::Origins(vec![APP.to_owned()])).await;
    let answer = portal.answer(preflight(APP)).await;
    assert_eq!(answer.status(), 204);
    for (name, value) in [
        ("access-control-allow-origin", APP),
        (
            "access-control-allow-methods",
            "GET, POST, PATCH, DELETE, OPTIONS",
        ),
        (
            "access-control-allow-headers",
            "authorization, content-type, idempotency-key",
        ),
        ("access-control-max-age", "3600"),
        ("access-control-allow-credentials", ""),
        ("vary", "Origin"),
    ] {
        assert_eq!(header(&answer, name), value, "{name}");
    }
    let refused = TestRequest::with_uri("/api/me").insert_header(("origin", APP));
    let refused = portal.answer(refused).await;
    assert_eq!(refused.status(), 401, "a refusal can be read, too");
    assert_eq!(header(&refused, "access-control-allow-origin"), APP);
    assert!(header(&refused, "access-control-expose-headers").contains("x-request-id"));
}

#[actix_web::test]
async fn another_origin_may_nothing_and_caches_are_warned() {
    let portal = with(Cors::Origins(vec![APP.to_owned()])).await;
    let answer = portal.answer(preflight("https://evil.example")).await;
    assert_eq!(header(&answer, "access-control-allow-origin"), "");
    let plain = portal
        .answer(TestRequest::with_uri("/frontend/config"))
        .await;
    assert_eq!(plain.status(), 200);
    assert_eq!(header(&plain, "vary"), "Origin");
}

#[actix_web::test]
async fn any_origin_is_a_star() {
    let portal = with(Cors::AnyOrigin).await;
    let answer = portal.answer(preflight("null")).await;
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
}

#[actix_web::test]
async fn a_foreign_host_is_refused_before_all_else() {
    let portal = Alone::with(PortalOptions {
        cors: Some(Cors::AnyOrigin),
        hosts: HostRule::loopback_and([]),
        ..options()
    })
    .await;
    let answer = portal
        .answer(preflight(APP).insert_header(("host", "evil.example")))
        .await;
    assert_eq!(answer.status(), 421);
}

#[actix_web::test]
async fn strict_transport_is_promised_only_by_https() {
    let portal = Alone::with(PortalOptions {
        security_headers: SecurityHeaders { https: true },
        ..options()
    })
    .await;
    let answer = portal.answer(TestRequest::with_uri("/")).await;
    assert_eq!(
        header(&answer, "strict-transport-security"),
        "max-age=31536000"
    );
}
