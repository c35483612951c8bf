//! `PATCH /api/me/tokens/{id}`.

use serde_json::{Value, json};

use super::super::api::Api;
use crate::support::app::TestLodge;

const PATH: &str = "/api/me/tokens";

#[tokio::test]
async fn a_key_is_renamed_narrowed_and_shortened() {
    let lodge = TestLodge::start().await;
    let alice = Api::of(&lodge, "alice", &["gatelodge:keys", "models:*"]).await;
    let wide = json!({"name": "ci", "scopes": ["models:*"]});
    let path = alice
        .post(PATH, wide)
        .await
        .is(201)
        .header("location")
        .to_owned();
    let edit = json!({
        "name": "main branch",
        "scopes": ["models:read"],
        "expires_at": "2127-01-31T12:00:00Z",
    });
    let edited = alice.patch(&path, edit).await.is(200);
    assert_eq!(edited.member("name"), "main branch");
    assert_eq!(edited.json()["scopes"], json!(["models:read"]));
    assert_eq!(edited.member("expires_at"), "2127-01-31T12:00:00Z");
    assert_eq!(alice.get(&path).await.json(), edited.json());

    let unnamed = alice.patch(&path, json!({"description": ""})).await.is(200);
    assert_eq!(unnamed.json()["description"], Value::Null);
    assert_eq!(
        alice.patch(&path, json!({})).await.is(200).json(),
        unnamed.json()
    );
}

#[tokio::test]
async fn nothing_is_ever_widened() {
    let lodge = TestLodge::start().await;
    let alice = Api::of(&lodge, "alice", &["gatelodge:keys", "models:*"]).await;
    let draft = json!({"scopes": ["models:read"], "expires_at": "2127-01-31"});
    let path = alice
        .post(PATH, draft)
        .await
        .is(201)
        .header("location")
        .to_owned();
    for (edit, field) in [
        (json!({"scopes": ["models:*"]}), "scopes"),
        (json!({"scopes": ["gatelodge:keys"]}), "scopes"),
        (json!({"expires_at": "2128-01-01"}), "expires_at"),
        (json!({"expires_at": "never"}), "expires_at"),
        (json!({"expires_at": null}), "expires_at"),
        (json!({"name": null}), "name"),
        (json!({"scopes": null}), "scopes"),
        (json!({"disabled": "yes"}), "disabled"),
        (json!({"expires_in_days": 1}), "expires_in_days"),
        (json!({"owner": "bob"}), "owner"),
    ] {
        let refused = alice.patch(&path, edit.clone()).await;
        assert_eq!(refused.refused_field(), field, "{edit}");
    }
}

#[tokio::test]
async fn a_disabled_key_opens_nothing_until_it_is_enabled() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let minted = alice.post(PATH, json!({})).await.is(201);
    let holder = Api::holding(&lodge, &minted.member("token"));
    let path = minted.header("location");
    holder.get("/api/me").await.is(200);

    let off = alice.patch(path, json!({"disabled": true})).await.is(200);
    assert_eq!(off.member("status"), "disabled");
    assert!(!off.member("disabled_at").is_empty());
    let refused = holder.get("/api/me").await.is(401);
    assert_eq!(refused.member("message"), "invalid token");

    let on = alice.patch(path, json!({"disabled": false})).await.is(200);
    assert_eq!(on.member("status"), "active");
    assert_eq!(on.json()["disabled_at"], Value::Null);
    holder.get("/api/me").await.is(200);
}
