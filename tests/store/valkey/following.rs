//! What only a server can do to somebody who keeps copies: forget, freeze, be cut
//! off, be another one.

use std::time::Duration;

use gatelodge::store::valkey::ValkeyOptions;
use gatelodge::store::{KeyStore, SeedStore, Store, StoreError};
use serde_json::{Value, json};

use super::super::conformance::{Fixture, found, mint};
use super::super::listener::Listener;
use super::super::parts::process::{comes_true, wait_until};
use super::super::parts::valkey::Valkey;
use super::super::support::{TestClock, key, owner, revocation, seed_id, seed_key};
use super::durability::replica_of;
use super::faults::fill_the_disk;
use super::switch::Switch;
use super::{ValkeyFixture, connect, patient, valkey};

const SOON: Duration = Duration::from_secs(20);
/// In which several proofs would come, if any did.
const A_WHILE: Duration = Duration::from_millis(600);

/// At most one that was under way comes after this call.
async fn nothing_is_proven(told: &Listener) {
    let proofs = told.proofs();
    let goes_on = comes_true(A_WHILE, async || told.proofs() > proofs + 1);
    assert!(!goes_on.await, "freshness is proven all the same");
}

/// Cuts the connection on which changes are told, and no other.
async fn cut_the_line(fixture: &ValkeyFixture) {
    let cut = fixture.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
    assert_eq!(cut, json!(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_emptied_begins_an_epoch() {
    let fixture = ValkeyFixture::start().await;
    let told = Listener::follows(&*fixture.store).await;
    let epochs = told.epochs();
    mint(&*fixture.store, &key(&owner("alice"), "ci", fixture.now())).await;

    fixture.command(&["FLUSHALL"]).await;
    told.next_proof().await;

    assert!(told.epochs() > epochs);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_cut_is_made_again_and_begins_an_epoch() {
    let fixture = ValkeyFixture::start().await;
    let told = Listener::follows(&*fixture.store).await;
    for _ in 0..3 {
        let epochs = told.epochs();
        cut_the_line(&fixture).await;
        wait_until("there is another epoch", SOON, async || {
            told.epochs() > epochs
        })
        .await;
        told.next_proof().await;
    }
    assert_eq!(told.withdrawals(), 0, "the server is the one to ask");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_proves_nothing_and_goes_on_when_it_thaws() {
    let mut fixture = ValkeyFixture::start().await;
    let hasty = ValkeyOptions {
        timeout: Duration::from_millis(100),
        ..ValkeyOptions::new(&fixture.url)
    };
    let store = connect(&hasty, &fixture.clock);
    let told = Listener::follows(&*store).await;

    fixture.server.stop().await;
    nothing_is_proven(&told).await;
    let line = store.line();
    assert!(store.confirm(line).await.is_err());

    fixture.server.cont();
    told.next_proof().await;
    wait_until("it is confirmed", SOON, async || {
        store.confirm(store.line()).await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_made_a_replica_is_not_the_one_to_ask() {
    let fixture = ValkeyFixture::start().await;
    let told = Listener::follows(&*fixture.store).await;

    fixture.command(&["REPLICAOF", "127.0.0.1", "1"]).await;
    wait_until("it is said", SOON, async || told.withdrawals() > 0).await;
    nothing_is_proven(&told).await;
    let line = fixture.store.line();
    let refused = fixture.store.confirm(line).await.unwrap_err();
    assert!(refused.to_string().contains("no primary"), "{refused}");

    fixture.command(&["REPLICAOF", "NO", "ONE"]).await;
    told.next_proof().await;
    fixture.store.confirm(fixture.store.line()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_lost_its_replicas_may_have_been_replaced() {
    let fixture = ValkeyFixture::start().await;
    let mut replica = replica_of(&fixture).await;
    let told = Listener::follows(&*fixture.store).await;
    wait_until("it is confirmed", SOON, async || {
        fixture.store.confirm(fixture.store.line()).await.is_ok()
    })
    .await;

    replica.kill9();
    nothing_is_proven(&told).await;
    let refused = fixture.store.confirm(fixture.store.line()).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("0 of 1 replicas"), "{refused}");

    let careless = ValkeyOptions {
        confirm_by_replicas: false,
        ..patient(&fixture.url)
    };
    let careless = connect(&careless, &fixture.clock);
    Listener::follows(&*careless).await;
    careless.confirm(careless.line()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_from_another_server_than_the_one_followed_proves_nothing() {
    let (home, other) = (ValkeyFixture::start().await, Valkey::start().await);
    let switch = Switch::to(home.server.port()).await;
    let store = connect(&patient(&switch.url()), &home.clock);
    let told = Listener::follows(&*store).await;
    let key = key(&owner("alice"), "ci", home.now());
    mint(&*store, &key).await;
    let line = store.line();
    assert!(found(&*store, &key.id).await.is_some());
    assert_eq!(told.withdrawals(), 0);

    // The line on which changes are told stays where it is.
    switch.turn_to(other.port());
    home.command(&["CLIENT", "KILL", "TYPE", "normal"]).await;
    wait_until("it is read from elsewhere", SOON, async || {
        let found = store.find_key(&key.id).await;
        found.is_ok_and(|found| found.is_none())
    })
    .await;
    assert!(told.withdrawals() > 0);
    assert!(store.confirm(line).await.is_err(), "read from two servers");

    // It comes home by itself.
    switch.turn_to(home.server.port());
    wait_until("it is read from home", SOON, async || {
        let found = store.find_key(&key.id).await;
        found.is_ok_and(|found| found.is_some())
    })
    .await;
    let withdrawals = told.withdrawals();
    told.next_proof().await;
    assert!(found(&*store, &key.id).await.is_some());
    assert_eq!(told.withdrawals(), withdrawals);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoked_keys_that_are_there_again_are_removed_before_anything_is_proven() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let told = Listener::follows(&**store).await;
    let key = key(&alice, "ci", fixture.now());
    mint(&**store, &key).await;
    let name = key.id.record_name();
    let seed = seed_id("of the former service");
    let seed_name = format!("auth:token:{seed}");
    let record = fixture.command(&["DUMP", &name]).await;
    assert!(record.is_string());
    store
        .revoke_keys(&alice, &[revocation(&key)])
        .await
        .unwrap();
    told.remembers(seed);

    // As after a fail-over to a replica that had not heard of it.
    cut_the_line(&fixture).await;
    fixture.command(&["SET", &name, "from before"]).await;
    fixture.command(&["HSET", &seed_name, "sub", "alice"]).await;
    cut_the_line_until_it_comes_back(&fixture, &told, &key.id).await;

    told.next_proof().await;
    for name in [&name, &seed_name] {
        assert_eq!(fixture.command(&["EXISTS", name]).await, json!(0));
    }
    assert!(told.saw_come_back(&seed));
}

/// The line may have been made before the records were there.
async fn cut_the_line_until_it_comes_back(
    fixture: &ValkeyFixture,
    told: &Listener,
    id: &gatelodge::domain::api_key::ApiKeyId,
) {
    wait_until("it comes back", SOON, async || {
        if !told.saw_come_back(id) {
            fixture.command(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
            told.next_proof().await;
        }
        told.saw_come_back(id)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_that_cannot_be_written_is_obeyed_everywhere_and_written_later() {
    let options = valkey::ValkeyOptions {
        settings: vec![("enable-protected-configs", "local".to_owned())],
        ..valkey::ValkeyOptions::default()
    };
    let fixture = ValkeyFixture::over(options).await;
    let (store, other) = (&fixture.store, fixture.another().await);
    let told = Listener::follows(&**store).await;
    let told_other = Listener::follows(&*other).await;
    let alice = owner("alice");
    let keys = [1, 2].map(|number| key(&alice, &number.to_string(), fixture.now()));
    for key in &keys {
        mint(&**store, key).await;
    }
    let seed = seed_id("of the former service");
    let seed_name = format!("auth:token:{seed}");
    let fields = ["sub", "alice", "created_at", "2026-01-01T00:00:00Z"];
    fixture
        .command(&[&["HSET", &seed_name], &fields[..]].concat())
        .await;
    fill_the_disk(&fixture).await;

    let refused = store.revoke_keys(&alice, &[revocation(&keys[0])]).await;
    let Err(StoreError::Full(words)) = refused else {
        panic!("{refused:?}");
    };
    assert!(words.contains("1 of the keys are refused"), "{words}");
    let refused = store.revoke_seed_key("alice", &seed).await;
    assert!(matches!(refused, Err(StoreError::Full(_))), "{refused:?}");
    let refused = store.revoke_seed_key("mallory", &seed_id("x")).await;
    assert!(refused.is_err());
    // Nobody's word is taken for keys of others.
    let ends = [revocation(&keys[1])];
    assert!(store.revoke_keys(&owner("mallory"), &ends).await.is_err());

    for told in [&told, &told_other] {
        wait_until("it is obeyed", SOON, async || {
            told.knows_revoked(&keys[0].id) && told.knows_revoked(&seed)
        })
        .await;
        assert!(!told.knows_revoked(&keys[1].id));
    }
    assert!(store.finish_revocations().await.is_err(), "still full");

    let folder = std::env::temp_dir();
    let folder = folder.to_string_lossy();
    fixture.command(&["CONFIG", "SET", "save", ""]).await;
    fixture.command(&["CONFIG", "SET", "dir", &folder]).await;
    fixture
        .command(&["CONFIG", "SET", "stop-writes-on-bgsave-error", "no"])
        .await;
    assert_eq!(store.finish_revocations().await.unwrap(), 2);
    assert_eq!(
        other.finish_revocations().await.unwrap(),
        2,
        "as it had heard"
    );
    assert_eq!(store.finish_revocations().await.unwrap(), 0);
    assert_eq!(found(&**store, &keys[0].id).await, None);
    assert!(store.find_tombstone(&keys[0].id).await.unwrap().is_some());
    assert_eq!(fixture.command(&["EXISTS", &seed_name]).await, json!(0));
    assert!(found(&**store, &keys[1].id).await.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_copies_are_kept_nothing_is_followed_and_nothing_called_out() {
    let (server, clock) = (Valkey::start().await, TestClock::new());
    let options = ValkeyOptions {
        copies_are_kept: false,
        ..patient(&server.url())
    };
    let store = connect(&options, &clock);
    let alice = owner("alice");
    let key = key(&alice, "ci", clock.time());
    mint(&*store, &key).await;
    assert!(found(&*store, &key.id).await.is_some());
    store
        .revoke_keys(&alice, &[revocation(&key)])
        .await
        .unwrap();

    // The question itself is counted when it is answered.
    let Ok(Value::String(stats)) = server.command(&["INFO", "commandstats"]).await else {
        panic!("no statistics");
    };
    for command in ["client|tracking", "subscribe", "publish", "wait", "info"] {
        assert!(!stats.contains(&format!("cmdstat_{command}:")), "{stats}");
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_the_former_service_that_is_moved_is_not_told_as_revoked() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let told = Listener::follows(&**store).await;
    let moved = seed_key(&alice, "moved", fixture.now());
    let gone = seed_id("gone");
    for id in [moved.id, gone] {
        let name = format!("auth:token:{id}");
        let fields = ["sub", "alice", "created_at", "2026-01-01T00:00:00Z"];
        fixture
            .command(&[&["HSET", &name], &fields[..]].concat())
            .await;
    }
    mint(&**store, &moved).await;

    assert!(store.revoke_seed_key("alice", &moved.id).await.unwrap());
    assert!(store.revoke_seed_key("alice", &gone).await.unwrap());

    assert!(told.heard_of_key(&moved.id) && !told.knows_revoked(&moved.id));
    assert!(told.knows_revoked(&gone));
    cut_the_line(&fixture).await;
    told.next_proof().await;
    assert!(found(&**store, &moved.id).await.is_some());
}
