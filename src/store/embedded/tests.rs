//! The full disk, which takes a look inside to simulate. The rest is in
//! `tests/store`.

use std::fs;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use sqlx::query;
use tempfile::TempDir;

use super::*;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::subject::{Owner, Tenant};
use crate::domain::time::Timestamp;
use crate::store::keys::{Minted, NewRecord, Revocation};
use crate::store::upkeep::Use;
use crate::store::{KeyStore, UsageStore};

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Option<Timestamp> {
        Timestamp::parse_rfc3339("2026-11-24T12:00:00Z")
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

fn alice() -> OwnerTag {
    let owner = Owner::from_record("", "alice").unwrap();
    OwnerTag::new(&Tenant::default(), &owner)
}

fn key(number: u32) -> NewRecord {
    NewRecord {
        id: ApiKeyId::parse(&format!("{}{number:014}", alice().shard())).unwrap(),
        owner: alice(),
        record: vec![7; 3000],
        created_at: Noon.now().unwrap(),
        expires_at: None,
    }
}

fn revocation(key: &NewRecord, bytes: usize) -> Revocation {
    Revocation {
        id: key.id,
        tombstone: vec![9; bytes],
    }
}

async fn open(folder: &TempDir) -> EmbeddedStore {
    let options = EmbeddedOptions {
        read_timeout: Duration::from_secs(20),
        write_timeout: Duration::from_secs(20),
        ..EmbeddedOptions::default()
    };
    let path = folder.path().join("gatelodge.db");
    let store = EmbeddedStore::open(&path, Arc::new(Noon), options).await;
    store.unwrap()
}

/// Keeps the file from growing by more than that many pages, which SQLite
/// reports as it reports a full disk.
async fn allow_pages(store: &EmbeddedStore, more: u32) {
    let mut change = store.keys.begin().await.unwrap();
    let connection = change.connection().unwrap();
    let pages: u32 = query_scalar("PRAGMA page_count")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    let limit = format!("PRAGMA max_page_count = {}", pages + more);
    query(sqlx::AssertSqlSafe(limit))
        .execute(connection)
        .await
        .unwrap();
}

/// Mints until there is no room left; gives what was minted.
async fn mint_until_full(store: &EmbeddedStore) -> Vec<NewRecord> {
    allow_pages(store, 20).await;
    let mut minted = Vec::new();
    for number in 0..200 {
        let key = key(number);
        match store.mint_key(&key, None, None).await {
            Ok(outcome) => assert_eq!(outcome, Minted::Done),
            Err(StoreError::Full(_)) => return minted,
            Err(error) => panic!("{error}"),
        }
        minted.push(key);
    }
    panic!("the file grew all the same");
}

#[tokio::test]
async fn a_full_disk_refuses_keys_and_keeps_reading() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let minted = mint_until_full(&store).await;

    for number in 300..303 {
        let error = store.mint_key(&key(number), None, None).await.unwrap_err();
        assert!(matches!(error, StoreError::Full(_)), "{error}");
        assert_eq!(store.find_key(&key(number).id).await.unwrap(), None);
    }
    for key in &minted {
        assert!(store.find_key(&key.id).await.unwrap().is_some());
    }

    allow_pages(&store, 100).await;
    let outcome = store.mint_key(&key(300), None, None).await.unwrap();
    assert_eq!(outcome, Minted::Done, "with room, all is well again");
}

#[tokio::test]
async fn keys_are_revoked_on_a_full_disk_if_need_be_without_tombstones() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let minted = mint_until_full(&store).await;
    let ends = [revocation(&minted[0], 400_000)];

    let revoked = store.revoke_keys(&alice(), &ends).await.unwrap();

    assert_eq!(revoked.ids, [minted[0].id]);
    assert_eq!(store.find_key(&minted[0].id).await.unwrap(), None);
    assert_eq!(store.find_tombstone(&minted[0].id).await.unwrap(), None);
    assert!(!store.ballast.is_in_place(), "its room was given");
    // What was given up on the way did not stay behind.
    let listed = store.list_keys(&alice(), None, 1000).await.unwrap();
    assert_eq!(listed.len(), minted.len() - 1);
}

#[tokio::test]
async fn the_room_for_revocations_is_taken_by_nothing_else() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let old = key(1);
    store.mint_key(&old, None, None).await.unwrap();
    store.ballast.release();
    // Nothing can be put in its place, as on a disk without room for it.
    fs::create_dir(store.ballast.path()).unwrap();
    let used = Use {
        id: old.id,
        at: Noon.now().unwrap(),
        count: 1,
    };

    let refused = [
        store.mint_key(&key(2), None, None).await.map(drop),
        store
            .rotate_key(&old.record, &old, &key(2), None)
            .await
            .map(drop),
        store.record_uses(&[used]).await,
    ];

    for outcome in refused {
        assert!(matches!(outcome, Err(StoreError::Full(_))), "{outcome:?}");
    }
    let warnings = store.inspect().await.unwrap().warnings;
    assert!(warnings.iter().any(|one| one.contains("-ballast")));
    let ends = [revocation(&old, 300)];
    let revoked = store.revoke_keys(&alice(), &ends).await.unwrap();
    assert_eq!(revoked.ids, [old.id]);

    // Room again, and the next purge puts it back.
    fs::remove_dir(store.ballast.path()).unwrap();
    store.purge().await.unwrap();
    assert!(store.ballast.is_in_place());
}

#[tokio::test]
async fn a_change_that_is_dropped_is_undone_and_holds_nothing_up() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    for number in 0..20 {
        let mut change = store.keys.begin().await.unwrap();
        query("INSERT INTO key_sets (issuer, record) VALUES (?1, x'00')")
            .bind(number)
            .execute(change.connection().unwrap())
            .await
            .unwrap();
        drop(change);
    }

    let mint = store.mint_key(&key(1), None, None).await.unwrap();

    assert_eq!(mint, Minted::Done);
    let left: i64 = query_scalar("SELECT count(*) FROM key_sets")
        .fetch_one(&mut *store.readers.seat().await.unwrap())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_change_that_nobody_waits_for_any_more_leaves_the_connection_usable() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let mut finished = 0;
    // Each is given up after one more answer of SQLite than the one before, so
    // that every statement and the COMMIT has its turn.
    for answers in 0..40 {
        let new = key(answers);
        let mut minting = std::pin::pin!(store.mint_key(&new, Some(500), None));
        let mut seen = 0;
        let outcome = poll_fn(|context| {
            if seen > answers {
                return Poll::Ready(None);
            }
            seen += 1;
            minting.as_mut().poll(context).map(Some)
        });
        finished += u32::from(outcome.await.is_some());
    }
    assert!((1..40).contains(&finished), "{finished}");

    let outcome = store.mint_key(&key(1000), None, None).await.unwrap();

    assert_eq!(outcome, Minted::Done);
    let listed = store.list_keys(&alice(), None, 1000).await.unwrap();
    assert!(listed.len() > finished as usize);
}
