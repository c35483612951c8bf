//! The parts themselves do what the other tests rely on.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use redis::{AsyncCommands, Client, ClientTlsConfig, RedisResult, TlsCertificates};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use super::support::certificates::Certificates;
use super::support::oidc::{ALGORITHMS, OidcProvider, TokenRequest};
use super::support::process::{comes_true, wait_until};
use super::support::valkey::{Persistence, Tls, Valkey, ValkeyOptions};

const SOON: Duration = Duration::from_secs(5);

async fn set_and_read(client: Client) -> RedisResult<String> {
    let mut connection = client.get_multiplexed_async_connection().await?;
    let () = connection.set("k", "v").await?;
    connection.get("k").await
}

async fn through(url: &str) -> RedisResult<String> {
    set_and_read(Client::open(url)?).await
}

async fn through_tls(
    url: &str,
    root: Vec<u8>,
    client: Option<ClientTlsConfig>,
) -> RedisResult<String> {
    let certificates = TlsCertificates {
        client_tls: client,
        root_cert: Some(root),
    };
    set_and_read(Client::build_with_tls(url, certificates)?).await
}

fn client_side(certificates: &Certificates) -> ClientTlsConfig {
    let (certificate, key) = certificates.client();
    ClientTlsConfig {
        client_cert: fs::read(certificate).unwrap(),
        client_key: fs::read(key).unwrap(),
    }
}

fn claims(token: &str) -> (Value, Value) {
    let mut parts = token.split('.').map(|part| {
        let json = BASE64_URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
        serde_json::from_slice(&json).unwrap_or_default()
    });
    (parts.next().unwrap(), parts.next().unwrap())
}

fn key_ids(jwks: &Value) -> BTreeSet<&str> {
    jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["kid"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_valkey_serves_and_takes_commands_from_the_side() {
    let valkey = Valkey::start().await;
    assert_eq!(through(&valkey.url()).await.unwrap(), "v");
    assert_eq!(valkey.command(&["GET", "k"]).await, Ok(json!("v")));
    assert_eq!(
        valkey.command(&["MGET", "k", "l"]).await,
        Ok(json!(["v", null]))
    );
    assert_eq!(valkey.command(&["STRLEN", "k"]).await, Ok(json!(1)));
    assert!(
        valkey
            .command(&["GRANT", "k"])
            .await
            .is_err_and(|error| error.starts_with("ERR "))
    );
    assert!(valkey.log().contains("Ready to accept connections"));
}

#[tokio::test]
async fn a_killed_valkey_comes_back_on_its_port_with_what_it_kept() {
    for (persistence, kept) in [
        (Persistence::Nothing, json!(null)),
        (Persistence::EverySecond, json!("v")),
        (Persistence::Always, json!("v")),
    ] {
        let options = ValkeyOptions {
            persistence,
            ..ValkeyOptions::default()
        };
        let mut valkey = Valkey::start_with(options).await;
        let url = valkey.url();
        through(&url).await.unwrap();
        valkey.kill9();
        let refused = TcpStream::connect(("127.0.0.1", valkey.port()))
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
        valkey.restart().await;
        assert_eq!(valkey.url(), url);
        assert_eq!(
            valkey.command(&["GET", "k"]).await,
            Ok(kept),
            "{persistence:?}"
        );
    }
}

#[tokio::test]
async fn a_frozen_valkey_takes_connections_and_answers_nothing_until_it_goes_on() {
    let mut valkey = Valkey::start().await;
    let url = valkey.url();
    valkey.stop().await;
    TcpStream::connect(("127.0.0.1", valkey.port()))
        .await
        .unwrap();
    let answered = tokio::time::timeout(Duration::from_millis(200), through(&url)).await;
    assert!(!answered.is_ok_and(|reply| reply.is_ok()));
    valkey.cont();
    wait_until("it answers again", SOON, async || {
        through(&url).await.is_ok()
    })
    .await;
}

#[tokio::test]
async fn a_full_valkey_refuses_writes() {
    let options = ValkeyOptions {
        maxmemory: Some("1mb"),
        settings: vec![("maxmemory-policy", "noeviction".to_owned())],
        ..ValkeyOptions::default()
    };
    let valkey = Valkey::start_with(options).await;
    let much = "x".repeat(2 << 20);
    // The first may pass: memory is counted before a command runs.
    let _ = valkey.command(&["SET", "much", &much]).await;
    let error = through(&valkey.url()).await.unwrap_err();
    assert_eq!(error.code(), Some("OOM"), "{error}");
}

#[tokio::test]
async fn a_valkey_with_users_lets_in_whom_it_knows() {
    let options = ValkeyOptions {
        password: Some("p@ss/word"),
        acl: vec!["user reader on >read ~* &* +get".to_owned()],
        ..ValkeyOptions::default()
    };
    let valkey = Valkey::start_with(options).await;
    assert_eq!(through(&valkey.url()).await.unwrap(), "v");
    let nobody = format!("redis://127.0.0.1:{}", valkey.port());
    assert_eq!(through(&nobody).await.unwrap_err().code(), Some("NOAUTH"));
    let forbidden = through(&valkey.url_as("reader", "read")).await.unwrap_err();
    assert_eq!(forbidden.code(), Some("NOPERM"), "{forbidden}");
    assert!(through(&valkey.url_as("reader", "wrong")).await.is_err());
    assert_eq!(valkey.command(&["GET", "k"]).await, Ok(json!("v")));
}

#[tokio::test]
async fn a_valkey_with_tls_is_trusted_through_its_authority_only() {
    let options = ValkeyOptions {
        tls: Tls::Server,
        ..ValkeyOptions::default()
    };
    let valkey = Valkey::start_with(options).await;
    let certificates = valkey.certificates();
    let ours = fs::read(certificates.authority()).unwrap();
    let other = fs::read(certificates.other_authority()).unwrap();
    assert_eq!(through_tls(&valkey.url(), ours, None).await.unwrap(), "v");
    assert!(through_tls(&valkey.url(), other, None).await.is_err());
    assert!(
        through(&valkey.url().replace("rediss:", "redis:"))
            .await
            .is_err()
    );
    assert_eq!(valkey.command(&["GET", "k"]).await, Ok(json!("v")));
}

#[tokio::test]
async fn a_valkey_with_mutual_tls_asks_for_a_certificate() {
    let options = ValkeyOptions {
        tls: Tls::Mutual,
        ..ValkeyOptions::default()
    };
    let valkey = Valkey::start_with(options).await;
    let ours = fs::read(valkey.certificates().authority()).unwrap();
    let client = client_side(valkey.certificates());
    assert!(
        through_tls(&valkey.url(), ours.clone(), None)
            .await
            .is_err()
    );
    assert_eq!(
        through_tls(&valkey.url(), ours, Some(client))
            .await
            .unwrap(),
        "v"
    );
}

#[tokio::test]
async fn many_valkeys_start_side_by_side() {
    let (a, b, c, d) = tokio::join!(
        Valkey::start(),
        Valkey::start(),
        Valkey::start(),
        Valkey::start()
    );
    let ports: BTreeSet<_> = [&a, &b, &c, &d].map(Valkey::port).into();
    assert_eq!(ports.len(), 4);
}

#[tokio::test]
async fn the_provider_signs_with_every_algorithm() {
    let provider = OidcProvider::start().await;
    let jwks = provider.jwks().await;
    for alg in ALGORITHMS {
        let (header, claims) = claims(&provider.token(alg, "urn:other").await);
        assert_eq!(header["alg"], alg);
        assert_eq!(header["typ"], "at+jwt");
        assert!(key_ids(&jwks).contains(header["kid"].as_str().unwrap()));
        assert_eq!(claims["iss"], provider.issuer());
        assert_eq!(claims["aud"], "urn:other");
        assert_eq!(claims["sub"], format!("svc-{alg}"));
        assert_eq!(claims["groups"], json!(["machines"]));
    }
    assert!(
        !jwks.to_string().contains(r#""d":"#),
        "only public keys are published"
    );
}

#[tokio::test]
async fn the_provider_signs_what_a_test_asks_for() {
    let provider = OidcProvider::start().await;
    let asked = TokenRequest {
        short: true,
        scope: "api models:read",
        groups: "admin dev",
        ..TokenRequest::default()
    };
    let (_, claims) = claims(&provider.token_for(asked).await);
    assert_eq!(claims["aud"], "urn:api");
    assert_eq!(claims["scope"], "api models:read");
    assert_eq!(claims["groups"], json!(["admin", "dev"]));
    assert_eq!(
        claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(),
        1
    );
}

#[tokio::test]
async fn the_provider_keeps_its_keys_over_a_restart_unless_told_otherwise() {
    let mut provider = OidcProvider::start().await;
    let issuer = provider.issuer();
    let before = provider.jwks().await;
    provider.kill();
    let address = issuer.trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).await.is_err());
    provider.restart().await;
    assert_eq!(provider.issuer(), issuer);
    assert_eq!(provider.jwks().await, before);
    assert!(provider.keys_file().is_file());

    provider.restart_with_new_keys().await;
    let after = provider.jwks().await;
    assert_eq!(provider.issuer(), issuer);
    assert!(key_ids(&after).is_disjoint(&key_ids(&before)));
}

#[tokio::test]
async fn a_frozen_provider_takes_connections_and_answers_nothing_until_it_goes_on() {
    let mut provider = OidcProvider::start().await;
    provider.stop().await;
    let address = provider.issuer().trim_start_matches("http://").to_owned();
    TcpStream::connect(&address).await.unwrap();
    let answered = comes_true(Duration::from_millis(200), async || {
        provider.jwks().await;
        true
    });
    assert!(!answered.await);
    provider.cont();
    provider.jwks().await;
}
