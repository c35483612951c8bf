//! From a code to tokens.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::form_urlencoded;

use super::super::signers::encode;
use super::super::stub::{Answer, response};
use super::house::{CLIENT, House, SECRET, house, house_with, signed};
use crate::identity::sign_in::{ClientAuthentication, SignInProblem};

/// A field of the form that was sent to the token endpoint.
fn sent(house: &House, name: &str) -> Option<String> {
    let body = house.provider.last_body();
    let mut pairs = form_urlencoded::parse(body.as_bytes());
    Some(pairs.find(|(given, _)| given == name)?.1.into_owned())
}

fn authorization(house: &House) -> Option<String> {
    let heads = house.provider.requests();
    let head = heads
        .iter()
        .rev()
        .find(|head| head.starts_with("POST /token"));
    let is_it = |line: &&str| line.to_ascii_lowercase().starts_with("authorization:");
    let line = head?.lines().find(is_it);
    Some(line?.split_once(':')?.1.trim().to_owned())
}

#[tokio::test]
async fn the_request_says_what_the_standards_ask_for_and_keeps_what_is_there() {
    let house = house().await;
    let journey = house.set_out().await;
    for (name, value) in [
        ("tenant", "a"),
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", "https://lodge.test/auth/corp/callback"),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(journey.sent(name), value);
    }
    let other = house.set_out().await;
    for name in ["state", "nonce", "code_challenge"] {
        assert!(journey.sent(name).len() >= 43, "{name}");
        assert_ne!(journey.sent(name), other.sent(name), "{name}");
    }

    house.gives_id_token(&signed(&house.claims(&journey)));
    house.come_back(&journey).await.unwrap();
    let verifier = sent(&house, "code_verifier").unwrap();
    let challenge = encode(digest(&SHA256, verifier.as_bytes()).as_ref());
    assert_eq!(challenge, journey.sent("code_challenge"));
    assert_eq!(sent(&house, "code").as_deref(), Some("c-1"));
    let callback = "https://lodge.test/auth/corp/callback";
    assert_eq!(sent(&house, "redirect_uri").as_deref(), Some(callback));
    // What goes round with the browser shows nothing of it.
    assert!(!journey.location.as_str().contains(&verifier));
}

#[tokio::test]
async fn a_client_proves_itself_as_it_was_told_to() {
    let signs_in = async |secret: Option<&str>, how| {
        let house = house_with(|said| {
            said.provider.client_auth = how;
            said.provider.client_secret =
                secret.map(|text| crate::domain::secret::Secret::new(text.to_owned()));
        })
        .await;
        house.sign_in(&json!({})).await.unwrap();
        house
    };
    let basic = signs_in(Some(SECRET), ClientAuthentication::Basic).await;
    let expected = STANDARD.encode("gatelodge:s3cret%2B%2F+%25");
    assert_eq!(authorization(&basic), Some(format!("Basic {expected}")));
    assert_eq!(sent(&basic, "client_secret"), None);

    let post = signs_in(Some(SECRET), ClientAuthentication::Post).await;
    assert_eq!(authorization(&post), None);
    assert_eq!(sent(&post, "client_id").as_deref(), Some(CLIENT));
    assert_eq!(sent(&post, "client_secret").as_deref(), Some(SECRET));

    let public = signs_in(None, ClientAuthentication::Basic).await;
    assert_eq!(authorization(&public), None);
    assert_eq!(sent(&public, "client_id").as_deref(), Some(CLIENT));
    assert_eq!(sent(&public, "client_secret"), None);
}

#[tokio::test]
async fn what_the_token_endpoint_says_instead_is_told_apart() {
    let house = house().await;
    let with = |status: &str, body: &str| Answer::Bytes(response(status, body.as_bytes()));
    let no_id_token = json!({ "token_type": "Bearer", "access_token": "x" });
    let no_bearer = json!({ "token_type": "mac", "id_token": "x" });
    for (answer, expected) in [
        (
            with("400 No", r#"{"error":"invalid_grant"}"#),
            SignInProblem::Expired,
        ),
        (
            with("401 No", r#"{"error":"invalid_client"}"#),
            SignInProblem::Refused,
        ),
        (
            with("401 No", "<html>who are you?</html>"),
            SignInProblem::Refused,
        ),
        (with("400 No", ""), SignInProblem::Refused),
        (with("404 No", "{}"), SignInProblem::Refused),
        (with("429 Slow", "{}"), SignInProblem::ProviderUnavailable),
        (
            with("400 No", r#"{"error":"temporarily_unavailable"}"#),
            SignInProblem::ProviderUnavailable,
        ),
        (with("500 Oh", "{}"), SignInProblem::ProviderUnavailable),
        (with("302 There", ""), SignInProblem::ProviderUnavailable),
        (with("200 OK", "<html>"), SignInProblem::ProviderUnavailable),
        (Answer::Silence, SignInProblem::ProviderUnavailable),
        (Answer::Flood, SignInProblem::ProviderUnavailable),
        (Answer::Json(no_id_token), SignInProblem::Refused),
        (Answer::Json(no_bearer), SignInProblem::Refused),
        (Answer::Json(json!([])), SignInProblem::Refused),
    ] {
        let journey = house.set_out().await;
        house.provider.answers("/token", answer);
        let refused = house.come_back(&journey).await.expect_err("refused");
        assert_eq!(refused.error.problem(), expected, "{}", refused.error);
    }
}

#[tokio::test]
async fn what_the_provider_says_in_the_browser_is_told_apart() {
    let house = house().await;
    let journey = house.set_out().await;
    for (further, expected) in [
        ("&error=access_denied", SignInProblem::Refused),
        ("&error=server_error", SignInProblem::ProviderUnavailable),
        (
            "&error=temporarily_unavailable&code=x",
            SignInProblem::ProviderUnavailable,
        ),
        ("", SignInProblem::Refused),
    ] {
        let returned = journey.returned(further);
        let finished = house
            .party
            .finish("corp", Some(&journey.browser), &returned)
            .await;
        let refused = finished.expect_err("refused");
        assert_eq!(refused.error.problem(), expected, "{further}");
    }
    assert_eq!(house.provider.count_of("POST", "/token"), 0);
}

#[tokio::test]
async fn a_provider_that_is_down_is_noticed_before_a_browser_goes_there() {
    let house = house().await;
    house.provider.fails_with(&Answer::Silence);
    let asked = async || house.party.begin("corp", None, "/".to_owned()).await;
    let down = asked().await.expect_err("down");
    assert_eq!(down.problem(), SignInProblem::ProviderUnavailable);
    // Whoever asks at once shares the answer.
    let requests = house.provider.requests().len();
    assert!(asked().await.is_err());
    assert_eq!(house.provider.requests().len(), requests);
    let unknown = house.party.begin("other", None, "/".to_owned()).await;
    let unknown = unknown.expect_err("unknown").problem();
    assert_eq!(unknown, SignInProblem::UnknownProvider);
}
