//! What a key is worth at the gate, and when.

use std::time::Duration;

use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::domain::api_key::expiry::ExpiryWish;
use gatelodge::domain::api_key::lifecycle::Edit;

use crate::support::app::TestLodge;

const HOUR: Duration = Duration::from_hours(1);

fn id_of(key: &str) -> ApiKeyId {
    let start = key.len() - 65;
    ApiKeyId::parse(&key[start..start + 16]).unwrap()
}

async fn status(lodge: &TestLodge, key: &str) -> u16 {
    lodge
        .ask("/forward-auth", &[("x-api-key", key)])
        .await
        .status()
        .as_u16()
}

#[tokio::test]
async fn a_valid_key_passes_with_every_identity_header() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("corp:alice", &["models:read", "a:*"]).await;
    let bearer = format!("Bearer {key}");
    let answer = lodge
        .ask("/forward-auth", &[("authorization", &bearer)])
        .await;
    assert_eq!(answer.status(), 204);
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("x-authenticated-user"), "corp:alice");
    assert_eq!(header("x-authenticated-token-id"), id_of(&key).to_string());
    assert_eq!(header("x-authenticated-scopes"), "a:* models:read");
    assert_eq!(header("x-authenticated-method"), "api_key");
    assert_eq!(header("x-authenticated-tenant"), "default");
    for empty in ["groups", "email", "name"] {
        assert_eq!(header(&format!("x-authenticated-{empty}")), "");
    }
    assert_eq!(header("cache-control"), "no-store");
    assert!(answer.headers().get("set-cookie").is_none());
    assert_eq!(answer.bytes().await.unwrap().len(), 0);
}

#[tokio::test]
async fn every_method_gets_the_same_decision() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    for method in [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "X",
    ] {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        for (key, expected) in [(Some(&key), 204), (None, 401)] {
            let url = format!("{}/forward-auth", lodge.url());
            let mut request = lodge.client().request(method.clone(), url).body("ignored");
            if let Some(key) = key {
                request = request.header("x-api-key", key);
            }
            assert_eq!(request.send().await.unwrap().status(), expected, "{method}");
        }
    }
}

#[tokio::test]
async fn a_key_ends_at_the_moment_of_its_expiry() {
    let lodge = TestLodge::start().await;
    let key = lodge
        .mint_until("alice", &[], ExpiryWish::After(HOUR))
        .await;
    assert_eq!(status(&lodge, &key).await, 204);
    lodge.clock.advance(HOUR);
    assert_eq!(status(&lodge, &key).await, 401);
}

/// CVE-2021-41230.
#[tokio::test]
async fn a_revoked_key_is_refused_at_once_and_for_good() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    assert_eq!(status(&lodge, &key).await, 204);
    lodge.keys_of("alice").revoke(id_of(&key)).await.unwrap();
    assert_eq!(status(&lodge, &key).await, 401);
    assert!(lodge.keys_of("alice").revoke(id_of(&key)).await.is_err());
}

#[tokio::test]
async fn a_disabled_key_is_refused_until_it_is_enabled() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    for (disabled, expected) in [(true, 401), (false, 204)] {
        let edit = Edit {
            disabled: Some(disabled),
            ..Edit::default()
        };
        lodge
            .keys_of("alice")
            .edit(id_of(&key), &edit)
            .await
            .unwrap();
        assert_eq!(status(&lodge, &key).await, expected);
    }
}

#[tokio::test]
async fn a_rotated_key_works_for_its_overlap_and_its_successor_on() {
    let lodge = TestLodge::start().await;
    let old = lodge.mint("alice", &["a"]).await;
    let minted = lodge
        .keys_of("alice")
        .rotate(id_of(&old), HOUR, None)
        .await
        .unwrap();
    let new = minted.text.expose().clone();
    assert_eq!(
        (status(&lodge, &old).await, status(&lodge, &new).await),
        (204, 204)
    );
    lodge.clock.advance(HOUR);
    assert_eq!(
        (status(&lodge, &old).await, status(&lodge, &new).await),
        (401, 204)
    );
}

/// CVE-2026-41263, CVE-2026-32595: what is refused is not told apart.
#[tokio::test]
async fn all_failures_of_a_key_read_alike() {
    let lodge = TestLodge::start().await;
    let revoked = lodge.mint("alice", &[]).await;
    lodge
        .keys_of("alice")
        .revoke(id_of(&revoked))
        .await
        .unwrap();
    let expired = lodge
        .mint_until("alice", &[], ExpiryWish::After(HOUR))
        .await;
    lodge.clock.advance(HOUR);
    // Another key of the same id: the secret of one with the id of another.
    let (one, other) = (
        lodge.mint("alice", &[]).await,
        lodge.mint("alice", &[]).await,
    );
    let mixed = format!("{}{}", &one[..20], &other[20..]);
    let mut answers = Vec::new();
    for key in [
        &revoked,
        &expired,
        &mixed,
        &"a.b.c".to_owned(),
        &"nonsense".to_owned(),
    ] {
        let bearer = format!("Bearer {key}");
        let answer = lodge
            .ask("/forward-auth", &[("authorization", &bearer)])
            .await;
        let challenge = answer.headers()["www-authenticate"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        let status = answer.status();
        let mut body: serde_json::Value =
            serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
        assert_eq!(body["message"], "invalid token");
        body["request_id"] = serde_json::Value::Null;
        answers.push((status, challenge, body.to_string()));
    }
    assert!(
        answers.iter().all(|answer| answer == &answers[0]),
        "{answers:#?}"
    );
}

#[tokio::test]
async fn the_last_use_of_a_key_is_written_down() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    // Enough different keys are not needed: what is noted is written at the
    // latest after the interval, so the list is asked until it shows.
    assert_eq!(status(&lodge, &key).await, 204);
    let deadline = std::time::Duration::from_secs(30);
    let shown = tokio::time::timeout(deadline, async {
        loop {
            let page = lodge.keys_of("alice").list(None, None).await.unwrap();
            let gatelodge::keys::KeyView::Ours { last_used_at, .. } = &page.keys[0] else {
                panic!("a seed key?");
            };
            if last_used_at.is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
    });
    shown.await.expect("the use is written down");
}

#[tokio::test]
async fn an_owner_cannot_overrule_whoever_disabled_a_key() {
    let lodge = TestLodge::start().await;
    let own = lodge.mint("alice", &["gatelodge:keys"]).await;
    let key = lodge.mint("alice", &[]).await;
    let path = format!("{}/api/me/tokens/{}", lodge.url(), id_of(&key));
    let set = async |url: &str, credential: &str, disabled: bool| {
        let request = lodge.client().patch(url).bearer_auth(credential);
        let request = request.header("content-type", "application/json");
        let body = format!("{{\"disabled\":{disabled}}}");
        request.body(body).send().await.unwrap().status().as_u16()
    };
    assert_eq!(
        (set(&path, &own, true).await, set(&path, &own, false).await),
        (200, 200)
    );
    let admin = path.replace("/api/me/", "/api/users/alice/");
    assert_eq!(set(&admin, &lodge.admin_key(), true).await, 200);
    assert_eq!(set(&path, &own, false).await, 403);
    assert_eq!(status(&lodge, &key).await, 401);
    assert_eq!(set(&admin, &lodge.admin_key(), false).await, 200);
    assert_eq!(status(&lodge, &key).await, 204);
}

#[tokio::test]
async fn an_owner_of_whom_nobody_spoke_gets_a_record_at_the_first_use() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &["docs:read"]).await;
    for _ in 0..2 {
        let answer = lodge.ask("/forward-auth", &[("x-api-key", &key)]).await;
        assert_eq!(answer.status(), 204);
        let scopes = answer.headers().get("x-authenticated-scopes").unwrap();
        assert_eq!(scopes, "docs:read", "the record takes nothing away");
        lodge.until_known("alice").await;
    }
}
