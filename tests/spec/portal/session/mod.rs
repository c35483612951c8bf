//! Browsers that people signed in with.

mod dev_user;
mod forgery;
mod managing;

use std::time::Duration;

use serde_json::{Value, json};

use super::api::{Api, answer};
use super::browser::{Browser, person};
use crate::support::app::TestLodge;

#[tokio::test]
async fn whoever_is_not_signed_in_learns_how_to() {
    let lodge = TestLodge::start().await;
    let state = Api::nobody(&lodge).get("/api/session").await.is(200);
    assert_eq!(state.header("cache-control"), "no-store");
    assert_eq!(
        state.json(),
        json!({
            "signed_in": false,
            "me": null,
            "csrf": null,
            "session": null,
            "must_change_password": false,
            "ways": {"password": true, "dev_user": false, "providers": []},
        })
    );
}

#[tokio::test]
async fn a_browser_learns_who_is_signed_in_and_until_when() {
    let lodge = TestLodge::start().await;
    let browser = Browser::signed_in(&lodge, &person("corp:alice", &["staff"], false)).await;

    let state = browser.get("/api/session").await.is(200).json();

    assert_eq!(state["signed_in"], true);
    assert_eq!(state["me"]["owner"], "corp:alice");
    assert_eq!(state["me"]["method"], "session");
    assert_eq!(state["me"]["provider"], "corp");
    assert_eq!(state["me"]["groups"], json!(["staff"]));
    assert_eq!(state["me"]["key_id"], Value::Null);
    assert_eq!(state["session"]["id"].as_str().unwrap().len(), 16);
    assert!(!state.to_string().contains(&browser.cookie));
    let time = |name: &str| state["session"][name].as_str().unwrap().to_owned();
    assert!(time("created_at").starts_with("2026-11-24T12:00:00"));
    assert!(time("idle_expires_at").starts_with("2026-11-24T20:00:00"));
    assert!(time("expires_at").starts_with("2026-12-01T12:00:00"));
    assert_eq!(browser.get("/api/me").await.is(200).json(), state["me"]);
}

#[tokio::test]
async fn a_session_manages_its_owners_keys_and_an_administrators_those_of_everybody() {
    let lodge = TestLodge::start().await;
    let alice = Browser::of(&lodge, "corp:alice").await;
    let root = Browser::of_administrator(&lodge, "corp:root").await;

    let minted = alice
        .post("/api/me/tokens", json!({"name": "ci"}))
        .await
        .is(201);
    assert_eq!(minted.member("created_by"), "corp:alice");
    alice.get("/api/users/corp:bob/tokens").await.is(403);
    let body = json!({"scopes": ["gatelodge:admin"]});
    alice.post("/api/me/tokens", body.clone()).await.is(403);

    let minted = root.post("/api/users/corp:bob/tokens", body).await.is(201);
    assert_eq!(minted.member("created_by"), "corp:root");
}

#[tokio::test]
async fn a_session_ends_without_use_and_with_time() {
    let lodge = TestLodge::start_with(&[
        ("GATELODGE_SESSIONS__IDLE_MINUTES", "30"),
        ("GATELODGE_SESSIONS__ABSOLUTE_HOURS", "1"),
    ])
    .await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    for _ in 0..2 {
        lodge.clock.advance(Duration::from_mins(29));
        browser.get("/api/me").await.is(200);
    }
    lodge.clock.advance(Duration::from_mins(2));
    browser
        .get("/api/me")
        .await
        .is(401)
        .problem("session-ended");

    let browser = Browser::of(&lodge, "corp:alice").await;
    lodge.clock.advance(Duration::from_mins(31));
    let ended = browser.get("/api/me").await.is(401);
    ended.problem("session-ended");
    let state = browser.get("/api/session").await.is(200);
    assert_eq!(state.json()["signed_in"], false);
    assert_eq!(
        state.header("set-cookie"),
        "gl_session=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"
    );
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server_and_clears_the_cookie() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    let other = Browser::of(&lodge, "corp:alice").await;

    let out = browser.send("DELETE", "/api/session").await.is(200);

    assert_eq!(out.json(), json!({"redirect": null}));
    assert!(
        out.header("set-cookie")
            .starts_with("gl_session=; Max-Age=0;")
    );
    browser.get("/api/me").await.is(401);
    other.get("/api/me").await.is(200);
    // Once more is no fault, and neither is it without a cookie.
    browser.send("DELETE", "/api/session").await.is(200);
    Api::nobody(&lodge).delete("/api/session").await.is(200);
}

#[tokio::test]
async fn a_credential_wins_over_the_cookie_also_where_it_is_bad() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    let key = lodge.mint("corp:bob", &[]).await;

    let with = |credential: String| {
        let request = browser.bare("GET", "/api/me");
        answer(request.header("authorization", credential))
    };
    let me = with(format!("Bearer {key}")).await.is(200);
    assert_eq!(me.member("owner"), "corp:bob");
    let made_up = format!("Bearer glk_{}", "0".repeat(65));
    with(made_up).await.is(401).problem("invalid-credential");
}

#[tokio::test]
async fn two_cookies_of_one_name_are_refused() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    let cookie = browser.cookie_header();
    for cookies in [
        format!("{cookie}; {cookie}"),
        format!("gl_session=evil; {cookie}"),
    ] {
        let request = lodge.client().get(format!("{}/api/me", lodge.url()));
        let refused = answer(request.header("cookie", cookies)).await.is(400);
        refused.problem("conflicting-credentials");
    }
}

/// CVE-2026-25748.
#[tokio::test]
async fn what_is_no_cookie_of_ours_opens_nothing() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    let session = browser.get("/api/session").await.json()["session"]["id"].clone();
    for value in [
        "",
        "x",
        session.as_str().unwrap(),
        &browser.csrf,
        &browser.cookie[1..],
        &format!("{}=", browser.cookie),
        &"A".repeat(43),
    ] {
        let request = lodge.client().get(format!("{}/api/me", lodge.url()));
        let request = request.header("cookie", format!("gl_session={value}"));
        answer(request).await.is(401).problem("session-ended");
    }
    // The name that goes with HTTPS means nothing here.
    let request = lodge.client().get(format!("{}/api/me", lodge.url()));
    let request = request.header("cookie", format!("__Host-gl_session={}", browser.cookie));
    answer(request).await.is(401).problem("missing-credential");
}

#[tokio::test]
async fn on_plain_http_a_cookie_works_on_the_machines_own_names_only() {
    let lodge = TestLodge::start_with(&[("GATELODGE_ALLOWED_HOSTS", "lodge.lan")]).await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    for (host, status) in [("localhost", 200), ("[::1]:1", 200), ("lodge.lan", 401)] {
        let request = browser.bare("GET", "/api/me").header("host", host);
        answer(request).await.is(status);
    }
}

#[tokio::test]
async fn the_portals_cookie_opens_no_gate() {
    let lodge = TestLodge::start().await;
    let browser = Browser::of(&lodge, "corp:alice").await;
    let cookie = browser.cookie_header();
    let asked = lodge.ask("/forward-auth", &[("cookie", &cookie)]).await;
    assert_eq!(asked.status(), 401);
}

#[tokio::test]
async fn a_session_that_needs_a_new_password_opens_nothing_else() {
    let lodge = TestLodge::start().await;
    let mut alice = person("local:alice", &[], true);
    alice.must_change_password = true;
    let browser = Browser::signed_in(&lodge, &alice).await;

    let state = browser.get("/api/session").await.is(200).json();
    assert_eq!(state["must_change_password"], true);
    for path in [
        "/api/me",
        "/api/me/tokens",
        "/api/me/sessions",
        "/api/gates",
    ] {
        let refused = browser.get(path).await.is(403);
        refused.problem("password-change-required");
    }
    browser.send("DELETE", "/api/session").await.is(200);
}

#[tokio::test]
async fn what_is_personal_is_never_stored_on_the_way() {
    let lodge =
        TestLodge::start_with(&[("GATELODGE_PUBLIC_URL", "https://lodge.example.org")]).await;
    for path in ["/api/session", "/api/me", "/api/scopes", "/"] {
        let answer = Api::nobody(&lodge).get(path).await;
        for (name, wanted) in [
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("referrer-policy", "no-referrer"),
            ("x-content-type-options", "nosniff"),
            ("strict-transport-security", "max-age=31536000"),
        ] {
            assert_eq!(answer.header(name), wanted, "{path}: {name}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"));
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        if path != "/" {
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
}
