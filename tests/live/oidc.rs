//! Tokens of a real OpenID provider at the gate and at the API.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use gatelodge::domain::subject::{Owner, Tenant};
use gatelodge::settings::{Settings, Sources};
use gatelodge::startup::Workbench;
use serde_json::{Value, json};

use super::support::lodge::{Deployment, Lodge};
use super::support::oidc::{ALGORITHMS, OidcProvider, TokenRequest};
use super::support::process::wait_until;

const SOON: Duration = Duration::from_secs(20);
/// A life of one second, 30 seconds for clocks that differ, and some patience.
const EXPIRY_MAX: Duration = Duration::from_mins(1);

fn trusting(provider: &OidcProvider, deployment: Deployment) -> Deployment {
    let issuers = json!([{
        "realm": "corp",
        "url": provider.issuer(),
        "audiences": ["urn:api"],
        "portal_audiences": ["urn:portal"],
    }]);
    deployment.with("GATELODGE_ISSUERS", issuers.to_string())
}

async fn issuer_of(lodge: &Lodge) -> Value {
    let ready = lodge.get("/health/ready", &[]).await;
    assert_eq!(ready.status, 200, "{ready:?}");
    ready.json()["parts"]["issuers"][0].clone()
}

async fn knows_the_keys(lodge: &Lodge) {
    wait_until("the issuer's keys are known", SOON, async || {
        issuer_of(lodge).await["status"] == "ok"
    })
    .await;
}

async fn start() -> (OidcProvider, Deployment, Lodge) {
    let provider = OidcProvider::start().await;
    let deployment = trusting(&provider, Deployment::embedded());
    let lodge = deployment.start().await;
    knows_the_keys(&lodge).await;
    (provider, deployment, lodge)
}

async fn refused(lodge: &Lodge, what: &str, token: &str) {
    let answer = lodge.gate(token).await;
    assert_eq!(answer.status, 401, "{what}: {answer:?}");
    let challenge = answer.header("www-authenticate");
    assert!(
        challenge.contains("error=\"invalid_token\""),
        "{what}: {challenge}"
    );
    assert!(!answer.headers.contains_key("x-authenticated-user"));
}

#[tokio::test]
async fn tokens_of_every_accepted_algorithm_pass_with_their_identity() {
    let (provider, _deployment, lodge) = start().await;
    for alg in ALGORITHMS {
        let token = provider.token(alg, "urn:api").await;
        let answer = lodge.gate(&token).await;
        if alg == "ES512" {
            assert_eq!(answer.status, 401, "{alg}: {answer:?}");
            continue;
        }
        assert_eq!(answer.status, 204, "{alg}: {answer:?}");
        let user = format!("corp:svc-{alg}");
        assert_eq!(answer.header("x-authenticated-user"), user);
        assert_eq!(answer.header("x-authenticated-method"), "jwt");
        assert_eq!(answer.header("x-authenticated-groups"), "machines");
    }
    assert_eq!(issuer_of(&lodge).await["name"], "corp");
}

/// The same token with another header, and what was signed before.
fn with_header(token: &str, header: &Value) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    let header = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
    format!("{header}.{rest}")
}

#[tokio::test]
async fn tampered_and_misdirected_tokens_are_refused() {
    let (provider, _deployment, lodge) = start().await;
    for alg in ["RS256", "ES256", "EdDSA"] {
        let token = provider.token(alg, "urn:api").await;
        assert_eq!(lodge.gate(&token).await.status, 204);
        let parts: Vec<_> = token.split('.').collect();
        let (header, payload, signature) = (parts[0], parts[1], parts[2]);

        let other = if signature.starts_with('A') { "B" } else { "A" };
        let signature_changed = format!("{header}.{payload}.{other}{}", &signature[1..]);
        refused(&lodge, "another signature", &signature_changed).await;

        let claims = BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap();
        let mut claims: Value = serde_json::from_slice(&claims).unwrap();
        claims["sub"] = json!("root");
        let claims = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
        refused(
            &lodge,
            "other claims",
            &format!("{header}.{claims}.{signature}"),
        )
        .await;

        let read = BASE64_URL_SAFE_NO_PAD.decode(header).unwrap();
        let mut read: Value = serde_json::from_slice(&read).unwrap();
        for name in ["none", "HS256", "RS512"] {
            read["alg"] = json!(name);
            refused(&lodge, name, &with_header(&token, &read)).await;
        }
        let elsewhere = provider.token(alg, "urn:elsewhere").await;
        refused(&lodge, "another audience", &elsewhere).await;
        let portal = provider.token(alg, "urn:portal").await;
        refused(&lodge, "the portal's audience", &portal).await;
    }
}

#[tokio::test]
async fn tokens_of_another_provider_are_refused() {
    let (provider, _deployment, lodge) = start().await;
    let stranger = OidcProvider::start().await;
    let foreign = stranger.token("ES256", "urn:api").await;
    refused(&lodge, "another issuer", &foreign).await;
    // The stranger's signature under the known issuer's header and name.
    let own = provider.token("ES256", "urn:api").await;
    let forged = format!(
        "{}.{}",
        own.rsplit_once('.').unwrap().0,
        foreign.rsplit_once('.').unwrap().1
    );
    refused(&lodge, "another issuer's signature", &forged).await;
    assert_eq!(lodge.gate(&own).await.status, 204);
}

#[tokio::test]
async fn an_expired_token_is_refused_once_clocks_cannot_explain_it() {
    let (provider, _deployment, lodge) = start().await;
    let short = TokenRequest {
        short: true,
        ..TokenRequest::default()
    };
    let token = provider.token_for(short).await;
    assert_eq!(lodge.gate(&token).await.status, 204);
    wait_until("the token's time is over", EXPIRY_MAX, async || {
        lodge.gate(&token).await.status != 204
    })
    .await;
    refused(&lodge, "expired", &token).await;
}

#[tokio::test]
async fn gates_and_the_api_have_audiences_of_their_own() {
    let (provider, _deployment, lodge) = start().await;
    let gate = provider.token("ES256", "urn:api").await;
    let answer = lodge.api(&gate, "GET", "/api/me", "").await;
    assert_eq!(answer.status, 401, "{answer:?}");

    let portal = provider.token("ES256", "urn:portal").await;
    let me = lodge.api(&portal, "GET", "/api/me", "").await;
    assert_eq!(me.status, 200, "{me:?}");
    assert_eq!(me.json()["owner"], "corp:svc-ES256");
    let minted = lodge
        .api(&portal, "POST", "/api/me/tokens", r#"{"name":"mine"}"#)
        .await;
    assert_eq!(minted.status, 201, "{minted:?}");
    let key = minted.json()["token"].as_str().unwrap().to_owned();
    let answer = lodge.gate(&key).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(answer.header("x-authenticated-user"), "corp:svc-ES256");
    assert_eq!(answer.header("x-authenticated-method"), "api_key");
}

#[tokio::test]
async fn whoever_is_disabled_here_is_refused_although_the_issuer_vouches_for_them() {
    let (provider, deployment, lodge) = start().await;
    let gate = provider.token("ES256", "urn:api").await;
    let portal = provider.token("ES256", "urn:portal").await;
    assert_eq!(lodge.gate(&gate).await.status, 204);
    assert_eq!(lodge.api(&portal, "GET", "/api/me", "").await.status, 200);

    let data = deployment.data("").to_str().unwrap().to_owned();
    let sources = Sources {
        file: None,
        variables: [("GATELODGE_DATA_DIR".to_owned(), data)].into(),
    };
    let settings = Settings::load(&sources).unwrap().settings;
    let bench = Workbench::open(&settings).await.unwrap();
    let owner = Owner::from_record("corp", "svc-ES256").unwrap();
    let tenant = Tenant::default();
    bench
        .sessions
        .disable_owner(&tenant, &owner, "a test")
        .await
        .unwrap();

    refused(&lodge, "of a disabled owner", &gate).await;
    let me = lodge.api(&portal, "GET", "/api/me", "").await;
    assert_eq!(me.status, 401, "{me:?}");

    bench.sessions.enable_owner(&tenant, &owner).await.unwrap();
    bench.close().await;
    assert_eq!(lodge.gate(&gate).await.status, 204);
}

#[tokio::test]
async fn an_issuer_that_is_down_keeps_nobody_out() {
    let (mut provider, deployment, mut lodge) = start().await;
    let token = provider.token("EdDSA", "urn:api").await;
    provider.kill();
    assert_eq!(lodge.gate(&token).await.status, 204);

    // A fresh process has nothing but what the store kept.
    lodge.terminate();
    assert_eq!(lodge.exit_code().await, Some(0));
    let lodge = deployment.start().await;
    let key = deployment.mint("alice", &[]);
    assert_eq!(lodge.gate(&key).await.status, 204);
    let mut status = 0;
    wait_until(
        "a token passes with keys from the store",
        SOON,
        async || {
            status = lodge.gate(&token).await.status;
            assert!(matches!(status, 204 | 503), "{status}: {}", lodge.log());
            status == 204
        },
    )
    .await;
    assert_eq!(issuer_of(&lodge).await["name"], "corp");
}

#[tokio::test]
async fn an_issuer_that_was_never_reached_is_503_and_named_and_keys_pass() {
    let mut provider = OidcProvider::start().await;
    let token = provider.token("RS256", "urn:api").await;
    provider.kill();
    let deployment = trusting(&provider, Deployment::embedded());
    let lodge = deployment.start().await;
    let key = deployment.mint("alice", &[]);
    assert_eq!(lodge.gate(&key).await.status, 204);
    let answer = lodge.gate(&token).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_ne!(answer.header("retry-after"), "");
    let issuer = issuer_of(&lodge).await;
    assert_eq!(issuer["name"], "corp");
    assert_ne!(issuer["status"], "ok");
}

#[tokio::test]
async fn a_replica_that_starts_while_the_issuer_is_down_finds_its_keys_in_the_store() {
    let mut provider = OidcProvider::start().await;
    let deployment = trusting(&provider, Deployment::valkey().await);
    let first = deployment.start().await;
    knows_the_keys(&first).await;
    let token = provider.token("RS256", "urn:api").await;
    assert_eq!(first.gate(&token).await.status, 204);
    provider.kill();
    let second = deployment.start().await;
    wait_until("the replica verifies tokens", SOON, async || {
        second.gate(&token).await.status == 204
    })
    .await;
    assert_eq!(first.gate(&token).await.status, 204);
}
