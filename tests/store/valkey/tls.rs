//! TLS: to the server that the authority vouches for, and to no other.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use gatelodge::store::valkey::ValkeyOptions;
use gatelodge::store::{Store, StoreError};

use super::super::conformance::{found, mint};
use super::super::parts::process::wait_until;
use super::super::parts::valkey::{self, Tls, Valkey};
use super::super::support::{TestClock, key, owner};
use super::{connect, patient};

const SOON: Duration = Duration::from_secs(20);

async fn server() -> Valkey {
    let options = valkey::ValkeyOptions {
        tls: Tls::Server,
        password: Some("hunter2"),
        ..valkey::ValkeyOptions::default()
    };
    Valkey::start_with(options).await
}

fn pem(path: PathBuf) -> String {
    fs::read_to_string(path).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_the_authority_is_trusted_and_found_again() {
    let mut server = server().await;
    let clock = TestClock::new();
    for scheme in ["rediss", "valkeys"] {
        let options = ValkeyOptions {
            ca_pem: Some(pem(server.certificates().authority())),
            ..patient(&server.url().replace("rediss", scheme))
        };
        let store = connect(&options, &clock);
        let key = key(&owner("alice"), scheme, clock.time());
        mint(&*store, &key).await;
        assert_eq!(found(&*store, &key.id).await, Some(key.record));

        server.restart().await;
        wait_until("the server is found again", SOON, async || {
            store.ping().await.is_ok()
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_nobody_vouches_for_gets_nothing() {
    let server = server().await;
    let others = Some(pem(server.certificates().other_authority()));
    for ca_pem in [others, None] {
        let options = ValkeyOptions {
            ca_pem,
            timeout: Duration::from_millis(100),
            ..patient(&server.url())
        };
        let store = connect(&options, &TestClock::new());
        wait_until("it says why", SOON, async || {
            let Err(StoreError::Unavailable(words)) = store.ping().await else {
                panic!("the server was trusted")
            };
            words.contains("certificate")
        })
        .await;
    }
    assert!(!server.log().contains("WRONGPASS"));
}
