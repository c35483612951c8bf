//! `GET /api/me/usage` and `GET /api/me/tokens/{id}/usage`.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::api::Api;
use crate::support::app::TestLodge;

const PATH: &str = "/api/me/tokens";

/// Asks until the answer is as it should be: uses are written down in the
/// background.
async fn until(api: &Api, path: &str, is_right: impl Fn(&Value) -> bool) -> Value {
    let mut answer = Value::Null;
    for _ in 0..400 {
        answer = api.get(path).await.is(200).json();
        if is_right(&answer) {
            return answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{answer:#}");
}

#[tokio::test]
async fn a_key_that_passes_and_is_refused_is_counted() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let minted = alice.post(PATH, json!({"name": "ci"})).await.is(201);
    let (id, text) = (minted.member("id"), minted.member("token"));
    let bearer = format!("Bearer {text}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("x-forwarded-for", "203.0.113.9, 192.0.2.77"),
    ];
    for _ in 0..3 {
        let answer = lodge.ask("/forward-auth", &headers).await;
        assert_eq!(answer.status(), 204);
    }
    let shown = until(&alice, &format!("{PATH}/{id}"), |key| {
        !key["last_used_at"].is_null()
    })
    .await;
    assert_eq!(shown["name"], "ci");

    let disabled = json!({"disabled": true});
    alice.patch(&format!("{PATH}/{id}"), disabled).await.is(200);
    let answer = lodge.ask("/forward-auth", &headers).await;
    assert_eq!(answer.status(), 401);

    let usage = until(&alice, &format!("{PATH}/{id}/usage?days=7"), |usage| {
        usage["today"]["refused"] == 1
    })
    .await;
    assert_eq!(
        usage["today"],
        json!({"allowed": 3, "refused": 1, "networks": 1})
    );
    let hours = usage["hours"].as_array().unwrap();
    assert_eq!(hours.len(), 48);
    assert_eq!(hours[47]["allowed"], 3);
    assert_eq!(hours[47]["refused"], json!({"key_disabled": 1}));
    let days = usage["days"].as_array().unwrap();
    assert_eq!(days.len(), 7);
    assert_eq!(days[6]["allowed"], 3);
    let networks = usage["networks"].as_array().unwrap();
    assert_eq!(networks[0]["network"], "192.0.2.0/24");
    assert_eq!(networks[0]["count"], 4);

    let all = alice.get("/api/me/usage?days=2").await.is(200).json();
    assert_eq!(all[&id], json!([0, 3]));
    let same = Api::administrator(&lodge);
    let same = same.get("/api/users/alice/usage?days=1").await.is(200);
    assert_eq!(same.json()[&id], json!([3]));
}

#[tokio::test]
async fn nobody_sees_the_use_of_another_ones_key() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let bob = Api::manager(&lodge, "bob").await;
    let id = alice.post(PATH, json!({})).await.is(201).member("id");
    let path = format!("{PATH}/{id}/usage");
    alice.get(&path).await.is(200);
    bob.get(&path).await.is(404);
    alice.get(&format!("{path}?days=0")).await.is(400);
    alice.get("/api/me/usage?day=1").await.is(400);
}
