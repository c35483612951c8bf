//! `POST /api/me/tokens/{id}/rotate`.

use serde_json::{Value, json};

use super::super::api::{Api, answer, with_json};
use crate::support::app::TestLodge;

const PATH: &str = "/api/me/tokens";

#[tokio::test]
async fn both_keys_work_during_the_overlap() {
    let lodge = TestLodge::start().await;
    let alice = Api::of(&lodge, "alice", &["gatelodge:keys", "models:*"]).await;
    let old = json!({"name": "ci", "scopes": ["models:read"]});
    let old = alice.post(PATH, old).await.is(201);
    let path = old.header("location");
    let new = answer(alice.request("POST", &format!("{path}/rotate")))
        .await
        .is(201);
    assert_eq!(new.member("rotated_from"), old.member("id"));
    assert_eq!(new.member("name"), "ci");
    assert_eq!(new.json()["scopes"], json!(["models:read"]));
    assert_eq!(
        new.header("location"),
        format!("{PATH}/{}", new.member("id"))
    );
    for token in [old.member("token"), new.member("token")] {
        Api::holding(&lodge, &token).get("/api/me").await.is(200);
    }
    let old = alice.get(path).await.is(200);
    assert_eq!(old.member("rotated_to"), new.member("id"));
    assert_eq!(old.member("status"), "active");
    assert!(old.member("grace_until") > new.member("created_at"));

    let again = alice
        .post(&format!("{path}/rotate"), json!({}))
        .await
        .is(409);
    assert!(again.problem("conflict").contains(&new.member("id")));
}

#[tokio::test]
async fn without_an_overlap_the_old_key_ends_at_once() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let old = alice.post(PATH, json!({})).await.is(201);
    let rotate = format!("{}/rotate", old.header("location"));
    let new = alice.post(&rotate, json!({"overlap": "0"})).await.is(201);
    Api::holding(&lodge, &old.member("token"))
        .get("/api/me")
        .await
        .is(401);
    Api::holding(&lodge, &new.member("token"))
        .get("/api/me")
        .await
        .is(200);
    let old = alice.get(old.header("location")).await.is(200);
    assert_eq!(old.member("status"), "superseded");
}

#[tokio::test]
async fn an_overlap_is_one_of_four() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    for overlap in ["1h", "24h", "7d"] {
        let old = alice.post(PATH, json!({})).await.is(201);
        let rotate = format!("{}/rotate", old.header("location"));
        let refused = alice.post(&rotate, json!({"overlap": "2h"})).await;
        assert_eq!(refused.refused_field(), "overlap");
        alice
            .post(&rotate, json!({"overlap": overlap}))
            .await
            .is(201);
    }
}

#[tokio::test]
async fn a_key_rotates_itself_and_gains_nothing_by_rotating_others() {
    let lodge = TestLodge::start().await;
    let poor = lodge.mint("alice", &["gatelodge:keys"]).await;
    let rich = lodge.mint("alice", &["gatelodge:keys", "models:*"]).await;
    let id = |key: &str| key["glk_".len()..][..16].to_owned();
    let poor_api = Api::holding(&lodge, &poor);
    let rotate = |key: &str| format!("{PATH}/{}/rotate", id(key));
    poor_api
        .post(&rotate(&rich), json!({}))
        .await
        .is(403)
        .problem("insufficient-rights");
    let own = poor_api.post(&rotate(&poor), json!({})).await.is(201);
    assert_eq!(own.json()["scopes"], json!(["gatelodge:keys"]));
}

#[tokio::test]
async fn what_a_key_makes_ends_no_later_than_itself() {
    let lodge = TestLodge::start().await;
    let manager = lodge.mint("alice", &["gatelodge:keys"]).await;
    let alice = Api::holding(&lodge, &manager);
    let lasting = alice.post(PATH, json!({})).await.is(201);
    let short = json!({"expires_at": "2127-01-31T00:00:00Z"});
    let own_path = format!("{PATH}/{}", &manager["glk_".len()..][..16]);
    alice.patch(&own_path, short).await.is(200);

    let rotated = alice
        .post(&format!("{}/rotate", lasting.header("location")), json!({}))
        .await
        .is(201);
    assert_eq!(rotated.member("expires_at"), "2127-01-31T00:00:00Z");
    let minted = alice.post(PATH, json!({})).await.is(201);
    assert_eq!(minted.member("expires_at"), "2127-01-31T00:00:00Z");
    let longer = alice.post(PATH, json!({"expires_at": "never"})).await;
    assert_eq!(longer.refused_field(), "expires_at");
}

#[tokio::test]
async fn rotating_again_with_the_same_idempotency_key_gets_the_same_answer() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let one = alice.post(PATH, json!({})).await.is(201);
    let two = alice.post(PATH, json!({})).await.is(201);
    let rotate = async |path: &str, body: Value| {
        let request = alice
            .request("POST", &format!("{path}/rotate"))
            .header("idempotency-key", "0123456789abcdef");
        answer(with_json(request, &body)).await
    };
    let first = rotate(one.header("location"), json!({})).await.is(201);
    let again = rotate(one.header("location"), json!({})).await.is(201);
    assert_eq!(first.json(), again.json());
    rotate(two.header("location"), json!({})).await.is(422);
}
