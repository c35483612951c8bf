//! Many keys at a time: `POST /api/me/tokens/revoke`, `GET /api/tokens` and
//! `POST /api/tokens/revoke`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::api::Api;
use crate::support::app::TestLodge;

const MINE: &str = "/api/me/tokens";

async fn mint(api: &Api, draft: Value) -> String {
    api.post(MINE, draft).await.is(201).member("id")
}

fn ids(list: &Value) -> BTreeSet<String> {
    let ids = list.as_array().unwrap().iter();
    ids.map(|token| token["id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn many_of_ones_own_keys_are_revoked_after_a_look() {
    let lodge = TestLodge::start().await;
    let alice = Api::manager(&lodge, "alice").await;
    let bob = Api::manager(&lodge, "bob").await;
    let (one, other) = (mint(&alice, json!({})).await, mint(&alice, json!({})).await);
    let theirs = mint(&bob, json!({})).await;
    let path = format!("{MINE}/revoke");
    let all = json!([one, other, one, theirs, "00abcdefghABCDEF"]);

    let look = alice
        .post(&path, json!({"ids": all, "dry_run": true}))
        .await
        .is(200);
    let expected = json!({"matched": 2, "revoked": 0, "ids": [one, other], "dry_run": true});
    assert_eq!(look.json(), expected);
    assert_eq!(ids(&alice.get(MINE).await.json()).len(), 3);

    let undoable = json!({"ids": [one], "undoable": true});
    let begun = alice.post(&path, undoable).await.is(200);
    assert_eq!(begun.json()["revoked"], 1);
    let shown = alice.get(&format!("{MINE}/{one}")).await.is(200);
    assert_eq!(shown.member("status"), "revoking");

    let done = alice.post(&path, json!({"ids": all})).await.is(200);
    assert_eq!(done.json()["revoked"], 2);
    assert_eq!(ids(&alice.get(MINE).await.json()).len(), 1);
    bob.get(&format!("{MINE}/{theirs}")).await.is(200);
    let bad = alice.post(&path, json!({"ids": ["x"]})).await.is(400);
    assert_eq!(bad.refused_field(), "ids[0]");
}

#[tokio::test]
async fn administrators_find_keys_by_what_is_wrong_with_them() {
    let lodge = TestLodge::start().await;
    let old = lodge.mint("carol", &[]).await;
    lodge.clock.advance(Duration::from_hours(24 * 100));
    let alice = Api::of(&lodge, "alice", &["gatelodge:keys", "models:*"]).await;
    let ends = mint(&alice, json!({"name": "Ends", "expires_in_days": 3})).await;
    let long = mint(&alice, json!({"expires_in_days": 300})).await;
    let broad = mint(&alice, json!({"scopes": ["models:*"]})).await;
    let administrator = Api::administrator(&lodge);
    let find = async |query: &str| {
        let answer = administrator.get(&format!("/api/tokens?{query}")).await;
        ids(&answer.is(200).json())
    };
    let set = |wanted: &[&String]| -> BTreeSet<String> {
        wanted.iter().map(|id| (*id).clone()).collect()
    };
    let old = old[4..20].to_owned();

    assert_eq!(find("filter=expiring_soon").await, set(&[&ends]));
    assert!(
        find("filter=never_expires&owner=alice")
            .await
            .contains(&broad)
    );
    assert!(!find("filter=never_expires").await.contains(&long));
    assert!(
        find("filter=unused_90_days&owner=carol")
            .await
            .contains(&old)
    );
    assert!(!find("filter=unused_90_days").await.contains(&broad));
    assert!(find("filter=too_broad&owner=alice").await.contains(&broad));
    assert!(!find("filter=too_broad").await.contains(&long));
    assert_eq!(find("search=ENDS").await, set(&[&ends]));
    assert_eq!(find("search=carol").await, set(&[&old]));
    assert!(find("status=revoking").await.is_empty());
    for bad in ["filter=odd", "status=odd", "owner=", "nonsense=1"] {
        let refused = administrator
            .get(&format!("/api/tokens?{bad}"))
            .await
            .is(400);
        assert_eq!(refused.refused_field(), bad.split_once('=').unwrap().0);
    }
}

#[tokio::test]
async fn the_list_of_all_keys_is_read_in_parts() {
    let lodge = TestLodge::start().await;
    let mut all = BTreeSet::new();
    for number in 0..30 {
        let key = lodge.mint(&format!("owner-{number}"), &[]).await;
        all.insert(key[4..20].to_owned());
    }
    let administrator = Api::administrator(&lodge);
    let (mut seen, mut count) = (BTreeSet::new(), 0);
    let mut path = Some("/api/tokens?limit=7&search=owner-".to_owned());
    while let Some(here) = path {
        let part = administrator.get(&here).await.is(200);
        let part_ids = ids(&part.json());
        assert!(part_ids.len() <= 7);
        count += part_ids.len();
        seen.extend(part_ids);
        let link = part.headers.get("link").cloned();
        path = link.map(|link| link[1..link.find('>').unwrap()].to_owned());
    }
    assert_eq!((seen, count), (all, 30), "each once");
    let first = administrator
        .get("/api/tokens?search=owner-7")
        .await
        .is(200)
        .json();
    assert_eq!(first[0]["owner"], "owner-7");
}

#[tokio::test]
async fn many_keys_of_many_are_revoked_only_if_it_is_as_many_as_were_seen() {
    let lodge = TestLodge::start().await;
    for owner in ["alice", "bob"] {
        lodge.mint(owner, &["models:*"]).await;
    }
    let kept = lodge.mint("alice", &["models:read"]).await;
    let administrator = Api::administrator(&lodge);
    let path = "/api/tokens/revoke";
    let look = json!({"filter": "too_broad", "dry_run": true});
    let look = administrator.post(path, look).await.is(200).json();
    assert!(look["matched"].as_u64().unwrap() >= 2);
    assert_eq!(look["revoked"], 0);
    // The administrator's own key is one of the broad ones: only alice's and bob's.
    let one = json!({"filter": "too_broad", "owner": "alice"});
    let mut confirmed = one.clone();
    administrator.post(path, one).await.is(400);
    confirmed["confirm_count"] = json!(2);
    administrator.post(path, confirmed.clone()).await.is(409);
    assert_eq!(
        lodge
            .ask("/forward-auth", &[("x-api-key", &kept)])
            .await
            .status(),
        204
    );
    confirmed["confirm_count"] = json!(1);
    let done = administrator.post(path, confirmed).await.is(200);
    assert_eq!(done.json()["revoked"], 1);
    assert_eq!(
        lodge
            .ask("/forward-auth", &[("x-api-key", &kept)])
            .await
            .status(),
        204
    );

    let id = kept[4..20].to_owned();
    let done = administrator.post(path, json!({"ids": [id]})).await.is(200);
    assert_eq!(done.json()["revoked"], 1);
    assert_eq!(
        lodge
            .ask("/forward-auth", &[("x-api-key", &kept)])
            .await
            .status(),
        401
    );
    administrator.post(path, json!({})).await.is(400);
    let events = administrator
        .get("/api/events?action=key.revoked&owner=alice")
        .await
        .is(200);
    assert_eq!(events.json().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn many_revocations_of_many_are_taken_back_and_their_reason_is_kept() {
    let lodge = TestLodge::start().await;
    let mut all = Vec::new();
    for owner in ["alice", "bob", "carol"] {
        all.push(lodge.mint(owner, &[]).await[4..20].to_owned());
    }
    let administrator = Api::administrator(&lodge);
    let revoke = async |ids: &[String], reason: &str| {
        let wish = json!({"ids": ids, "undoable": true, "reason": reason});
        administrator.post("/api/tokens/revoke", wish).await
    };
    revoke(&all[..2], " leaked in a chat ").await.is(200);
    let refused = revoke(&all[2..], &"x".repeat(257)).await.is(400);
    assert_eq!(refused.refused_field(), "reason");
    let events = administrator
        .get("/api/events?action=key.revocation_started")
        .await
        .is(200)
        .json();
    let reasons = events.as_array().unwrap().iter();
    let reasons = reasons.map(|event| event["details"]["reason"].clone());
    assert_eq!(reasons.collect::<Vec<_>>(), ["leaked in a chat"; 2]);

    let restore = async || {
        let wish = json!({ "ids": all });
        administrator
            .post("/api/tokens/restore", wish)
            .await
            .is(200)
            .json()
    };
    assert_eq!(
        restore().await["restored"],
        2,
        "carol's is not being revoked"
    );
    assert_eq!(restore().await["restored"], 0);
    revoke(&all[..1], "").await.is(200);
    lodge.clock.advance(Duration::from_secs(61));
    assert_eq!(restore().await["restored"], 0, "a minute is over");
}

#[tokio::test]
async fn people_with_keys_are_listed_once_each() {
    let lodge = TestLodge::start().await;
    for owner in ["alice", "bob", "corp:carol"] {
        for _ in 0..4 {
            lodge.mint(owner, &[]).await;
        }
    }
    lodge
        .write_principal("bob", |known| known.name = Some("Robert".to_owned()))
        .await;
    let administrator = Api::administrator(&lodge);
    let mut seen = Vec::new();
    let mut path = Some("/api/users?limit=3".to_owned());
    while let Some(here) = path {
        let part = administrator.get(&here).await.is(200);
        for user in part.json().as_array().unwrap() {
            seen.push((
                user["owner"].as_str().unwrap().to_owned(),
                user["keys"].clone(),
            ));
        }
        let link = part.headers.get("link").cloned();
        path = link.map(|link| link[1..link.find('>').unwrap()].to_owned());
    }
    for owner in ["alice", "bob", "corp:carol"] {
        let found: Vec<_> = seen.iter().filter(|(name, _)| name == owner).collect();
        assert_eq!(found, [&(owner.to_owned(), json!(4))]);
    }
    let found = administrator.get("/api/users?search=ROBERT").await.is(200);
    assert_eq!(found.json()[0]["owner"], "bob");
    assert_eq!(found.json().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_is_disabled_is_refused_with_all_they_have_until_they_are_let_in_again() {
    let lodge = TestLodge::start().await;
    let key = lodge.mint("alice", &[]).await;
    let (cookie, _) = lodge.cookie_of("alice").await;
    let administrator = Api::administrator(&lodge);
    let passes = async || {
        lodge
            .ask("/forward-auth", &[("x-api-key", &key)])
            .await
            .status()
    };
    assert_eq!(passes().await, 204);
    assert!(!cookie.is_empty());
    assert_eq!(
        lodge
            .sessions()
            .list(&lodge.tag_of("alice"))
            .await
            .unwrap()
            .len(),
        1
    );

    let path = "/api/users/alice";
    let disabled = administrator
        .patch(path, json!({"disabled": true}))
        .await
        .is(200);
    assert_eq!(disabled.json()["disabled"], true);
    assert_eq!(disabled.json()["keys"], 1);
    assert_eq!(passes().await, 401);
    assert!(
        lodge
            .sessions()
            .list(&lodge.tag_of("alice"))
            .await
            .unwrap()
            .is_empty()
    );
    administrator
        .patch(path, json!({"disabled": true}))
        .await
        .is(200);
    administrator
        .patch(path, json!({"disabled": false}))
        .await
        .is(200);
    assert_eq!(passes().await, 204);

    let events = administrator
        .get("/api/events?owner=alice")
        .await
        .is(200)
        .json();
    assert_eq!(events[0]["action"], "owner.enabled");
    assert_eq!(events[1]["action"], "owner.disabled");
    assert_eq!(events[2]["action"], "key.minted");
}
