//! The one name that everybody is, for trying things out.

use serde_json::json;

use super::super::api::{Answer, Api, answer, with_json};
use crate::support::app::TestLodge;

async fn lodge() -> TestLodge {
    TestLodge::start_with(&[("GATELODGE_DEV_USER", "dev")]).await
}

async fn sign_in(lodge: &TestLodge, fields: &[(&str, &str)]) -> Answer {
    let mut request = Api::nobody(lodge).request("POST", "/api/session/dev");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    answer(with_json(request, &json!({"return_to": "/keys"}))).await
}

#[tokio::test]
async fn everybody_signs_in_as_the_one_administrator() {
    let lodge = lodge().await;
    let state = Api::nobody(&lodge).get("/api/session").await.json();
    assert_eq!(state["ways"]["dev_user"], true);

    let signed_in = sign_in(&lodge, &[]).await.is(200);

    assert_eq!(
        signed_in.json(),
        json!({"return_to": "/keys", "must_change_password": false})
    );
    let field = signed_in.header("set-cookie").to_owned();
    let (cookie, attributes) = field.split_once("; ").unwrap();
    assert_eq!(attributes, "Max-Age=604800; Path=/; HttpOnly; SameSite=Lax");
    let (name, value) = cookie.split_once('=').unwrap();
    assert_eq!((name, value.len()), ("gl_session", 43));
    assert!(!signed_in.text.contains(value));
    let me = lodge.client().get(format!("{}/api/me", lodge.url()));
    let me = answer(me.header("cookie", cookie)).await.is(200).json();
    assert_eq!(me["owner"], "local:dev");
    assert_eq!(me["admin"], true);

    // Signing in once more ends the session of before.
    sign_in(&lodge, &[("cookie", cookie)]).await.is(200);
    let me = lodge.client().get(format!("{}/api/me", lodge.url()));
    answer(me.header("cookie", cookie)).await.is(401);
}

#[tokio::test]
async fn a_return_address_that_leads_elsewhere_leads_home() {
    let lodge = lodge().await;
    for wish in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let request = Api::nobody(&lodge).request("POST", "/api/session/dev");
        let signed_in = answer(with_json(request, &json!({"return_to": wish}))).await;
        assert_eq!(signed_in.is(200).member("return_to"), "/", "{wish}");
    }
}

#[tokio::test]
async fn proxies_and_pages_of_others_are_refused() {
    let lodge = lodge().await;
    for field in [
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-host", "lodge.example.org"),
        ("forwarded", "for=192.0.2.1"),
        ("via", "1.1 proxy"),
        ("x-real-ip", "192.0.2.1"),
    ] {
        let refused = sign_in(&lodge, &[field]).await.is(403);
        refused.problem("insufficient-rights");
        assert_eq!(refused.header("set-cookie"), "");
    }
    for field in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
    ] {
        sign_in(&lodge, &[field])
            .await
            .is(403)
            .problem("forged-request");
    }
    sign_in(&lodge, &[("origin", &lodge.url())]).await.is(200);
}

#[tokio::test]
async fn without_the_setting_there_is_no_such_way() {
    let lodge = TestLodge::start().await;
    sign_in(&lodge, &[]).await.is(404).problem("not-found");
}

#[tokio::test]
async fn signing_in_takes_https_or_a_browser_on_the_same_machine() {
    let lodge = TestLodge::start_with(&[
        ("GATELODGE_DEV_USER", "dev"),
        ("GATELODGE_ALLOWED_HOSTS", "lodge.lan"),
    ])
    .await;
    let refused = sign_in(&lodge, &[("host", "lodge.lan")]).await.is(403);
    refused.problem("insecure-connection");
    assert_eq!(refused.header("set-cookie"), "");
}

#[tokio::test]
async fn by_https_the_cookie_belongs_to_this_very_host() {
    let lodge = TestLodge::start_with(&[
        ("GATELODGE_DEV_USER", "dev"),
        ("GATELODGE_PUBLIC_URL", "https://lodge.example.org"),
    ])
    .await;
    let signed_in = sign_in(&lodge, &[("host", "lodge.example.org")])
        .await
        .is(200);
    let field = signed_in.header("set-cookie");
    assert!(field.starts_with("__Host-gl_session="), "{field}");
    assert!(
        field.ends_with("; Max-Age=604800; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{field}"
    );
}

#[tokio::test]
async fn signing_in_and_out_is_part_of_the_audit_trail() {
    let lodge = lodge().await;
    let forwarded = ("user-agent", "curl/8");
    let mut cookies = Vec::new();
    for _ in 0..2 {
        let signed_in = sign_in(&lodge, &[forwarded]).await.is(200);
        let field = signed_in.header("set-cookie").to_owned();
        cookies.push(field.split(';').next().unwrap().to_owned());
    }
    let ask = |method: &'static str, path: &'static str, cookie: &str| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = lodge
            .client()
            .request(method, format!("{}{path}", lodge.url()));
        request.header("cookie", cookie)
    };
    let state = answer(ask("GET", "/api/session", &cookies[1])).await.json();
    let csrf = state["csrf"].as_str().unwrap();
    let ended = ask("DELETE", "/api/me/sessions", &cookies[1]).header("x-csrf-token", csrf);
    assert_eq!(answer(ended).await.is(200).json(), json!({"ended": 1}));

    let events = answer(ask("GET", "/api/me/events", &cookies[1]))
        .await
        .is(200);

    for cookie in &cookies {
        let value = cookie.split_once('=').unwrap().1;
        assert!(!events.text.contains(value));
    }
    let events = events.json();
    let actions: Vec<_> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        ["session.ended", "session.started", "session.started"]
    );
    assert_eq!(events[0]["actor"], "local:dev");
    assert_eq!(events[1]["session_id"], state["session"]["id"]);
    assert_eq!(events[1]["address"], "127.0.0.1");
    assert_eq!(events[1]["details"]["method"], "dev_user");
}
