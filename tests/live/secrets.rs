//! No secret reaches the log, whatever is logged: neither a key that passes nor
//! one that does not, neither a token nor a salt.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::support::lodge::Deployment;

/// The secret part of a key.
fn secret_of(key: &str) -> &str {
    &key[key.len() - 49..key.len() - 6]
}

/// CVE-2022-23469, CVE-2026-41181.
#[tokio::test]
async fn no_secret_reaches_the_log_even_at_its_wordiest() {
    let deployment = Deployment::embedded()
        .with("RUST_LOG", "trace")
        .with("GATELODGE_LOG__ALLOWS", "true");
    let lodge = deployment.start().await;
    let key = deployment.mint("alice", &[]);
    let admin = deployment.read("admin-key");
    let mut made_up = key.clone();
    made_up.replace_range(30..31, if &key[30..31] == "a" { "b" } else { "a" });
    let token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJwbGFudGVkIn0.cGxhbnRlZC1zaWduYXR1cmU";
    let basic = format!("Basic {}", BASE64_STANDARD.encode(format!("me:{key}")));

    for credential in [
        &key,
        &made_up,
        &token.to_owned(),
        &"planted-nonsense".to_owned(),
    ] {
        let value = format!("Bearer {credential}");
        lodge
            .get("/forward-auth", &[("authorization", &value)])
            .await;
        lodge
            .get("/forward-auth", &[("x-api-key", credential)])
            .await;
        lodge
            .get(&format!("/forward-auth?key={credential}"), &[])
            .await;
        lodge
            .get(
                "/forward-auth",
                &[("x-forwarded-uri", &format!("/?key={credential}"))],
            )
            .await;
        lodge.api(credential, "GET", "/api/me", "").await;
        lodge.api(credential, "POST", "/api/me/tokens", "{").await;
    }
    lodge
        .get("/forward-auth", &[("authorization", &basic)])
        .await;
    let created = lodge
        .api(&admin, "POST", "/api/users/bob/tokens", "{}")
        .await
        .json();
    let minted = created["token"].as_str().unwrap().to_owned();
    lodge.gate(&minted).await;

    let log = lodge.log();
    assert!(
        log.contains("refused") && log.contains("allowed"),
        "the log was on: {log}"
    );
    let salt = deployment.read("token-salt");
    let planted = [
        secret_of(&key),
        secret_of(&made_up),
        secret_of(&admin),
        secret_of(&minted),
        "cGxhbnRlZC1zaWduYXR1cmU",
        "planted-nonsense",
        &basic[6..],
        &salt,
    ];
    for secret in planted {
        let line = log.lines().find(|line| line.contains(secret));
        assert!(line.is_none(), "the log holds {secret}: {line:?}");
    }
}
