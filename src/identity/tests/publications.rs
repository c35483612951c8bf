//! What an issuer may publish, and what is made of the rest.

use serde_json::json;

use super::key_sets::rsa_of_bits;
use super::signers::RSA;
use super::stub::{Answer, Stub, response};
use super::world::{MemoryStore, TestClock, claims, realm, verifier};
use crate::domain::reason::Reason;
use crate::identity::{IssuerOptions, IssuerState, Purpose};

/// The state of the only issuer after one try to fetch its keys.
async fn probed(answer_discovery: Answer, answer_jwks: Answer) -> IssuerState {
    let stub = Stub::start().await;
    stub.answers("/.well-known/openid-configuration", answer_discovery);
    stub.answers("/jwks", answer_jwks);
    probed_at(&stub).await
}

async fn probed_at(stub: &Stub) -> IssuerState {
    let (clock, store) = (TestClock::default().into(), MemoryStore::default().into());
    let options = IssuerOptions::new(realm("corp"), stub.url.clone());
    let verifier = verifier(vec![options], &clock, &store, 1);
    let mut status = verifier.probe().await;
    status.pop().unwrap().state
}

fn error_of(state: IssuerState) -> String {
    match state {
        IssuerState::Down {
            last_error: Some(error),
            ..
        } => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn discovery_is_believed_only_about_the_issuer_that_was_asked() {
    let stub = Stub::start().await;
    stub.publishes(&[RSA.jwk("rsa")]);
    assert!(matches!(probed_at(&stub).await, IssuerState::Ready { .. }));
    let jwks = format!("{}/jwks", stub.url);
    let path = "/.well-known/openid-configuration";
    stub.answers(
        path,
        Answer::Json(json!({"issuer": format!("{}/", stub.url), "jwks_uri": jwks})),
    );
    assert!(matches!(probed_at(&stub).await, IssuerState::Ready { .. }));
    for (document, expected) in [
        (
            json!({"issuer": "https://evil.test", "jwks_uri": jwks}),
            "for the issuer",
        ),
        (
            json!({"issuer": format!("{}//", stub.url), "jwks_uri": jwks}),
            "for the issuer",
        ),
        (
            json!({"issuer": stub.url.to_uppercase(), "jwks_uri": jwks}),
            "for the issuer",
        ),
        (json!({"jwks_uri": jwks}), "lacks \"issuer\""),
        (
            json!({"issuer": [stub.url], "jwks_uri": jwks}),
            "lacks \"issuer\"",
        ),
        (json!({"issuer": stub.url}), "lacks \"jwks_uri\""),
        (
            json!({"issuer": stub.url, "jwks_uri": "/jwks"}),
            "is no URL",
        ),
        (
            json!({"issuer": stub.url, "jwks_uri": "http://evil.test/jwks"}),
            "plain http",
        ),
        (
            json!({"issuer": stub.url, "jwks_uri": "file:///etc/passwd"}),
            "is no URL",
        ),
        (
            json!({"issuer": stub.url, "jwks_uri": "https://169.254.169.254/"}),
            "metadata",
        ),
        (
            json!({"issuer": stub.url, "jwks_uri": "https://a:b@c.test/"}),
            "user or a password",
        ),
        (json!("issuer"), "lacks \"issuer\""),
    ] {
        stub.answers(path, Answer::Json(document.clone()));
        let error = error_of(probed_at(&stub).await);
        assert!(error.contains(expected), "{document}: {error}");
        assert!(!error.contains("a:b@"), "{error}");
    }
    // Nothing was ever fetched but the two addresses.
    let is_known = |head: &String| head.contains(path) || head.starts_with("GET /jwks ");
    assert!(stub.requests().iter().all(is_known));
}

#[tokio::test]
async fn the_exact_name_of_an_issuer_is_what_discovery_says() {
    let stub = Stub::start().await;
    stub.publishes(&[RSA.jwk("rsa")]);
    let (exact, other) = (format!("{}/", stub.url), stub.url.clone());
    stub.answers(
        "/.well-known/openid-configuration",
        Answer::Json(json!({"issuer": exact, "jwks_uri": format!("{}/jwks", stub.url)})),
    );
    let (clock, store) = (TestClock::default().into(), MemoryStore::default().into());
    let mut options = IssuerOptions::new(realm("corp"), other.clone());
    options.audiences = vec!["api".to_owned()];
    let verifier = verifier(vec![options], &clock, &store, 1);
    let header = json!({"alg": "RS256", "kid": "rsa"});
    let reason = async |iss: &str| {
        let token = RSA.token(&header, &claims(iss));
        verifier.verify(&token, Purpose::Gate).await.err()
    };
    assert_eq!(reason(&exact).await, None);
    assert_eq!(reason(&other).await, Some(Reason::TokenIssuer));
}

#[tokio::test]
async fn an_issuer_that_publishes_rubbish_is_down_and_says_why() {
    let good = |url: &str| json!({"issuer": url, "jwks_uri": format!("{url}/jwks")});
    let stub = Stub::start().await;
    for (answer, expected) in [
        (Answer::Json(json!({"keys": []})), "no usable key"),
        (
            Answer::Json(json!({"keys": [rsa_of_bits(1024)]})),
            "key 1 has an RSA modulus of 1024",
        ),
        (Answer::Json(json!({"jwks": []})), "is no key set"),
        (Answer::Bytes(response("200 OK", b"<html>")), "not the JSON"),
        (
            Answer::Bytes(response("200 OK", b"{\"keys\":[],\"keys\":[]}")),
            "twice",
        ),
        (Answer::Bytes(response("500 Oops", b"")), "answered 500"),
    ] {
        stub.answers(
            "/.well-known/openid-configuration",
            Answer::Json(good(&stub.url)),
        );
        stub.answers("/jwks", answer);
        let error = error_of(probed_at(&stub).await);
        assert!(error.contains(expected), "{error}");
        assert!(
            error.starts_with(&format!("{}/jwks: ", stub.url)),
            "{error}"
        );
    }
    let nothing = Answer::Bytes(Vec::new());
    assert!(error_of(probed(nothing.clone(), nothing).await).contains("openid-configuration"));
}
