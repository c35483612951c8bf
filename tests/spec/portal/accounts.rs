//! Built-in accounts: signing in, one's own password, and what administrators do.

use std::time::Duration;

use serde_json::{Value, json};

use super::api::{Answer, Api, answer, with_json};
use super::browser::Browser;
use crate::support::app::TestLodge;

pub(super) const PASSWORD: &str = "velvet moth orbit 9";
pub(super) const ANOTHER: &str = "tungsten quibble ferns";

async fn sign_in(lodge: &TestLodge, username: &str, password: &str) -> Answer {
    let body = json!({ "username": username, "password": password, "return_to": "/keys" });
    Api::nobody(lodge).post("/api/session", body).await
}

async fn change_password(browser: &Browser, current: &str, new: &str) -> Answer {
    let body = json!({ "current_password": current, "new_password": new });
    answer(with_json(browser.request("PUT", "/api/me/password"), &body)).await
}

/// The administrator of the first start, with a password of their own.
pub(super) async fn administrator(lodge: &TestLodge) -> Browser {
    let made_up = lodge.admin_password();
    let signed_in = sign_in(lodge, "admin", &made_up).await.is(200);
    let browser = Browser::after(lodge, &signed_in).await;
    let changed = change_password(&browser, &made_up, PASSWORD).await.is(204);
    Browser::after(lodge, &changed).await
}

/// Makes an account and gives the token of its link.
async fn invite(admin: &Browser, account: Value) -> String {
    let made = admin.post("/api/accounts", account).await.is(201).json();
    token(&made["link"]["url"])
}

fn token(url: &Value) -> String {
    let (page, token) = url.as_str().unwrap().split_once('#').unwrap();
    assert!(page.ends_with("/welcome"), "{page}");
    token.to_owned()
}

async fn welcome(lodge: &TestLodge, token: &str, password: &str) -> Answer {
    let body = json!({ "token": token, "password": password });
    Api::nobody(lodge).post("/api/welcome", body).await
}

#[tokio::test]
async fn a_made_up_password_opens_nothing_but_the_choice_of_another() {
    let lodge = TestLodge::start().await;
    let made_up = lodge.admin_password();
    let signed_in = sign_in(&lodge, "Admin", &made_up).await.is(200);
    assert_eq!(signed_in.json()["return_to"], "/keys");
    assert_eq!(signed_in.json()["must_change_password"], true);
    let cookie = signed_in.header("set-cookie").to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
        "{cookie}"
    );
    let browser = Browser::after(&lodge, &signed_in).await;
    for path in ["/api/me/tokens", "/api/accounts", "/api/users/alice/tokens"] {
        browser
            .get(path)
            .await
            .is(403)
            .problem("password-change-required");
    }
    let wrong = change_password(&browser, ANOTHER, PASSWORD).await.is(400);
    assert_eq!(wrong.refused_field(), "current_password");
    let weak = change_password(&browser, &made_up, "password1234")
        .await
        .is(400);
    assert_eq!(weak.refused_field(), "new_password");

    let changed = change_password(&browser, &made_up, PASSWORD).await.is(204);

    browser
        .get("/api/me/tokens")
        .await
        .is(401)
        .problem("session-ended");
    let browser = Browser::after(&lodge, &changed).await;
    let me = browser.get("/api/me").await.is(200).json();
    assert_eq!(me["owner"], "local:admin");
    assert_eq!(
        (&me["admin"], &me["method"]),
        (&json!(true), &json!("session"))
    );
    browser.get("/api/me/tokens").await.is(200);
    sign_in(&lodge, "admin", &made_up).await.is(401);
}

#[tokio::test]
async fn refusals_say_nothing_and_many_of_them_slow_down() {
    let lodge = TestLodge::start().await;
    let admin = administrator(&lodge).await;
    let mut texts = Vec::new();
    for name in ["admin", "nobody"] {
        for _ in 0..5 {
            let refused = sign_in(&lodge, name, ANOTHER).await.is(401);
            refused.problem("sign-in-refused");
            let mut body = refused.json();
            body["request_id"] = Value::Null;
            texts.push(body);
        }
        let slowed = sign_in(&lodge, name, PASSWORD).await.is(429);
        slowed.problem("too-many-tries");
        assert_eq!(slowed.header("retry-after"), "5");
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    // Whoever is signed in already stays so.
    admin.get("/api/me").await.is(200);
    lodge.clock.advance(Duration::from_secs(5));
    sign_in(&lodge, "admin", PASSWORD).await.is(200);
}

#[tokio::test]
async fn somebody_is_invited_and_sets_a_password_once() {
    let lodge = TestLodge::start().await;
    let admin = administrator(&lodge).await;
    let wish = json!({ "username": "Alice", "name": "Alice", "groups": ["staff"] });
    let token = invite(&admin, wish.clone()).await;
    admin.post("/api/accounts", wish).await.is(409);
    let account = admin.get("/api/accounts/alice").await.is(200).json();
    assert_eq!(account["status"], "invited");
    assert_eq!(account["owner"], "local:alice");
    assert!(account["link_expires_at"].is_string(), "{account}");

    let look = json!({ "token": token });
    let nobody = Api::nobody(&lodge);
    let seen = nobody.post("/api/welcome/look", look.clone()).await.is(200);
    assert_eq!(seen.json()["username"], "alice");
    assert_eq!(seen.json()["purpose"], "invitation");
    let weak = welcome(&lodge, &token, "alice alice alice").await.is(400);
    assert_eq!(weak.refused_field(), "password");

    let signed_in = welcome(&lodge, &token, ANOTHER).await.is(200);

    let alice = Browser::after(&lodge, &signed_in).await;
    let me = alice.get("/api/me").await.is(200).json();
    assert_eq!(me["groups"], json!(["staff"]));
    alice.get("/api/accounts").await.is(403);
    welcome(&lodge, &token, PASSWORD)
        .await
        .is(404)
        .problem("link-invalid");
    nobody.post("/api/welcome/look", look).await.is(404);
    let account = admin.get("/api/accounts/alice").await.is(200).json();
    assert_eq!(account["link_expires_at"], Value::Null);
    assert_eq!(account["status"], "active");
}

#[tokio::test]
async fn a_new_password_can_be_asked_for_at_the_next_sign_in() {
    let lodge = TestLodge::start().await;
    let admin = administrator(&lodge).await;
    let token = invite(&admin, json!({ "username": "alice" })).await;
    let must = json!({ "must_change_password": true });
    let edit = async || {
        let edit = admin.request("PATCH", "/api/accounts/alice");
        answer(with_json(edit, &must)).await.is(200).json()
    };
    assert_eq!(
        edit().await["must_change_password"],
        false,
        "no password yet"
    );
    welcome(&lodge, &token, ANOTHER).await.is(200);
    assert_eq!(edit().await["must_change_password"], true);
    let signed_in = sign_in(&lodge, "alice", ANOTHER).await.is(200);
    assert_eq!(signed_in.json()["must_change_password"], true);
}

#[tokio::test]
async fn disabling_ends_sessions_and_keys_at_once_and_deleting_for_good() {
    let lodge = TestLodge::start().await;
    let admin = administrator(&lodge).await;
    let token = invite(&admin, json!({ "username": "alice" })).await;
    let signed_in = welcome(&lodge, &token, ANOTHER).await.is(200);
    let alice = Browser::after(&lodge, &signed_in).await;
    let minted = alice
        .post("/api/me/tokens", json!({ "name": "ci" }))
        .await
        .is(201);
    let key = format!("Bearer {}", minted.member("token"));
    let gate = async || {
        let answer = lodge.ask("/forward-auth", &[("authorization", &key)]).await;
        answer.status().as_u16()
    };
    assert_eq!(gate().await, 204);
    let set = async |disabled: bool| {
        let request = admin.request("PATCH", "/api/accounts/alice");
        let body = json!({ "disabled": disabled });
        answer(with_json(request, &body)).await.is(200).json()
    };

    assert_eq!(set(true).await["status"], "disabled");
    alice.get("/api/me").await.is(401);
    assert_eq!(gate().await, 401);
    sign_in(&lodge, "alice", ANOTHER).await.is(401);

    assert_eq!(set(false).await["status"], "active");
    assert_eq!(gate().await, 204);
    sign_in(&lodge, "alice", ANOTHER).await.is(200);

    admin.send("DELETE", "/api/accounts/alice").await.is(204);
    admin.get("/api/accounts/alice").await.is(404);
    assert_eq!(gate().await, 401);
    // Whoever gets the name next does not get the keys with it.
    invite(&admin, json!({ "username": "alice" })).await;
    assert_eq!(gate().await, 401);
}

#[tokio::test]
async fn the_last_administrator_stays_and_changes_are_on_record() {
    let lodge = TestLodge::start().await;
    let admin = administrator(&lodge).await;
    admin.send("DELETE", "/api/accounts/admin").await.is(409);
    for body in [json!({ "admin": false }), json!({ "disabled": true })] {
        let request = admin.request("PATCH", "/api/accounts/admin");
        answer(with_json(request, &body)).await.is(409);
    }
    invite(&admin, json!({ "username": "bob" })).await;
    let reset = admin.send("POST", "/api/accounts/bob/reset").await.is(201);
    token(&reset.json()["url"]);
    let events = admin
        .get("/api/events?owner=local:bob")
        .await
        .is(200)
        .json();
    let actions: Vec<_> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| &event["action"])
        .collect();
    assert_eq!(
        actions,
        ["account.invited", "account.invited", "account.created"]
    );
    assert_eq!(events[0]["actor"], "local:admin");
}

#[tokio::test]
async fn a_page_of_somebody_else_signs_nobody_in() {
    let lodge = TestLodge::start().await;
    let body = json!({ "username": "admin", "password": lodge.admin_password() });
    for path in ["/api/session", "/api/welcome", "/api/welcome/look"] {
        let request = Api::nobody(&lodge).request("POST", path);
        let forged = with_json(request, &body).header("origin", "https://evil.example");
        answer(forged).await.is(403).problem("forged-request");
    }
}

#[tokio::test]
async fn without_accounts_there_is_no_such_way() {
    let lodge = TestLodge::start_with(&[("GATELODGE_ACCOUNTS__ENABLED", "off")]).await;
    let ways = Api::nobody(&lodge).get("/api/session").await.is(200).json();
    assert_eq!(ways["ways"]["password"], false);
    sign_in(&lodge, "admin", PASSWORD).await.is(404);
}

#[tokio::test]
async fn the_list_of_accounts_is_read_in_parts() {
    let lodge = TestLodge::start().await;
    let admin = administrator(&lodge).await;
    for name in ["carol", "bob", "dave", "erin"] {
        let account = json!({"username": name, "email": format!("{name}@example.org")});
        invite(&admin, account).await;
    }
    let names = |list: &Value| -> Vec<String> {
        let names = list.as_array().unwrap().iter();
        names
            .map(|one| one["username"].as_str().unwrap().to_owned())
            .collect()
    };
    let (mut seen, mut path) = (Vec::new(), Some("/api/accounts?limit=2".to_owned()));
    let mut parts = 0;
    while let Some(here) = path {
        let part = admin.get(&here).await.is(200);
        seen.extend(names(&part.json()));
        parts += 1;
        let link = part.headers.get("link").cloned();
        path = link.map(|link| link[1..link.find('>').unwrap()].to_owned());
    }
    assert_eq!((seen.len(), parts), (5, 3));
    assert_eq!(seen, names(&admin.get("/api/accounts").await.json()));
    assert!(seen.is_sorted());
    let found = admin.get("/api/accounts?search=ROL%40").await.is(200);
    assert_eq!(names(&found.json()), ["carol"]);
    admin.get("/api/accounts?limit=0").await.is(400);
    admin.get("/api/accounts?cursor=x").await.is(400);
}
