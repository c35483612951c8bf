//! What is over goes, when its time has come and not before.

use std::sync::Arc;
use std::time::Duration;

use gatelodge::domain::time::{Clock, Timestamp};
use gatelodge::store::embedded::EmbeddedStore;
use gatelodge::store::keys::{Minted, NewRecord};
use gatelodge::store::records::{Condition, ListName, NewSheet, RecordName, Shelf};
use gatelodge::store::upkeep::Use;
use gatelodge::store::{KeyStore, RecordStore, Store, UsageStore};
use sqlx::query_scalar;

use super::super::conformance::{Fixture, found, listed_ids, mint, mint_many};
use super::super::support::{key, owner, replay, revocation};
use super::{EmbeddedFixture, options};

const DAY: Duration = Duration::from_hours(24);
const MOMENT: Duration = Duration::from_millis(1);

/// The longest time that is shorter.
fn nearly(duration: Duration) -> Duration {
    duration.saturating_sub(MOMENT)
}

fn expiring(key: NewRecord, expires_at: Timestamp) -> NewRecord {
    NewRecord {
        expires_at: Some(expires_at),
        ..key
    }
}

#[tokio::test]
async fn a_record_goes_thirty_days_after_its_key_expired() {
    let fixture = EmbeddedFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let expired = expiring(key(&alice, "expired", fixture.now()), fixture.now());
    let endless = key(&alice, "endless", fixture.now());
    mint(&**store, &expired).await;
    mint(&**store, &endless).await;
    let used = Use {
        id: expired.id,
        at: fixture.now(),
        count: 1,
    };
    store.record_uses(&[used]).await.unwrap();

    fixture.clock.pass(nearly(30 * DAY));
    store.purge().await.unwrap();
    assert!(found(&**store, &expired.id).await.is_some());

    fixture.clock.pass(MOMENT);
    store.purge().await.unwrap();
    assert_eq!(found(&**store, &expired.id).await, None);
    assert_eq!(listed_ids(&**store, &alice).await, [endless.id]);
    let uses: i64 = query_scalar("SELECT count(*) FROM uses")
        .fetch_one(&mut fixture.sql().await)
        .await
        .unwrap();
    assert_eq!(uses, 0, "its uses go with it");
}

#[tokio::test]
async fn a_tombstone_goes_after_ninety_days() {
    let fixture = EmbeddedFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let key = key(&alice, "ci", fixture.now());
    mint(&**store, &key).await;
    store
        .revoke_keys(&alice, &[revocation(&key)])
        .await
        .unwrap();

    fixture.clock.pass(nearly(90 * DAY));
    store.purge().await.unwrap();
    assert!(store.find_tombstone(&key.id).await.unwrap().is_some());

    fixture.clock.pass(MOMENT);
    assert_eq!(store.find_tombstone(&key.id).await.unwrap(), None);
    let minted = store.mint_key(&key, None, None).await.unwrap();
    assert_eq!(minted, Minted::IdTaken, "until it is purged");
    store.purge().await.unwrap();
    let minted = store.mint_key(&key, None, None).await.unwrap();
    assert_eq!(minted, Minted::Done);
}

#[tokio::test]
async fn an_answer_is_replayed_for_a_day() {
    let fixture = EmbeddedFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let answer = replay("the request", "the answer");
    let keys = ["first", "second"].map(|label| key(&alice, label, fixture.now()));
    let minted = store.mint_key(&keys[0], None, Some(&answer)).await;
    assert_eq!(minted.unwrap(), Minted::Done);

    fixture.clock.pass(nearly(DAY));
    store.purge().await.unwrap();
    let minted = store.mint_key(&keys[1], None, Some(&answer)).await;
    assert_eq!(minted.unwrap(), Minted::Replayed(answer.sealed.clone()));

    // Not purged yet, and over all the same.
    fixture.clock.pass(MOMENT);
    let minted = store.mint_key(&keys[1], None, Some(&answer)).await;
    assert_eq!(minted.unwrap(), Minted::Done);
}

#[tokio::test]
async fn a_record_beside_keys_is_over_when_its_end_has_come_and_then_goes() {
    let fixture = EmbeddedFixture::start().await;
    let store = &fixture.store;
    let sheet = NewSheet {
        name: RecordName::new(Shelf::Session, "one").unwrap(),
        record: b"a session".to_vec(),
        expires_at: Some(fixture.now().plus(DAY)),
        lists: vec![ListName::new("all").unwrap()],
    };
    store.put_record(&sheet, Condition::Always).await.unwrap();

    fixture.clock.pass(nearly(DAY));
    store.purge().await.unwrap();
    let found = store.find_record(&sheet.name).await.unwrap();
    assert_eq!(found, Some(sheet.record.clone()));

    fixture.clock.pass(MOMENT);
    assert_eq!(store.find_record(&sheet.name).await.unwrap(), None);
    store.purge().await.unwrap();
    for table in ["records", "record_lists"] {
        let left: i64 = query_scalar(sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&mut fixture.sql().await)
            .await
            .unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

#[tokio::test]
async fn a_purge_ends_only_when_nothing_is_left_that_is_over() {
    let fixture = EmbeddedFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    for key in (0..1100).map(|number| key(&alice, &number.to_string(), fixture.now())) {
        mint(&**store, &expiring(key, fixture.now())).await;
    }
    let kept = mint_many(&**store, &alice, 3, fixture.now()).await;

    fixture.clock.pass(31 * DAY);
    store.purge().await.unwrap();

    let kept: Vec<_> = kept.iter().map(|key| key.id).collect();
    assert_eq!(listed_ids(&**store, &alice).await, kept);
}

#[tokio::test]
async fn opening_purges() {
    let mut fixture = EmbeddedFixture::start().await;
    let alice = owner("alice");
    let expired = expiring(key(&alice, "expired", fixture.now()), fixture.now());
    mint(&*fixture.store, &expired).await;

    fixture.clock.pass(31 * DAY);
    fixture.reopen().await;

    assert_eq!(found(&*fixture.store, &expired.id).await, None);
}

/// A clock that does not know the time.
struct NoClock;

impl Clock for NoClock {
    fn now(&self) -> Option<Timestamp> {
        None
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

#[tokio::test]
async fn without_the_time_nothing_is_over() {
    let fixture = EmbeddedFixture::start().await;
    let alice = owner("alice");
    let (expired, revoked) = (
        expiring(
            key(&alice, "expired", fixture.now()),
            fixture.now().minus(400 * DAY),
        ),
        key(&alice, "revoked", fixture.now()),
    );
    let path = fixture.path();
    fixture.store.close().await;
    let timeless = EmbeddedStore::open(&path, Arc::new(NoClock), options())
        .await
        .unwrap();
    mint(&timeless, &expired).await;
    mint(&timeless, &revoked).await;

    timeless
        .revoke_keys(&alice, &[revocation(&revoked)])
        .await
        .unwrap();
    timeless.purge().await.unwrap();

    assert!(found(&timeless, &expired.id).await.is_some());
    let tombstone = timeless.find_tombstone(&revoked.id).await.unwrap();
    assert!(tombstone.is_some());
    timeless.close().await;
}
