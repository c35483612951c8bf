//! `POST /api/me/tokens/{id}/revoke` and `…/restore`, and the list with what ended.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::super::api::Api;
use crate::support::app::TestLodge;

const PATH: &str = "/api/me/tokens";

/// A key of somebody: its path and its text.
async fn mint(api: &Api, name: &str) -> (String, String) {
    let minted = api.post(PATH, json!({"name": name})).await.is(201);
    (minted.header("location").to_owned(), minted.member("token"))
}

async fn passes(lodge: &TestLodge, key: &str) -> bool {
    let answer = lodge.ask("/forward-auth", &[("x-api-key", key)]).await;
    match answer.status().as_u16() {
        204 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

/// Waits until the server has made final what is due.
async fn until_gone(api: &Api, path: &str) {
    let gone = tokio::time::timeout(Duration::from_secs(20), async {
        while api.get(path).await.status != 404 {
            tokio::task::yield_now().await;
        }
    });
    gone.await.expect("the revocation becomes final");
}

#[tokio::test]
async fn a_key_is_refused_from_the_first_moment_and_restored_within_a_minute() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let (path, key) = mint(&alice, "ci").await;
    assert!(passes(&lodge, &key).await);

    let revoking = alice
        .post(&format!("{path}/revoke"), json!({}))
        .await
        .is(202);
    assert_eq!(revoking.member("status"), "revoking");
    let until = revoking.member("revoke_at");
    assert!(until.starts_with("2026-11-24T12:01:0"), "{until}");
    assert!(!passes(&lodge, &key).await);
    // Asked again, there is no more time.
    lodge.clock.advance(Duration::from_secs(30));
    let again = alice
        .post(&format!("{path}/revoke"), json!({}))
        .await
        .is(202);
    assert_eq!(again.member("revoke_at"), until);
    alice.patch(&path, json!({"name": "other"})).await.is(409);
    alice
        .post(&format!("{path}/rotate"), json!({}))
        .await
        .is(409);

    let restored = alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .is(200);
    assert_eq!(restored.member("status"), "active");
    assert_eq!(restored.json()["revoke_at"], Value::Null);
    assert!(passes(&lodge, &key).await);
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .is(409);
    // The note of the former revocation ends nothing.
    lodge.clock.advance(Duration::from_secs(90));
    let other = mint(&alice, "other").await.0;
    alice
        .post(&format!("{other}/revoke"), json!({}))
        .await
        .is(202);
    lodge.clock.advance(Duration::from_secs(90));
    until_gone(&alice, &other).await;
    assert!(passes(&lodge, &key).await);
}

#[tokio::test]
async fn the_server_makes_it_final_and_nobody_takes_that_back() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let (path, key) = mint(&alice, "ci").await;
    alice
        .post(&format!("{path}/revoke"), json!({}))
        .await
        .is(202);
    lodge.clock.advance(Duration::from_secs(61));
    // Whether or not the server has come to it yet.
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .is(409);
    until_gone(&alice, &path).await;
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .is(409);
    assert!(!passes(&lodge, &key).await);

    // The event follows the end that it tells of.
    let noted = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let events = alice.get(&format!("{path}/events")).await.is(200).json();
            if events[0]["action"] == "key.revoked" {
                break events;
            }
            tokio::task::yield_now().await;
        }
    });
    let events = noted.await.expect("an event");
    assert!(events[0]["actor"].as_str().unwrap().ends_with("of alice"));
    assert_eq!(events[1]["action"], "key.revocation_started");
    assert_eq!(events.as_array().unwrap().len(), 3, "revoked once");
}

#[tokio::test]
async fn of_many_replicas_one_makes_a_revocation_final() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let mut paths = Vec::new();
    for name in ["a", "b", "c"] {
        let (path, _) = mint(&alice, name).await;
        alice
            .post(&format!("{path}/revoke"), json!({}))
            .await
            .is(202);
        paths.push(path);
    }
    lodge.clock.advance(Duration::from_secs(70));
    let replicas = (0..20).map(|_| lodge.settle_revocations());
    let settled: usize = join_all(replicas).await.into_iter().sum();
    assert!(settled <= 3, "{settled}");
    for path in &paths {
        until_gone(&alice, path).await;
    }
    let ended = alice.get("/api/me/events?action=key.revoked").await.is(200);
    let ended = ended.json().as_array().unwrap().len();
    assert!(ended <= 3, "{ended} ends of three keys");
}

#[tokio::test]
async fn a_revocation_that_was_begun_survives_a_restart() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let (path, key) = mint(&alice, "ci").await;
    alice
        .post(&format!("{path}/revoke"), json!({}))
        .await
        .is(202);
    let token = lodge.mint("alice", &["gatelodge:keys"]).await;
    let lodge = lodge.restart_with(&[]).await;
    let alice = Api::holding(&lodge, &token);
    assert!(!passes(&lodge, &key).await);
    assert_eq!(alice.get(&path).await.is(200).member("status"), "revoking");
    lodge.clock.advance(Duration::from_secs(61));
    until_gone(&alice, &path).await;
}

#[tokio::test]
async fn an_owner_does_not_take_back_what_an_administrator_revokes() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let (path, _) = mint(&alice, "ci").await;
    let theirs = path.replace("/api/me/", "/api/users/alice/");
    let administrator = Api::administrator(&lodge);
    administrator
        .post(&format!("{theirs}/revoke"), json!({}))
        .await
        .is(202);
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .is(403);
    administrator
        .post(&format!("{theirs}/restore"), json!({}))
        .await
        .is(200);
    assert_eq!(alice.get(&path).await.is(200).member("status"), "active");
}

#[tokio::test]
async fn a_key_that_is_being_revoked_can_be_revoked_at_once() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let (path, _) = mint(&alice, "ci").await;
    alice
        .post(&format!("{path}/revoke"), json!({}))
        .await
        .is(202);
    alice.delete(&path).await.is(204);
    alice.get(&path).await.is(404);
    alice
        .post(&format!("{path}/restore"), json!({}))
        .await
        .is(409);
}

#[tokio::test]
async fn a_list_shows_what_was_revoked_by_whom_and_when() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let mut paths = Vec::new();
    for name in ["a", "b", "c", "d"] {
        paths.push(mint(&alice, name).await.0);
    }
    alice.delete(&paths[0]).await.is(204);
    alice.delete(&paths[2]).await.is(204);
    assert_eq!(alice.get(PATH).await.json().as_array().unwrap().len(), 3);
    let whole = alice
        .get(&format!("{PATH}?include=ended"))
        .await
        .is(200)
        .json();
    let names: Vec<_> = whole.as_array().unwrap()[1..]
        .iter()
        .map(|token| (token["name"].clone(), token["status"].clone()))
        .collect();
    let expected = [
        ("a", "revoked"),
        ("b", "active"),
        ("c", "revoked"),
        ("d", "active"),
    ];
    assert_eq!(
        names,
        expected.map(|(name, status)| (json!(name), json!(status)))
    );
    assert!(
        whole[1]["revoked_by"]
            .as_str()
            .unwrap()
            .ends_with("of alice")
    );
    assert!(whole[1]["revoked_at"].is_string());

    let mut parts = Vec::new();
    let mut path = Some(format!("{PATH}?include=ended&limit=2"));
    while let Some(here) = path {
        let part = alice.get(&here).await.is(200);
        parts.extend(part.json().as_array().unwrap().clone());
        let link = part.headers.get("link").cloned();
        path = link.map(|link| link[1..link.find('>').unwrap()].to_owned());
    }
    assert_eq!(Value::from(parts), whole);
    alice.get(&format!("{PATH}?include=all")).await.is(400);
}
