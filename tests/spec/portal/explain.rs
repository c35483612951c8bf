//! Trying requests at a gate: `/api/gates/{gate}/explain`.

use serde_json::{Value, json};

use super::api::{Answer, Api, answer, with_json};
use crate::support::app::TestLodge;

const GATES: &str = r#"[{"name": "app", "rules": [
    {"hosts": ["app.test"], "paths": ["/public/**"], "allow": "anyone"},
    {"hosts": ["app.test"], "networks": ["10.0.0.0/8"], "scopes": ["app:read"]}
]}]"#;

async fn explained(api: &Api, gate: &str, body: &Value) -> Answer {
    let path = format!("/api/gates/{gate}/explain");
    answer(with_json(api.request("POST", &path), body)).await
}

#[tokio::test]
async fn an_administrator_hears_which_rule_decides_and_why() {
    let lodge = TestLodge::start_with(&[("GATELODGE_GATES", GATES)]).await;
    let admin = Api::administrator(&lodge);
    let key = lodge.mint("alice", &["app:read"]).await;
    let id = &key[4..20];
    let url = "https://APP.test/v1";
    for (gate, body, outcome, reason, rule) in [
        (
            "app",
            json!({"url": "https://app.test/public/a"}),
            "allow",
            Value::Null,
            json!(0),
        ),
        (
            "app",
            json!({"url": url}),
            "malformed",
            json!("fact_missing"),
            Value::Null,
        ),
        (
            "app",
            json!({"url": url, "address": "10.1.2.3"}),
            "challenge",
            json!("no_credential"),
            json!(1),
        ),
        (
            "app",
            json!({"url": url, "address": "10.1.2.3", "key_id": id}),
            "allow",
            Value::Null,
            json!(1),
        ),
        (
            "app",
            json!({"url": url, "address": "10.1.2.3", "owner": "bob"}),
            "forbid",
            json!("missing_scope"),
            json!(1),
        ),
        (
            "app",
            json!({"url": url, "address": "192.0.2.1"}),
            "forbid",
            json!("no_rule"),
            Value::Null,
        ),
        (
            "app",
            json!({"url": "https://app.test/public/../v1"}),
            "malformed",
            json!("path_ambiguous"),
            Value::Null,
        ),
        (
            "default",
            json!({"key_id": id}),
            "allow",
            Value::Null,
            json!(0),
        ),
        (
            "nowhere",
            json!({}),
            "forbid",
            json!("unknown_gate"),
            Value::Null,
        ),
    ] {
        let said = explained(&admin, gate, &body).await.is(200).json();
        let found = (&said["outcome"], &said["reason"], &said["rule"]);
        assert_eq!(found, (&json!(outcome), &reason, &rule), "{gate} {body}");
    }
    for (body, field) in [
        (json!({"key_id": "x"}), "key_id"),
        (json!({"owner": "bob", "key_id": id}), "owner"),
        (json!({"url": "/v1"}), "url"),
        (json!({"address": "ten"}), "address"),
    ] {
        let refused = explained(&admin, "app", &body).await.is(400);
        assert_eq!(refused.member("field"), field, "{body}");
    }
}

#[tokio::test]
async fn each_rule_says_why_it_does_not_decide_and_the_upstream_is_told_of_who_passes() {
    let lodge = TestLodge::start_with(&[("GATELODGE_GATES", GATES)]).await;
    let admin = Api::administrator(&lodge);
    let key = lodge.mint("alice", &["app:read"]).await;
    let (id, url) = (&key[4..20], "https://app.test/v1");
    let said = explained(
        &admin,
        "app",
        &json!({"url": url, "address": "10.1.2.3", "key_id": id}),
    )
    .await
    .is(200)
    .json();
    let trials = json!([{"result": "misses", "fact": "path"}, {"result": "decides"}]);
    assert_eq!(said["rules"], trials);
    let user = json!({"name": "X-Authenticated-User", "value": "alice"});
    assert!(
        said["headers"].as_array().unwrap().contains(&user),
        "{said}"
    );
    let refused = explained(&admin, "app", &json!({"url": url, "address": "10.1.2.3"}))
        .await
        .is(200)
        .json();
    assert_eq!(refused["headers"], json!([]));
    let unknown = explained(&admin, "app", &json!({"url": url}))
        .await
        .is(200)
        .json();
    let trials = json!([
        {"result": "misses", "fact": "path"},
        {"result": "unknown", "reason": "fact_missing"},
    ]);
    assert_eq!(unknown["rules"], trials);
}

#[tokio::test]
async fn a_browser_is_explained_as_it_would_fare() {
    let gates =
        r#"[{"name": "app", "rules": [{"paths": ["/keys"]}, {"credentials": ["session"]}]}]"#;
    let lodge = TestLodge::start_with(&[
        ("GATELODGE_GATES", gates),
        ("GATELODGE_PUBLIC_URL", "https://lodge.example.com"),
    ])
    .await;
    let admin = Api::administrator(&lodge);
    lodge.cookie_of("bob").await;
    for (body, outcome, reason) in [
        (
            json!({"owner": "bob", "session": true}),
            "allow",
            Value::Null,
        ),
        (
            json!({"owner": "bob"}),
            "challenge",
            json!("credential_kind"),
        ),
        (
            json!({"owner": "nobody", "session": true}),
            "challenge",
            json!("session_unknown"),
        ),
    ] {
        let mut body = body;
        body["url"] = json!("https://app.example.com/");
        let said = explained(&admin, "app", &body).await.is(200).json();
        assert_eq!(
            (&said["outcome"], &said["reason"]),
            (&json!(outcome), &reason),
            "{body}"
        );
    }
    let keys = json!({"url": "https://a.example.com/keys", "owner": "bob", "session": true});
    let said = explained(&admin, "app", &keys).await.is(200).json();
    assert_eq!(said["reason"], "credential_kind");
    let whose = explained(&admin, "app", &json!({"session": true})).await;
    assert_eq!(whose.refused_field(), "session");
}
