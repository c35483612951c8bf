//! Keys that are kept in memory, by several processes over one store: what is
//! revoked is refused, and nothing passes that nobody can vouch for.

use std::time::Duration;

use super::support::lodge::{Deployment, Lodge};
use super::support::process::{comes_true, wait_until};

/// The lease, and as much again for a machine that is busy with other tests.
const BOUND: Duration = Duration::from_secs(2);
const SOON: Duration = Duration::from_secs(20);
const ON: &str = "GATELODGE_CACHE__ENABLED";

fn on(deployment: Deployment) -> Deployment {
    deployment.with(ON, "true")
}

fn id_of(key: &str) -> &str {
    &key[4..20]
}

/// How often keys were answered for from memory.
async fn hits(lodge: &Lodge) -> u64 {
    let ready = lodge.get("/health/ready", &[]).await;
    let cache = &ready.json()["parts"]["cache"];
    cache["numbers"]["hits"].as_u64().unwrap()
}

/// Asks until the key is answered for from memory.
async fn warm(lodge: &Lodge, key: &str) {
    wait_until("the key is kept", SOON, async || {
        let before = hits(lodge).await;
        assert_eq!(lodge.gate(key).await.status, 204);
        hits(lodge).await > before
    })
    .await;
}

/// A key passes no longer than a lease, and never comes back.
async fn is_refused_in_time(lodge: &Lodge, key: &str) {
    let refused = comes_true(BOUND, async || lodge.gate(key).await.status == 401).await;
    assert!(refused, "it passes longer than a lease\n{}", lodge.log());
    for _ in 0..3 {
        assert_eq!(lodge.gate(key).await.status, 401, "it came back");
    }
}

async fn revoke(lodge: &Lodge, manager: &str, key: &str) {
    let path = format!("/api/me/tokens/{}", id_of(key));
    let revoked = lodge.api(manager, "DELETE", &path, "").await;
    assert_eq!(revoked.status, 204, "{revoked:?}");
}

fn manager(deployment: &Deployment) -> String {
    deployment.mint("local:alice", &["--scope", "gatelodge:keys"])
}

#[tokio::test]
async fn a_key_that_is_revoked_at_one_replica_is_refused_at_the_other() {
    const ROUNDS: usize = 20;
    let deployment = on(Deployment::valkey().await);
    let (one, other) = (deployment.start().await, deployment.start().await);
    let manager = manager(&deployment);
    let mut at_once = 0;
    for _ in 0..ROUNDS {
        let key = deployment.mint("local:alice", &[]);
        warm(&one, &key).await;
        warm(&other, &key).await;

        revoke(&one, &manager, &key).await;

        assert_eq!(one.gate(&key).await.status, 401, "where it was revoked");
        if other.gate(&key).await.status == 401 {
            at_once += 1;
        }
        is_refused_in_time(&other, &key).await;
    }
    // A machine that is busy may keep a process from hearing for a moment.
    assert!(
        at_once * 2 > ROUNDS,
        "at once only {at_once} times of {ROUNDS}"
    );
}

#[tokio::test]
async fn a_server_that_hangs_is_believed_for_a_lease_and_then_nothing_passes() {
    let mut deployment = on(Deployment::valkey().await);
    let lodge = deployment.start().await;
    let (known, unknown) = (
        deployment.mint("local:alice", &[]),
        deployment.mint("local:alice", &[]),
    );
    warm(&lodge, &known).await;

    deployment.server().stop().await;
    let before = hits_while_frozen(&lodge, &known).await;
    assert!(before > 0, "what is kept passes without the server");
    wait_until("nothing passes", BOUND, async || {
        lodge.gate(&known).await.status == 503
    })
    .await;
    for key in [&known, &unknown] {
        let refused = lodge.gate(key).await;
        assert_eq!(refused.status, 503, "never: your key is bad");
        assert!(!refused.header("retry-after").is_empty());
    }

    deployment.server().cont();
    for key in [&known, &unknown] {
        wait_until("it passes again", SOON, async || {
            lodge.gate(key).await.status == 204
        })
        .await;
    }
    warm(&lodge, &known).await;
}

/// How many of three quick questions pass.
async fn hits_while_frozen(lodge: &Lodge, key: &str) -> usize {
    let mut passed = 0;
    for _ in 0..3 {
        passed += usize::from(lodge.gate(key).await.status == 204);
    }
    passed
}

#[tokio::test]
async fn what_is_revoked_while_the_line_is_cut_is_refused_all_the_same() {
    let mut deployment = on(Deployment::valkey().await);
    let (one, other) = (deployment.start().await, deployment.start().await);
    let manager = manager(&deployment);
    for _ in 0..5 {
        let key = deployment.mint("local:alice", &[]);
        warm(&other, &key).await;
        let cut = ["CLIENT", "KILL", "TYPE", "pubsub"];
        deployment.server().command(&cut).await.unwrap();
        revoke(&one, &manager, &key).await;
        deployment.server().command(&cut).await.unwrap();

        is_refused_in_time(&other, &key).await;
    }
}

#[tokio::test]
async fn a_process_that_slept_trusts_nothing_that_it_kept() {
    let deployment = on(Deployment::valkey().await);
    let (one, mut other) = (deployment.start().await, deployment.start().await);
    let manager = manager(&deployment);
    for _ in 0..3 {
        let key = deployment.mint("local:alice", &[]);
        warm(&other, &key).await;

        other.freeze().await;
        revoke(&one, &manager, &key).await;
        // Longer than the lease.
        comes_true(Duration::from_millis(1_300), async || false).await;
        other.thaw();

        let first = other.gate(&key).await.status;
        assert!(first == 401 || first == 503, "the first answer is {first}");
        wait_until("it decides again", SOON, async || {
            let status = other.gate(&key).await.status;
            assert_ne!(status, 204);
            status == 401
        })
        .await;
    }
}

#[tokio::test]
async fn a_server_that_is_emptied_leaves_nothing_in_memory() {
    let mut deployment = on(Deployment::valkey().await);
    let lodge = deployment.start().await;
    let key = deployment.mint("local:alice", &[]);
    warm(&lodge, &key).await;

    deployment.server().command(&["FLUSHALL"]).await.unwrap();

    is_refused_in_time(&lodge, &key).await;
}

#[tokio::test]
async fn what_the_command_line_changes_beside_a_server_is_obeyed() {
    let deployment = on(Deployment::embedded());
    let lodge = deployment.start().await;
    for _ in 0..5 {
        let key = deployment.mint("local:alice", &[]);
        // That it is not there is kept, too, until it is made.
        warm(&lodge, &key).await;
        let done = deployment.run(&["key", "disable", id_of(&key)]);
        assert!(done.status.success(), "{done:?}");
        is_refused_in_time(&lodge, &key).await;
        let done = deployment.run(&["key", "enable", id_of(&key)]);
        assert!(done.status.success(), "{done:?}");
        wait_until("it passes again", BOUND, async || {
            lodge.gate(&key).await.status == 204
        })
        .await;
        let done = deployment.run(&["key", "revoke", id_of(&key)]);
        assert!(done.status.success(), "{done:?}");
        is_refused_in_time(&lodge, &key).await;
    }
}

#[tokio::test]
async fn where_the_cache_is_off_each_check_asks_the_store() {
    let mut deployment = Deployment::valkey().await.with(ON, "false");
    let lodge = deployment.start().await;
    let key = deployment.mint("local:alice", &[]);
    assert_eq!(lodge.gate(&key).await.status, 204);
    let ready = lodge.get("/health/ready", &[]).await.json();
    assert!(ready["parts"].get("cache").is_none(), "{ready}");

    deployment.server().stop().await;
    assert_eq!(lodge.gate(&key).await.status, 503);
    deployment.server().cont();
}
