//! What servers do to us: not there, gone, frozen, full, closed to us.

use std::time::Duration;

use gatelodge::store::records::Condition;
use gatelodge::store::valkey::{ValkeyOptions, ValkeyStore};
use gatelodge::store::{
    KeySetStore, KeyStore, PrincipalStore, RecordStore, SeedStore, Store, StoreError,
};
use serde_json::json;

use super::super::conformance::{Fixture, found, listed_ids, mint};
use super::super::parts::process::wait_until;
use super::super::parts::valkey::{Persistence, Valkey};
use super::super::support::{TestClock, changed, key, owner, replay, revocation, seed_id};
use super::calls::{all_calls, session};
use super::{ValkeyFixture, connect, keeping, valkey};

/// Within which a server that is back must be found again. Generous, as other
/// tests run beside this one.
const SOON: Duration = Duration::from_secs(10);

/// In a hurry, so that a test of deadlines does not take long.
fn hasty(url: &str) -> ValkeyOptions {
    ValkeyOptions {
        timeout: Duration::from_millis(100),
        connect_timeout: Duration::from_millis(200),
        ..ValkeyOptions::new(url)
    }
}

fn unavailable<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Unavailable(words)) => words,
        other => panic!("not unavailable but {other:?}"),
    }
}

fn full<T: std::fmt::Debug>(outcome: Result<T, StoreError>) -> String {
    match outcome {
        Err(StoreError::Full(words)) => words,
        other => panic!("not full but {other:?}"),
    }
}

/// Writes are refused from now on: the folder is one where nobody can write. The
/// server must let its folder be set.
pub async fn fill_the_disk(fixture: &ValkeyFixture) {
    fixture.command(&["CONFIG", "SET", "dir", "/proc"]).await;
    fixture.command(&["CONFIG", "SET", "save", "3600 1"]).await;
    fixture.command(&["BGSAVE"]).await;
    wait_until("the snapshot failed", SOON, async || {
        let info = fixture.command(&["INFO", "persistence"]).await;
        info.as_str()
            .unwrap()
            .contains("rdb_last_bgsave_status:err")
    })
    .await;
}

async fn answers(store: &ValkeyStore) -> bool {
    store.ping().await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_late_is_found() {
    let mut server = Valkey::start().await;
    server.kill9();
    let store = connect(&hasty(&server.url()), &TestClock::new());

    let words = unavailable(store.ping().await);
    assert!(
        words.contains(&format!("127.0.0.1:{}", server.port())),
        "{words}"
    );
    wait_until("it says why", SOON, async || {
        unavailable(store.ping().await).contains("refused")
    })
    .await;

    server.restart().await;
    wait_until("the server is found", SOON, async || answers(&store).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_restarts_is_found_again_with_what_it_kept() {
    let mut fixture = ValkeyFixture::over(keeping(Persistence::Always)).await;
    let store = connect(&hasty(&fixture.url), &fixture.clock);
    let key = key(&owner("alice"), "ci", fixture.now());
    mint(&*fixture.store, &key).await;
    assert!(answers(&store).await);

    for _ in 0..3 {
        fixture.server.kill9();
        unavailable(store.find_key(&key.id).await);
        fixture.server.restart().await;
        wait_until("the key is found again", SOON, async || {
            let found = store.find_key(&key.id).await;
            found.is_ok_and(|found| found.unwrap().record == key.record)
        })
        .await;
    }
    // Scripts are gone from the server, and are sent again.
    let ends = [revocation(&key)];
    let revoked = store.revoke_keys(&key.owner, &ends).await.unwrap();
    assert_eq!(revoked.ids, [key.id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_the_server_ends_is_made_again_before_it_is_missed() {
    let fixture = ValkeyFixture::start().await;
    assert!(answers(&fixture.store).await);
    let before = fixture.command(&["CLIENT", "LIST"]).await;

    fixture.command(&["CLIENT", "KILL", "TYPE", "normal"]).await;

    let name = |list: &serde_json::Value| {
        let list = list.as_str().unwrap();
        let ours = list
            .lines()
            .find(|line| line.contains("lib-name=gatelodge"))?;
        Some(ours.split_whitespace().next()?.to_owned())
    };
    wait_until("there is another connection", SOON, async || {
        let now = name(&fixture.command(&["CLIENT", "LIST"]).await);
        now.is_some() && now != name(&before)
    })
    .await;
    assert!(answers(&fixture.store).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_call_to_a_frozen_server_ends_in_time_and_it_is_found_when_it_thaws() {
    let mut fixture = ValkeyFixture::start().await;
    let key = key(&owner("alice"), "ci", fixture.now());
    mint(&*fixture.store, &key).await;
    let store = connect(&hasty(&fixture.url), &fixture.clock);
    assert!(found(&*store, &key.id).await.is_some());

    for _ in 0..2 {
        fixture.server.stop().await;
        // A tenth of a second each, and as much again for a machine in trouble.
        let calls = tokio::time::timeout(Duration::from_secs(5), all_calls(&store, &key.id)).await;
        for (name, outcome) in calls.expect("the calls end by themselves") {
            let words = unavailable(outcome);
            assert!(words.contains("within 100 ms"), "{name}: {words}");
        }
        fixture.server.cont();
        wait_until("the key is found again", SOON, async || {
            store
                .find_key(&key.id)
                .await
                .is_ok_and(|found| found.is_some())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_memory_keys_are_checked_and_revoked_but_not_minted() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let old = [1, 2].map(|number| key(&alice, &format!("old {number}"), fixture.now()));
    mint(&**store, &old[0]).await;
    mint(&**store, &old[1]).await;
    let seed = seed_id("seed");
    let name = format!("auth:token:{seed}");
    let fields = ["sub", "alice", "created_at", "2026-01-01T00:00:00Z"];
    fixture
        .command(&[&["HSET", &name], &fields[..]].concat())
        .await;
    let sheet = session();
    store.put_record(&sheet, Condition::Always).await.unwrap();
    fixture.command(&["CONFIG", "SET", "maxmemory", "1"]).await;

    let new = key(&alice, "new", fixture.now());
    let minted = store
        .mint_key(&new, None, Some(&replay("request", "answer")))
        .await;
    assert!(full(minted).starts_with("OOM "));
    full(
        store
            .replace_key(&old[0].record, &changed(&old[0], "x"))
            .await,
    );
    full(
        store
            .rotate_key(&old[0].record, &changed(&old[0], "x"), &new, None)
            .await,
    );
    full(store.put_principal(&alice, b"alice").await);
    full(store.put_record(&sheet, Condition::Always).await);
    assert!(store.remove_record(&sheet.name).await.unwrap());

    assert_eq!(
        found(&**store, &old[0].id).await,
        Some(old[0].record.clone())
    );
    let ends = [revocation(&old[0])];
    let revoked = store.revoke_keys(&alice, &ends).await.unwrap();
    assert_eq!(revoked.ids, [old[0].id]);
    assert_eq!(found(&**store, &old[0].id).await, None);
    assert_eq!(listed_ids(&**store, &alice).await, [old[1].id]);
    assert!(store.revoke_seed_key("alice", &seed).await.unwrap());

    fixture.command(&["CONFIG", "SET", "maxmemory", "0"]).await;
    mint(&**store, &new).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_disk_is_full_keys_are_checked_and_the_word_of_the_server_is_passed_on() {
    let options = valkey::ValkeyOptions {
        settings: vec![("enable-protected-configs", "local".to_owned())],
        ..valkey::ValkeyOptions::default()
    };
    let fixture = ValkeyFixture::over(options).await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let old = key(&alice, "old", fixture.now());
    mint(&**store, &old).await;
    fill_the_disk(&fixture).await;

    let minted = store
        .mint_key(&key(&alice, "new", fixture.now()), None, None)
        .await;
    assert!(full(minted).starts_with("MISCONF "));
    let ends = [revocation(&old)];
    assert!(full(store.revoke_keys(&alice, &ends).await).starts_with("MISCONF "));
    assert_eq!(found(&**store, &old.id).await, Some(old.record.clone()));
    assert_eq!(listed_ids(&**store, &alice).await, [old.id]);
    store.ping().await.unwrap();
    let warnings = store.inspect().await.unwrap().warnings.join("\n");
    assert!(warnings.contains("the last snapshot failed"), "{warnings}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_made_a_replica_takes_no_writes() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    fixture.command(&["REPLICAOF", "127.0.0.1", "1"]).await;

    let minted = store
        .mint_key(&key(&alice, "new", fixture.now()), None, None)
        .await;
    assert!(full(minted).starts_with("READONLY"));
    let warnings = store.inspect().await.unwrap().warnings.join("\n");
    assert!(warnings.contains("it is a replica"), "{warnings}");

    fixture.command(&["REPLICAOF", "NO", "ONE"]).await;
    mint(&**store, &key(&alice, "new", fixture.now())).await;
    fixture
        .command(&["CONFIG", "SET", "min-replicas-to-write", "1"])
        .await;
    let minted = store
        .mint_key(&key(&alice, "newer", fixture.now()), None, None)
        .await;
    assert!(full(minted).starts_with("NOREPLICAS"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_said_and_not_shown_and_a_right_one_helps() {
    let options = valkey::ValkeyOptions {
        password: Some("right"),
        acl: vec!["user gate on >right ~* &* +@all".to_owned()],
        ..valkey::ValkeyOptions::default()
    };
    let server = Valkey::start_with(options).await;
    let url = server.url_as("gate", "xyzzy-wrong");
    let store = connect(&hasty(&url), &TestClock::new());

    wait_until("it says why", SOON, async || {
        let words = unavailable(store.ping().await);
        assert!(!words.contains("xyzzy"), "{words}");
        words.contains("WRONGPASS") && words.contains("password")
    })
    .await;

    let reply = server
        .command(&["ACL", "SETUSER", "gate", ">xyzzy-wrong"])
        .await;
    assert_eq!(reply, Ok(json!("OK")));
    wait_until("it is let in", SOON, async || answers(&store).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_password_and_a_missing_right_are_said() {
    let options = valkey::ValkeyOptions {
        password: Some("right"),
        acl: vec!["user gate on nopass ~gl:* +@read".to_owned()],
        ..valkey::ValkeyOptions::default()
    };
    let server = Valkey::start_with(options).await;
    let nobody = connect(
        &hasty(&format!("redis://127.0.0.1:{}", server.port())),
        &TestClock::new(),
    );
    wait_until("it says why", SOON, async || {
        unavailable(nobody.ping().await).contains("NOAUTH")
    })
    .await;

    let reader = ValkeyOptions {
        username: Some("gate".to_owned()),
        ..hasty(&format!("redis://127.0.0.1:{}", server.port()))
    };
    let store = connect(&reader, &TestClock::new());
    wait_until("a user without a password is let in", SOON, async || {
        answers(&store).await
    })
    .await;
    let words = unavailable(store.put_key_set("issuer", b"keys").await);
    assert!(
        words.contains("NOPERM") && words.contains("'set'"),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_store_says_so_at_once() {
    let fixture = ValkeyFixture::start().await;
    assert!(answers(&fixture.store).await);

    fixture.store.close().await;

    for (name, outcome) in all_calls(&fixture.store, &seed_id("any")).await {
        assert!(unavailable(outcome).contains("closed"), "{name}");
    }
}
