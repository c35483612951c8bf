//! Keys of rusty-valkey-forward-auth in the place where that service keeps
//! them, written here as it writes them.

use std::collections::BTreeSet;

use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::store::seed::SeedRecord;
use gatelodge::store::{KeyStore, PrincipalStore, SeedStore};
use serde_json::json;

use super::super::conformance::{Fixture, found, listed_ids, mint};
use super::super::support::{owner, revocation, seed_id, seed_key};
use super::ValkeyFixture;

const MADE: &str = "2025-06-01T08:15:30.123456789+00:00";

/// As the former service creates a key.
async fn create(fixture: &ValkeyFixture, subject: &str, label: &str) -> SeedRecord {
    let id = seed_id(label);
    let (record, set) = (
        format!("auth:token:{id}"),
        format!("auth:user_tokens:{subject}"),
    );
    let fields = ["sub", subject, "created_at", MADE, "description", label];
    fixture
        .command(&[&["HSET", &record], &fields[..]].concat())
        .await;
    fixture.command(&["SADD", &set, &id.to_string()]).await;
    SeedRecord {
        id,
        subject: subject.to_owned(),
        created_at: MADE.to_owned(),
        description: label.to_owned(),
    }
}

async fn set_of(fixture: &ValkeyFixture, subject: &str) -> BTreeSet<String> {
    let set = fixture
        .command(&["SMEMBERS", &format!("auth:user_tokens:{subject}")])
        .await;
    let members = set.as_array().unwrap().iter();
    members
        .map(|member| member.as_str().unwrap().to_owned())
        .collect()
}

fn sorted(mut records: Vec<SeedRecord>) -> Vec<SeedRecord> {
    records.sort_by_key(|record| record.id);
    records
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seed_key_is_found_with_the_record_of_its_owner() {
    let fixture = ValkeyFixture::start().await;
    let store = &fixture.store;
    let record = create(&fixture, "alice", "laptop").await;

    assert!(store.may_hold_seed_keys());
    let found = store.find_seed_key(&record.id).await.unwrap();
    assert_eq!(found, Some((record.clone(), None)));
    assert_eq!(
        store.find_seed_key(&seed_id("unknown")).await.unwrap(),
        None
    );

    // Known by then, so that both are asked for at once.
    for principal in ["admin", "disabled"] {
        store
            .put_principal(&owner("alice"), principal.as_bytes())
            .await
            .unwrap();
        let found = store.find_seed_key(&record.id).await.unwrap();
        assert_eq!(found, Some((record.clone(), Some(principal.into()))));
    }
    assert_eq!(
        store.find_key(&record.id).await.unwrap(),
        None,
        "it was not imported"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn seed_keys_are_listed_by_subject() {
    let fixture = ValkeyFixture::start().await;
    let store = &fixture.store;
    let subjects = ["alice", "bob", "mallory@example.com {x} ü"];
    for subject in subjects {
        let mut records = Vec::new();
        for number in 0..5 {
            records.push(create(&fixture, subject, &format!("{subject} {number}")).await);
        }
        let listed = store.list_seed_keys(subject).await.unwrap();
        assert_eq!(sorted(listed), sorted(records));
    }
    assert_eq!(store.list_seed_keys("carol").await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_passes_over_what_is_no_record_of_that_subject() {
    let fixture = ValkeyFixture::start().await;
    let store = &fixture.store;
    let mine = create(&fixture, "alice", "mine").await;
    let bobs = create(&fixture, "bob", "bob's").await;
    let gone = create(&fixture, "alice", "gone").await;
    fixture
        .command(&["DEL", &format!("auth:token:{}", gone.id)])
        .await;
    let set = "auth:user_tokens:alice";
    fixture
        .command(&[
            "SADD",
            set,
            &bobs.id.to_string(),
            "no id",
            "00abcdefghijklmn",
        ])
        .await;

    assert_eq!(store.list_seed_keys("alice").await.unwrap(), [mine]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_without_a_subject_or_a_time_proves_nothing() {
    let fixture = ValkeyFixture::start().await;
    let store = &fixture.store;
    for fields in [
        &["description", "no subject", "created_at", MADE][..],
        &["sub", "", "created_at", MADE],
        &["sub", "alice"],
    ] {
        let id = seed_id(&fields.join(" "));
        fixture
            .command(&[&["HSET", &format!("auth:token:{id}")], fields].concat())
            .await;
        assert_eq!(store.find_seed_key(&id).await.unwrap(), None, "{fields:?}");
    }
    // That one may be missing.
    let id = seed_id("no description");
    let fields = ["sub", "alice", "created_at", MADE];
    fixture
        .command(&[&["HSET", &format!("auth:token:{id}")], &fields[..]].concat())
        .await;
    let (record, _) = store.find_seed_key(&id).await.unwrap().unwrap();
    assert_eq!(record.description, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_seed_key_is_gone_from_record_and_set() {
    let fixture = ValkeyFixture::start().await;
    let store = &fixture.store;
    let kept = create(&fixture, "alice", "kept").await;
    let gone = create(&fixture, "alice", "gone").await;

    assert!(
        !store.revoke_seed_key("bob", &gone.id).await.unwrap(),
        "not his"
    );
    assert!(store.find_seed_key(&gone.id).await.unwrap().is_some());
    assert!(store.revoke_seed_key("alice", &gone.id).await.unwrap());

    assert_eq!(store.find_seed_key(&gone.id).await.unwrap(), None);
    assert_eq!(
        set_of(&fixture, "alice").await,
        [kept.id.to_string()].into()
    );
    assert!(
        !store.revoke_seed_key("alice", &gone.id).await.unwrap(),
        "only once"
    );
    assert!(store.revoke_seed_key("alice", &kept.id).await.unwrap());
    // As the former service leaves things behind: nothing.
    assert_eq!(fixture.command(&["DBSIZE"]).await, json!(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_that_ended_halfway_is_finished_by_the_next() {
    let fixture = ValkeyFixture::start().await;
    let record = create(&fixture, "alice", "half gone").await;
    fixture
        .command(&["DEL", &format!("auth:token:{}", record.id)])
        .await;

    let revoked = fixture.store.revoke_seed_key("alice", &record.id).await;

    assert!(!revoked.unwrap());
    assert_eq!(set_of(&fixture, "alice").await, BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_sees_every_seed_record_and_nothing_else() {
    let fixture = ValkeyFixture::start().await;
    let store = &fixture.store;
    let mut expected = BTreeSet::new();
    for number in 0..1_200 {
        let subject = format!("user {}", number % 7);
        expected.insert(create(&fixture, &subject, &number.to_string()).await.id);
    }
    mint(
        &**store,
        &seed_key(&owner("alice"), "imported", fixture.now()),
    )
    .await;
    fixture
        .command(&["HSET", "auth:token:someone-else's", "sub", "alice"])
        .await;

    let (mut seen, mut cursor) = (BTreeSet::<ApiKeyId>::new(), Some(Vec::new()));
    while let Some(position) = cursor {
        let (records, next) = store.scan_seed_keys(&position).await.unwrap();
        seen.extend(records.iter().map(|record| record.id));
        cursor = next;
    }

    assert_eq!(seen, expected);
    assert!(store.scan_seed_keys(b"no cursor").await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_key_and_the_record_it_came_from_stand_side_by_side() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let before = create(&fixture, "alice", "laptop").await;
    let imported = seed_key(&alice, "laptop", fixture.now());
    assert_eq!(imported.id, before.id);

    mint(&**store, &imported).await;

    assert_eq!(
        found(&**store, &imported.id).await,
        Some(imported.record.clone())
    );
    assert!(store.find_seed_key(&before.id).await.unwrap().is_some());
    let ends = [revocation(&imported)];
    assert_eq!(
        store.revoke_keys(&alice, &ends).await.unwrap().ids,
        [imported.id]
    );
    assert_eq!(listed_ids(&**store, &alice).await, []);
    let left = store.find_seed_key(&before.id).await.unwrap();
    assert!(left.is_some(), "each is revoked for itself");
}
