//! Everybody's keys, for administrators.

mod listing;

use serde_json::json;

use super::api::Api;
use crate::support::app::TestLodge;

#[tokio::test]
async fn an_administrator_manages_anybodys_keys() {
    let lodge = TestLodge::start().await;
    let admin = Api::administrator(&lodge);
    let path = "/api/users/corp:bob/tokens";
    let minted = admin.post(path, json!({"name": "ci"})).await.is(201);
    assert_eq!(minted.member("sub"), "corp:bob");
    assert!(
        minted.member("created_by").ends_with(" of local:admin"),
        "{minted:?}"
    );
    let one = minted.header("location").to_owned();
    assert_eq!(one, format!("{path}/{}", minted.member("id")));
    let bob = Api::holding(&lodge, &minted.member("token"));
    assert_eq!(bob.get("/api/me").await.is(200).member("owner"), "corp:bob");

    assert_eq!(
        admin.get(path).await.is(200).json()[0],
        admin.get(&one).await.json()
    );
    let off = admin.patch(&one, json!({"disabled": true})).await.is(200);
    assert_eq!(off.member("status"), "disabled");
    admin.patch(&one, json!({"disabled": false})).await.is(200);
    let rotated = admin
        .post(&format!("{one}/rotate"), json!({}))
        .await
        .is(201);
    assert_eq!(
        rotated.header("location"),
        format!("{path}/{}", rotated.member("id"))
    );
    admin.delete(&one).await.is(204);
    assert_eq!(
        admin.delete(path).await.is(200).json(),
        json!({"revoked": 1})
    );
    assert_eq!(admin.get(path).await.is(200).json(), json!([]));
}

#[tokio::test]
async fn a_subject_may_be_any_text() {
    let lodge = TestLodge::start().await;
    let admin = Api::administrator(&lodge);
    for (sub, path) in [
        ("corp:a/b", "corp:a%2Fb"),
        ("auth0|x y", "auth0%7Cx%20y"),
        ("a%2Fb", "a%252Fb"),
        ("ä+é?#", "%C3%A4%2B%C3%A9%3F%23"),
    ] {
        let path = format!("/api/users/{path}/tokens");
        let minted = admin.post(&path, json!({})).await.is(201);
        assert_eq!(minted.member("sub"), sub);
        assert_eq!(
            admin
                .get(minted.header("location"))
                .await
                .is(200)
                .member("id"),
            minted.member("id")
        );
    }
}

#[tokio::test]
async fn what_can_be_nobody_is_refused() {
    let lodge = TestLodge::start().await;
    let admin = Api::administrator(&lodge);
    for sub in ["", "corp:", "%00", "%FF"] {
        let refused = admin.get(&format!("/api/users/{sub}/tokens")).await;
        assert_eq!(refused.refused_field(), "sub", "{sub:?}");
    }
}

#[tokio::test]
async fn a_key_is_found_only_under_its_owner() {
    let lodge = TestLodge::start().await;
    let admin = Api::administrator(&lodge);
    let id = admin
        .post("/api/users/bob/tokens", json!({}))
        .await
        .is(201)
        .member("id");
    admin
        .get(&format!("/api/users/bob/tokens/{id}"))
        .await
        .is(200);
    for other in ["alice", "corp:bob", "Bob", "bob%20"] {
        let answer = admin
            .delete(&format!("/api/users/{other}/tokens/{id}"))
            .await
            .is(404);
        assert_eq!(answer.member("message"), "token not found");
    }
}

#[tokio::test]
async fn an_administrators_key_hands_on_no_more_than_it_has() {
    let lodge = TestLodge::start().await;
    let admin = Api::administrator(&lodge);
    let wider = json!({"scopes": ["gatelodge:admin"]});
    admin.post("/api/users/bob/tokens", wider).await.is(403);
}
