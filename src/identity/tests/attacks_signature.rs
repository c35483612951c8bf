//! Attacks on signatures: right form, wrong proof.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::signers::{ED25519, OTHER_RSA, P256, P384, RSA, Signer, encode};
use super::world::{World, world};
use crate::domain::reason::Reason::{TokenAlgorithm, TokenMalformed, TokenSignature};

/// Header and claims of a token, unsigned.
fn message(world: &World, header: &Value) -> String {
    let claims = world.claims().to_string();
    format!(
        "{}.{}",
        encode(header.to_string().as_bytes()),
        encode(claims.as_bytes())
    )
}

fn hmac_signed(world: &World, name: &str, secret: &[u8]) -> String {
    let algorithm = match name {
        "HS384" => hmac::HMAC_SHA384,
        "HS512" => hmac::HMAC_SHA512,
        _ => hmac::HMAC_SHA256,
    };
    let message = message(world, &json!({"alg": name, "kid": "rsa"}));
    let tag = hmac::sign(&hmac::Key::new(algorithm, secret), message.as_bytes());
    format!("{message}.{}", encode(tag.as_ref()))
}

#[tokio::test]
async fn a_public_key_is_never_a_shared_secret() {
    let world = world().await;
    let der = RSA.public_der();
    let base64 = STANDARD.encode(&der);
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(64)
        .map(|l| str::from_utf8(l).unwrap())
        .collect();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        lines.join("\n")
    );
    let jwk = RSA.jwk("rsa");
    let modulus = jwk["n"].as_str().unwrap();
    let jwks = json!({"keys": [jwk]}).to_string();
    let jwk_text = jwk.to_string();
    let secrets: [(&str, &[u8]); 8] = [
        ("PEM", pem.as_bytes()),
        ("PEM without the last line break", pem.trim_end().as_bytes()),
        ("DER", &der),
        ("base64", base64.as_bytes()),
        ("JWK", jwk_text.as_bytes()),
        ("JWKS", jwks.as_bytes()),
        ("modulus", modulus.as_bytes()),
        ("nothing", b""),
    ];
    for (name, secret) in secrets {
        for algorithm in ["HS256", "HS384", "HS512"] {
            let token = hmac_signed(&world, algorithm, secret);
            let case = format!("{algorithm} with {name}");
            world.refuses(vec![(&case, token, TokenAlgorithm)]).await;
        }
        let disguised = hmac_signed(&world, "RS256", secret);
        world.refuses(vec![(name, disguised, TokenSignature)]).await;
    }
}

/// The order of P-256's group, and of Ed25519's in little-endian bytes.
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
    0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The same number plus the order: equal to a verifier that does not insist on
/// the smallest form.
fn plus_order(scalar: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let sum = scalar.iter().zip(ED25519_ORDER).map(|(a, b)| {
        let sum = u16::from(*a) + u16::from(b) + carry;
        carry = sum >> 8;
        u8::try_from(sum & 0xff).unwrap()
    });
    sum.collect()
}

#[tokio::test]
async fn signatures_of_the_wrong_shape_prove_nothing() {
    let world = world().await;
    let es = message(&world, &json!({"alg": "ES256", "kid": "p256"}));
    let good = P256.sign("ES256", es.as_bytes());
    let (r, s) = good.split_at(32);
    let zero = [0; 32];
    let ed = message(&world, &json!({"alg": "EdDSA", "kid": "ed"}));
    let ed_good = ED25519.sign("EdDSA", ed.as_bytes());
    let rs = message(&world, &json!({"alg": "RS256", "kid": "rsa"}));
    let rs_good = RSA.sign("RS256", rs.as_bytes());
    let with = |message: &str, signature: &[u8]| format!("{message}.{}", encode(signature));
    assert!(world.verify(&with(&es, &good)).await.is_ok());
    assert!(world.verify(&with(&ed, &ed_good)).await.is_ok());
    let cases: Vec<(&str, String)> = vec![
        ("ES r = s = 0", with(&es, &[0; 64])),
        ("ES r = 0", with(&es, &[&zero[..], s].concat())),
        ("ES s = 0", with(&es, &[r, &zero[..]].concat())),
        ("ES r = n", with(&es, &[&P256_ORDER[..], s].concat())),
        ("ES s = n", with(&es, &[r, &P256_ORDER[..]].concat())),
        (
            "ES r = s = n",
            with(&es, &[P256_ORDER, P256_ORDER].concat()),
        ),
        ("ES all ones", with(&es, &[0xff; 64])),
        ("ES halves swapped", with(&es, &[s, r].concat())),
        ("ES as ASN.1", with(&es, &P256.sign_asn1(es.as_bytes()))),
        ("ES one byte short", with(&es, &good[..63])),
        ("ES one byte long", with(&es, &[&good[..], &[0]].concat())),
        (
            "ES one zero in front",
            with(&es, &[&[0], &good[..]].concat()),
        ),
        ("ES half", with(&es, r)),
        ("ES one byte", with(&es, &[0])),
        ("ES of P-384", with(&es, &P384.sign("ES384", es.as_bytes()))),
        ("Ed zero", with(&ed, &[0; 64])),
        ("Ed all ones", with(&ed, &[0xff; 64])),
        ("Ed one byte short", with(&ed, &ed_good[..63])),
        (
            "Ed one byte long",
            with(&ed, &[&ed_good[..], &[0]].concat()),
        ),
        (
            "Ed S not reduced",
            with(&ed, &[&ed_good[..32], &plus_order(&ed_good[32..])].concat()),
        ),
        (
            "Ed of another message",
            with(&ed, &ED25519.sign("EdDSA", es.as_bytes())),
        ),
        ("RS zero", with(&rs, &[0; 256])),
        ("RS one", with(&rs, &[&[0; 255][..], &[1]].concat())),
        ("RS all ones", with(&rs, &[0xff; 256])),
        ("RS one byte short", with(&rs, &rs_good[..255])),
        (
            "RS one byte long",
            with(&rs, &[&rs_good[..], &[0]].concat()),
        ),
        (
            "RS one zero in front",
            with(&rs, &[&[0], &rs_good[..]].concat()),
        ),
        (
            "RS signed by PS",
            with(&rs, &RSA.sign("PS256", rs.as_bytes())),
        ),
        (
            "RS256 signed by RS512",
            with(&rs, &RSA.sign("RS512", rs.as_bytes())),
        ),
        (
            "RS of another key",
            with(&rs, &OTHER_RSA.sign("RS256", rs.as_bytes())),
        ),
        ("RS with the one of ES", with(&rs, &good)),
    ];
    let refused = |(name, token)| (name, token, TokenSignature);
    world
        .refuses(cases.into_iter().map(refused).collect())
        .await;
}

#[tokio::test]
async fn no_changed_bit_goes_unnoticed() {
    let world = world().await;
    let signers: [(&str, &str, &Signer); 4] = [
        ("PS256", "rsa", &RSA),
        ("ES256", "p256", &P256),
        ("ES384", "p384", &P384),
        ("EdDSA", "ed", &ED25519),
    ];
    for (algorithm, kid, signer) in signers {
        let message = message(&world, &json!({"alg": algorithm, "kid": kid}));
        let signature = signer.sign(algorithm, message.as_bytes());
        for place in (0..signature.len()).step_by(7) {
            let mut changed = signature.clone();
            changed[place] ^= 1 << (place % 8);
            let token = format!("{message}.{}", encode(&changed));
            assert_eq!(
                world.verify(&token).await,
                Err(TokenSignature),
                "{algorithm} {place}"
            );
        }
        let other = world.claims_but(&json!({"sub": "mallory"})).to_string();
        let (header, _) = message.split_once('.').unwrap();
        let token = format!(
            "{header}.{}.{}",
            encode(other.as_bytes()),
            encode(&signature)
        );
        assert_eq!(
            world.verify(&token).await,
            Err(TokenSignature),
            "{algorithm}"
        );
    }
}

#[tokio::test]
async fn no_mutant_of_a_good_token_passes() {
    let world = world().await;
    let good = P256.token(&json!({"alg": "ES256", "kid": "p256"}), &world.claims());
    assert!(world.verify(&good).await.is_ok());
    let mut tried = 0;
    for place in 0..good.len() {
        for byte in *b"A-_.9= " {
            let mut mutant = good.clone().into_bytes();
            if mutant[place] == byte {
                continue;
            }
            mutant[place] = byte;
            let mutant = String::from_utf8(mutant).unwrap();
            assert!(world.verify(&mutant).await.is_err(), "{mutant}");
            tried += 1;
        }
        assert!(world.verify(&good[..place]).await.is_err());
    }
    assert!(tried > 1500, "{tried}");
    assert_eq!(world.verify(&format!("{good}=")).await, Err(TokenMalformed));
}
