//! Whether a provider still stands by somebody whose session is used.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::stub::{Answer, response};
use super::super::world::NOW;
use super::house::{CLIENT, House, but, house_with, signed};
use crate::domain::session::SessionCookie;
use crate::identity::{Browser, SessionError};

const EVERY: Duration = Duration::from_mins(5);

/// A provider that is asked every five minutes, and alice.
async fn house() -> (House, SessionCookie) {
    let house = house_with(|said| said.provider.recheck = Some(EVERY)).await;
    let journey = house.set_out().await;
    house.gives(json!({
        "token_type": "Bearer", "access_token": "opaque", "refresh_token": "r-1",
        "id_token": signed(&house.claims(&journey)),
    }));
    let who = house.come_back(&journey).await.unwrap().who;
    let begun = house.sessions.begin(&who, &Browser::default(), None).await;
    (house, begun.unwrap().0)
}

/// What the provider says when it is asked again: an ID token without a nonce.
fn confirms(house: &House, refresh_token: &str, changes: &Value) {
    let claims = json!({
        "iss": house.provider.url, "sub": "a-1", "aud": CLIENT,
        "exp": NOW + 900_000, "iat": NOW, "groups": ["ops"],
    });
    house.gives(json!({
        "token_type": "Bearer", "access_token": "opaque", "refresh_token": refresh_token,
        "id_token": signed(&but(claims, changes)),
    }));
}

/// The groups of the session, if it holds.
async fn groups(house: &House, cookie: &SessionCookie) -> Option<String> {
    let held = house.sessions.find(cookie).await.unwrap()?;
    let groups = held.identity.groups.iter().map(ToString::to_string);
    Some(groups.collect::<Vec<_>>().join(" "))
}

fn asked(house: &House) -> usize {
    // The first was for the code.
    house.provider.count_of("POST", "/token") - 1
}

#[tokio::test]
async fn groups_are_asked_for_again_and_each_refresh_token_is_used_once() {
    let (house, cookie) = house().await;
    confirms(&house, "r-2", &json!({}));
    house.clock.advance(Duration::from_secs(299));
    assert_eq!(groups(&house, &cookie).await.as_deref(), Some("dev"));
    assert_eq!(asked(&house), 0);

    house.clock.advance(Duration::from_secs(1));
    assert_eq!(groups(&house, &cookie).await.as_deref(), Some("ops"));
    let sent = house.provider.last_body();
    assert_eq!(sent, "grant_type=refresh_token&refresh_token=r-1");
    assert_eq!(groups(&house, &cookie).await.as_deref(), Some("ops"));
    assert_eq!(asked(&house), 1);

    house.clock.advance(EVERY);
    assert!(groups(&house, &cookie).await.is_some());
    assert!(house.provider.last_body().ends_with("refresh_token=r-2"));
}

#[tokio::test]
async fn many_uses_at_once_ask_once() {
    let (house, cookie) = house().await;
    confirms(&house, "r-2", &json!({}));
    house.clock.advance(EVERY);
    let uses = (0..8).map(|_| groups(&house, &cookie));
    let found = futures_util::future::join_all(uses).await;
    assert!(found.iter().all(Option::is_some), "{found:?}");
    assert_eq!(asked(&house), 1);
}

#[tokio::test]
async fn a_session_is_over_when_its_provider_does_not_stand_by_it() {
    for change in [
        json!({ "sub": "a-2" }),
        json!({ "iss": "https://evil.example" }),
        json!({ "aud": "other" }),
        json!({ "exp": NOW - 900 }),
    ] {
        let (house, cookie) = house().await;
        confirms(&house, "r-2", &change);
        house.clock.advance(EVERY);
        assert_eq!(groups(&house, &cookie).await, None, "{change}");
        confirms(&house, "r-2", &json!({}));
        assert_eq!(groups(&house, &cookie).await, None, "it stays over");
    }
    let (house, cookie) = house().await;
    let no = response("400 No", br#"{"error":"invalid_grant"}"#);
    house.provider.answers("/token", Answer::Bytes(no));
    house.clock.advance(EVERY);
    assert_eq!(groups(&house, &cookie).await, None);
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_asked_each_minute_and_bridged_for_an_hour() {
    for answer in [
        response("500 Oh", b""),
        response("401 No", br#"{"error":"invalid_client"}"#),
    ] {
        let (house, cookie) = house().await;
        house.provider.answers("/token", Answer::Bytes(answer));
        house.clock.advance(EVERY);
        for _ in 0..3 {
            assert_eq!(groups(&house, &cookie).await.as_deref(), Some("dev"));
        }
        assert_eq!(asked(&house), 1);
        house.clock.advance(Duration::from_mins(1));
        assert!(groups(&house, &cookie).await.is_some());
        assert_eq!(asked(&house), 2);

        house.clock.advance(Duration::from_mins(59));
        let found = house.sessions.find(&cookie).await;
        assert!(
            matches!(found, Err(SessionError::StandingUnknown)),
            "{found:?}"
        );
        // It was not ended: the provider's word decides.
        confirms(&house, "r-2", &json!({}));
        house.clock.advance(Duration::from_mins(1));
        assert_eq!(groups(&house, &cookie).await.as_deref(), Some("ops"));
    }
}

#[tokio::test]
async fn a_provider_that_gives_no_id_token_again_stands_by_what_it_said() {
    let (house, cookie) = house().await;
    house.gives(json!({ "token_type": "Bearer", "access_token": "x" }));
    house.clock.advance(EVERY);
    assert_eq!(groups(&house, &cookie).await.as_deref(), Some("dev"));
    house.clock.advance(EVERY);
    assert_eq!(groups(&house, &cookie).await.as_deref(), Some("dev"));
    let sent = house.provider.last_body();
    assert!(
        sent.ends_with("refresh_token=r-1"),
        "the same again: {sent}"
    );
}
