//! Gates, rules, and what they ask for.

use crate::support::app::TestLodge;

const GATES: &str = r#"[
    {"name": "models", "rules": [{"credentials": ["api_key"], "scopes": ["models:read"], "any_scopes": ["a", "b"]}]},
    {"name": "tokens", "rules": [{"credentials": ["jwt"]}]},
    {"name": "open", "rules": [{"allow": "anyone"}]},
    {"name": "shut", "rules": [{"allow": "nobody"}]},
    {"name": "header", "challenge": ["bearer", "basic"], "rules": [{"read_from": ["x-api-key"]}]},
    {"name": "staff", "rules": [{"groups": ["staff"]}]}
]"#;

async fn lodge() -> TestLodge {
    TestLodge::start_with(&[("GATELODGE_GATES", GATES)]).await
}

#[tokio::test]
async fn a_gate_asks_for_its_scopes_and_says_which() {
    let lodge = lodge().await;
    let ask = async |scopes: &[&str]| {
        let key = lodge.mint("alice", scopes).await;
        lodge
            .ask("/forward-auth/models", &[("x-api-key", &key)])
            .await
    };
    assert_eq!(ask(&["models:*", "b"]).await.status(), 204);
    for too_little in [&["models:read"][..], &["a"], &["models:write", "a"], &[]] {
        let answer = ask(too_little).await;
        assert_eq!(answer.status(), 403, "{too_little:?}");
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
        assert!(
            challenge.contains("error=\"insufficient_scope\""),
            "{challenge}"
        );
        assert!(
            challenge.contains("scope=\"models:read a b\""),
            "{challenge}"
        );
    }
}

#[tokio::test]
async fn each_gate_is_its_own() {
    let lodge = lodge().await;
    let key = lodge.mint("alice", &[]).await;
    let bearer = format!("Bearer {key}");
    for (gate, expected) in [
        ("/forward-auth", 204),
        ("/forward-auth/default", 204),
        ("/forward-auth/tokens", 401),
        ("/forward-auth/open", 204),
        ("/forward-auth/shut", 403),
        ("/forward-auth/header", 401),
        ("/forward-auth/staff", 403),
        ("/forward-auth/nowhere", 403),
        ("/forward-auth/Open", 403),
    ] {
        let answer = lodge.ask(gate, &[("authorization", &bearer)]).await;
        assert_eq!(answer.status(), expected, "{gate}");
    }
}

#[tokio::test]
async fn where_anyone_may_pass_the_upstream_is_told_of_nobody() {
    let lodge = lodge().await;
    let key = lodge.mint("alice", &[]).await;
    for headers in [
        vec![],
        vec![("x-api-key", key.as_str())],
        vec![("x-api-key", "bad")],
    ] {
        let answer = lodge.ask("/forward-auth/open", &headers).await;
        assert_eq!(answer.status(), 204);
        assert_eq!(answer.headers()["x-authenticated-user"], "");
    }
}

#[tokio::test]
async fn what_a_gate_does_not_read_is_none_of_its_business() {
    let lodge = lodge().await;
    let (key, other) = (lodge.mint("alice", &[]).await, lodge.mint("bob", &[]).await);
    let bearer = format!("Bearer {other}");
    let headers = [
        ("authorization", bearer.as_str()),
        ("x-api-key", key.as_str()),
    ];
    let answer = lodge.ask("/forward-auth/header", &headers).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["x-authenticated-user"], "alice");
}

#[tokio::test]
async fn a_gate_offers_the_schemes_that_it_is_told_to() {
    let lodge = lodge().await;
    let answer = lodge.ask("/forward-auth/header", &[]).await;
    let offered: Vec<_> = answer
        .headers()
        .get_all("www-authenticate")
        .iter()
        .collect();
    assert_eq!(
        offered,
        [
            "Bearer realm=\"gatelodge\"",
            "Basic realm=\"gatelodge\", charset=\"UTF-8\""
        ]
    );
}

#[tokio::test]
async fn names_and_the_value_for_none_are_the_operators() {
    let lodge = TestLodge::start_with(&[
        ("GATELODGE_IDENTITY_HEADERS__USER", "X-Who"),
        ("GATELODGE_IDENTITY_HEADERS__NONE_VALUE", "-"),
        ("GATELODGE_KEYS__HEADER", "X-Token"),
        ("GATELODGE_KEYS__PREFIX", "my_own"),
    ])
    .await;
    let key = lodge.mint("alice", &[]).await;
    assert!(key.starts_with("my_own_"));
    let answer = lodge.ask("/forward-auth", &[("x-token", &key)]).await;
    assert_eq!(answer.status(), 204);
    assert_eq!(answer.headers()["x-who"], "alice");
    assert_eq!(answer.headers()["x-authenticated-groups"], "-");
    assert_eq!(
        lodge
            .ask("/forward-auth", &[("x-api-key", &key)])
            .await
            .status(),
        401
    );
}

#[tokio::test]
async fn a_keys_groups_are_those_that_its_owner_has_now() {
    let lodge = lodge().await;
    let key = lodge.mint("alice", &[]).await;
    let ask = async || {
        let answer = lodge
            .ask("/forward-auth/staff", &[("x-api-key", &key)])
            .await;
        answer.status().as_u16()
    };
    assert_eq!(ask().await, 403);
    let staff = gatelodge::domain::subject::GroupName::parse("staff").unwrap();
    lodge
        .write_principal("alice", |principal| principal.groups = vec![staff])
        .await;
    assert_eq!(ask().await, 204);
    lodge
        .write_principal("alice", |principal| principal.groups = Vec::new())
        .await;
    assert_eq!(ask().await, 403);
}
