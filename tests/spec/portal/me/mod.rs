//! Oneself and one's own keys.

mod bounds;
mod create;
mod edit;
mod list;
mod revoke;
mod rotate;
mod undo;
mod usage;

use serde_json::json;

use super::api::Api;
use crate::support::app::TestLodge;

#[tokio::test]
async fn a_caller_learns_who_they_are_and_what_keys_may_be_like() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("corp:alice", &["models:read"]).await;
    let me = Api::holding(&lodge, &key).get("/api/me").await.is(200);
    let me = me.json();
    assert_eq!(me["subject"], "alice");
    assert_eq!(me["owner"], "corp:alice");
    assert_eq!(me["realm"], "corp");
    assert_eq!(me["tenant"], "default");
    assert_eq!(me["groups"], json!([]));
    assert_eq!(me["scopes"], json!(["models:read"]));
    assert_eq!(me["admin"], false);
    assert_eq!(me["method"], "api_key");
    assert!(key.contains(me["key_id"].as_str().unwrap()));
    assert_eq!(me["limits"]["expiry_preset_days"], json!([1, 7, 30, 90]));
    assert_eq!(me["limits"]["per_owner_max"], 50);
}

#[tokio::test]
async fn the_administrator_is_told_so() {
    let lodge = TestLodge::start().await;
    let me = Api::administrator(&lodge).get("/api/me").await.is(200);
    assert_eq!(me.json()["admin"], true);
}
