//! A provider's word that somebody left.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::signers::{OTHER_RSA, RSA};
use super::super::stub::Answer;
use super::super::world::NOW;
use super::house::{CLIENT, House, but, house, house_with, signed, signed_as};
use crate::identity::sign_in::BackChannelError;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn logout(house: &House, changes: &Value) -> Value {
    let claims = json!({
        "iss": house.provider.url, "sub": "a-1", "aud": CLIENT, "iat": NOW, "exp": NOW + 120,
        "jti": "j-1", "sid": "s-1", "events": { EVENT: {} },
    });
    but(claims, changes)
}

async fn says(house: &House, token: &str) -> Result<usize, String> {
    let ended = house
        .party
        .back_channel_sign_out("corp", token, &house.sessions)
        .await;
    match ended {
        Ok(sessions) => Ok(sessions.len()),
        Err(BackChannelError::Refused(error)) => Err(error.to_string()),
        Err(BackChannelError::Unavailable(why)) => Err(format!("unavailable: {why}")),
    }
}

#[tokio::test]
async fn logout_tokens_that_are_not_the_providers_word_end_nothing() {
    let house = house().await;
    let cookie = house.session_of(&json!({})).await;
    let other_event = "http://schemas.openid.net/event/other";
    for (change, expected) in [
        (json!({ "nonce": "n" }), "nonce"),
        (json!({ "events": null }), "token_type"),
        (json!({ "events": { other_event: {} } }), "events"),
        (json!({ "events": { EVENT: true } }), "events"),
        (json!({ "events": [EVENT] }), "events"),
        (json!({ "jti": null }), "jti"),
        (json!({ "jti": "" }), "jti"),
        (json!({ "iss": "https://evil.example" }), "iss"),
        (json!({ "aud": "other" }), "aud"),
        (json!({ "aud": [CLIENT, "other"], "azp": "other" }), "azp"),
        (json!({ "iat": null }), "iat"),
        (json!({ "iat": NOW - 601 }), "iat"),
        (json!({ "iat": NOW + 31 }), "token_not_yet"),
        (json!({ "exp": NOW - 30 }), "token_expired"),
        (json!({ "exp": null }), "token_malformed"),
        (json!({ "sid": null, "sub": null }), "neither"),
        (json!({ "sid": 1 }), "sid"),
        (json!({ "sid": "" }), "sid"),
        (json!({ "sub": ["a-1"] }), "sub"),
        (json!({ "typ": "ID" }), "token_type"),
    ] {
        let refused = says(&house, &signed(&logout(&house, &change))).await;
        let refused = refused.expect_err("refused");
        assert!(refused.contains(expected), "{change}: {refused}");
    }
    let good = logout(&house, &json!({}));
    let id_token = json!({ "alg": "RS256", "kid": "rsa", "typ": "at+jwt" });
    for (what, token) in [
        ("nothing", String::new()),
        ("no token", "a.b.c".to_owned()),
        (
            "another's key",
            signed_as(&OTHER_RSA, &json!({ "alg": "RS256", "kid": "rsa" }), &good),
        ),
        ("another kind", signed_as(&RSA, &id_token, &good)),
    ] {
        assert!(says(&house, &token).await.is_err(), "{what}");
    }
    assert!(house.holds(&cookie).await);

    // An ID token of that very sign-in is no logout token either.
    let journey = house.set_out().await;
    let id_token = signed(&house.claims(&journey));
    assert!(says(&house, &id_token).await.is_err());
    assert!(house.holds(&cookie).await);

    assert_eq!(says(&house, &signed(&good)).await, Ok(1));
    assert!(!house.holds(&cookie).await);
}

#[tokio::test]
async fn a_logout_token_is_taken_once() {
    let house = house().await;
    let typed = json!({ "alg": "RS256", "kid": "rsa", "typ": "logout+jwt" });
    let token = signed_as(&RSA, &typed, &logout(&house, &json!({})));
    assert_eq!(says(&house, &token).await, Ok(0));
    let cookie = house.session_of(&json!({})).await;
    let again = says(&house, &token).await.expect_err("a replay");
    assert!(again.contains("used before"), "{again}");
    assert!(house.holds(&cookie).await);
    // Long enough to be remembered as long as it would be taken.
    house.clock.advance(Duration::from_mins(12));
    let late = json!({ "exp": NOW + 3600 });
    let late = says(&house, &signed(&logout(&house, &late))).await;
    assert!(late.is_err());
}

#[tokio::test]
async fn sessions_are_ended_by_sid_by_sub_and_by_both() {
    let house = house().await;
    let first = house.session_of(&json!({})).await;
    let second = house.session_of(&json!({ "sid": "s-2" })).await;
    let third = house.session_of(&json!({ "sid": null })).await;
    let his = house
        .session_of(&json!({ "sub": "b-1", "sid": "s-1" }))
        .await;
    let token = |jti: &str, changes: Value| {
        let claims = logout(&house, &json!({ "jti": jti }));
        signed(&but(claims, &changes))
    };
    let nobody = json!({ "sub": "c-1" });
    assert_eq!(says(&house, &token("1", nobody)).await, Ok(0));
    assert_eq!(says(&house, &token("2", json!({}))).await, Ok(1));
    assert!(!house.holds(&first).await && house.holds(&his).await);
    let of_sub = json!({ "sid": null });
    assert_eq!(says(&house, &token("3", of_sub)).await, Ok(2));
    assert!(!house.holds(&second).await && !house.holds(&third).await);
    assert!(house.holds(&his).await);
    let of_sid = json!({ "sub": null });
    assert_eq!(says(&house, &token("4", of_sid)).await, Ok(1));
    assert!(!house.holds(&his).await);
}

#[tokio::test]
async fn a_sub_is_enough_also_where_people_are_called_otherwise_here() {
    let house = house_with(|said| said.issuer.claims.subject = "email".to_owned()).await;
    let cookie = house.session_of(&json!({ "sid": null })).await;
    let held = house.sessions.find(&cookie).await.unwrap().unwrap();
    assert_eq!(held.session.owner.to_string(), "corp:alice@corp.test");
    let token = signed(&logout(&house, &json!({ "sid": null })));
    assert_eq!(says(&house, &token).await, Ok(1));
    assert!(!house.holds(&cookie).await);
}

#[tokio::test]
async fn a_word_that_cannot_be_checked_now_may_be_said_again() {
    let house = house().await;
    let cookie = house.session_of(&json!({})).await;
    // So that keys and metadata must be asked for again.
    let unknown = json!({ "alg": "RS256", "kid": "new" });
    let token = signed_as(&RSA, &unknown, &logout(&house, &json!({})));
    house.clock.advance(Duration::from_hours(1));
    house.provider.fails_with(&Answer::Silence);
    let down = says(&house, &token).await.expect_err("down");
    assert!(down.starts_with("unavailable"), "{down}");
    assert!(house.holds(&cookie).await);
}
