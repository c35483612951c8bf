//! What lies on the server, by name, as the other parts of the service and
//! people with a client find it.

use std::collections::BTreeSet;
use std::time::Duration;

use gatelodge::store::keys::{Minted, NewRecord};
use gatelodge::store::upkeep::Use;
use gatelodge::store::{KeyStore, UsageStore};
use serde_json::{Value, json};

use super::super::conformance::{Fixture, RACERS, listed_ids, mint, race};
use super::super::support::{key, owner, replay, revocation, seed_key};
use super::ValkeyFixture;

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Whether a key is kept for that many days from now on.
async fn is_kept_for(fixture: &ValkeyFixture, name: &str, days: u64) {
    let left = fixture.command(&["PTTL", name]).await.as_u64();
    let left = left.unwrap_or_else(|| panic!("{name} is kept for good, or gone"));
    let passed = (days * DAY_MS).checked_sub(left);
    assert!(
        passed.is_some_and(|passed| passed < 60_000),
        "{name} is kept for {left} ms"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_lies_where_it_should_for_as_long_as_it_should() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let (ss, now) = (alice.shard(), fixture.now());
    let key = NewRecord {
        expires_at: Some(now.plus(Duration::from_millis(7 * DAY_MS))),
        ..key(&alice, "ci", now)
    };
    let answer = replay("request", "answer");
    store.mint_key(&key, None, Some(&answer)).await.unwrap();
    let used = Use {
        id: key.id,
        at: now,
        count: 3,
    };
    store.record_uses(&[used, used]).await.unwrap();

    let id = key.id;
    let record = format!("gl:k:{{{ss}}}:{id}");
    let uses = format!("gl:h:{{{ss}}}:{id}");
    let index = format!("gl:o:{{{ss}}}:{alice}");
    let ends = format!("gl:x:{{{ss}}}");
    let kept = format!("gl:i:{{{ss}}}:{}", blake3::hash(b"request").to_hex());
    let mut names: Vec<_> = fixture
        .command(&["KEYS", "*"])
        .await
        .as_array()
        .unwrap()
        .clone();
    names.sort_by_key(ToString::to_string);
    assert_eq!(json!(names), json!([uses, kept, record, index, ends]));
    is_kept_for(&fixture, &record, 37).await;
    is_kept_for(&fixture, &uses, 37).await;
    is_kept_for(&fixture, &kept, 1).await;
    let now = now.as_millis();
    let score = fixture.command(&["ZSCORE", &index, &id.to_string()]).await;
    assert_eq!(score, json!(now.to_string()));
    let score = fixture.command(&["ZSCORE", &ends, &id.to_string()]).await;
    assert_eq!(score, json!((now + 7 * DAY_MS).to_string()));
    let fields = fixture.command(&["HMGET", &uses, "at", "n"]).await;
    assert_eq!(fields, json!([now.to_string(), "6"]));

    store
        .revoke_keys(&alice, &[revocation(&key)])
        .await
        .unwrap();

    let tombstone = format!("gl:t:{{{ss}}}:{id}");
    let buried = format!("gl:b:{{{ss}}}:{alice}");
    let mut names: Vec<_> = fixture
        .command(&["KEYS", "*"])
        .await
        .as_array()
        .unwrap()
        .clone();
    names.sort_by_key(ToString::to_string);
    assert_eq!(json!(names), json!([buried, kept, tombstone]));
    is_kept_for(&fixture, &buried, 90).await;
    is_kept_for(&fixture, &tombstone, 90).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_end_changes_how_long_a_record_is_kept() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let endless = key(&alice, "ci", fixture.now());
    let name = endless.id.record_name();
    let ends = format!("gl:x:{{{}}}", alice.shard());
    mint(&**store, &endless).await;
    assert_eq!(fixture.command(&["PTTL", &name]).await, json!(-1));

    let ending = NewRecord {
        expires_at: Some(fixture.now().plus(Duration::from_millis(DAY_MS))),
        ..endless.clone()
    };
    store.replace_key(&endless.record, &ending).await.unwrap();
    is_kept_for(&fixture, &name, 31).await;
    assert_eq!(fixture.command(&["ZCARD", &ends]).await, json!(1));

    store.replace_key(&endless.record, &endless).await.unwrap();
    assert_eq!(fixture.command(&["PTTL", &name]).await, json!(-1));
    assert_eq!(fixture.command(&["ZCARD", &ends]).await, json!(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_of_keys_that_went_with_time_do_not_use_the_limit_up() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    for number in 0..3 {
        let key = key(&alice, &number.to_string(), fixture.now());
        mint(&**store, &key).await;
        if number > 0 {
            fixture.lose_record(&alice, &key.id).await;
        }
    }

    for (label, expected) in [
        ("two went", Minted::Done),
        ("so two came", Minted::Done),
        ("and that is it", Minted::LimitReached),
    ] {
        let new = key(&alice, label, fixture.now());
        let minted = store.mint_key(&new, Some(3), None).await.unwrap();
        assert_eq!(minted, expected, "{label}");
    }
    assert_eq!(listed_ids(&**store, &alice).await.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_in_an_index_of_another_owner_is_not_listed_there() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice, bob) = (&fixture.store, owner("alice"), owner("bob"));
    let keys = [
        key(&alice, "hers", fixture.now()),
        seed_key(&alice, "hers", fixture.now()),
    ];
    for key in &keys {
        mint(&**store, key).await;
        let index = format!("gl:o:{{{}}}:{bob}", bob.shard());
        fixture
            .command(&["ZADD", &index, "1", &key.id.to_string()])
            .await;
    }

    assert_eq!(listed_ids(&**store, &bob).await, []);
    assert_eq!(listed_ids(&**store, &alice).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_listed_however_often_somebody_lists_meanwhile() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice, now) = (fixture.store.clone(), owner("alice"), fixture.now());
    for round in 0..10 {
        race(|number| {
            let store = store.clone();
            Box::pin(async move {
                if number % 2 == 0 {
                    let key = seed_key(&alice, &format!("{round} {number}"), now);
                    mint(&*store, &key).await;
                } else {
                    for _ in 0..10 {
                        listed_ids(&*store, &alice).await;
                    }
                }
            })
        })
        .await;
    }

    let listed: BTreeSet<_> = listed_ids(&*store, &alice).await.into_iter().collect();
    assert_eq!(listed.len(), 10 * RACERS as usize / 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_record_is_said_to_be_none() {
    let fixture = ValkeyFixture::start().await;
    let (store, alice) = (&fixture.store, owner("alice"));
    let key = key(&alice, "ci", fixture.now());
    mint(&**store, &key).await;
    let name = key.id.record_name();
    for (how, expected) in [
        (&["SET", &name, "short"][..], "is no record"),
        (&["DEL", &name], ""),
        (&["SADD", &name, "a set"], "WRONGTYPE"),
    ] {
        let reply: Value = fixture.command(how).await;
        assert!(!reply.is_null());
        match store.find_key(&key.id).await {
            Ok(found) => assert_eq!((found, expected), (None, "")),
            Err(error) => assert!(error.to_string().contains(expected), "{error}"),
        }
    }
}
