//! A salt is rotated without a key dying.

use crate::support::app::TestLodge;

const OLD: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const NEW: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

async fn status(lodge: &TestLodge, key: &str) -> u16 {
    lodge
        .ask("/forward-auth", &[("x-api-key", key)])
        .await
        .status()
        .as_u16()
}

#[tokio::test]
async fn keys_move_to_the_new_salt_when_they_are_used_and_outlive_the_old_one() {
    let lodge = TestLodge::start_with(&[("TOKEN_SALT", OLD)]).await;
    let (used, unused) = (
        lodge.mint("alice", &[]).await,
        lodge.mint("alice", &[]).await,
    );
    // What is known of them is under the salt of the time, too.
    assert_eq!(status(&lodge, &used).await, 204);
    lodge.until_known("alice").await;
    let both = [("TOKEN_SALT", NEW), ("GATELODGE_TOKEN_SALTS_ACCEPTED", OLD)];
    let lodge = lodge.restart_with(&both).await;
    assert_eq!(status(&lodge, &used).await, 204);
    lodge.until_under_active_salt("alice", 1).await;
    let alice = lodge.tag_of("alice");
    let owner_moved = async || {
        let known = lodge.bench.owners.find(&alice).await.unwrap();
        known.is_some_and(|known| known.is_current)
    };
    lodge.until("the owner moved", owner_moved).await;

    let lodge = lodge.restart_with(&[("TOKEN_SALT", NEW)]).await;
    assert_eq!(status(&lodge, &used).await, 204, "it moved");
    assert_eq!(
        status(&lodge, &unused).await,
        503,
        "without its salt a key cannot be judged"
    );
    let fresh = lodge.mint("bob", &[]).await;
    assert_eq!(status(&lodge, &fresh).await, 204);
}

#[tokio::test]
async fn a_salt_that_the_store_does_not_know_stops_the_start() {
    let lodge = TestLodge::start_with(&[("TOKEN_SALT", OLD)]).await;
    let error = lodge.fails_to_restart_with(&[("TOKEN_SALT", NEW)]).await;
    assert!(error.contains("token_salts_accepted"), "{error}");
}
