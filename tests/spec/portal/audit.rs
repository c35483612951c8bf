//! The audit trail: `/api/me/events`, `/api/me/tokens/{id}/events`,
//! `/api/users/{sub}/tokens/{id}/events`, `/api/events`.

use serde_json::{Value, json};

use super::api::{Answer, Api, answer, with_json};
use crate::support::app::TestLodge;

const TOKENS: &str = "/api/me/tokens";

fn actions(answer: &Answer) -> Vec<String> {
    let events = answer.json();
    let texts = events.as_array().unwrap().iter();
    texts
        .map(|event| event["action"].as_str().unwrap().to_owned())
        .collect()
}

fn next(answer: &Answer) -> Option<String> {
    let link = answer.headers.get("link")?;
    let (path, _) = link.strip_prefix('<')?.split_once('>')?;
    Some(path.to_owned())
}

#[tokio::test]
async fn every_change_to_a_key_is_an_event_with_who_what_when_and_from_where() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "corp:alice").await;
    let draft = json!({"name": "ci", "scopes": [], "expires_in_days": 30});
    let minted = alice.post(TOKENS, draft).await.is(201);
    let (id, path) = (minted.member("id"), minted.header("location").to_owned());
    let edit = async |change| alice.patch(&path, change).await.is(200);
    edit(json!({"name": "ci, main"})).await;
    edit(json!({"expires_at": "2026-12-01"})).await;
    edit(json!({"disabled": true})).await;
    edit(json!({"disabled": true})).await;
    edit(json!({"disabled": false})).await;
    let request = alice.request("POST", &format!("{path}/rotate"));
    let rotated = answer(request.header("x-request-id", "r-1")).await.is(201);
    alice.delete(&path).await.is(204);

    let events = alice.get(&format!("{path}/events")).await.is(200);
    assert_eq!(
        actions(&events),
        [
            "key.revoked",
            "key.rotated",
            "key.enabled",
            "key.disabled",
            "key.narrowed",
            "key.renamed",
            "key.minted"
        ]
    );
    assert_eq!(events.header("cache-control"), "no-store");
    let events = events.json();
    let rotation = &events[1];
    assert!(
        rotation["actor"]
            .as_str()
            .unwrap()
            .ends_with("of corp:alice")
    );
    assert_eq!(rotation["owner"], "corp:alice");
    assert_eq!(rotation["key_id"], id);
    assert_eq!(rotation["address"], "127.0.0.1");
    assert_eq!(rotation["request_id"], "r-1");
    assert_eq!(rotation["details"]["rotated_to"], rotated.member("id"));
    assert_eq!(
        events[5]["details"],
        json!({"from": "ci", "to": "ci, main"})
    );
    assert!(
        events[6]["at"]
            .as_str()
            .unwrap()
            .starts_with("2026-11-24T12:00:00")
    );
    let text = events.to_string();
    let secret = &minted.member("token")[20..];
    assert!(!text.contains(secret), "{text}");
}

#[tokio::test]
async fn a_history_is_its_owners_and_nobody_elses() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let bob = Api::manager(&lodge, "bob").await;
    let minted = alice.post(TOKENS, json!({"name": "hers"})).await.is(201);
    let path = format!("{TOKENS}/{}/events", minted.member("id"));
    bob.get(&path).await.is(404);
    let mine = bob.get("/api/me/events").await.is(200);
    assert!(!mine.text.contains("hers"), "{}", mine.text);
    let hers = alice.get("/api/me/events").await.is(200);
    assert!(hers.text.contains("hers"));
    let administrator = Api::administrator(&lodge);
    let path = format!("/api/users/alice/tokens/{}/events", minted.member("id"));
    assert_eq!(
        actions(&administrator.get(&path).await.is(200)),
        ["key.minted"]
    );
    let path = path.replace("alice", "bob");
    administrator.get(&path).await.is(404);
}

#[tokio::test]
async fn a_repeated_request_is_one_event() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    for _ in 0..2 {
        let request = alice
            .request("POST", TOKENS)
            .header("idempotency-key", "0123456789abcdef");
        answer(with_json(request, &json!({"name": "once"})))
            .await
            .is(201);
    }
    let events = alice.get("/api/me/events").await.is(200);
    // The key that asks was minted, too.
    assert_eq!(actions(&events), ["key.minted", "key.minted"]);
}

#[tokio::test]
async fn administrators_see_all_by_part_and_filter() {
    let lodge = TestLodge::start().await;
    let administrator = Api::administrator(&lodge);
    for name in ["alice", "bob"] {
        let api = Api::manager(&lodge, name).await;
        for _ in 0..3 {
            api.post(TOKENS, json!({"name": name})).await.is(201);
        }
        api.delete(TOKENS).await.is(200);
    }
    let get = async |query: &str| {
        administrator
            .get(&format!("/api/events?{query}"))
            .await
            .is(200)
    };

    let whole = get("limit=500").await.json();
    let mut parts = Vec::new();
    let mut path = Some("/api/events?limit=3".to_owned());
    while let Some(here) = path {
        let part = administrator.get(&here).await.is(200);
        parts.extend(part.json().as_array().unwrap().clone());
        path = next(&part);
    }
    assert_eq!(Value::from(parts), whole);

    let revoked = get("action=key.revoked&owner=alice").await;
    assert_eq!(actions(&revoked), ["key.revoked"; 4]);
    let by = get("actor=alice&action=key.minted").await;
    assert_eq!(
        actions(&by),
        ["key.minted"; 3],
        "not what others minted for her"
    );
    let at = revoked.json()[0]["at"].as_str().unwrap().to_owned();
    let before = get(&format!("owner=alice&until={at}")).await;
    let after = get(&format!("owner=alice&since={at}")).await;
    assert_eq!(actions(&before).len() + actions(&after).len(), 8);
    assert!(!actions(&after).is_empty());
    for bad in [
        "action=mint",
        "since=today",
        "key_id=x",
        "nonsense=1",
        "format=xml",
        "limit=0",
    ] {
        let refused = administrator
            .get(&format!("/api/events?{bad}"))
            .await
            .is(400);
        assert_eq!(refused.refused_field(), bad.split_once('=').unwrap().0);
    }
    // What the path says, a query does not say once more.
    let alice = Api::manager(&lodge, "alice").await;
    alice.get("/api/me/events?owner=bob").await.is(400);
}

#[tokio::test]
async fn all_of_it_is_written_as_a_file_that_no_spreadsheet_runs() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "=1+1").await;
    alice
        .post(TOKENS, json!({"name": "=cmd|' /C calc'!A0"}))
        .await
        .is(201);
    let administrator = Api::administrator(&lodge);
    let csv = administrator.get("/api/events?format=csv").await.is(200);
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(csv.header("content-disposition").starts_with("attachment"));
    assert!(csv.text.starts_with("id,at,action,actor,owner,"));
    assert!(csv.text.contains("\"'=1+1\""), "{}", csv.text);
    assert!(!csv.text.contains(",\"="), "{}", csv.text);

    let lines = administrator.get("/api/events?format=jsonl").await.is(200);
    let written: Vec<Value> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let whole = administrator.get("/api/events?limit=500").await.is(200);
    assert_eq!(Value::from(written), whole.json());
}

#[tokio::test]
async fn an_event_that_somebody_changed_is_shown_as_such() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    lodge
        .tamper("UPDATE events SET record = CAST(record || x'00' AS BLOB)")
        .await;
    let events = alice.get("/api/me/events").await.is(200);
    assert_eq!(actions(&events), ["unreadable"]);
    let event = &events.json()[0];
    assert_eq!(event["actor"], Value::Null);
    assert!(event["at"].is_string());
}
