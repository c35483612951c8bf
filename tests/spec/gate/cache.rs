//! A key that is kept in memory is worth no more than one that is looked up.

use std::time::Duration;

use gatelodge::domain::api_key::expiry::ExpiryWish;
use serde_json::{Value, json};

use crate::support::app::TestLodge;

/// As it is by default; tests that write beside the server have it off.
const ON: [(&str, &str); 1] = [("GATELODGE_CACHE__ENABLED", "true")];

async fn status(lodge: &TestLodge, key: &str) -> u16 {
    let answer = lodge.ask("/forward-auth", &[("x-api-key", key)]).await;
    answer.status().as_u16()
}

async fn number(lodge: &TestLodge, name: &str) -> u64 {
    let ready = lodge.ask("/health/ready", &[]).await.text().await.unwrap();
    let ready: Value = serde_json::from_str(&ready).unwrap();
    ready["parts"]["cache"]["numbers"][name].as_u64().unwrap()
}

/// Asks until it is answered from memory.
async fn warm(lodge: &TestLodge, key: &str) {
    for _ in 0..1_000 {
        let before = number(lodge, "hits").await;
        assert_eq!(status(lodge, key).await, 204);
        if number(lodge, "hits").await > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is never kept");
}

async fn edit(lodge: &TestLodge, manager: &str, key: &str, edit: Value) {
    let url = format!("{}/api/me/tokens/{}", lodge.url(), &key[4..20]);
    let request = lodge.client().patch(url).header("x-api-key", manager);
    let request = request.header("content-type", "application/json");
    let edited = request.body(edit.to_string()).send().await.unwrap();
    assert_eq!(edited.status(), 200, "{:?}", edited.text().await);
}

#[tokio::test]
async fn a_kept_key_ends_on_the_moment() {
    let lodge = TestLodge::start_with(&ON).await;
    let expiry = ExpiryWish::After(Duration::from_hours(1));
    let key = lodge.mint_until("alice", &[], expiry).await;
    // The clock goes on with every look at it: far enough from the end.
    lodge.clock.advance(Duration::from_mins(30));
    warm(&lodge, &key).await;
    lodge.clock.advance(Duration::from_mins(30));
    assert_eq!(status(&lodge, &key).await, 401);
}

#[tokio::test]
async fn what_the_api_changes_counts_at_once_for_a_kept_key() {
    let lodge = TestLodge::start_with(&ON).await;
    let manager = lodge.mint("alice", &["gatelodge:keys"]).await;
    let key = lodge.mint("alice", &[]).await;
    for _ in 0..3 {
        warm(&lodge, &key).await;
        edit(&lodge, &manager, &key, json!({"disabled": true})).await;
        assert_eq!(status(&lodge, &key).await, 401);
        edit(&lodge, &manager, &key, json!({"disabled": false})).await;
        assert_eq!(status(&lodge, &key).await, 204);
    }
    warm(&lodge, &key).await;
    let url = format!("{}/api/me/tokens/{}", lodge.url(), &key[4..20]);
    let request = lodge.client().delete(url).header("x-api-key", &manager);
    assert_eq!(request.send().await.unwrap().status(), 204);
    assert_eq!(status(&lodge, &key).await, 401);
}

#[tokio::test]
async fn ids_that_are_not_there_are_kept_and_throw_no_key_out() {
    let lodge = TestLodge::start_with(&ON).await;
    let key = lodge.mint("alice", &[]).await;
    warm(&lodge, &key).await;
    let manager = lodge.mint("alice", &["gatelodge:keys"]).await;
    let gone = lodge.mint("alice", &[]).await;
    warm(&lodge, &gone).await;
    let url = format!("{}/api/me/tokens/{}", lodge.url(), &gone[4..20]);
    let request = lodge.client().delete(url).header("x-api-key", &manager);
    assert_eq!(request.send().await.unwrap().status(), 204);

    let mut negatives = 0;
    for _ in 0..1_000 {
        assert_eq!(status(&lodge, &gone).await, 401);
        negatives = number(&lodge, "negatives").await;
        if negatives > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(negatives > 0, "that it is not there is never kept");
    warm(&lodge, &key).await;
}
