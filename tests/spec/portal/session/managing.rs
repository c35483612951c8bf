//! Where somebody is signed in, and how that ends.

use gatelodge::domain::subject::{Owner, Tenant};
use serde_json::{Value, json};

use super::super::api::Api;
use super::super::browser::{Browser, FIREFOX, person};
use crate::support::app::TestLodge;

async fn ids(browser: &Browser) -> Vec<String> {
    let list = browser.get("/api/me/sessions").await.is(200).json();
    let id = |line: &Value| line["id"].as_str().unwrap().to_owned();
    list.as_array().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn somebody_sees_where_they_are_signed_in() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    Browser::of(&lodge, "corp:alice").await;
    Browser::of(&lodge, "corp:bob").await;

    let list = browser.get("/api/me/sessions").await.is(200);

    assert!(!list.text.contains(&browser.cookie));
    let list = list.json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    let mine = &list[1];
    assert_eq!(
        (&list[0]["current"], &mine["current"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(mine["browser"], "Firefox");
    assert_eq!(mine["system"], "Linux");
    assert_eq!(mine["user_agent"], FIREFOX);
    assert_eq!(mine["address"], "192.0.2.7");
    assert_eq!(mine["method"], "oidc");
    assert_eq!(mine["provider"], "corp");
    for time in ["created_at", "last_seen_at", "expires_at"] {
        assert!(mine[time].as_str().unwrap().ends_with('Z'), "{time}");
    }
}

#[tokio::test]
async fn somebody_ends_one_session_the_others_or_all() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    let mine = ids(&browser).await[0].clone();
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(Browser::of(&lodge, "corp:alice").await);
    }
    let bob = Browser::of(&lodge, "corp:bob").await;

    let one = ids(&browser)
        .await
        .into_iter()
        .find(|id| *id != mine)
        .unwrap();
    let path = format!("/api/me/sessions/{one}");
    bob.send("DELETE", &path).await.is(404);
    browser.send("DELETE", &path).await.is(204);
    browser
        .send("DELETE", &path)
        .await
        .is(404)
        .problem("not-found");
    browser.send("DELETE", "/api/me/sessions/x").await.is(404);
    assert_eq!(ids(&browser).await.len(), 3);

    let ended = browser.send("DELETE", "/api/me/sessions").await.is(200);
    assert_eq!(ended.json(), json!({"ended": 2}));
    assert_eq!(ids(&browser).await, [mine]);
    for other in &others {
        other.get("/api/me").await.is(401);
    }
    bob.get("/api/me").await.is(200);

    let path = "/api/me/sessions?all=maybe";
    assert_eq!(browser.send("DELETE", path).await.refused_field(), "all");
    let ended = browser
        .send("DELETE", "/api/me/sessions?all=true")
        .await
        .is(200);
    assert_eq!(ended.json(), json!({"ended": 1}));
    browser
        .get("/api/me")
        .await
        .is(401)
        .problem("session-ended");
}

#[tokio::test]
async fn sessions_are_for_persons() {
    let lodge = TestLodge::start().await;
    let manager = Api::manager(&lodge, "corp:alice").await;
    for path in ["/api/me/sessions", "/api/gates"] {
        manager
            .get(path)
            .await
            .is(403)
            .problem("insufficient-rights");
    }
    manager.delete("/api/me/sessions").await.is(403);
}

#[tokio::test]
async fn an_administrator_sees_and_ends_sessions_of_their_own_tenant() {
    let lodge = TestLodge::start().await;
    let root = Browser::of_administrator(&lodge, "corp:root").await;
    let alice = Browser::of(&lodge, "corp:alice").await;
    let second = Browser::of(&lodge, "corp:alice").await;

    let path = "/api/users/corp:alice/sessions";
    alice.get(path).await.is(403);
    let list = root.get(path).await.is(200).json();
    assert_eq!(list.as_array().unwrap().len(), 2);
    assert!(
        list.as_array()
            .unwrap()
            .iter()
            .all(|line| line["current"] == false)
    );

    let id = list[0]["id"].as_str().unwrap();
    root.send("DELETE", &format!("{path}/{id}")).await.is(204);
    root.send("DELETE", &format!("{path}/{id}")).await.is(404);
    let ended = root.send("DELETE", path).await.is(200);
    assert_eq!(ended.json(), json!({"ended": 1}));
    for browser in [&alice, &second] {
        browser.get("/api/me").await.is(401);
    }
    root.get("/api/me").await.is(200);
    assert_eq!(root.get(path).await.is(200).json(), json!([]));
}

#[tokio::test]
async fn whoever_is_disabled_is_signed_out_at_once_and_their_keys_are_refused() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    let minted = browser.post("/api/me/tokens", json!({})).await.is(201);
    let bearer = format!("Bearer {}", minted.member("token"));
    let asks = async || {
        lodge
            .ask("/forward-auth", &[("authorization", &bearer)])
            .await
    };
    assert_eq!(asks().await.status(), 204);

    let tenant = Tenant::default();
    let alice = Owner::from_record("corp", "alice").unwrap();
    lodge
        .sessions()
        .disable_owner(&tenant, &alice, "root")
        .await
        .unwrap();

    browser
        .get("/api/me")
        .await
        .is(401)
        .problem("session-ended");
    assert_eq!(asks().await.status(), 401);

    // Whatever else is lost: they stay disabled.
    lodge.lose_principal("corp:alice").await;
    assert_eq!(asks().await.status(), 401);

    lodge
        .sessions()
        .enable_owner(&tenant, &alice)
        .await
        .unwrap();
    assert_eq!(asks().await.status(), 204);
    browser.get("/api/me").await.is(401);
}

#[tokio::test]
async fn the_catalogue_says_what_people_may_grant() {
    let scopes =
        r#"[{"name":"models:read","description":"Ask"},{"name":"models:train","groups":["ml"]}]"#;
    let lodge = TestLodge::start_with(&[("GATELODGE_SCOPES", scopes)]).await;
    let alice = Browser::of(&lodge, "corp:alice").await;
    let ml = Browser::signed_in(&lodge, &person("corp:bob", &["ml"], false)).await;
    let root = Browser::of_administrator(&lodge, "corp:root").await;

    let grantable = async |browser: &Browser| {
        let list = browser.get("/api/scopes").await.is(200).json();
        assert_eq!(list[0]["name"], "models:read");
        assert_eq!(list[0]["description"], "Ask");
        [&list[0]["grantable"], &list[1]["grantable"]].map(|flag| flag.as_bool().unwrap())
    };
    assert_eq!(grantable(&alice).await, [true, false]);
    assert_eq!(grantable(&ml).await, [true, true]);
    assert_eq!(grantable(&root).await, [true, true]);
    let me = alice.get("/api/me").await.is(200).json();
    assert_eq!(
        me["scopes_grantable"],
        json!(["models:read", "gatelodge:keys"])
    );

    let train = json!({"scopes": ["models:train"]});
    alice.post("/api/me/tokens", train.clone()).await.is(403);
    ml.post("/api/me/tokens", train.clone()).await.is(201);
    let other = json!({"scopes": ["other"]});
    ml.post("/api/me/tokens", other.clone()).await.is(403);
    root.post("/api/me/tokens", other).await.is(201);

    // Who leaves the group takes the scope from their keys.
    let minted = ml.post("/api/me/tokens", train).await.is(201);
    let bearer = format!("Bearer {}", minted.member("token"));
    let held = async || {
        let asked = lodge
            .ask("/forward-auth", &[("authorization", &bearer)])
            .await;
        let scopes = asked.headers().get("x-authenticated-scopes").unwrap();
        scopes.to_str().unwrap().to_owned()
    };
    assert_eq!(held().await, "models:train");
    Browser::signed_in(&lodge, &person("corp:bob", &[], false)).await;
    assert_eq!(held().await, "");
}

#[tokio::test]
async fn people_see_what_the_gates_ask_for() {
    let gates =
        r#"[{"name":"models","rules":[{"credentials":["api_key"],"scopes":["models:read"]}]}]"#;
    let lodge = TestLodge::start_with(&[("GATELODGE_GATES", gates)]).await;
    let alice = Browser::of(&lodge, "corp:alice").await;

    let list = alice.get("/api/gates").await.is(200).json();

    assert_eq!(list[0]["name"], "models");
    assert_eq!(list[0]["credentials"], json!(["api_key"]));
    assert_eq!(list[0]["rules"][0]["allow"], "authenticated");
    assert_eq!(list[0]["rules"][0]["scopes"], json!(["models:read"]));
    assert_eq!(list[1]["name"], "default");
}
