//! Attacks by form and header. Each token is signed by the issuer's own key
//! where that can be, so that nothing but the fault at hand refuses it.

use serde_json::{Value, json};

use super::signers::{OTHER_RSA, RSA};
use super::table::rows;
use super::world::{World, world};
use crate::domain::reason::Reason::{TokenKey, TokenMalformed, TokenSignature};

const HEADERS: &str = r#"
    token_algorithm | alg none                 | {"alg":"none","kid":"rsa"}
    token_algorithm | alg None                 | {"alg":"None","kid":"rsa"}
    token_algorithm | alg nOnE                 | {"alg":"nOnE","kid":"rsa"}
    token_algorithm | alg empty                | {"alg":"","kid":"rsa"}
    token_algorithm | alg missing              | {"kid":"rsa"}
    token_algorithm | alg null                 | {"alg":null,"kid":"rsa"}
    token_algorithm | alg number               | {"alg":0,"kid":"rsa"}
    token_algorithm | alg array                | {"alg":["RS256"],"kid":"rsa"}
    token_algorithm | alg object               | {"alg":{"RS256":1},"kid":"rsa"}
    token_algorithm | alg lower case           | {"alg":"rs256","kid":"rsa"}
    token_algorithm | alg with blank           | {"alg":"RS256 ","kid":"rsa"}
    token_algorithm | alg with NUL             | {"alg":"RS256\u0000","kid":"rsa"}
    token_algorithm | alg unknown              | {"alg":"ES256K","kid":"rsa"}
    token_algorithm | alg ES512                | {"alg":"ES512","kid":"rsa"}
    token_algorithm | alg of encryption        | {"alg":"RSA-OAEP","kid":"rsa"}
    token_algorithm | alg HS256                | {"alg":"HS256","kid":"rsa"}
    token_algorithm | ALG                      | {"ALG":"RS256","kid":"rsa"}
    token_algorithm | alg of EC for RSA        | {"alg":"ES256","kid":"rsa"}
    token_algorithm | alg of Ed for RSA        | {"alg":"EdDSA","kid":"rsa"}
    token_algorithm | alg of RSA for EC        | {"alg":"RS256","kid":"p256"}
    token_algorithm | alg of P-256 for P-384   | {"alg":"ES256","kid":"p384"}
    token_algorithm | alg of P-384 for P-256   | {"alg":"ES384","kid":"p256"}
    token_algorithm | alg of EC for Ed         | {"alg":"ES256","kid":"ed"}
    token_algorithm | alg of RSA for Ed        | {"alg":"PS256","kid":"ed"}
    token_algorithm | alg beside the pinned    | {"alg":"RS384","kid":"rsa-pinned"}
    token_algorithm | PSS beside the pinned    | {"alg":"PS256","kid":"rsa-pinned"}
    token_algorithm | none before crit         | {"alg":"none","crit":["x"]}
    token_critical  | crit unknown             | {"alg":"RS256","kid":"rsa","crit":["x"],"x":1}
    token_critical  | crit empty               | {"alg":"RS256","kid":"rsa","crit":[]}
    token_critical  | crit null                | {"alg":"RS256","kid":"rsa","crit":null}
    token_critical  | crit text                | {"alg":"RS256","kid":"rsa","crit":"exp"}
    token_critical  | crit exp                 | {"alg":"RS256","kid":"rsa","crit":["exp"]}
    token_critical  | b64 false                | {"alg":"RS256","kid":"rsa","b64":false}
    token_critical  | b64 true                 | {"alg":"RS256","kid":"rsa","b64":true}
    token_critical  | b64 critical             | {"alg":"RS256","b64":false,"crit":["b64"]}
    token_critical  | zip                      | {"alg":"RS256","kid":"rsa","zip":"DEF"}
    token_malformed | enc                      | {"alg":"RS256","kid":"rsa","enc":"A256GCM"}
    token_type      | cty JWT                  | {"alg":"RS256","kid":"rsa","cty":"JWT"}
    token_type      | cty in full              | {"alg":"RS256","cty":"application/jwt"}
    token_malformed | cty number               | {"alg":"RS256","kid":"rsa","cty":1}
    token_type      | typ logout               | {"alg":"RS256","kid":"rsa","typ":"logout+jwt"}
    token_type      | typ logout in full       | {"alg":"RS256","typ":"application/logout+jwt"}
    token_type      | typ DPoP                 | {"alg":"RS256","kid":"rsa","typ":"dpop+jwt"}
    token_type      | typ event, other case    | {"alg":"RS256","typ":"SECEVENT+JWT"}
    token_type      | typ request              | {"alg":"RS256","typ":"oauth-authz-req+jwt"}
    token_type      | typ introspection        | {"alg":"RS256","typ":"token-introspection+jwt"}
    token_type      | typ SD-JWT               | {"alg":"RS256","typ":"dc+sd-jwt"}
    token_type      | typ ID token             | {"alg":"RS256","kid":"rsa","typ":"id_token+jwt"}
    token_type      | typ ID token, short      | {"alg":"RS256","kid":"rsa","typ":"id_token"}
    token_type      | typ almost at            | {"alg":"RS256","kid":"rsa","typ":"x-at+jwt"}
    token_type      | typ JOSE                 | {"alg":"RS256","kid":"rsa","typ":"JOSE+JSON"}
    token_malformed | typ number               | {"alg":"RS256","kid":"rsa","typ":1}
    token_malformed | typ null                 | {"alg":"RS256","kid":"rsa","typ":null}
    token_malformed | kid number               | {"alg":"RS256","kid":1}
    token_malformed | kid null                 | {"alg":"RS256","kid":null}
    token_malformed | kid array                | {"alg":"RS256","kid":["rsa"]}
    token_malformed | kid twice                | {"alg":"RS256","kid":"x","kid":"rsa"}
    token_malformed | alg twice                | {"alg":"RS256","alg":"RS256","kid":"rsa"}
    token_malformed | alg twice, one none      | {"alg":"none","alg":"RS256","kid":"rsa"}
    token_malformed | alg twice, escaped       | {"alg":"RS256","\u0061lg":"RS256","kid":"rsa"}
    token_malformed | nested member twice      | {"alg":"RS256","kid":"rsa","a":[{"b":1,"b":1}]}
    token_malformed | no JSON                  | RS256
    token_malformed | an array                 | [{"alg":"RS256","kid":"rsa"}]
    token_malformed | null                     | null
    token_malformed | another value behind     | {"alg":"RS256","kid":"rsa"}{}
    token_malformed | a comment                | {"alg":"RS256",/**/"kid":"rsa"}
    token_malformed | single quotes            | {'alg':'RS256','kid':'rsa'}
    token_key       | kid unknown              | {"alg":"RS256","kid":"unknown"}
    token_key       | kid empty                | {"alg":"RS256","kid":""}
    token_key       | kid other case           | {"alg":"RS256","kid":"RSA"}
    token_key       | kid with blank           | {"alg":"RS256","kid":" rsa"}
    token_key       | kid with NUL             | {"alg":"RS256","kid":"rsa\u0000"}
    token_key       | kid path                 | {"alg":"RS256","kid":"../../../../dev/null"}
    token_key       | kid SQL                  | {"alg":"RS256","kid":"x' UNION SELECT 'k' --"}
    token_key       | kid command              | {"alg":"RS256","kid":"|id"}
    token_key       | kid URL                  | {"alg":"RS256","kid":"http://127.0.0.1:1/evil"}
    token_key       | kid address of a key     | {"alg":"RS256","kid":"rsa#0"}
    token_key       | no kid, several keys fit | {"alg":"RS256"}
"#;

#[tokio::test]
async fn a_header_that_asks_for_more_or_less_than_a_signature_is_refused() {
    let world = world().await;
    let claims = world.claims().to_string();
    let signed = |(reason, name, header): (_, _, &str)| {
        let token = RSA.token_of(header.as_bytes(), claims.as_bytes());
        (name, token, reason)
    };
    world
        .refuses(rows(HEADERS).into_iter().map(signed).collect())
        .await;
}

#[tokio::test]
async fn keys_that_a_token_brings_along_are_never_used() {
    let world = world().await;
    let own = OTHER_RSA.jwk("rsa");
    let evil = "http://127.0.0.1:1/evil";
    let sign = |header: Value| OTHER_RSA.token(&header, &world.claims());
    let jwk = sign(json!({"alg": "RS256", "kid": "rsa", "jwk": own}));
    let jwk_without_kid = sign(json!({"alg": "RS256", "jwk": own}));
    let jku = sign(json!({"alg": "RS256", "kid": "mine", "jku": evil}));
    let x5u = sign(json!({"alg": "RS256", "kid": "rsa", "x5u": evil}));
    let x5c = sign(json!({"alg": "RS256", "kid": "rsa", "x5c": ["MIIB"]}));
    let cases = vec![
        ("jwk", jwk, TokenSignature),
        ("jwk without kid", jwk_without_kid, TokenKey),
        ("jku", jku, TokenKey),
        ("x5u", x5u, TokenSignature),
        ("x5c", x5c, TokenSignature),
    ];
    world.refuses(cases).await;
    assert!(
        world
            .issuer
            .requests()
            .iter()
            .all(|head| !head.contains("evil"))
    );
}

/// The parts of a token that passes: header, claims, signature.
fn parts(world: &World) -> [String; 3] {
    let token = world.token();
    let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts.try_into().unwrap()
}

#[tokio::test]
async fn what_is_not_three_parts_of_strict_base64url_is_refused() {
    let world = world().await;
    let [h, p, s] = parts(&world);
    // 256 bytes of signature leave four unused bits in the last character.
    let last = s.chars().last().unwrap();
    let loose = char::from(u8::try_from(u32::from(last)).unwrap() + 1);
    let filling = "A".repeat(16 * 1024 + 1 - h.len() - p.len() - 2);
    let cases = vec![
        ("empty", String::new()),
        ("one part", h.clone()),
        ("two parts", format!("{h}.{p}")),
        ("four parts", format!("{h}.{p}.{s}.{s}")),
        ("five parts, a JWE", format!("{h}.{p}.{p}.{p}.{s}")),
        ("trailing dot", format!("{h}.{p}.{s}.")),
        ("leading dot", format!(".{h}.{p}.{s}")),
        ("no header", format!(".{p}.{s}")),
        ("no claims", format!("{h}..{s}")),
        ("no signature", format!("{h}.{p}.")),
        ("dots only", "..".to_owned()),
        ("blank before", format!(" {h}.{p}.{s}")),
        ("blank after", format!("{h}.{p}.{s} ")),
        ("line break", format!("{h}.{p}.\n{s}")),
        ("tab within", format!("{h}.\t{p}.{s}")),
        ("NUL after", format!("{h}.{p}.{s}\0")),
        ("padding of the header", format!("{h}=.{p}.{s}")),
        ("padding of the claims", format!("{h}.{p}=.{s}")),
        ("padding of the signature", format!("{h}.{p}.{s}==")),
        ("standard alphabet", format!("{h}.{p}.+/{}", &s[2..])),
        (
            "unused bits",
            format!("{h}.{p}.{}{loose}", &s[..s.len() - 1]),
        ),
        ("one character left over", format!("{h}.{p}.{s}AAA")),
        ("unicode dots", format!("{h}\u{ff0e}{p}\u{ff0e}{s}")),
        ("scheme in front", format!("Bearer {h}.{p}.{s}")),
        ("1 MiB", format!("{h}.{}.{s}", "A".repeat(1 << 20))),
        ("one byte over 16 KiB", format!("{h}.{p}.{filling}")),
    ];
    let malformed = |(name, token)| (name, token, TokenMalformed);
    world
        .refuses(cases.into_iter().map(malformed).collect())
        .await;
    let flat = json!({"payload": p, "protected": h, "signature": s});
    let general = json!({"payload": p, "signatures": [{"protected": h, "signature": s}]});
    let serialised = vec![
        ("flattened JSON", flat.to_string(), TokenMalformed),
        ("general JSON", general.to_string(), TokenMalformed),
    ];
    world.refuses(serialised).await;
}

const HEADER: &[u8] = br#"{"alg":"RS256","kid":"rsa"}"#;

#[tokio::test]
async fn bytes_that_are_no_strict_json_are_refused() {
    let world = world().await;
    let claims = world.claims().to_string();
    let with_bom = |text: &[u8]| ["\u{feff}".as_bytes(), text].concat();
    let utf16: Vec<u8> = HEADER.iter().flat_map(|byte| [*byte, 0]).collect();
    let nested = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"a":{open}{close},{}"#, &claims[1..])
    };
    let long_kid = json!({"alg": "RS256", "kid": "k".repeat(10_000)}).to_string();
    let long_header = [HEADER, &[b' '; 4096]].concat();
    let with_header = |header: &[u8]| RSA.token_of(header, claims.as_bytes());
    let with_claims = |claims: &[u8]| RSA.token_of(HEADER, claims);
    let cases = vec![
        ("header with a BOM", with_header(&with_bom(HEADER))),
        ("header in UTF-16", with_header(&utf16)),
        (
            "header no UTF-8",
            with_header(b"{\"alg\":\"RS256\",\"kid\":\"\xff\"}"),
        ),
        ("header over 4 KiB", with_header(&long_header)),
        ("kid of 10 kB", with_header(long_kid.as_bytes())),
        (
            "claims with a BOM",
            with_claims(&with_bom(claims.as_bytes())),
        ),
        ("claims no UTF-8", with_claims(b"{\"sub\":\"\xc0\x80\"}")),
        ("claims no object", with_claims(b"\"alice\"")),
        ("claims blank", with_claims(b" ")),
        ("claims a token", with_claims(world.token().as_bytes())),
        (
            "claims an array",
            with_claims(format!("[{claims}]").as_bytes()),
        ),
        (
            "claims cut off",
            with_claims(&claims.as_bytes()[..claims.len() - 1]),
        ),
        (
            "claims with more behind",
            with_claims(format!("{claims}{{}}").as_bytes()),
        ),
        ("claims 10,000 deep", with_claims(nested(5_000).as_bytes())),
        ("claims one too deep", with_claims(nested(32).as_bytes())),
    ];
    let malformed = |(name, token)| (name, token, TokenMalformed);
    world
        .refuses(cases.into_iter().map(malformed).collect())
        .await;
    assert!(
        world
            .verify(&with_claims(nested(31).as_bytes()))
            .await
            .is_ok()
    );
}
