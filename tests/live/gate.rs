//! The gate from outside, the same on each store.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::support::lodge::{Answer, Deployment, Lodge};
use super::support::process::wait_until;
use super::support::raw;

const SOON: Duration = Duration::from_secs(10);

const IDENTITY_HEADERS: [&str; 8] = [
    "x-authenticated-user",
    "x-authenticated-token-id",
    "x-authenticated-groups",
    "x-authenticated-scopes",
    "x-authenticated-method",
    "x-authenticated-email",
    "x-authenticated-name",
    "x-authenticated-tenant",
];

/// One line for each store; each guarantee runs on all of them.
macro_rules! on_each_store {
    ($($store:ident: $deployment:expr;)*) => {
        $(on_store!($store, $deployment,
            without_a_credential_the_answer_is_a_challenge,
            a_minted_key_passes_with_every_identity_header,
            every_method_is_answered_alike,
            a_key_is_taken_wherever_the_contract_puts_it,
            expired_revoked_and_disabled_keys_are_refused_alike,
            a_missing_scope_is_forbidden_and_named,
            two_different_credentials_are_no_credential,
            a_key_in_a_query_is_never_read,
            an_unknown_gate_lets_nobody_pass,
            an_alias_of_an_identity_header_is_refused,
            an_upgrade_is_never_granted,
            keys_outlive_the_server,
            a_stop_turns_readiness_first_and_ends_cleanly,
        );)*
    };
}

macro_rules! on_store {
    ($store:ident, $deployment:expr, $($guarantee:ident,)*) => {
        mod $store {
            use super::*;
            $(#[tokio::test]
            async fn $guarantee() {
                super::$guarantee($deployment).await;
            })*
        }
    };
}

on_each_store! {
    embedded: Deployment::embedded();
    valkey: Deployment::valkey().await;
}

/// The text of a new key, and its path in the API.
async fn minted(lodge: &Lodge, manager: &str, draft: Value) -> (String, String) {
    let answer = lodge
        .api(manager, "POST", "/api/me/tokens", &draft.to_string())
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let token = answer.json();
    let text = |name: &str| token[name].as_str().unwrap().to_owned();
    (text("token"), format!("/api/me/tokens/{}", text("id")))
}

/// A key that may mint keys for its owner.
fn manager(deployment: &Deployment) -> String {
    deployment.mint(
        "local:alice",
        &["--scope", "gatelodge:keys", "--name", "manager"],
    )
}

fn refused(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["status"], status, "{answer:?}");
    for name in IDENTITY_HEADERS {
        assert!(!answer.headers.contains_key(name), "{name}: {answer:?}");
    }
}

/// A body without what differs between any two answers.
fn without_request_id(answer: &Answer) -> String {
    let id = answer.json()["request_id"].as_str().unwrap().to_owned();
    assert!(id.len() >= 8, "{answer:?}");
    answer.body.replace(&id, "")
}

async fn without_a_credential_the_answer_is_a_challenge(deployment: Deployment) {
    let lodge = deployment.start().await;
    let answer = lodge.get("/forward-auth", &[]).await;
    refused(&answer, 401);
    assert_eq!(
        answer.header("www-authenticate"),
        "Bearer realm=\"gatelodge\""
    );
    assert_eq!(answer.json()["message"], "missing token");
}

async fn a_minted_key_passes_with_every_identity_header(deployment: Deployment) {
    let lodge = deployment.start().await;
    let key = deployment.mint(
        "local:alice",
        &["--scope", "models:read", "--scope", "models:write"],
    );
    let answer = lodge.gate(&key).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    let values: Vec<_> = IDENTITY_HEADERS
        .iter()
        .map(|name| {
            assert_eq!(answer.headers.get_all(*name).iter().count(), 1, "{name}");
            answer.header(name)
        })
        .collect();
    let id = key.split('_').nth(1).unwrap().get(..16).unwrap();
    let expected = [
        "local:alice",
        id,
        "",
        "models:read models:write",
        "api_key",
        "",
        "",
        "default",
    ];
    assert_eq!(values, expected);
    assert_eq!(answer.body, "");
    let spoofed = lodge
        .get(
            "/forward-auth",
            &[
                ("x-api-key", &key),
                ("x-authenticated-user", "local:admin"),
                ("x-authenticated-groups", "admin"),
            ],
        )
        .await;
    assert_eq!(spoofed.status, 204);
    assert_eq!(spoofed.header("x-authenticated-user"), "local:alice");
    assert_eq!(spoofed.header("x-authenticated-groups"), "");
}

async fn every_method_is_answered_alike(deployment: Deployment) {
    let lodge = deployment.start().await;
    let key = deployment.mint("local:alice", &[]);
    let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND",
    ];
    for method in methods {
        let passed = lodge
            .send(method, "/forward-auth", &[("x-api-key", &key)], "")
            .await;
        assert_eq!(passed.status, 204, "{method}");
        assert_eq!(
            passed.header("x-authenticated-user"),
            "local:alice",
            "{method}"
        );
        let turned_away = lodge.send(method, "/forward-auth", &[], "").await;
        assert_eq!(turned_away.status, 401, "{method}");
        assert!(
            turned_away
                .header("www-authenticate")
                .starts_with("Bearer "),
            "{method}"
        );
    }
}

async fn a_key_is_taken_wherever_the_contract_puts_it(deployment: Deployment) {
    let lodge = deployment.start().await;
    let key = deployment.mint("local:alice", &[]);
    let basic = |text: String| format!("Basic {}", BASE64_STANDARD.encode(text));
    for (name, value) in [
        ("authorization", format!("Bearer {key}")),
        ("authorization", format!("bEARER   {key}")),
        ("authorization", basic(format!("anybody:{key}"))),
        ("authorization", basic(format!("{key}:"))),
        (
            "authorization",
            basic(format!(":{key}")).replace("Basic", "basic"),
        ),
        ("x-api-key", key.clone()),
        ("X-API-KEY", format!(" {key} ")),
    ] {
        let answer = lodge.get("/forward-auth", &[(name, &value)]).await;
        assert_eq!(answer.status, 204, "{name}: {value}");
    }
    for (name, value) in [
        ("authorization", basic(format!("{key}:other"))),
        ("authorization", "Basic %%%".to_owned()),
        ("authorization", format!("Token {key}")),
        ("authorization", key.clone()),
        ("cookie", format!("key={key}")),
    ] {
        let answer = lodge.get("/forward-auth", &[(name, &value)]).await;
        refused(&answer, 401);
    }
}

async fn expired_revoked_and_disabled_keys_are_refused_alike(deployment: Deployment) {
    let lodge = deployment.start().await;
    let manager = manager(&deployment);
    // As the API writes times: whole seconds, so two ahead are at least one.
    let end = two_seconds_ahead();
    let (expiring, _) = minted(&lodge, &manager, json!({"expires_at": end})).await;
    let (revoked, revoked_path) = minted(&lodge, &manager, json!({})).await;
    let (disabled, disabled_path) = minted(&lodge, &manager, json!({})).await;
    for key in [&expiring, &revoked, &disabled] {
        assert_eq!(lodge.gate(key).await.status, 204);
    }
    let answer = lodge.api(&manager, "DELETE", &revoked_path, "").await;
    assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    let off = json!({"disabled": true}).to_string();
    let answer = lodge.api(&manager, "PATCH", &disabled_path, &off).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    wait_until("the key's time is over", SOON, async || {
        lodge.gate(&expiring).await.status == 401
    })
    .await;
    let made_up = format!("glk_{}", "x".repeat(expiring.len() - 4));
    let mut bodies = Vec::new();
    for key in [&expiring, &revoked, &disabled, &made_up] {
        let answer = lodge.gate(key).await;
        refused(&answer, 401);
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        bodies.push((challenge.to_owned(), without_request_id(&answer)));
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    let on = json!({"disabled": false}).to_string();
    let answer = lodge.api(&manager, "PATCH", &disabled_path, &on).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(lodge.gate(&disabled).await.status, 204);
}

#[expect(
    clippy::disallowed_methods,
    reason = "the server under test has the system's clock, too"
)]
fn two_seconds_ahead() -> String {
    let now = jiff::Timestamp::now().as_second();
    jiff::Timestamp::from_second(now + 2).unwrap().to_string()
}

async fn a_missing_scope_is_forbidden_and_named(deployment: Deployment) {
    let gates = json!([{"name": "models", "rules": [{"scopes": ["models:read"]}]}]);
    let deployment = deployment.with("GATELODGE_GATES", gates.to_string());
    let lodge = deployment.start().await;
    let with = deployment.mint("local:alice", &["--scope", "models:read"]);
    let without = deployment.mint("local:alice", &["--scope", "models:write"]);
    for (key, status) in [(&with, 204), (&without, 403)] {
        let answer = lodge
            .get("/forward-auth/models", &[("x-api-key", key)])
            .await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let answer = lodge
        .get("/forward-auth/models", &[("x-api-key", &without)])
        .await;
    refused(&answer, 403);
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{challenge}"
    );
    assert!(challenge.contains("scope=\"models:read\""), "{challenge}");
}

async fn two_different_credentials_are_no_credential(deployment: Deployment) {
    let lodge = deployment.start().await;
    let one = deployment.mint("local:alice", &[]);
    let other = deployment.mint("bob", &[]);
    let bearer = format!("Bearer {one}");
    let authorization = ("authorization", bearer.as_str());
    let both = lodge
        .get("/forward-auth", &[authorization, ("x-api-key", &other)])
        .await;
    refused(&both, 400);
    let twice = lodge
        .get("/forward-auth", &[authorization, authorization])
        .await;
    refused(&twice, 400);
    let same = lodge
        .get("/forward-auth", &[authorization, ("x-api-key", &one)])
        .await;
    assert_eq!(same.status, 204, "{same:?}");
}

async fn a_key_in_a_query_is_never_read(deployment: Deployment) {
    let lodge = deployment.start().await;
    let key = deployment.mint("local:alice", &[]);
    for name in ["api_key", "access_token", "key", "x-api-key", "token"] {
        let path = format!("/forward-auth?{name}={key}");
        refused(&lodge.get(&path, &[]).await, 401);
    }
}

async fn an_unknown_gate_lets_nobody_pass(deployment: Deployment) {
    let lodge = deployment.start().await;
    let key = deployment.mint("local:alice", &[]);
    for path in ["/forward-auth/nowhere", "/forward-auth/DEFAULT"] {
        let answer = lodge.get(path, &[("x-api-key", &key)]).await;
        refused(&answer, 403);
    }
}

async fn an_alias_of_an_identity_header_is_refused(deployment: Deployment) {
    let lodge = deployment.start().await;
    let key = deployment.mint("local:alice", &[]);
    for alias in [
        "x_authenticated_user",
        "X-Authenticated.Groups",
        "x-authenticated_scopes",
    ] {
        let headers = [("x-api-key", key.as_str()), (alias, "local:admin")];
        refused(&lodge.get("/forward-auth", &headers).await, 400);
    }
}

async fn an_upgrade_is_never_granted(deployment: Deployment) {
    let lodge = deployment.start().await;
    let key = deployment.mint("local:alice", &[]);
    let upgrade = "Host: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\
                   Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (further, status) in [
        (String::new(), 401),
        (format!("Authorization: Bearer {key}\r\n"), 204),
    ] {
        let request = format!("GET /forward-auth HTTP/1.1\r\n{upgrade}{further}\r\n");
        let answer = raw::exchange(&lodge.address, request.as_bytes()).await;
        let statuses: Vec<_> = raw::statuses(&answer).collect();
        assert_eq!(statuses, [status], "{answer}");
    }
}

async fn keys_outlive_the_server(deployment: Deployment) {
    let mut lodge = deployment.start().await;
    let manager = manager(&deployment);
    let (key, path) = minted(&lodge, &manager, json!({"name": "kept"})).await;
    lodge.terminate();
    assert_eq!(lodge.exit_code().await, Some(0));
    let lodge = deployment.start().await;
    assert_eq!(lodge.gate(&key).await.status, 204);
    let kept = lodge.api(&manager, "GET", &path, "").await;
    assert_eq!(kept.json()["name"], "kept", "{kept:?}");
}

async fn a_stop_turns_readiness_first_and_ends_cleanly(deployment: Deployment) {
    let deployment = deployment.with("GATELODGE_SERVER__DRAIN_SECONDS", "2");
    let mut lodge = deployment.start().await;
    let key = deployment.mint("local:alice", &[]);
    let ready = lodge.get("/health/ready", &[]).await;
    assert_eq!(ready.status, 200, "{ready:?}");
    lodge.terminate();
    wait_until("readiness says no", SOON, async || {
        lodge.get("/health/ready", &[]).await.status == 503
    })
    .await;
    // The gate goes on answering until balancers have looked elsewhere.
    assert_eq!(lodge.gate(&key).await.status, 204);
    assert_eq!(lodge.get("/health/live", &[]).await.status, 200);
    assert_eq!(lodge.exit_code().await, Some(0), "{}", lodge.log());
}
