//! Attacks by what a token says, signed by the issuer's own key.

use std::time::Duration;

use serde_json::json;

use super::signers::{P256, RSA};
use super::table::{Row, rows};
use super::world::{NOW, world, world_with};
use crate::domain::reason::Reason::{ClockUnknown, TokenExpired, TokenIssuer, TokenNotYet};

/// The claim, and the text to put in the place of its value: `-` leaves it out,
/// `ISS` is the issuer's name. The time is 1800000000.
const CLAIMS: &str = r#"
    token_malformed | exp    | -
    token_malformed | exp    | null
    token_malformed | exp    | "9999999999"
    token_malformed | exp    | "NaN"
    token_malformed | exp    | "Infinity"
    token_malformed | exp    | true
    token_malformed | exp    | [1800000300]
    token_malformed | exp    | {"n":1800000300}
    token_malformed | exp    | -1
    token_malformed | exp    | -1.5
    token_malformed | exp    | -1e400
    token_malformed | exp    | 1e400
    token_malformed | exp    | 1e300
    token_malformed | exp    | 9223372036854775807
    token_malformed | exp    | 9223372036854775808
    token_malformed | exp    | 18446744073709551615
    token_malformed | exp    | 99999999999999999999999999
    token_malformed | exp    | 1800000300000
    token_malformed | exp    | NaN
    token_malformed | exp    | Infinity
    token_malformed | exp    | 0xffffffff
    token_malformed | exp    | 09999999999
    token_malformed | exp    | +9999999999
    token_malformed | exp    | 9999999999,"exp":9999999999
    token_expired   | exp    | 0
    token_expired   | exp    | -0
    token_expired   | exp    | 1e-400
    token_expired   | exp    | 1799999969
    token_expired   | exp    | 1799999969.9
    token_malformed | nbf    | null
    token_malformed | nbf    | "0"
    token_malformed | nbf    | "9999999999"
    token_malformed | nbf    | -1
    token_malformed | nbf    | []
    token_malformed | nbf    | 1e400
    token_malformed | nbf    | false
    token_not_yet   | nbf    | 1800000031
    token_not_yet   | nbf    | 1800000030.5
    token_not_yet   | nbf    | 3600000000
    token_malformed | iat    | null
    token_malformed | iat    | "1"
    token_malformed | iat    | {}
    token_malformed | iat    | -1
    token_malformed | iat    | 1e400
    token_not_yet   | iat    | 1800000031
    token_audience  | aud    | -
    token_audience  | aud    | null
    token_audience  | aud    | ""
    token_audience  | aud    | []
    token_audience  | aud    | "apis"
    token_audience  | aud    | "API"
    token_audience  | aud    | "api "
    token_audience  | aud    | "api other-api"
    token_audience  | aud    | "api,other-api"
    token_audience  | aud    | "portal"
    token_audience  | aud    | ["portal"]
    token_audience  | aud    | [["api"]]
    token_audience  | aud    | ["api",1]
    token_audience  | aud    | ["api",null]
    token_audience  | aud    | {"api":true}
    token_audience  | aud    | 1
    token_audience  | aud    | true
    token_audience  | aud    | "*"
    token_malformed | aud    | "api","aud":"x"
    token_issuer    | iss    | -
    token_issuer    | iss    | null
    token_issuer    | iss    | ""
    token_issuer    | iss    | 1
    token_issuer    | iss    | ["ISS"]
    token_issuer    | iss    | "https://evil.test"
    token_issuer    | iss    | "ISS/"
    token_issuer    | iss    | "ISS//"
    token_issuer    | iss    | "ISS "
    token_issuer    | iss    | " ISS"
    token_issuer    | iss    | "ISS\u0000"
    token_issuer    | iss    | "ISS/a"
    token_issuer    | iss    | "ISS?a"
    token_issuer    | iss    | "ISS#a"
    token_issuer    | iss    | "ISS.evil.test"
    token_issuer    | iss    | "ISS@evil.test"
    token_issuer    | iss    | "ISS\u200b"
    token_malformed | iss    | "ISS","iss":"https://evil.test"
    token_subject   | sub    | -
    token_subject   | sub    | null
    token_subject   | sub    | ""
    token_subject   | sub    | true
    token_subject   | sub    | 1.5
    token_subject   | sub    | ["alice"]
    token_subject   | sub    | {"id":"alice"}
    token_subject   | sub    | "alice\r\nX-Admin: 1"
    token_subject   | sub    | "alice\u0000"
    token_malformed | sub    | "alice\ud800"
    token_malformed | sub    | "alice","sub":"admin"
    token_malformed | sub    | "alice","\u0073ub":"admin"
    token_malformed | sub    | "alice","a":{"b":1,"b":2}
    token_malformed | sub    | "alice",
    token_type      | typ    | "ID"
    token_type      | typ    | "Refresh"
    token_type      | typ    | "offline"
    token_type      | typ    | "Logout"
    token_type      | events | {"http://schemas.openid.net/event/backchannel-logout":{}}
"#;

#[tokio::test]
async fn claims_that_prove_nothing_are_refused() {
    let world = world().await;
    let iss = world.issuer.url.clone();
    let signed = |(reason, claim, text): Row| {
        // Behind the others and as text, since some of it no writer would write.
        let others = world.claims_but(&json!({claim: null})).to_string();
        let value = text.replace("ISS", &iss);
        let claims = match text {
            "-" => others,
            _ => format!("{},\"{claim}\":{value}}}", others.trim_end_matches('}')),
        };
        (
            text,
            RSA.token_of(br#"{"alg":"RS256","kid":"rsa"}"#, claims.as_bytes()),
            reason,
        )
    };
    world
        .refuses(rows(CLAIMS).into_iter().map(signed).collect())
        .await;
}

#[tokio::test]
async fn issuers_that_only_look_alike_are_strangers() {
    let world = world().await;
    let iss = world.issuer.url.clone();
    let claims = |iss: String| world.claims_but(&json!({"iss": iss}));
    let header = json!({"alg": "RS256", "kid": "rsa"});
    let signed = |iss: String| RSA.token(&header, &claims(iss));
    let cases = vec![
        ("upper case", signed(iss.to_uppercase()), TokenIssuer),
        ("https", signed(iss.replace("http:", "https:")), TokenIssuer),
        (
            "by name",
            signed(iss.replace("127.0.0.1", "localhost")),
            TokenIssuer,
        ),
        (
            "in short",
            signed(iss.replace("127.0.0.1", "127.1")),
            TokenIssuer,
        ),
        (
            "unicode dot",
            signed(iss.replace('.', "\u{3002}")),
            TokenIssuer,
        ),
        (
            "full-width",
            signed(iss.replace('1', "\u{ff11}")),
            TokenIssuer,
        ),
        (
            "without port",
            signed("http://127.0.0.1".to_owned()),
            TokenIssuer,
        ),
        ("backslash", signed(format!("{iss}\\")), TokenIssuer),
    ];
    world.refuses(cases).await;
}

#[tokio::test]
async fn times_count_to_the_second_at_the_edge_of_the_leeway() {
    for (name, claims, passes) in [
        ("exp", json!({"exp": NOW - 29}), true),
        ("exp", json!({"exp": NOW - 30}), false),
        ("exp", json!({"exp": NOW - 31}), false),
        ("nbf", json!({"nbf": NOW + 29}), true),
        ("nbf", json!({"nbf": NOW + 30}), true),
        ("nbf", json!({"nbf": NOW + 31}), false),
        ("iat", json!({"iat": NOW + 29}), true),
        ("iat", json!({"iat": NOW + 30}), true),
        ("iat", json!({"iat": NOW + 31}), false),
    ] {
        let world = world().await;
        let header = json!({"alg": "ES256", "kid": "p256"});
        let token = P256.token(&header, &world.claims_but(&claims));
        assert_eq!(world.verify(&token).await.is_ok(), passes, "{claims}");
        let expected = if name == "exp" {
            TokenExpired
        } else {
            TokenNotYet
        };
        if !passes {
            assert_eq!(world.verify(&token).await, Err(expected), "{claims}");
        }
    }
}

#[tokio::test]
async fn a_token_dies_while_we_look_at_it() {
    let world = world().await;
    let token = world.token();
    world.clock.advance(Duration::from_secs(329));
    assert!(world.verify(&token).await.is_ok());
    world.clock.advance(Duration::from_secs(1));
    assert_eq!(world.verify(&token).await, Err(TokenExpired));
}

#[tokio::test]
async fn without_knowing_the_time_nothing_passes() {
    let world = world().await;
    world.clock.lose_wall_time();
    assert_eq!(world.verify(&world.token()).await, Err(ClockUnknown));
}

#[tokio::test]
async fn without_discovery_the_issuer_has_two_spellings_and_no_third() {
    for configured in ["https://a.test", "https://a.test/"] {
        let world = world_with(|issuer| {
            issuer.jwks_url = Some(format!("{}/jwks", issuer.url).parse().unwrap());
            configured.clone_into(&mut issuer.url);
        })
        .await;
        let header = json!({"alg": "RS256", "kid": "rsa"});
        for (iss, expected) in [
            ("https://a.test", Ok("corp:alice")),
            ("https://a.test/", Ok("corp:alice")),
            ("https://a.test//", Err(TokenIssuer)),
            ("https://A.test", Err(TokenIssuer)),
            ("https://a.test:443", Err(TokenIssuer)),
        ] {
            let token = RSA.token(&header, &world.claims_but(&json!({"iss": iss})));
            let found = world.verify(&token).await;
            assert_eq!(
                found.as_deref(),
                expected.as_ref().copied(),
                "{configured} {iss}"
            );
        }
        assert_eq!(world.issuer.count("/.well-known/openid-configuration"), 0);
    }
}
