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
