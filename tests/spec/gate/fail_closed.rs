//! Whatever breaks, nothing passes; and what cannot be decided is never "your key is bad".

use crate::support::app::TestLodge;

async fn answer(lodge: &TestLodge, key: &str) -> (u16, String) {
    let answer = lodge.ask("/forward-auth", &[("x-api-key", key)]).await;
    let retry = answer
        .headers()
        .get("retry-after")
        .map(|value| value.to_str().unwrap().to_owned());
    (answer.status().as_u16(), retry.unwrap_or_default())
}

#[tokio::test]
async fn a_changed_record_opens_nothing_and_is_no_refusal_either() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    assert_eq!(answer(&lodge, &key).await.0, 204);
    lodge
        .tamper(
            "UPDATE keys SET record = CAST(substr(record, 1, length(record) - 1) || x'00' AS BLOB)",
        )
        .await;
    assert_eq!(answer(&lodge, &key).await, (503, "1".to_owned()));
}

#[tokio::test]
async fn a_record_copied_to_another_key_opens_nothing() {
    let lodge = TestLodge::start().await;
    let (weak, strong) = (
        lodge.mint("mallory", &[]).await,
        lodge.mint("root", &[]).await,
    );
    lodge
        .tamper(
            "UPDATE keys SET record = (SELECT record FROM keys ORDER BY created_at DESC LIMIT 1)",
        )
        .await;
    assert_eq!(answer(&lodge, &weak).await.0, 503);
    assert_eq!(
        answer(&lodge, &strong).await.0,
        204,
        "the record is where it belongs"
    );
}

/// CVE-2025-25207.
#[tokio::test]
async fn a_store_that_fails_is_503_and_never_401() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    lodge.tamper("ALTER TABLE keys RENAME TO gone").await;
    assert_eq!(answer(&lodge, &key).await, (503, "1".to_owned()));
    // A made-up key needs no store to be refused.
    let mut made_up = key.clone();
    made_up.replace_range(25..26, if &key[25..26] == "a" { "b" } else { "a" });
    assert_eq!(answer(&lodge, &made_up).await.0, 401);
    lodge.tamper("ALTER TABLE gone RENAME TO keys").await;
    assert_eq!(answer(&lodge, &key).await.0, 204, "it recovers by itself");
}

#[tokio::test]
async fn a_disabled_owners_keys_are_refused() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    lodge
        .write_principal("alice", |principal| principal.disabled = true)
        .await;
    assert_eq!(answer(&lodge, &key).await.0, 401);
    lodge
        .write_principal("alice", |principal| principal.disabled = false)
        .await;
    assert_eq!(answer(&lodge, &key).await.0, 204);
}
