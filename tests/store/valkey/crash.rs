//! A server that writes to disk before it answers loses nothing that it
//! acknowledged, whenever it is killed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::domain::time::Timestamp;
use gatelodge::store::KeyStore;
use gatelodge::store::keys::Minted;
use gatelodge::store::valkey::ValkeyOptions;

use super::super::conformance::{Fixture, found, listed_ids};
use super::super::parts::process::wait_until;
use super::super::parts::valkey::Persistence;
use super::super::support::{key, owner, revocation};
use super::{ValkeyFixture, connect, keeping, patient};

const ROUNDS: usize = 10;
const WRITERS: usize = 4;

/// What was acknowledged.
#[derive(Default)]
struct Acknowledged {
    minted: BTreeSet<ApiKeyId>,
    revoked: BTreeSet<ApiKeyId>,
}

/// Mints and revokes until the server is gone.
async fn write(
    store: Arc<dyn KeyStore>,
    acknowledged: Arc<Mutex<Acknowledged>>,
    name: String,
    now: Timestamp,
) {
    let alice = owner("alice");
    for number in 0_u32.. {
        let key = key(&alice, &format!("{name} {number}"), now);
        match store.mint_key(&key, None, None).await {
            Ok(minted) => assert_eq!(minted, Minted::Done),
            Err(_) => return,
        }
        acknowledged.lock().unwrap().minted.insert(key.id);
        if number % 3 == 0 {
            if store
                .revoke_keys(&alice, &[revocation(&key)])
                .await
                .is_err()
            {
                return;
            }
            acknowledged.lock().unwrap().revoked.insert(key.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_nothing_it_acknowledged() {
    let mut fixture = ValkeyFixture::over(keeping(Persistence::Always)).await;
    let alice = owner("alice");
    let acknowledged = Arc::new(Mutex::new(Acknowledged::default()));

    for round in 0..ROUNDS {
        // In a hurry: calls that the killed server never answers end soon.
        let options = ValkeyOptions {
            timeout: Duration::from_millis(500),
            ..patient(&fixture.url)
        };
        let store = connect(&options, &fixture.clock);
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (name, now) = (format!("{round} {writer}"), fixture.now());
                tokio::spawn(write(store.clone(), Arc::clone(&acknowledged), name, now))
            })
            .collect();
        // At another moment each time, with all writers at work.
        let enough = 5 + round * 23 % 100;
        wait_until("enough is written", Duration::from_mins(1), async || {
            acknowledged.lock().unwrap().minted.len() >= enough
        })
        .await;
        fixture.server.kill9();
        for writer in writers {
            writer.await.unwrap();
        }
        fixture.server.restart().await;
        fixture.reopen().await;

        let store = &*fixture.store;
        let listed: BTreeSet<_> = listed_ids(store, &alice).await.into_iter().collect();
        let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
        for id in &acknowledged.minted {
            let is_there = found(store, id).await.is_some();
            let tombstone = store.find_tombstone(id).await.unwrap();
            // A revocation may have been done and not yet acknowledged.
            assert!(is_there != tombstone.is_some(), "{id} is lost");
            assert!(
                !(is_there && acknowledged.revoked.contains(id)),
                "{id} is back"
            );
            assert_eq!(is_there, listed.contains(id), "{id} in the list");
        }
    }
}
