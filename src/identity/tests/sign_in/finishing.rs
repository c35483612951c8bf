//! From an answer of the provider to somebody who signed in, or not.

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::super::signers::{OTHER_RSA, P256, RSA, encode};
use super::super::stub::Answer;
use super::super::world::NOW;
use super::house::{CLIENT, House, SECRET, but, house, house_with, signed, signed_as};
use crate::identity::sign_in::{GroupsFrom, SignInProblem};

#[tokio::test]
async fn somebody_with_a_good_id_token_signs_in() {
    let house = house().await;
    let who = house.sign_in(&json!({})).await.unwrap();
    assert_eq!(who.owner.to_string(), "corp:a-1");
    assert_eq!(who.profile.groups[0].as_str(), "dev");
    assert_eq!(who.profile.email.as_deref(), Some("alice@corp.test"));
    let at = who.provider.unwrap();
    assert_eq!((&*at.id, &*at.subject), ("corp", "a-1"));
    assert_eq!(at.sid.as_deref(), Some("s-1"));
    assert!(who.scopes.is_empty(), "a provider grants nothing here");
    for good in [
        json!({ "aud": [CLIENT] }),
        json!({ "aud": [CLIENT, "other"], "azp": CLIENT }),
        json!({ "exp": NOW - 29 }),
        json!({ "iat": NOW + 29 }),
        json!({ "sid": null }),
        json!({ "at_hash": half_hash("opaque") }),
    ] {
        assert!(house.sign_in(&good).await.is_ok(), "{good}");
    }
}

fn half_hash(token: &str) -> String {
    encode(&digest(&SHA256, token.as_bytes()).as_ref()[..16])
}

#[tokio::test]
async fn id_tokens_that_are_not_for_this_sign_in_sign_nobody_in() {
    let house = house().await;
    let slash = format!("{}/", house.provider.url);
    for (change, expected) in [
        (json!({ "nonce": "another" }), "nonce"),
        (json!({ "nonce": null }), "nonce"),
        (json!({ "nonce": 1 }), "nonce"),
        (json!({ "iss": "https://evil.example" }), "iss"),
        (json!({ "iss": slash }), "iss"),
        (json!({ "iss": null }), "iss"),
        (json!({ "aud": "another" }), "aud"),
        (json!({ "aud": [] }), "aud"),
        (json!({ "aud": [CLIENT, 1] }), "aud"),
        (json!({ "aud": null }), "aud"),
        (json!({ "aud": [CLIENT, "other"] }), "azp"),
        (json!({ "azp": "other" }), "azp"),
        (json!({ "azp": null, "aud": [CLIENT, CLIENT] }), "azp"),
        (json!({ "azp": 1 }), "azp"),
        (json!({ "exp": NOW - 30 }), "token_expired"),
        (json!({ "exp": null }), "token_malformed"),
        (json!({ "exp": "9999999999" }), "token_malformed"),
        (json!({ "iat": NOW + 31 }), "token_not_yet"),
        (json!({ "iat": null }), "iat"),
        (json!({ "nbf": NOW + 31 }), "token_not_yet"),
        (json!({ "sub": null }), "sub"),
        (json!({ "sub": "" }), "sub"),
        (json!({ "at_hash": half_hash("another") }), "at_hash"),
        (json!({ "at_hash": 1 }), "at_hash"),
        (json!({ "typ": "Bearer" }), "token_type"),
        (json!({ "events": {} }), "token_type"),
    ] {
        let refused = house.sign_in(&change).await.expect_err("refused");
        assert!(refused.contains(expected), "{change}: {refused}");
    }
}

/// Makes an ID token of claims.
type Forger = fn(&Value) -> String;

#[tokio::test]
async fn id_tokens_that_the_provider_did_not_sign_sign_nobody_in() {
    let house = house().await;
    let header = |alg: &str, kid: &str| json!({ "alg": alg, "kid": kid });
    let forgers: [(&str, Forger); 9] = [
        ("none", |claims| unsigned("none", claims)),
        ("None", |claims| unsigned("NONE", claims)),
        ("the client's secret", |claims| {
            by_secret(SECRET.as_bytes(), claims)
        }),
        ("the public key", |claims| {
            by_secret(&RSA.public_der(), claims)
        }),
        ("another's key", |claims| {
            signed_as(&OTHER_RSA, &json!({ "alg": "RS256", "kid": "rsa" }), claims)
        }),
        ("another's name", |claims| {
            signed_as(&OTHER_RSA, &json!({ "alg": "RS256", "kid": "who" }), claims)
        }),
        ("its own key along", |claims| {
            let header = json!({ "alg": "RS256", "jwk": OTHER_RSA.jwk("x") });
            signed_as(&OTHER_RSA, &header, claims)
        }),
        ("another kind", |claims| {
            let header = json!({ "alg": "RS256", "kid": "rsa", "typ": "logout+jwt" });
            signed_as(&RSA, &header, claims)
        }),
        ("an access token", |claims| {
            let header = json!({ "alg": "RS256", "kid": "rsa", "typ": "at+jwt" });
            signed_as(&RSA, &header, claims)
        }),
    ];
    for (what, forge) in forgers {
        let journey = house.set_out().await;
        house.gives_id_token(&forge(&house.claims(&journey)));
        let refused = house.come_back(&journey).await.expect_err(what);
        assert_eq!(refused.error.problem(), SignInProblem::Refused, "{what}");
        assert_eq!(refused.return_to.as_deref(), Some("/keys"), "{what}");
    }
    // The same by a key of the provider's is good.
    let journey = house.set_out().await;
    let claims = house.claims(&journey);
    house.gives_id_token(&signed_as(&P256, &header("ES256", "p256"), &claims));
    house.come_back(&journey).await.unwrap();
}

fn unsigned(alg: &str, claims: &Value) -> String {
    let header = encode(json!({ "alg": alg }).to_string().as_bytes());
    format!("{header}.{}.", encode(claims.to_string().as_bytes()))
}

fn by_secret(secret: &[u8], claims: &Value) -> String {
    let header = encode(br#"{"alg":"HS256","kid":"rsa"}"#);
    let message = format!("{header}.{}", encode(claims.to_string().as_bytes()));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", encode(tag.as_ref()))
}

#[tokio::test]
async fn a_sign_in_belongs_to_one_browser_counts_once_and_ends() {
    let house = house().await;
    let (mine, his) = (house.set_out().await, house.set_out().await);
    house.gives_id_token(&signed(&house.claims(&mine)));
    let problem = async |browser, journey: &super::house::Journey| {
        let returned = journey.returned("&code=c-1");
        let finished = house.party.finish("corp", browser, &returned).await;
        finished.map(|_| ()).map_err(|not| not.error.problem())
    };
    assert_eq!(problem(None, &mine).await, Err(SignInProblem::Lost));
    let his_browser = Some(&his.browser);
    assert_eq!(problem(his_browser, &mine).await, Err(SignInProblem::Lost));
    let my_browser = Some(&mine.browser);
    assert_eq!(problem(my_browser, &mine).await, Ok(()));
    // Whatever the provider thinks of its code.
    assert_eq!(
        problem(my_browser, &mine).await,
        Err(SignInProblem::Expired)
    );

    let late = house.set_out().await;
    house.gives_id_token(&signed(&house.claims(&late)));
    house.clock.advance(Duration::from_mins(10));
    assert_eq!(
        problem(Some(&late.browser), &late).await,
        Err(SignInProblem::Expired)
    );
}

#[tokio::test]
async fn a_provider_that_names_itself_must_be_the_one_that_was_asked() {
    let house = house_with(|said| {
        said.published = json!({ "authorization_response_iss_parameter_supported": true });
    })
    .await;
    let journey = house.set_out().await;
    house.gives_id_token(&signed(&house.claims(&journey)));
    let own = format!("&iss={}&code=c-1", house.provider.url);
    for (further, is_good) in [
        ("&code=c-1", false),
        ("&iss=https://evil.example&code=c-1", false),
        ("&iss=&code=c-1", false),
        (&*own, true),
    ] {
        let returned = journey.returned(further);
        let finished = house
            .party
            .finish("corp", Some(&journey.browser), &returned)
            .await;
        assert_eq!(finished.is_ok(), is_good, "{further}");
    }
}

async fn with_groups_from(groups_from: GroupsFrom) -> House {
    house_with(|said| said.provider.groups_from = groups_from).await
}

#[tokio::test]
async fn userinfo_of_somebody_else_signs_nobody_in() {
    let house = with_groups_from(GroupsFrom::Userinfo).await;
    for (userinfo, is_good) in [
        (json!({ "sub": "a-1", "groups": ["ops"] }), true),
        (json!({ "sub": "a-2", "groups": ["ops"] }), false),
        (json!({ "groups": ["ops"] }), false),
        (json!({ "sub": ["a-1"] }), false),
        (json!(["a-1"]), false),
    ] {
        house
            .provider
            .answers("/userinfo", Answer::Json(userinfo.clone()));
        let who = house.sign_in(&json!({})).await;
        assert_eq!(who.is_ok(), is_good, "{userinfo}");
        if let Ok(who) = who {
            assert_eq!(who.profile.groups[0].as_str(), "ops");
        }
    }
    let heads = house.provider.requests();
    let asked = heads.iter().find(|head| head.starts_with("GET /userinfo"));
    let asked = asked.unwrap().to_ascii_lowercase();
    assert!(asked.contains("authorization: bearer opaque"), "{asked}");
}

#[tokio::test]
async fn an_access_token_of_somebody_else_signs_nobody_in() {
    let house = with_groups_from(GroupsFrom::AccessToken).await;
    for (change, is_good) in [
        (json!({}), true),
        (json!({ "sub": "a-2" }), false),
        (json!({ "sub": null }), false),
        (json!({ "iss": "https://evil.example" }), false),
        (json!({ "exp": NOW - 30 }), false),
    ] {
        let journey = house.set_out().await;
        let id_token = signed(&house.claims(&journey));
        let access = json!({
            "iss": house.provider.url, "sub": "a-1", "aud": "urn:api",
            "exp": NOW + 300, "iat": NOW, "groups": ["ops"],
        });
        let access_token = signed(&but(access, &change));
        house.gives(json!({
            "token_type": "bearer", "id_token": id_token, "access_token": access_token,
        }));
        let finished = house.come_back(&journey).await;
        assert_eq!(finished.is_ok(), is_good, "{change}");
        if let Ok(finished) = finished {
            assert_eq!(finished.who.profile.groups[0].as_str(), "ops");
        }
    }
}
