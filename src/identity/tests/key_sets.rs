//! What of a key set is used, and what makes a set worthless.

use serde_json::{Value, json};

use super::signers::{ED25519, OTHER_RSA, P256, P384, RSA, encode};
use super::world::world;
use crate::domain::reason::Reason;
use crate::identity::Algorithm;
use crate::identity::jwks::{BadJwks, Jwks, Lookup};

/// A key with some members replaced, or left out where the value is null.
fn but(mut key: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            key.as_object_mut().unwrap().remove(name);
        } else {
            key[name] = value.clone();
        }
    }
    key
}

/// An RSA key of that size.
pub(super) fn rsa_of_bits(bits: usize) -> Value {
    let mut modulus = vec![0xff; bits / 8];
    modulus[0] = 0x80;
    json!({"kty": "RSA", "kid": "k", "n": encode(&modulus), "e": "AQAB"})
}

/// A sound key, what is changed about it, and what becomes of it: `used`;
/// `silently` passed over, as a key for other purposes; or passed over and
/// `told` to the operator.
const KEYS: &str = r#"
    used     | RSA     | {}
    used     | EC      | {}
    used     | P-384   | {}
    used     | Ed25519 | {}
    used     | RSA     | {"use":null}
    used     | RSA     | {"kid":null}
    used     | RSA     | {"key_ops":["verify"]}
    used     | RSA     | {"alg":"PS512"}
    used     | RSA     | {"e":"Aw"}
    used     | RSA     | {"e":"AAEAAQ"}
    used     | EC      | {"alg":"ES256"}
    used     | Ed25519 | {"alg":"EdDSA"}
    used     | Ed25519 | {"alg":"Ed25519"}
    silently | RSA     | {"use":"enc"}
    silently | RSA     | {"use":"SIG"}
    silently | RSA     | {"key_ops":["sign"]}
    silently | RSA     | {"key_ops":[]}
    silently | RSA     | {"kty":"oct","k":"AQAB"}
    silently | RSA     | {"kty":"AKP"}
    silently | RSA     | {"kty":"rsa"}
    silently | RSA     | {"alg":"RSA-OAEP-256"}
    silently | RSA     | {"alg":"HS256"}
    silently | RSA     | {"alg":"none"}
    silently | RSA     | {"alg":""}
    silently | RSA     | {"alg":"ES256"}
    silently | EC      | {"alg":"ES384"}
    silently | EC      | {"alg":"RS256"}
    silently | EC      | {"crv":"secp256k1"}
    silently | EC      | {"crv":"P-521"}
    silently | EC      | {"crv":"p-256"}
    silently | EC      | {"crv":null}
    silently | Ed25519 | {"crv":"Ed448"}
    silently | Ed25519 | {"crv":"X25519"}
    silently | Ed25519 | {"kty":"EC"}
    told     | RSA     | {"kty":null}
    told     | RSA     | {"kty":1}
    told     | RSA     | {"kid":7}
    told     | RSA     | {"use":["sig"]}
    told     | RSA     | {"alg":1}
    told     | RSA     | {"key_ops":"verify"}
    told     | RSA     | {"d":"AQAB"}
    told     | RSA     | {"p":"AQAB"}
    told     | RSA     | {"oth":[]}
    told     | RSA     | {"k":"AQAB"}
    told     | RSA     | {"use":"enc","d":"AQAB"}
    told     | EC      | {"d":"AQAB"}
    told     | Ed25519 | {"d":"AQAB"}
    told     | RSA     | {"n":null}
    told     | RSA     | {"n":5}
    told     | RSA     | {"n":""}
    told     | RSA     | {"n":"AQAB"}
    told     | RSA     | {"n":"AQAB="}
    told     | RSA     | {"n":"AQ AB"}
    told     | RSA     | {"e":null}
    told     | RSA     | {"e":""}
    told     | RSA     | {"e":"AA"}
    told     | RSA     | {"e":"AQ"}
    told     | RSA     | {"e":"AAAB"}
    told     | RSA     | {"e":"Ag"}
    told     | RSA     | {"e":"AQAA"}
    told     | RSA     | {"e":"AQAAAAAAAAAB"}
    told     | EC      | {"x":null}
    told     | EC      | {"x":"AQAB"}
    told     | EC      | {"y":"AQAB"}
    told     | EC      | {"x":"+/+/"}
    told     | EC      | {"crv":"P-384"}
    told     | P-384   | {"crv":"P-256"}
    told     | Ed25519 | {"x":"AQAB"}
    told     | Ed25519 | {"x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
    told     | Ed25519 | {"x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}
    told     | Ed25519 | {"x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAIA"}
"#;

/// What becomes of a key beside a good one, in the words of the table.
fn fate(key: &Value) -> &'static str {
    let set = Jwks::parse(&json!({"keys": [P384.jwk("other"), key]})).unwrap();
    let told = set.warnings().join("");
    assert!(!told.contains("AQAB"), "{told}");
    match (set.len(), told.is_empty()) {
        (2, true) => "used",
        (1, true) => "silently",
        (1, false) => "told",
        (keys, _) => panic!("{keys} keys and {told:?}"),
    }
}

#[test]
fn only_sound_public_signing_keys_are_used() {
    for line in KEYS.lines().filter(|line| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.splitn(3, '|').map(str::trim).collect();
        let sound = match cells[1] {
            "RSA" => RSA.jwk("k"),
            "EC" => P256.jwk("k"),
            "P-384" => P384.jwk("k"),
            _ => ED25519.jwk("k"),
        };
        let changes = serde_json::from_str(cells[2]).unwrap();
        assert_eq!(fate(&but(sound, &changes)), cells[0], "{line}");
    }
}

#[test]
fn keys_are_measured_by_what_is_in_them() {
    let with_modulus = |parts: &[&[u8]]| but(RSA.jwk("k"), &json!({"n": encode(&parts.concat())}));
    let strong = [0xff; 256];
    for (name, key, expected) in [
        ("RSA 1024", rsa_of_bits(1024), "told"),
        ("RSA 2040", rsa_of_bits(2040), "told"),
        ("RSA 2048", rsa_of_bits(2048), "used"),
        ("RSA 8192", rsa_of_bits(8192), "used"),
        ("RSA 8200", rsa_of_bits(8200), "told"),
        ("RSA zero", with_modulus(&[&[0; 256]]), "told"),
        (
            "RSA 1024 blown up",
            with_modulus(&[&[0; 128], &strong[..128]]),
            "told",
        ),
        ("RSA 2047", with_modulus(&[&[0x7f], &strong[1..]]), "told"),
        (
            "RSA with a leading zero",
            with_modulus(&[&[0], &strong]),
            "used",
        ),
        ("kid of 1 KiB", RSA.jwk(&"k".repeat(1024)), "used"),
        ("kid longer", RSA.jwk(&"k".repeat(1025)), "told"),
        ("a text", json!("key"), "told"),
        ("null", json!(null), "told"),
    ] {
        assert_eq!(fate(&key), expected, "{name}");
    }
}

/// All encodings of the eight points, with either sign.
#[test]
fn no_ed25519_point_of_small_order_is_a_key() {
    const HEX: [&str; 7] = [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    for hex in HEX {
        let byte = |place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap();
        let mut point: Vec<u8> = (0..64).step_by(2).map(byte).collect();
        for sign in [0, 0x80] {
            point[31] |= sign;
            let key = but(ED25519.jwk("k"), &json!({"x": encode(&point)}));
            assert_eq!(fate(&key), "told", "{hex}");
        }
    }
}

#[test]
fn two_keys_of_one_name_are_one_key_or_none() {
    let found = |keys: &[Value]| {
        let set = Jwks::parse(&json!({"keys": keys})).unwrap();
        let is_found = matches!(set.find(Some("k"), Algorithm::Rs256), Lookup::Found(_));
        (set.len(), is_found, set.warnings().len())
    };
    let other = P384.jwk("other");
    assert_eq!(
        found(&[RSA.jwk("k"), RSA.jwk("k"), other.clone()]),
        (2, true, 0)
    );
    assert_eq!(
        found(&[RSA.jwk("k"), OTHER_RSA.jwk("k"), other.clone()]),
        (1, false, 1)
    );
    assert_eq!(
        found(&[RSA.jwk("k"), P256.jwk("k"), other.clone()]),
        (1, false, 1)
    );
    let encryption = but(OTHER_RSA.jwk("k"), &json!({"use": "enc"}));
    assert_eq!(found(&[RSA.jwk("k"), encryption, other]), (2, true, 0));
}

#[test]
fn a_set_without_a_usable_key_is_refused_as_a_whole() {
    let many: Vec<Value> = (0..101).map(|i| RSA.jwk(&i.to_string())).collect();
    for (document, expected) in [
        (json!({"keys": []}), BadJwks::NothingUsable(Vec::new())),
        (
            json!({"keys": [{"kty": "oct", "k": "AQAB"}]}),
            BadJwks::NothingUsable(Vec::new()),
        ),
        (json!({"keys": many}), BadJwks::TooMany(101)),
        (json!({"keys": {}}), BadJwks::NotAKeySet),
        (json!({}), BadJwks::NotAKeySet),
        (json!([RSA.jwk("k")]), BadJwks::NotAKeySet),
        (RSA.jwk("k"), BadJwks::NotAKeySet),
        (json!(null), BadJwks::NotAKeySet),
    ] {
        assert_eq!(Jwks::parse(&document).err(), Some(expected));
    }
    assert!(Jwks::parse(&json!({"keys": &many[..100]})).is_ok());
}

#[tokio::test]
async fn a_token_without_a_kid_needs_exactly_one_key_that_fits() {
    let world = world().await;
    for (keys, algorithm, expected) in [
        (vec![RSA.jwk("a"), P256.jwk("b")], "RS256", None),
        (
            vec![but(RSA.jwk("a"), &json!({"kid": null})), P256.jwk("b")],
            "PS512",
            None,
        ),
        (
            vec![RSA.jwk("a"), OTHER_RSA.jwk("b")],
            "RS256",
            Some(Reason::TokenKey),
        ),
        (
            vec![OTHER_RSA.jwk("b")],
            "RS256",
            Some(Reason::TokenSignature),
        ),
        (vec![P256.jwk("b")], "RS256", Some(Reason::TokenKey)),
    ] {
        world.issuer.publishes(&keys);
        world.verifier.probe().await;
        let token = RSA.token(&json!({"alg": algorithm}), &world.claims());
        assert_eq!(
            world.verify(&token).await.err(),
            expected,
            "{algorithm} {keys:?}"
        );
    }
}
