//! `/health/ready` when something is wrong.

use actix_web::test::{self, TestRequest};
use gatelodge::http::health::{Health, Part, PartState};
use serde_json::{Value, json};

use super::{Alone, header, options};

fn health(ready: bool, store: PartState) -> Health {
    let issuer = PartState::Degraded("its keys are old".to_owned());
    Health {
        ready,
        parts: vec![
            Part::new("store", store),
            Part::new("salts", PartState::Well),
        ],
        issuers: vec![Part::new("corp", issuer)],
    }
}

fn parts(store: &Value) -> Value {
    json!({
        "store": store,
        "salts": {"status": "ok"},
        "issuers": [{"name": "corp", "status": "degraded", "detail": "its keys are old"}],
    })
}

#[actix_web::test]
async fn an_issuer_alone_does_not_turn_the_gate_away() {
    let portal = Alone::new(options(), health(true, PartState::Well)).await;
    let answer = portal.answer(TestRequest::with_uri("/health/ready")).await;
    assert_eq!(answer.status(), 200);
    let body: Value = test::read_body_json(answer).await;
    let wanted = json!({"status": "ready", "parts": parts(&json!({"status": "ok"}))});
    assert_eq!(body, wanted);
}

#[actix_web::test]
async fn what_is_wrong_is_said_by_part() {
    let down = PartState::Down("does not answer".to_owned());
    let portal = Alone::new(options(), health(false, down)).await;
    let answer = portal.answer(TestRequest::with_uri("/health/ready")).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(header(&answer, "retry-after"), "1");
    assert_eq!(header(&answer, "content-type"), "application/problem+json");
    let body: Value = test::read_body_json(answer).await;
    assert_eq!(body["type"], "urn:gatelodge:problem:unavailable");
    assert_eq!(body["status"], 503);
    let store = json!({"status": "down", "detail": "does not answer"});
    assert_eq!(body["parts"], parts(&store));
    // A process that runs is not to be started anew for that.
    let live = portal.answer(TestRequest::with_uri("/health/live")).await;
    assert_eq!(live.status(), 200);
}

#[actix_web::test]
async fn an_administrator_sees_errors_in_their_own_words_and_issuers_of_their_tenant_only() {
    let portal = Alone::with(options()).await;
    let (status, said) = portal
        .json("admin root", "GET", "/api/health", json!({}))
        .await;
    assert_eq!(status, 200);
    assert_eq!(
        said["store"]["error"],
        "the store is unavailable: timed out"
    );
    assert_eq!(said["running_seconds"], 61);
    assert_eq!(said["complete"], false);
    let issuers = said["issuers"].as_array().unwrap();
    assert_eq!(issuers.len(), 1, "{issuers:?}");
    assert_eq!(issuers[0]["realm"], "corp");
    assert_eq!(issuers[0]["last_error"], "connection refused");
    let (status, _) = portal
        .json("person alice", "GET", "/api/health", json!({}))
        .await;
    assert_eq!(status, 403);
}
