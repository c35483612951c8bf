//! What could lose keys is said, with what to do about it.

use gatelodge::store::{Inspection, Store};

use super::super::parts::valkey::{Persistence, Valkey, ValkeyOptions};
use super::super::support::TestClock;
use super::{connect, keeping, patient};

async fn look(options: ValkeyOptions) -> Inspection {
    let server = Valkey::start_with(options).await;
    let store = connect(&patient(&server.url()), &TestClock::new());
    store.inspect().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_well_set_up_gets_no_warning() {
    let inspection = look(keeping(Persistence::Always)).await;

    assert!(
        inspection.description.starts_with("Valkey "),
        "{}",
        inspection.description
    );
    assert_eq!(inspection.warnings, Vec::<String>::new());
    assert_eq!(inspection.fine.len(), 5, "{:?}", inspection.fine);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_way_to_lose_keys_gets_a_warning() {
    let settings = |settings: &[(&'static str, &str)]| ValkeyOptions {
        settings: settings
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
        ..ValkeyOptions::default()
    };
    for (options, expected) in [
        (settings(&[]), "a restart loses every key"),
        (settings(&[("save", "3600 1")]), "at most snapshots"),
        (keeping(Persistence::EverySecond), "appendfsync everysec"),
        (
            settings(&[("maxmemory-policy", "allkeys-lru")]),
            "maxmemory-policy noeviction",
        ),
        (settings(&[("maxmemory", "1")]), "raise maxmemory"),
    ] {
        let warnings = look(options).await.warnings.join("\n");
        assert!(warnings.contains(expected), "{expected}: {warnings}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_not_be_asked_is_said() {
    let options = ValkeyOptions {
        acl: vec!["user gate on nopass ~gl:* &gl:revoke +@all -config".to_owned()],
        ..keeping(Persistence::Always)
    };
    let server = Valkey::start_with(options).await;
    let store = connect(&patient(&server.url_as("gate", "")), &TestClock::new());

    let inspection = store.inspect().await.unwrap();

    let warnings = inspection.warnings.join("\n");
    assert!(warnings.contains("+config|get"), "{warnings}");
    assert_eq!(inspection.warnings.len(), 1);
}
