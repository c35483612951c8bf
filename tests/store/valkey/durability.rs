//! What is said of a revocation's safety is true.

use std::time::Duration;

use futures_util::future::join_all;
use gatelodge::store::KeyStore;
use gatelodge::store::keys::Durability;
use serde_json::json;

use super::super::conformance::{Fixture, mint, mint_many};
use super::super::parts::process::wait_until;
use super::super::parts::valkey::{Persistence, Valkey};
use super::super::support::{key, owner, revocation};
use super::{ValkeyFixture, keeping};

const SOON: Duration = Duration::from_secs(20);

async fn durability(fixture: &ValkeyFixture, label: &str) -> Durability {
    let key = key(&owner("alice"), label, fixture.now());
    mint(&*fixture.store, &key).await;
    let ends = [revocation(&key)];
    let revoked = fixture.store.revoke_keys(&key.owner, &ends).await.unwrap();
    assert_eq!(revoked.ids, [key.id]);
    revoked.durability
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_server_that_writes_before_it_answers_has_it_on_disk() {
    for (persistence, persisted) in [
        (Persistence::Nothing, false),
        (Persistence::EverySecond, false),
        (Persistence::Always, true),
    ] {
        let fixture = ValkeyFixture::over(keeping(persistence)).await;
        // The first may find the server busy.
        wait_until("it says so", SOON, async || {
            let said = durability(&fixture, &format!("{persistence:?}")).await;
            fixture.command(&["FLUSHALL"]).await;
            said == Durability {
                persisted,
                replicas: 0,
            }
        })
        .await;
    }
}

/// A replica that follows.
pub async fn replica_of(fixture: &ValkeyFixture) -> Valkey {
    fixture
        .command(&["CONFIG", "SET", "repl-diskless-sync-delay", "0"])
        .await;
    let replica = Valkey::start().await;
    let port = fixture.server.port().to_string();
    let follows = replica.command(&["REPLICAOF", "127.0.0.1", &port]).await;
    assert_eq!(follows, Ok(json!("OK")));
    wait_until("the replica follows", SOON, async || {
        let info = fixture.command(&["INFO", "replication"]).await;
        info.as_str().unwrap().contains("state=online")
    })
    .await;
    replica
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_count_when_they_have_it_and_not_when_they_may() {
    let fixture = ValkeyFixture::start().await;
    let mut replica = replica_of(&fixture).await;
    // A new replica, or a busy machine, may be late at first.
    let mut number = 0;
    wait_until("the replica has it", SOON, async || {
        number += 1;
        durability(&fixture, &number.to_string()).await.replicas == 1
    })
    .await;

    // Without memory too: the heartbeat is there already.
    let keys = mint_many(&*fixture.store, &owner("alice"), 50, fixture.now()).await;
    fixture.command(&["CONFIG", "SET", "maxmemory", "1"]).await;
    let mut keys = keys.iter();
    wait_until("the replica has it without memory", SOON, async || {
        let key = keys.next().expect("one of them got there in time");
        let ends = [revocation(key)];
        let revoked = fixture.store.revoke_keys(&key.owner, &ends).await.unwrap();
        assert_eq!(revoked.ids, [key.id]);
        revoked.durability.replicas == 1
    })
    .await;
    fixture.command(&["CONFIG", "SET", "maxmemory", "0"]).await;

    replica.stop().await;
    assert_eq!(durability(&fixture, "frozen").await.replicas, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_hangs_holds_no_revocation_up() {
    let fixture = ValkeyFixture::start().await;
    let mut replica = replica_of(&fixture).await;
    replica.stop().await;

    let labels: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    let revocations = labels.iter().map(|label| durability(&fixture, label));
    // One after the other they would take a wait each: 2.4 s and more.
    let all = tokio::time::timeout(Duration::from_secs(2), join_all(revocations)).await;

    assert!(
        all.unwrap()
            .iter()
            .all(|durability| durability.replicas == 0)
    );
}
