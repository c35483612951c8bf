//! The command line beside a running server, and the REST that people use, the
//! same on each store.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::lodge::{Answer, Deployment, Lodge};
use super::support::process::wait_until;

const SOON: Duration = Duration::from_secs(15);
const PASSWORD: &str = "velvet moth orbit 9";
const ANOTHER: &str = "tungsten quibble ferns";

macro_rules! on_each_store {
    ($($guarantee:ident,)*) => {
        mod embedded {
            $(#[tokio::test]
            async fn $guarantee() {
                super::$guarantee(super::Deployment::embedded()).await;
            })*
        }

        mod valkey {
            $(#[tokio::test]
            async fn $guarantee() {
                super::$guarantee(super::Deployment::valkey().await).await;
            })*
        }
    };
}

on_each_store! {
    an_account_lives_and_ends_by_the_command_line,
    guesses_lock_an_account,
    keys_are_found_revoked_and_restored_in_numbers,
    the_use_of_keys_is_written_down_at_the_latest_when_the_server_stops,
    an_owner_is_let_in_no_more_and_again,
    the_audit_trail_is_read_by_what_it_is_about,
    gates_are_tried_with_the_keys_of_the_store,
    open_connections_do_not_hold_a_stop_up,
}

fn said(deployment: &Deployment, arguments: &[&str]) -> String {
    let output = deployment.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn json_of(deployment: &Deployment, arguments: &[&str]) -> Value {
    let text = said(deployment, arguments);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn refused(deployment: &Deployment, arguments: &[&str], word: &str) {
    let output = deployment.run(arguments);
    assert!(!output.status.success(), "{arguments:?}: {output:?}");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains(word), "{arguments:?}: {words}");
}

fn id_of(key: &str) -> &str {
    &key[4..20]
}

fn with_accounts(deployment: Deployment) -> Deployment {
    deployment.with("GATELODGE_ACCOUNTS__ENABLED", "on")
}

async fn sign_in(lodge: &Lodge, password: &str) -> Answer {
    let body = json!({"username": "alice", "password": password}).to_string();
    lodge.send("POST", "/api/session", &[], &body).await
}

fn cookie(answer: &Answer) -> String {
    assert!(answer.status < 300, "{answer:?}");
    let cookie = answer.header("set-cookie").split(';').next();
    cookie.unwrap_or_default().to_owned()
}

async fn welcome(lodge: &Lodge, link: &str, password: &str) -> Answer {
    let token = link.trim().split_once('#').unwrap().1;
    let body = json!({"token": token, "password": password}).to_string();
    lodge.send("POST", "/api/welcome", &[], &body).await
}

async fn an_account_lives_and_ends_by_the_command_line(deployment: Deployment) {
    let deployment = with_accounts(deployment);
    let lodge = deployment.start().await;
    let link = said(
        &deployment,
        &["user", "create", "alice", "--group", "staff"],
    );
    welcome(&lodge, &link, PASSWORD).await;
    let again = welcome(&lodge, &link, ANOTHER).await;
    assert!(again.status >= 400, "a link is good once: {again:?}");
    let alice = cookie(&sign_in(&lodge, PASSWORD).await);
    let status = async |cookie: &str| lodge.get("/api/me", &[("cookie", cookie)]).await.status;
    assert_eq!(status(&alice).await, 200);

    let sessions = ["user", "sessions", "alice"];
    let listed = json_of(&deployment, &[&sessions[..], &["--json"]].concat());
    assert!(!listed.as_array().unwrap().is_empty());
    let ended = said(&deployment, &[&sessions[..], &["--end"]].concat());
    assert_eq!(
        ended,
        format!("{} sessions ended\n", listed.as_array().unwrap().len())
    );
    assert_eq!(status(&alice).await, 401);
    let events = ["audit", "list", "--action", "session.ended", "--json"];
    let event = &json_of(&deployment, &events)[0];
    assert_eq!(
        (&event["actor"], &event["owner"]),
        (&json!("command line"), &json!("local:alice"))
    );

    let link = said(&deployment, &["user", "reset", "alice"]);
    let old = cookie(&sign_in(&lodge, PASSWORD).await);
    assert_eq!(
        status(&old).await,
        200,
        "the password holds until the link is used"
    );
    welcome(&lodge, &link, ANOTHER).await;
    assert_eq!(sign_in(&lodge, PASSWORD).await.status, 401);
    let alice = cookie(&sign_in(&lodge, ANOTHER).await);

    said(&deployment, &["user", "disable", "alice"]);
    assert_eq!(status(&alice).await, 401);
    assert_ne!(sign_in(&lodge, ANOTHER).await.status, 200);
    said(&deployment, &["user", "enable", "alice"]);
    let key = deployment.mint("local:alice", &[]);
    assert_eq!(lodge.gate(&key).await.status, 204);
    let last = cookie(&sign_in(&lodge, ANOTHER).await);
    assert_eq!(
        said(&deployment, &["user", "delete", "alice"]),
        "alice deleted, 1 keys revoked\n"
    );
    assert_eq!(lodge.gate(&key).await.status, 401);
    assert_eq!(status(&last).await, 401);
    assert_eq!(sign_in(&lodge, ANOTHER).await.status, 401);
    refused(&deployment, &["user", "delete", "alice"], "no such account");
    refused(
        &deployment,
        &["user", "sessions", "alice"],
        "no such account",
    );
}

async fn guesses_lock_an_account(deployment: Deployment) {
    let deployment = with_accounts(deployment).with("GATELODGE_ACCOUNTS__LOCK_AFTER_FAILURES", "2");
    let lodge = deployment.start().await;
    let link = said(&deployment, &["user", "create", "alice"]);
    welcome(&lodge, &link, PASSWORD).await;
    let wrong = async || sign_in(&lodge, "wrong horse battery").await;
    assert_eq!(wrong().await.status, 401);
    // During a pause guesses are not even looked at.
    let early = wrong().await;
    assert_eq!(early.status, 429, "{early:?}");
    let pause = Duration::from_secs(early.header("retry-after").parse().unwrap());
    let begun = tokio::time::Instant::now();
    wait_until("the pause is over", SOON, async || begun.elapsed() > pause).await;
    assert_eq!(wrong().await.status, 401);
    let locked = sign_in(&lodge, PASSWORD).await;
    assert_ne!(locked.status, 200, "not even the right one: {locked:?}");
    let list = json_of(&deployment, &["user", "list", "--json"]);
    let accounts = list.as_array().unwrap().iter();
    let alice = accounts
        .clone()
        .find(|account| account["username"] == "alice");
    assert_eq!(alice.unwrap()["status"], "locked");
    let link = said(&deployment, &["user", "reset", "alice"]);
    welcome(&lodge, &link, ANOTHER).await;
    assert_eq!(sign_in(&lodge, ANOTHER).await.status, 200);
}

async fn keys_are_found_revoked_and_restored_in_numbers(deployment: Deployment) {
    let lodge = deployment.start().await;
    let broad: Vec<String> = ["alice", "bob"]
        .map(|owner| deployment.mint(owner, &["--scope", "models:*"]))
        .into();
    let kept = deployment.mint("alice", &["--scope", "models:read", "--expires", "3d"]);
    let find = |arguments: &[&str]| -> Vec<String> {
        let all = [&["key", "list", "--all", "--json"][..], arguments].concat();
        let list = json_of(&deployment, &all);
        let ids = list.as_array().unwrap().iter();
        let mut ids: Vec<_> = ids
            .map(|key| key["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    let mut both: Vec<_> = broad.iter().map(|key| id_of(key).to_owned()).collect();
    both.sort();
    let found = find(&["--filter", "too_broad"]);
    assert!(both.iter().all(|id| found.contains(id)), "{found:?}");
    assert_eq!(find(&["--filter", "expiring_soon"]), [id_of(&kept)]);
    assert_eq!(find(&["--of", "bob"]), [id_of(&broad[1])]);

    let bulk = ["key", "bulk-revoke", "--filter", "too_broad", "--of", "bob"];
    let dry = said(&deployment, &[&bulk[..], &["--dry-run"]].concat());
    assert!(
        dry.contains(id_of(&broad[1])) && dry.contains("--confirm 1"),
        "{dry}"
    );
    refused(&deployment, &bulk, "--confirm 1");
    refused(
        &deployment,
        &[&bulk[..], &["--confirm", "2"]].concat(),
        "nothing was revoked",
    );
    assert_eq!(lodge.gate(&broad[1]).await.status, 204);
    let undoable = [&bulk[..], &["--confirm", "1", "--undoable"]].concat();
    assert_eq!(said(&deployment, &undoable), "1 keys revoked\n");
    assert_eq!(lodge.gate(&broad[1]).await.status, 401);
    said(&deployment, &["key", "restore", id_of(&broad[1])]);
    assert_eq!(lodge.gate(&broad[1]).await.status, 204);
    said(&deployment, &[&bulk[..], &["--confirm", "1"]].concat());
    assert_eq!(lodge.gate(&broad[1]).await.status, 401);
    refused(&deployment, &["key", "restore", id_of(&broad[1])], "");
    assert_eq!(lodge.gate(&broad[0]).await.status, 204);
}

async fn the_use_of_keys_is_written_down_at_the_latest_when_the_server_stops(
    deployment: Deployment,
) {
    let mut lodge = deployment.start().await;
    let key = deployment.mint("alice", &[]);
    let calls = |report: &Value| -> u64 {
        let days = report["days"].as_array().unwrap().iter();
        days.filter_map(|day| day["allowed"].as_u64()).sum()
    };
    let usage = || json_of(&deployment, &["key", "usage", id_of(&key), "--json"]);
    assert_eq!(lodge.gate(&key).await.status, 204);
    wait_until("the first use is written down", SOON, async || {
        calls(&usage()) == 1
    })
    .await;
    for _ in 0..25 {
        assert_eq!(lodge.gate(&key).await.status, 204);
    }
    lodge.terminate();
    assert_eq!(lodge.exit_code().await, Some(0), "{}", lodge.log());
    assert_eq!(calls(&usage()), 26);
}

async fn an_owner_is_let_in_no_more_and_again(deployment: Deployment) {
    let lodge = deployment.start().await;
    let key = deployment.mint("alice", &[]);
    let other = deployment.mint("bob", &[]);
    assert_eq!(lodge.gate(&key).await.status, 204);
    said(&deployment, &["owner", "disable", "alice"]);
    assert_eq!(lodge.gate(&key).await.status, 401);
    assert_eq!(lodge.gate(&other).await.status, 204);
    said(&deployment, &["owner", "enable", "alice"]);
    assert_eq!(lodge.gate(&key).await.status, 204);
    refused(&deployment, &["owner", "disable", ""], "owner");
}

async fn the_audit_trail_is_read_by_what_it_is_about(deployment: Deployment) {
    let manager = deployment.mint("alice", &["--scope", "gatelodge:keys"]);
    let lodge = deployment.start().await;
    let minted = lodge.api(&manager, "POST", "/api/me/tokens", "{}").await;
    assert_eq!(minted.status, 201, "{minted:?}");
    let request_id = minted.header("x-request-id").to_owned();
    let minted = minted.json()["id"].as_str().unwrap().to_owned();
    deployment.mint("bob", &[]);
    said(&deployment, &["key", "disable", &minted]);
    let list = |arguments: &[&str]| -> Vec<Value> {
        let all = [&["audit", "list", "--json"][..], arguments].concat();
        json_of(&deployment, &all).as_array().unwrap().clone()
    };
    assert_eq!(list(&["--limit", "2"]).len(), 2);
    let about = list(&["--key", &minted]);
    let actions: Vec<_> = about.iter().map(|event| &event["action"]).collect();
    assert_eq!(actions, ["key.disabled", "key.minted"]);
    assert_eq!(about[0]["actor"], "command line");
    assert_eq!(about[1]["address"], "127.0.0.1");
    assert!(!request_id.is_empty());
    assert_eq!(about[1]["request_id"], json!(request_id));
    assert_eq!(list(&["--owner", "bob"]).len(), 1);
    assert_eq!(
        list(&["--owner", "alice", "--action", "key.disabled"]).len(),
        1
    );
    assert!(list(&["--until", "2020-01-01T00:00:00Z"]).is_empty());
    refused(
        &deployment,
        &["audit", "list", "--action", "odd"],
        "key.minted",
    );
}

async fn gates_are_tried_with_the_keys_of_the_store(deployment: Deployment) {
    deployment.write_settings(
        "[[gates]]\nname = \"app\"\n[[gates.rules]]\nhosts = [\"app.test\"]\nscopes = [\"app:read\"]\n",
    );
    let reads = deployment.mint("alice", &["--scope", "app:read"]);
    let other = deployment.mint("alice", &[]);
    let explain = |key: &str| {
        let ask = [
            "gate",
            "explain",
            "app",
            "--json",
            "--url",
            "https://app.test/",
        ];
        let output = deployment.run(&[&ask[..], &["--key-id", id_of(key)]].concat());
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    assert_eq!(explain(&reads)["outcome"], "allow");
    assert_eq!(explain(&other)["reason"], "missing_scope");
    said(&deployment, &["owner", "disable", "alice"]);
    assert_eq!(explain(&reads)["reason"], "owner_disabled");
    let list = said(&deployment, &["gate", "list"]);
    assert!(list.contains("app.test"), "{list}");
    for proxy in [
        "traefik",
        "traefik-crd",
        "envoy",
        "envoy-gateway",
        "istio",
        "nginx",
        "ingress-nginx",
        "caddy",
        "haproxy",
    ] {
        let text = said(
            &deployment,
            &["generate", proxy, "--gate", "app", "--host", "app.test"],
        );
        assert!(
            text.to_lowercase().contains("x-authenticated-user"),
            "{proxy}: {text}"
        );
    }
}

async fn open_connections_do_not_hold_a_stop_up(deployment: Deployment) {
    let mut lodge = deployment.start().await;
    // As browsers and proxies do: connections that were used once and are kept.
    let mut kept = Vec::new();
    for _ in 0..20 {
        kept.push(super::support::raw::keep_open(&lodge.address, "/health/live").await);
    }
    // As browsers do that expect to need another one, and as whoever is slow.
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(super::support::raw::connect(&lodge.address).await);
    }
    lodge.terminate();
    let ended = tokio::time::timeout(Duration::from_secs(5), lodge.exit_code()).await;
    assert_eq!(ended, Ok(Some(0)), "{}", lodge.log());
}
