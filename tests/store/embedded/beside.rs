//! The command line beside a running server: two stores over one file.

use std::sync::Arc;
use std::time::Duration;

use gatelodge::store::embedded::{EmbeddedOptions, EmbeddedStore};
use gatelodge::store::keys::{Minted, Replaced};
use gatelodge::store::records::{Condition, NewSheet, RecordName, Shelf};
use gatelodge::store::upkeep::Use;
use gatelodge::store::{KeyStore, SeedStore, Store, StoreError, UsageStore, VaultStore};
use sqlx::{query, query_as, query_scalar, raw_sql};

use super::super::conformance::{Fixture, count, found, listed_ids, mint, race};
use super::super::support::{changed, key, owner, revocation, seed_key};
use super::EmbeddedFixture;

#[tokio::test]
async fn what_one_store_changes_the_other_sees_at_once() {
    let fixture = EmbeddedFixture::start().await;
    let (server, command_line) = (fixture.store(), fixture.beside().await);
    let alice = owner("alice");
    let key = key(&alice, "ci", fixture.now());

    mint(&*command_line, &key).await;
    assert!(found(&*server, &key.id).await.is_some());

    let renamed = changed(&key, "renamed");
    let replaced = server.replace_key(&key.record, &renamed).await.unwrap();
    assert_eq!(replaced, Replaced::Done);
    assert_eq!(
        found(&*command_line, &key.id).await,
        Some(renamed.record.clone())
    );

    let ends = [revocation(&key)];
    command_line.revoke_keys(&alice, &ends).await.unwrap();
    assert_eq!(found(&*server, &key.id).await, None);
    let minted = server.mint_key(&key, None, None).await.unwrap();
    assert_eq!(minted, Minted::IdTaken);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_writes_of_two_stores_take_turns() {
    let fixture = EmbeddedFixture::start().await;
    let stores = [fixture.store.clone(), fixture.beside().await];
    let (alice, now) = (owner("alice"), fixture.now());

    let outcomes = race(|number| {
        let store = Arc::clone(&stores[number as usize % 2]);
        Box::pin(async move {
            for turn in 0..10 {
                let key = key(&alice, &format!("{number} {turn}"), now);
                // With a limit, so that it reads before it writes.
                let minted = store.mint_key(&key, Some(1000), None).await.unwrap();
                assert_eq!(minted, Minted::Done);
                let used = Use {
                    id: key.id,
                    at: now,
                    count: 1,
                };
                store.record_uses(&[used]).await.unwrap();
            }
            // Meanwhile both look for the first filter key.
            let salt = gatelodge::domain::salt::SaltId::from_bytes([1; 8]);
            store.create_filter_key(salt, b"sealed").await.unwrap()
        })
    })
    .await;

    assert_eq!(count(&outcomes, &true), 1);
    assert_eq!(listed_ids(&*stores[0], &alice).await.len(), 200);
}

#[tokio::test]
async fn every_change_to_keys_and_owners_is_numbered_for_whoever_caches() {
    let fixture = EmbeddedFixture::start().await;
    let store = fixture.store();
    let alice = owner("alice");
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;
    let renamed = changed(&key, "renamed");
    store.replace_key(&key.record, &renamed).await.unwrap();
    store.replace_key(b"stale", &key).await.unwrap();
    store.put_principal(&alice, b"one").await.unwrap();
    store.put_principal(&alice, b"two").await.unwrap();
    let used = Use {
        id: key.id,
        at: fixture.now(),
        count: 1,
    };
    store.record_uses(&[used]).await.unwrap();
    store
        .revoke_keys(&alice, &[revocation(&key)])
        .await
        .unwrap();
    let mut sheet = NewSheet {
        name: RecordName::new(Shelf::Session, "one").unwrap(),
        record: b"a session".to_vec(),
        expires_at: None,
        lists: Vec::new(),
    };
    for _ in 0..2 {
        store.put_record(&sheet, Condition::Always).await.unwrap();
    }
    store.remove_record(&sheet.name).await.unwrap();
    sheet.name = RecordName::new(Shelf::OneTime, "one").unwrap();
    store.put_record(&sheet, Condition::Always).await.unwrap();

    let changes: Vec<(i64, String, String)> =
        query_as("SELECT seq, kind, id FROM changes ORDER BY seq")
            .fetch_all(&mut fixture.sql().await)
            .await
            .unwrap();

    let (id, owner) = (key.id.to_string(), alice.to_string());
    let session = "gl:s:one".to_owned();
    let expected = [
        ("key", &id),
        ("key", &id),
        ("principal", &owner),
        ("principal", &owner),
        ("key", &id),
        ("record", &session),
        ("record", &session),
        ("record", &session),
    ];
    let expected: Vec<_> = (1..)
        .zip(expected)
        .map(|(seq, (kind, id))| (seq, kind.to_owned(), id.clone()))
        .collect();
    assert_eq!(changes, expected);
}

#[tokio::test]
async fn only_the_latest_changes_are_kept_and_no_number_comes_twice() {
    let fixture = EmbeddedFixture::start().await;
    let mut sql = fixture.sql().await;
    raw_sql(
        "INSERT INTO changes (kind, id) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10050) \
         SELECT 'key', i FROM n",
    )
    .execute(&mut sql)
    .await
    .unwrap();
    let bounds = "SELECT count(*), min(seq), max(seq) FROM changes";
    let kept: (i64, i64, i64) = query_as(bounds).fetch_one(&mut sql).await.unwrap();
    assert_eq!(kept, (10_000, 51, 10_050));

    query("DELETE FROM changes")
        .execute(&mut sql)
        .await
        .unwrap();
    mint(
        &*fixture.store(),
        &key(&owner("alice"), "ci", fixture.now()),
    )
    .await;

    let kept: (i64, i64, i64) = query_as(bounds).fetch_one(&mut sql).await.unwrap();
    assert_eq!(kept, (1, 10_051, 10_051));
}

#[tokio::test]
async fn imported_seed_keys_are_noticed_whoever_imports_them() {
    let mut fixture = EmbeddedFixture::start().await;
    let importer = fixture.beside().await;
    assert!(!fixture.store.may_hold_seed_keys());
    let key = seed_key(&owner("alice"), "imported", fixture.now());

    mint(&*importer, &key).await;

    assert!(importer.may_hold_seed_keys(), "at once where it was done");
    fixture.store.ping().await.unwrap();
    assert!(fixture.store.may_hold_seed_keys(), "by the next ping");
    importer.close().await;
    fixture.reopen().await;
    assert!(fixture.store.may_hold_seed_keys(), "from the start");
}

#[tokio::test]
async fn counts_of_uses_add_up() {
    let fixture = EmbeddedFixture::start().await;
    let store = fixture.store();
    let key = key(&owner("alice"), "ci", fixture.now());
    mint(&*store, &key).await;
    let used = |count| Use {
        id: key.id,
        at: fixture.now(),
        count,
    };

    store.record_uses(&[used(3), used(4)]).await.unwrap();
    store.record_uses(&[used(5)]).await.unwrap();

    let count: i64 = query_scalar("SELECT count FROM uses")
        .fetch_one(&mut fixture.sql().await)
        .await
        .unwrap();
    assert_eq!(count, 12);
}

#[tokio::test]
async fn a_write_that_has_to_wait_too_long_is_given_up_and_leaves_the_store_well() {
    let fixture = EmbeddedFixture::start().await;
    let options = EmbeddedOptions {
        write_timeout: Duration::from_millis(50),
        ..super::options()
    };
    let impatient = EmbeddedStore::open(&fixture.path(), fixture.clock.clone(), options)
        .await
        .unwrap();
    let key = key(&owner("alice"), "ci", fixture.now());
    let mut holder = fixture.sql().await;
    query("BEGIN IMMEDIATE").execute(&mut holder).await.unwrap();

    for _ in 0..3 {
        let error = impatient.mint_key(&key, None, None).await.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert_eq!(found(&impatient, &key.id).await, None, "reads go on");
    }

    query("ROLLBACK").execute(&mut holder).await.unwrap();
    let minted = fixture.store.mint_key(&key, None, None).await.unwrap();
    assert_eq!(minted, Minted::Done, "nothing is left locked");
}
