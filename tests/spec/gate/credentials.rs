//! Where credentials are read from, and where not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::app::TestLodge;

#[tokio::test]
async fn a_key_is_read_from_authorization_and_the_key_header_alone() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    let basic = |text: String| format!("Basic {}", STANDARD.encode(text));
    for (name, value) in [
        ("authorization", format!("Bearer {key}")),
        ("authorization", format!("bearer   {key}")),
        ("authorization", format!("BEARER {key}")),
        ("authorization", format!("Bearer secret-token:{key}")),
        ("authorization", basic(format!("anybody:{key}"))),
        ("authorization", basic(format!("{key}:"))),
        ("authorization", basic(key.clone())),
        ("x-api-key", key.clone()),
    ] {
        let answer = lodge.ask("/forward-auth", &[(name, &value)]).await;
        assert_eq!(answer.status(), 204, "{name}: {value}");
    }
    for (name, value) in [
        ("proxy-authorization", format!("Bearer {key}")),
        ("cookie", format!("key={key}")),
        ("x-other-key", key.clone()),
        ("x-forwarded-uri", format!("/?api_key={key}")),
        ("authorization", format!("Digest {key}")),
    ] {
        let answer = lodge.ask("/forward-auth", &[(name, &value)]).await;
        assert_eq!(answer.status(), 401, "{name}: {value}");
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
        assert_eq!(
            challenge, "Bearer realm=\"gatelodge\"",
            "no error without a credential"
        );
    }
    for path in [
        format!("/forward-auth?api_key={key}"),
        format!("/forward-auth?access_token={key}"),
    ] {
        assert_eq!(lodge.ask(&path, &[]).await.status(), 401);
    }
}

#[tokio::test]
async fn two_different_credentials_are_a_contradiction() {
    let lodge = TestLodge::start().await;
    let (one, other) = (lodge.mint("alice", &[]).await, lodge.mint("bob", &[]).await);
    let bearer = format!("Bearer {one}");
    let both = |key: &str| {
        [
            ("authorization", bearer.clone()),
            ("x-api-key", key.to_owned()),
        ]
    };
    for (key, expected) in [
        (&other, 400),
        (&one, 204),
        (&"the upstream's own".to_owned(), 204),
    ] {
        let headers = both(key);
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(
            lodge.ask("/forward-auth", &headers).await.status(),
            expected,
            "{key}"
        );
    }
    let twice = [
        ("authorization", bearer.as_str()),
        ("authorization", bearer.as_str()),
    ];
    assert_eq!(lodge.ask("/forward-auth", &twice).await.status(), 400);
    let folded = format!("{bearer}, {bearer}");
    assert_eq!(
        lodge
            .ask("/forward-auth", &[("authorization", &folded)])
            .await
            .status(),
        400
    );
}

#[tokio::test]
async fn a_header_that_could_pass_for_an_identity_header_is_refused() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    for alias in [
        "x_authenticated_user",
        "x-authenticated_groups",
        "X.Authenticated.User",
    ] {
        let headers = [("x-api-key", key.as_str()), (alias, "root")];
        assert_eq!(
            lodge.ask("/forward-auth", &headers).await.status(),
            400,
            "{alias}"
        );
    }
    // The true name is overwritten by every proxy, so it does no harm.
    let headers = [
        ("x-api-key", key.as_str()),
        ("x-authenticated-user", "root"),
    ];
    let answer = lodge.ask("/forward-auth", &headers).await;
    assert_eq!(answer.headers()["x-authenticated-user"], "alice");
}

#[tokio::test]
async fn keys_of_the_former_service_are_not_looked_up_where_there_can_be_none() {
    let lodge = TestLodge::start().await;
    let seed = "Bearer abcdefghijklmnopqrstuvwxyz012345";
    assert_eq!(
        lodge
            .ask("/forward-auth", &[("authorization", seed)])
            .await
            .status(),
        401
    );
}
