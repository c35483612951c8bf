//! `DELETE /api/me/tokens/{id}` and `DELETE /api/me/tokens`.

use serde_json::json;

use super::super::api::Api;
use crate::support::app::TestLodge;

const PATH: &str = "/api/me/tokens";

#[tokio::test]
async fn a_revoked_key_is_gone_and_the_answer_says_how_safely() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let minted = alice.post(PATH, json!({})).await.is(201);
    let path = minted.header("location");
    let revoked = alice.delete(path).await.is(204);
    assert_eq!(revoked.header("x-revocation"), "persisted=1; replicas=0");
    assert_eq!(revoked.text, "");
    Api::holding(&lodge, &minted.member("token"))
        .get("/api/me")
        .await
        .is(401);
    alice.delete(path).await.is(404);
    assert_eq!(alice.get(PATH).await.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn all_keys_are_revoked_at_once_and_nobody_elses() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let bob = Api::manager(&lodge, "bob").await;
    alice.post(PATH, json!({})).await.is(201);
    let revoked = alice.delete(PATH).await.is(200);
    assert_eq!(revoked.json(), json!({"revoked": 2}));
    // The key that asked was one of them.
    alice.get("/api/me").await.is(401);
    bob.get("/api/me").await.is(200);
}
