//! `kill -9` at any moment loses nothing that was acknowledged.
//!
//! The test starts this very binary again as a child that mints and revokes
//! keys and says so after each acknowledgement, kills it, and looks.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::store::{KeyStore, Store};
use tempfile::TempDir;

use super::super::conformance::{found, listed_ids, mint};
use super::super::support::{TestClock, key, owner, revocation};
use super::open;

/// Tells the child which file is meant, and the round.
const PATH: &str = "GATELODGE_TEST_CRASH_PATH";
const ROUND: &str = "GATELODGE_TEST_CRASH_ROUND";

const ROUNDS: u32 = 20;

#[expect(clippy::disallowed_methods, reason = "how the child learns its part")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[tokio::test]
#[ignore = "the child process of a_killed_process_loses_nothing_it_acknowledged"]
async fn child() {
    let (Some(path), Some(round)) = (variable(PATH), variable(ROUND)) else {
        return;
    };
    let clock = TestClock::new();
    let store = open(PathBuf::from(path), &clock).await;
    let alice = owner("alice");
    let say = |what: &str, id: ApiKeyId| {
        // On a line of its own whatever the test harness writes.
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{what} {id}").unwrap();
        out.flush().unwrap();
    };
    for number in 0_u64.. {
        let key = key(&alice, &format!("{round} {number}"), clock.time());
        mint(&*store, &key).await;
        say("minted", key.id);
        if number % 3 == 0 {
            let ends = [revocation(&key)];
            store.revoke_keys(&alice, &ends).await.unwrap();
            say("revoked", key.id);
        }
    }
}

fn start_child(path: &Path, round: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "embedded::crash::child",
            "--ignored",
            "--nocapture",
        ])
        .env(PATH, path)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What was acknowledged until the end came.
#[derive(Default)]
struct Acknowledged {
    minted: BTreeSet<ApiKeyId>,
    revoked: BTreeSet<ApiKeyId>,
}

impl Acknowledged {
    /// Takes note of a line; says whether it told of a key.
    fn note(&mut self, line: &str) -> bool {
        let Some((what, id)) = line.split_once(' ') else {
            return false;
        };
        let Some(id) = ApiKeyId::parse(id) else {
            return false;
        };
        match what {
            "minted" => self.minted.insert(id),
            "revoked" => self.revoked.insert(id),
            _ => false,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_nothing_it_acknowledged() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("gatelodge.db");
    let alice = owner("alice");
    let mut acknowledged = Acknowledged::default();

    for round in 0..ROUNDS {
        let mut child = start_child(&path, round);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Each round ends after another number of lines, and at another moment
        // of the work that follows that line.
        let mut left = 1 + round * 7 % 40;
        while left > 0 {
            let line = lines.next().expect("the child goes on until it is killed");
            left -= u32::from(acknowledged.note(&line.unwrap()));
        }
        for _ in 0..round * 20_000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        // Said before the end, read after it.
        for line in lines {
            acknowledged.note(&line.unwrap());
        }
        child.wait().unwrap();

        let store = open(path.clone(), &TestClock::new()).await;
        let listed = listed_ids(&*store, &alice).await;
        for id in &acknowledged.minted {
            let revoked = acknowledged.revoked.contains(id);
            let tombstone = store.find_tombstone(id).await.unwrap();
            // A revocation may have been done and not yet acknowledged.
            let is_there = found(&*store, id).await.is_some();
            assert!(is_there != tombstone.is_some(), "{id} is lost");
            assert!(!(revoked && is_there), "{id} is back");
            assert_eq!(is_there, listed.contains(id), "{id} in the list");
        }
        store.close().await;
    }
    assert!(acknowledged.minted.len() >= ROUNDS as usize);
}
