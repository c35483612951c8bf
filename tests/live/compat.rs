//! The drop-in promise: what worked with rusty-valkey-forward-auth works here,
//! row by row: its settings file, its variables, its data in Valkey, its
//! endpoints and the shape of its answers.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::support::lodge::{Deployment, Lodge};
use super::support::oidc::{OidcProvider, TokenRequest};
use super::support::process::wait_until;
use super::support::valkey::Valkey;

const SALT: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
pub(super) const KEY: &str = "Abcdefghijklmnopqrstuvwxyz012345";
const CREATED: &str = "2025-11-02T10:00:00.123456789Z";

/// What the former service files a key under.
fn id_of(key: &str) -> String {
    let mut salt = [0; 32];
    for (byte, pair) in salt.iter_mut().zip(SALT.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    }
    blake3::keyed_hash(&salt, key.as_bytes())
        .to_hex()
        .to_string()
}

/// Writes a key as the former service does.
pub(super) async fn write(valkey: &Valkey, key: &str, subject: &str, description: &str) -> String {
    let id = id_of(key);
    let record = format!("auth:token:{id}");
    let fields = [
        "sub",
        subject,
        "created_at",
        CREATED,
        "description",
        description,
    ];
    let words: Vec<&str> = ["HSET", &record].into_iter().chain(fields).collect();
    valkey.command(&words).await.unwrap();
    valkey
        .command(&["SADD", &format!("auth:user_tokens:{subject}"), &id])
        .await
        .unwrap();
    id
}

/// Started as the former service was: by its variables.
pub(super) async fn former(valkey: &Valkey, oidc: Option<&OidcProvider>) -> (Deployment, Lodge) {
    let mut deployment = Deployment::embedded()
        .with("VALKEY_URL", valkey.url())
        .with("TOKEN_SALT", SALT)
        .with("OAUTH_ADMIN_GROUP", "ADMIN");
    if let Some(oidc) = oidc {
        deployment = deployment
            .with("OAUTH_ISSUER_URL", oidc.issuer())
            .with("GATELODGE_OAUTH__AUDIENCES", "urn:api");
    }
    let lodge = deployment.start().await;
    (deployment, lodge)
}

pub(super) async fn token(oidc: &OidcProvider, alg: &str, groups: &str) -> String {
    oidc.token_for(TokenRequest {
        alg,
        groups,
        ..TokenRequest::default()
    })
    .await
}

fn message(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    body["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn keys_of_the_former_service_pass_as_they_did() {
    let valkey = Valkey::start().await;
    let id = write(&valkey, KEY, "alice", "laptop").await;
    let (_deployment, lodge) = former(&valkey, None).await;
    let basic = |text: &str| format!("Basic {}", BASE64_STANDARD.encode(text));
    for value in [
        format!("Bearer {KEY}"),
        format!("bearer {KEY}"),
        format!("BEARER   {KEY} "),
        basic(&format!("token-user:{KEY}")),
        basic(&format!("{KEY}:")),
        basic(KEY),
    ] {
        let answer = lodge
            .get("/forward-auth", &[("authorization", &value)])
            .await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{value}");
        assert_eq!(answer.header("x-authenticated-user"), "alice");
        assert_eq!(answer.header("x-authenticated-token-id"), id);
        assert_eq!(
            answer.header("x-authenticated-scopes"),
            "",
            "seed keys carry no scopes"
        );
    }
}

#[tokio::test]
async fn refusals_keep_their_words() {
    let valkey = Valkey::start().await;
    let (_deployment, lodge) = former(&valkey, None).await;
    let missing = lodge.get("/forward-auth", &[]).await;
    assert_eq!(
        (missing.status, message(&missing.body).as_str()),
        (401, "missing token")
    );
    let unknown = lodge.gate(KEY).await;
    assert_eq!(
        (unknown.status, message(&unknown.body).as_str()),
        (401, "invalid token")
    );
    let live = lodge.get("/health/live", &[]).await;
    assert_eq!((live.status, live.json()), (200, json!({"status": "ok"})));
    let ready = lodge.get("/health/ready", &[]).await;
    assert_eq!(
        (ready.status, &ready.json()["status"]),
        (200, &json!("ready"))
    );
}

#[tokio::test]
async fn a_failing_valkey_is_503_and_liveness_does_not_care() {
    let mut valkey = Valkey::start().await;
    write(&valkey, KEY, "alice", "").await;
    let (_deployment, lodge) = former(&valkey, None).await;
    assert_eq!(lodge.gate(KEY).await.status, 204);
    valkey.kill9();
    // What was looked up just now may pass until the lease is over.
    wait_until("nothing passes", Duration::from_secs(10), async || {
        lodge.gate(KEY).await.status == 503
    })
    .await;
    let answer = lodge.gate(KEY).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
    assert_eq!(lodge.get("/health/live", &[]).await.status, 200);
    assert_eq!(lodge.get("/health/ready", &[]).await.status, 503);
}

#[tokio::test]
async fn users_list_create_and_delete_their_keys_as_they_did() {
    let (valkey, oidc) = (Valkey::start().await, OidcProvider::start().await);
    let id = write(&valkey, KEY, "svc-RS256", "old laptop").await;
    let foreign = write(&valkey, "B0cdefghijklmnopqrstuvwxyz012345", "bob", "").await;
    let (_deployment, lodge) = former(&valkey, Some(&oidc)).await;
    let me = token(&oidc, "RS256", "machines").await;

    let list = lodge.api(&me, "GET", "/api/me/tokens", "").await.json();
    assert_eq!(list[0]["id"], json!(id));
    assert_eq!(list[0]["description"], json!("old laptop"));
    assert_eq!(list[0]["created_at"], json!(CREATED));
    assert_eq!(list.as_array().unwrap().len(), 1);

    let created = lodge
        .api(
            &me,
            "POST",
            "/api/me/tokens",
            r#"{"description":"  new  "}"#,
        )
        .await;
    assert_eq!(created.status, 201);
    let created = created.json();
    assert_eq!(
        (&created["sub"], &created["description"]),
        (&json!("svc-RS256"), &json!("new"))
    );
    let key = created["token"].as_str().unwrap().to_owned();
    assert_eq!(
        lodge.gate(&key).await.header("x-authenticated-user"),
        "svc-RS256"
    );
    assert_eq!(
        lodge.api(&me, "POST", "/api/me/tokens", "{}").await.status,
        201
    );

    let long = json!({ "description": "x".repeat(257) }).to_string();
    assert_eq!(
        lodge.api(&me, "POST", "/api/me/tokens", &long).await.status,
        400
    );

    for (id, expected) in [
        (&foreign, 404),
        (&"0".repeat(64), 404),
        (&id, 204),
        (&id, 404),
    ] {
        let answer = lodge
            .api(&me, "DELETE", &format!("/api/me/tokens/{id}"), "")
            .await;
        assert_eq!(answer.status, expected, "{id}");
        if expected == 404 {
            assert_eq!(message(&answer.body), "token not found");
        }
    }
    assert_eq!(lodge.gate(KEY).await.status, 401);
    let record = valkey
        .command(&["EXISTS", &format!("auth:token:{id}")])
        .await
        .unwrap();
    let listed = valkey
        .command(&["SISMEMBER", "auth:user_tokens:svc-RS256", &id])
        .await
        .unwrap();
    assert_eq!(
        (record, listed),
        (json!(0), json!(0)),
        "the former service sees the same"
    );
}

#[tokio::test]
async fn administrators_are_told_by_a_group_whatever_its_case() {
    let (valkey, oidc) = (Valkey::start().await, OidcProvider::start().await);
    write(&valkey, KEY, "alice", "laptop").await;
    let (_deployment, lodge) = former(&valkey, Some(&oidc)).await;
    let admin = token(&oidc, "ES256", "admin").await;
    let plain = token(&oidc, "RS256", "machines").await;
    let path = "/api/users/alice/tokens";
    let refused = lodge.api(&plain, "GET", path, "").await;
    assert_eq!(
        (refused.status, message(&refused.body).as_str()),
        (403, "admin privileges required")
    );
    let list = lodge.api(&admin, "GET", path, "").await.json();
    assert_eq!(list[0]["description"], json!("laptop"));
    let created = lodge.api(&admin, "POST", path, "{}").await.json();
    let id = created["id"].as_str().unwrap();
    assert_eq!(
        lodge
            .api(&admin, "DELETE", &format!("{path}/{id}"), "")
            .await
            .status,
        204
    );
    let none = lodge.get(path, &[]).await;
    assert_eq!(
        (none.status, message(&none.body).as_str()),
        (401, "missing token")
    );
}

#[tokio::test]
async fn tokens_open_the_api_and_by_default_no_gate() {
    let (valkey, oidc) = (Valkey::start().await, OidcProvider::start().await);
    let (_deployment, lodge) = former(&valkey, Some(&oidc)).await;
    let me = token(&oidc, "ES256", "machines").await;
    assert_eq!(
        lodge.api(&me, "GET", "/api/me/tokens", "").await.status,
        200
    );
    assert_eq!(lodge.gate(&me).await.status, 401);
}

#[tokio::test]
async fn the_front_end_is_told_what_it_was() {
    let valkey = Valkey::start().await;
    let deployment = Deployment::embedded()
        .with("VALKEY_URL", valkey.url())
        .with("TOKEN_SALT", SALT)
        .with("FRONTEND_APP_NAME", "Keys")
        .with("FRONTEND_OIDC_AUTHORITY", "https://id.example")
        .with("CORS_ENABLED", "true")
        .with("CORS_ALLOW_ORIGINS", "https://app.example");
    let lodge = deployment.start().await;
    let config = lodge.get("/frontend/config", &[]).await.json();
    assert_eq!(
        config,
        json!({
            "app_name": "Keys",
            "api_base_url": null,
            "oidc_authority": "https://id.example",
            "oidc_client_id": "rusty-valkey-forward-auth-dev",
            "oidc_redirect_uri": null,
            "docs_html": null,
            "api_docs_path": "/docs",
        })
    );
    assert!(lodge.get("/docs", &[]).await.status < 400);
    let preflight = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "DELETE"),
        ("access-control-request-headers", "authorization"),
    ];
    let allowed = lodge
        .send("OPTIONS", "/api/me/tokens", &preflight, "")
        .await;
    assert_eq!(
        allowed.header("access-control-allow-origin"),
        "https://app.example"
    );
    assert_eq!(allowed.header("access-control-max-age"), "3600");
}

#[tokio::test]
async fn imported_keys_keep_working_and_leave_the_former_service() {
    let valkey = Valkey::start().await;
    let id = write(&valkey, KEY, "alice", "laptop").await;
    let (deployment, lodge) = former(&valkey, None).await;
    let dry = deployment.run(&["key", "import", "--from-seed", "--dry-run"]);
    assert!(
        String::from_utf8_lossy(&dry.stdout).contains("1 keys would be moved"),
        "{dry:?}"
    );
    assert_eq!(lodge.gate(KEY).await.status, 204);
    let moved = deployment.run(&["key", "import", "--from-seed"]);
    assert!(
        String::from_utf8_lossy(&moved.stdout).contains("1 keys moved"),
        "{moved:?}"
    );
    let left = valkey
        .command(&["EXISTS", &format!("auth:token:{id}")])
        .await
        .unwrap();
    assert_eq!(left, json!(0));
    let answer = lodge.gate(KEY).await;
    assert_eq!(
        (answer.status, answer.header("x-authenticated-token-id")),
        (204, id.as_str())
    );
    let again = deployment.run(&["key", "import", "--from-seed"]);
    assert!(
        String::from_utf8_lossy(&again.stdout).contains("0 keys moved"),
        "{again:?}"
    );
    for (command, expected) in [("disable", 401), ("enable", 204), ("revoke", 401)] {
        assert!(
            deployment.run(&["key", command, &id]).status.success(),
            "{command}"
        );
        assert_eq!(lodge.gate(KEY).await.status, expected, "{command}");
    }
}

#[tokio::test]
async fn a_key_that_an_import_left_in_both_places_is_listed_once_and_revoked_in_both() {
    let valkey = Valkey::start().await;
    let id = write(&valkey, KEY, "alice", "laptop").await;
    let (deployment, lodge) = former(&valkey, None).await;
    assert!(
        deployment
            .run(&["key", "import", "--from-seed"])
            .status
            .success()
    );
    write(&valkey, KEY, "alice", "laptop").await;
    let list = deployment.run(&["key", "list", "--owner", "alice", "--json"]);
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 1, "{list}");
    assert!(deployment.run(&["key", "revoke", &id]).status.success());
    assert_eq!(lodge.gate(KEY).await.status, 401);
}

#[tokio::test]
async fn without_legacy_keys_none_is_looked_up() {
    let valkey = Valkey::start().await;
    write(&valkey, KEY, "alice", "").await;
    let deployment = Deployment::embedded()
        .with("VALKEY_URL", valkey.url())
        .with("TOKEN_SALT", SALT)
        .with("GATELODGE_LEGACY_KEYS", "off");
    let lodge = deployment.start().await;
    assert_eq!(lodge.gate(KEY).await.status, 401);
}

#[tokio::test]
async fn an_empty_or_public_salt_and_no_salt_at_all_stop_the_start() {
    let public = "3794447850d23a5db972dbe556437ec2edfe4294687843d7f0587bd9535beecf";
    for salt in [None, Some(public), Some("short")] {
        let mut deployment = Deployment::embedded().with("VALKEY_URL", "redis://127.0.0.1:1");
        if let Some(salt) = salt {
            deployment = deployment.with("TOKEN_SALT", salt);
        }
        let output = deployment.run(&["serve"]);
        assert_eq!(output.status.code(), Some(78), "{output:?}");
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            words.contains("token_salt") && words.contains("openssl rand -hex 32"),
            "{words}"
        );
        assert!(salt.is_none_or(|salt| !words.contains(salt)), "{words}");
    }
}
