//! Keys that are bound to hosts, methods, paths and networks.

use serde_json::{Value, json};

use super::super::api::{Api, answer, with_json};
use crate::support::app::TestLodge;

async fn manager(lodge: &TestLodge) -> Api {
    Api::of(lodge, "alice", &["gatelodge:keys", "models:*"]).await
}

async fn minted(api: &Api, body: &Value) -> Value {
    let request = with_json(api.request("POST", "/api/me/tokens"), body);
    answer(request).await.is(201).json()
}

async fn edited(api: &Api, id: &Value, body: &Value) -> super::super::api::Answer {
    let path = format!("/api/me/tokens/{}", id.as_str().unwrap());
    answer(with_json(api.request("PATCH", &path), body)).await
}

async fn ask(lodge: &TestLodge, key: &Value, facts: &[(&str, &str)]) -> u16 {
    let key = [("x-api-key", key.as_str().unwrap())];
    let headers: Vec<_> = key.into_iter().chain(facts.iter().copied()).collect();
    lodge.ask("/forward-auth", &headers).await.status().as_u16()
}

const FACTS: [(&str, &str); 4] = [
    ("x-forwarded-method", "GET"),
    ("x-forwarded-host", "api.example.com"),
    ("x-forwarded-uri", "/v1/models/7"),
    ("x-forwarded-for", "203.0.113.7"),
];

fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let others = FACTS.into_iter().filter(|(other, _)| *other != name);
    others.chain([(name, value)]).collect()
}

#[tokio::test]
async fn a_bound_key_opens_what_it_is_bound_to_and_nothing_else() {
    let lodge = TestLodge::start().await;
    let api = manager(&lodge).await;
    let bounds = json!({
        "hosts": ["*.Example.com"], "methods": ["GET", "HEAD"],
        "paths": ["/v1/models/**"], "networks": ["203.0.113.9/24"],
    });
    let key = minted(&api, &bounds).await;
    assert_eq!(key["hosts"], json!(["*.example.com"]));
    assert_eq!(key["networks"], json!(["203.0.113.0/24"]));
    let token = &key["token"];
    assert_eq!(ask(&lodge, token, &FACTS).await, 204);
    for (name, value, status) in [
        ("x-forwarded-host", "example.com", 403),
        ("x-forwarded-method", "DELETE", 403),
        ("x-forwarded-uri", "/v1/other", 403),
        ("x-forwarded-uri", "/v1/models/../other", 400),
        ("x-forwarded-for", "198.51.100.1", 403),
    ] {
        let facts = with(name, value);
        assert_eq!(ask(&lodge, token, &facts).await, status, "{name}: {value}");
    }
    // What the proxy does not say is not known, and what is not known opens nothing.
    assert_eq!(ask(&lodge, token, &[]).await, 400);
    let holder = Api::holding(&lodge, token.as_str().unwrap());
    holder.get("/api/me").await.is(403);
}

#[tokio::test]
async fn bounds_can_be_narrowed_and_never_widened() {
    let lodge = TestLodge::start().await;
    let api = manager(&lodge).await;
    let key = minted(&api, &json!({"paths": ["/v1/**"]})).await;
    let id = &key["id"];
    for (wider, field) in [
        (json!({"paths": []}), "paths"),
        (json!({"paths": ["/**"]}), "paths"),
        (json!({"paths": ["/v1/a", "/v2"]}), "paths"),
    ] {
        let refused = edited(&api, id, &wider).await.is(400);
        assert_eq!(refused.member("field"), field, "{wider}");
    }
    let narrower = json!({"paths": ["/v1/a/*"], "methods": ["GET"], "hosts": ["api.example.com"]});
    let narrowed = edited(&api, id, &narrower).await.is(200).json();
    assert_eq!(narrowed["paths"], json!(["/v1/a/*"]));
    assert_eq!(ask(&lodge, &key["token"], &FACTS).await, 403);
    assert_eq!(
        ask(&lodge, &key["token"], &with("x-forwarded-uri", "/v1/a/b")).await,
        204
    );
}

#[tokio::test]
async fn a_successor_is_bound_like_the_key_whose_place_it_takes() {
    let lodge = TestLodge::start().await;
    let api = manager(&lodge).await;
    let key = minted(&api, &json!({"hosts": ["other.example.com"]})).await;
    let path = format!("/api/me/tokens/{}/rotate", key["id"].as_str().unwrap());
    let rotated = answer(with_json(api.request("POST", &path), &json!({}))).await;
    let rotated = rotated.is(201).json();
    assert_eq!(rotated["hosts"], key["hosts"]);
    assert_eq!(ask(&lodge, &rotated["token"], &FACTS).await, 403);
}

#[tokio::test]
async fn what_is_no_bound_is_refused_by_its_place() {
    let lodge = TestLodge::start().await;
    let api = manager(&lodge).await;
    let many: Vec<_> = (0..65).map(|n| format!("/{n}")).collect();
    for (body, field) in [
        (json!({"hosts": ["a.test", "b.test:1"]}), "hosts[1]"),
        (json!({"paths": ["/a/../b"]}), "paths[0]"),
        (json!({"methods": ["get"]}), "methods[0]"),
        (json!({"networks": ["10.0.0.0/33"]}), "networks[0]"),
        (json!({"paths": many}), "paths"),
    ] {
        let request = with_json(api.request("POST", "/api/me/tokens"), &body);
        let refused = answer(request).await.is(400);
        assert_eq!(refused.member("field"), field, "{body}");
    }
}
