//! What passes, and as whom.

use serde_json::{Value, json};

use super::signers::{ED25519, OTHER_RSA, P256, P384, RSA, Signer};
use super::stub::Stub;
use super::world::{
    MemoryStore, NOW, TestClock, claims, realm, verifier, verify, world, world_with,
};
use crate::domain::identity::CredentialKind;
use crate::domain::reason::Reason;
use crate::domain::subject::{GroupName, Realm, Scope};
use crate::identity::{Algorithm, BadIssuer, IssuerOptions, Purpose};

#[tokio::test]
async fn every_algorithm_passes_with_its_key_and_is_refused_where_it_is_not_allowed() {
    let cases: [(&str, &str, &Signer); 10] = [
        ("RS256", "rsa", &RSA),
        ("RS384", "rsa", &RSA),
        ("RS512", "rsa", &RSA),
        ("PS256", "rsa", &RSA),
        ("PS384", "rsa", &RSA),
        ("PS512", "rsa", &RSA),
        ("ES256", "p256", &P256),
        ("ES384", "p384", &P384),
        ("EdDSA", "ed", &ED25519),
        ("Ed25519", "ed", &ED25519),
    ];
    let world = world().await;
    for (name, kid, signer) in cases {
        let allowed = Algorithm::parse(name).unwrap();
        let token = signer.token(&json!({"alg": name, "kid": kid}), &world.claims());
        assert_eq!(
            world.verify(&token).await.as_deref(),
            Ok("corp:alice"),
            "{name}"
        );
        let others = world_with(|issuer| issuer.algorithms.retain(|known| *known != allowed)).await;
        let token = signer.token(&json!({"alg": name, "kid": kid}), &others.claims());
        assert_eq!(
            others.verify(&token).await,
            Err(Reason::TokenAlgorithm),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_many_issuers_put_into_tokens_does_no_harm() {
    let world = world().await;
    for header in [
        json!({"alg": "RS256", "kid": "rsa", "typ": "JWT"}),
        json!({"alg": "RS256", "kid": "rsa", "typ": "jwt"}),
        json!({"alg": "RS256", "kid": "rsa", "typ": "at+jwt"}),
        json!({"alg": "RS256", "kid": "rsa", "typ": "application/AT+JWT"}),
        json!({"alg": "RS256", "kid": "rsa", "x5t": "abc", "x5t#S256": "abc"}),
        json!({"alg": "RS256", "kid": "rsa", "jku": "https://evil.test/jwks"}),
        json!({"alg": "RS256", "kid": "rsa", "x5u": "https://evil.test/x5u", "x5c": ["MIIB"]}),
        json!({"alg": "RS256", "kid": "rsa", "jwk": OTHER_RSA.jwk("rsa")}),
    ] {
        let token = RSA.token(&header, &world.claims());
        assert_eq!(
            world.verify(&token).await.as_deref(),
            Ok("corp:alice"),
            "{header}"
        );
    }
    for changes in [
        json!({"aud": ["x", "api"]}),
        json!({"aud": "other-api"}),
        json!({"exp": 1_800_000_300.5}),
        json!({"nbf": NOW}),
        json!({"azp": "whoever", "nonce": "n", "jti": "1", "typ": "Bearer"}),
        json!({"iat": null}),
    ] {
        let header = json!({"alg": "RS256", "kid": "rsa"});
        let token = RSA.token(&header, &world.claims_but(&changes));
        assert_eq!(
            world.verify(&token).await.as_deref(),
            Ok("corp:alice"),
            "{changes}"
        );
    }
}

#[tokio::test]
async fn the_proof_says_who_it_is_and_until_when() {
    let world = world_with(|issuer| {
        issuer.claims.groups = "realm_access.roles".to_owned();
        issuer.admin_groups = vec!["Admins".to_owned()];
        issuer.admin_groups_case_sensitive = false;
    })
    .await;
    let claims = world.claims_but(&json!({
        "realm_access": {"roles": ["dev", "admins"]}, "scope": "a:read b",
        "email": "alice@corp.test", "name": "Alice",
    }));
    let token = RSA.token(&json!({"alg": "RS256", "kid": "rsa"}), &claims);
    let proof = world.verifier.verify(&token, Purpose::Gate).await.unwrap();
    assert_eq!(proof.expires_at().as_seconds(), NOW + 300 + 30);
    let identity = proof.identity();
    assert_eq!(identity.owner.to_string(), "corp:alice");
    assert_eq!(identity.tenant.as_str(), "default");
    assert!(identity.is_in_group(&GroupName::parse("dev").unwrap()));
    assert!(identity.holds_scope(&Scope::parse("a:read").unwrap()));
    assert_eq!(identity.email.as_deref(), Some("alice@corp.test"));
    assert_eq!(identity.name.as_deref(), Some("Alice"));
    assert!(identity.admin);
    assert_eq!(
        (identity.method, identity.key_id),
        (CredentialKind::Jwt, None)
    );
}

#[tokio::test]
async fn only_a_configured_group_makes_an_administrator() {
    for (admins, case_sensitive, groups, expected) in [
        (vec!["admin"], true, json!(["admin"]), true),
        (vec!["admin"], true, json!(["Admin"]), false),
        (vec!["admin"], false, json!(["ADMIN"]), true),
        (vec!["admin"], false, json!("not admin"), false),
        (vec!["kings"], false, json!(["\u{212a}ings"]), false),
        (
            vec!["admin"],
            false,
            json!(["administrators", " admin"]),
            false,
        ),
        (vec![], false, json!(["admin"]), false),
        (vec![""], false, json!([""]), false),
    ] {
        let world = world_with(|issuer| {
            issuer.admin_groups = admins.iter().map(|name| (*name).to_owned()).collect();
            issuer.admin_groups_case_sensitive = case_sensitive;
        })
        .await;
        let claims = world.claims_but(&json!({"groups": groups}));
        let token = RSA.token(&json!({"alg": "RS256", "kid": "rsa"}), &claims);
        let proof = world.verifier.verify(&token, Purpose::Gate).await.unwrap();
        assert_eq!(proof.identity().admin, expected, "{admins:?} {groups}");
    }
}

type Change = fn(&mut IssuerOptions);

#[tokio::test]
async fn gate_and_portal_have_audiences_of_their_own() {
    let all = |_: &mut IssuerOptions| {};
    let no_gate_audience = |issuer: &mut IssuerOptions| issuer.audiences.clear();
    let gates_closed = |issuer: &mut IssuerOptions| issuer.opens_gates = false;
    let portal_closed = |issuer: &mut IssuerOptions| issuer.opens_portal = false;
    let shorthand = |issuer: &mut IssuerOptions| {
        issuer.audiences.clear();
        issuer.portal_audiences.clear();
        issuer.audience_required = false;
    };
    let forgotten = |issuer: &mut IssuerOptions| issuer.portal_audiences.clear();
    let cases: [(&str, Change, Value, bool, bool); 9] = [
        ("gate", all, json!("api"), true, false),
        ("portal", all, json!("portal"), false, true),
        ("both", all, json!(["api", "portal"]), true, true),
        (
            "no gate audience",
            no_gate_audience,
            json!("api"),
            false,
            false,
        ),
        (
            "gates closed",
            gates_closed,
            json!(["api", "portal"]),
            false,
            true,
        ),
        (
            "portal closed",
            portal_closed,
            json!(["api", "portal"]),
            true,
            false,
        ),
        ("shorthand", shorthand, json!("anything"), false, true),
        ("shorthand, no aud", shorthand, Value::Null, false, true),
        (
            "no portal audience",
            forgotten,
            json!(["api", "portal"]),
            true,
            false,
        ),
    ];
    for (name, change, audience, gate, portal) in cases {
        let world = world_with(change).await;
        let claims = world.claims_but(&json!({"aud": audience}));
        let token = RSA.token(&json!({"alg": "RS256", "kid": "rsa"}), &claims);
        for (purpose, opens) in [(Purpose::Gate, gate), (Purpose::Portal, portal)] {
            let reason = world.verifier.verify(&token, purpose).await.err();
            let expected = (!opens).then_some(Reason::TokenAudience);
            assert_eq!(reason, expected, "{name} {purpose:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_can_open_nothing_makes_us_ask_nobody() {
    let world = world_with(|issuer| issuer.audiences.clear()).await;
    assert_eq!(
        world.verify(&world.token()).await,
        Err(Reason::TokenAudience)
    );
    assert_eq!(world.issuer.requests().len(), 0);
}

#[tokio::test]
async fn a_required_type_must_be_named() {
    let world = world_with(|issuer| issuer.require_type = Some("at+jwt".to_owned())).await;
    for (typ, expected) in [
        (json!("at+jwt"), Ok("corp:alice")),
        (json!("application/at+jwt"), Ok("corp:alice")),
        (json!("AT+JWT"), Ok("corp:alice")),
        (json!("JWT"), Err(Reason::TokenType)),
        (json!(""), Err(Reason::TokenType)),
        (json!("at"), Err(Reason::TokenType)),
        (Value::Null, Err(Reason::TokenMalformed)),
    ] {
        let header = json!({"alg": "RS256", "kid": "rsa", "typ": typ});
        let token = RSA.token(&header, &world.claims());
        assert_eq!(
            world.verify(&token).await.as_deref(),
            expected.as_ref().copied(),
            "{typ}"
        );
    }
    assert_eq!(world.verify(&world.token()).await, Err(Reason::TokenType));
}

#[tokio::test]
async fn two_issuers_never_share_people_or_keys() {
    let (clock, store) = (TestClock::default().into(), MemoryStore::default().into());
    let (ours, theirs) = (Stub::start().await, Stub::start().await);
    ours.publishes(&[RSA.jwk("same")]);
    theirs.publishes(&[OTHER_RSA.jwk("same")]);
    let mut bare = IssuerOptions::new(Realm::bare(), ours.url.clone());
    bare.audiences = vec!["api".to_owned()];
    let mut corp = IssuerOptions::new(realm("corp"), theirs.url.clone());
    corp.audiences = vec!["api".to_owned()];
    let verifier = verifier(vec![bare, corp], &clock, &store, 1);
    let header = json!({"alg": "RS256", "kid": "same"});
    let as_ours = RSA.token(&header, &claims(&ours.url));
    let as_theirs = OTHER_RSA.token(&header, &claims(&theirs.url));
    assert_eq!(verify(&verifier, &as_ours).await.as_deref(), Ok("alice"));
    assert_eq!(
        verify(&verifier, &as_theirs).await.as_deref(),
        Ok("corp:alice")
    );
    for forged in [
        OTHER_RSA.token(&header, &claims(&ours.url)),
        RSA.token(&header, &claims(&theirs.url)),
    ] {
        assert_eq!(
            verify(&verifier, &forged).await,
            Err(Reason::TokenSignature)
        );
    }
    // A bare subject that would read as one of the other realm's.
    let mut impostor = claims(&ours.url);
    impostor["sub"] = json!("corp:alice");
    let token = RSA.token(&header, &impostor);
    assert_eq!(verify(&verifier, &token).await, Err(Reason::TokenSubject));
}

#[test]
fn all_faults_of_the_issuers_are_told_at_once() {
    let outbound = super::world::outbound();
    let mut no_algorithm = IssuerOptions::new(realm("a"), "https://a.test/");
    no_algorithm.algorithms.clear();
    let mut bad_keys = IssuerOptions::new(realm("c"), "urn:any:text");
    bad_keys.jwks_url = Some("http://c.test/keys".parse().unwrap());
    let issuers = [
        no_algorithm,
        IssuerOptions::new(realm("a"), "https://a.test"),
        IssuerOptions::new(realm("b"), ""),
        IssuerOptions::new(realm("d"), "http://d.test"),
        IssuerOptions::new(realm("e"), "https://e.test/?p=1"),
        IssuerOptions::new(realm("f"), "not a url"),
        bad_keys,
    ];
    let faults = IssuerOptions::faults(&issuers, &outbound);
    let kinds: Vec<&str> = faults
        .iter()
        .map(|fault| match fault {
            BadIssuer::NoAlgorithm { .. } => "algorithm",
            BadIssuer::SharedRealm { .. } => "realm",
            BadIssuer::Twice { .. } => "twice",
            BadIssuer::NoUrl => "no url",
            BadIssuer::Url { .. } => "url",
            BadIssuer::JwksUrl { .. } => "jwks_url",
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "algorithm",
            "realm",
            "twice",
            "no url",
            "url",
            "url",
            "url",
            "jwks_url"
        ]
    );
}
