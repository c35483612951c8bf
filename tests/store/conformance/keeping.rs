//! What a store keeps beside keys: owners, uses, filter keys, key sets; and
//! that it keeps all of it.

use std::collections::BTreeMap;
use std::time::Duration;

use gatelodge::domain::salt::SaltId;
use gatelodge::store::upkeep::Use;

use super::super::support::{key, owner, revocation, seed_id, seed_key};
use super::{Fixture, count, found, listed, listed_ids, mint, race};

pub async fn a_key_is_found_with_the_record_of_its_owner(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, bob) = (owner("alice"), owner("bob"));
    let keys = [
        key(&alice, "one", fixture.now()),
        key(&bob, "two", fixture.now()),
    ];
    mint(&*store, &keys[0]).await;
    mint(&*store, &keys[1]).await;

    store.put_principal(&alice, b"alice is well").await.unwrap();

    let found = store.find_key(&keys[0].id).await.unwrap().unwrap();
    assert_eq!(found.record, keys[0].record);
    assert_eq!(found.principal, Some(b"alice is well".to_vec()));
    let found = store.find_key(&keys[1].id).await.unwrap().unwrap();
    assert_eq!(found.principal, None, "bob's key knows nothing of alice");
}

pub async fn the_last_writer_of_an_owners_record_wins(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;
    assert_eq!(store.find_principal(&alice).await.unwrap(), None);

    for record in ["one", "another", "disabled"] {
        store
            .put_principal(&alice, record.as_bytes())
            .await
            .unwrap();

        let record = Some(record.as_bytes().to_vec());
        assert_eq!(store.find_principal(&alice).await.unwrap(), record);
        let found = store.find_key(&key.id).await.unwrap().unwrap();
        assert_eq!(found.principal, record, "seen by the very next check");
    }
    assert_eq!(store.find_principal(&owner("bob")).await.unwrap(), None);
}

pub async fn the_record_of_an_owner_is_swapped_only_where_it_is_as_expected(
    fixture: &mut impl Fixture,
) {
    let store = fixture.store();
    let alice = owner("alice");
    let swap = async |expected: Option<&[u8]>, record: &[u8]| {
        store
            .swap_principal(&alice, expected, record)
            .await
            .unwrap()
    };
    assert!(!swap(Some(b"one"), b"two").await);
    assert!(!swap(Some(b""), b"two").await);
    assert!(swap(None, b"one").await);
    assert!(!swap(None, b"two").await);
    assert!(!swap(Some(b"two"), b"three").await);
    assert_eq!(
        store.find_principal(&alice).await.unwrap(),
        Some(b"one".to_vec())
    );
    assert!(swap(Some(b"one"), b"two").await);
    assert_eq!(
        store.find_principal(&alice).await.unwrap(),
        Some(b"two".to_vec())
    );
}

pub async fn the_records_of_all_owners_are_gone_through(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let mut expected = BTreeMap::new();
    for number in 0..450 {
        let (tag, record) = (owner(&number.to_string()), format!("record {number}"));
        store.put_principal(&tag, record.as_bytes()).await.unwrap();
        expected.insert(*tag.as_bytes(), record.into_bytes());
    }
    let (mut found, mut cursor) = (BTreeMap::new(), Some(Vec::new()));
    while let Some(here) = cursor {
        let (step, next) = store.scan_principals(&here).await.unwrap();
        found.extend(
            step.into_iter()
                .map(|(tag, record)| (*tag.as_bytes(), record)),
        );
        cursor = next;
    }
    assert!(found == expected, "{} of {}", found.len(), expected.len());
}

pub async fn the_latest_use_is_kept_in_whatever_order_uses_are_reported(
    fixture: &mut impl Fixture,
) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), fixture.now());
    let keys = [
        key(&alice, "one", now),
        seed_key(&alice, "two", now.plus(Duration::from_secs(1))),
    ];
    mint(&*store, &keys[0]).await;
    mint(&*store, &keys[1]).await;
    let seconds = |count| now.plus(Duration::from_secs(count));
    let used = |key: usize, at| Use {
        id: keys[key].id,
        at: seconds(at),
        count: 7,
    };

    store
        .record_uses(&[used(0, 20), used(1, 40)])
        .await
        .unwrap();
    store
        .record_uses(&[used(0, 10), used(1, 50), used(1, 45)])
        .await
        .unwrap();
    store.record_uses(&[]).await.unwrap();

    let uses: Vec<_> = listed(&*store, &alice)
        .await
        .iter()
        .map(|line| line.last_used_at)
        .collect();
    assert_eq!(uses, [Some(seconds(20)), Some(seconds(50))]);
}

pub async fn a_use_of_an_unknown_key_is_harmless(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let (known, unknown) = (
        key(&alice, "known", fixture.now()),
        key(&alice, "unknown", fixture.now()),
    );
    mint(&*store, &known).await;
    let uses = [unknown.id, known.id].map(|id| Use {
        id,
        at: fixture.now(),
        count: 1,
    });

    store.record_uses(&uses).await.unwrap();

    let list = listed(&*store, &alice).await;
    assert_eq!(list.len(), 1);
    assert_eq!(list[0].last_used_at, Some(fixture.now()));
    assert_eq!(found(&*store, &unknown.id).await, None);
}

pub async fn a_use_does_not_bring_a_revoked_key_back(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;
    store
        .revoke_keys(&alice, &[revocation(&key)])
        .await
        .unwrap();

    let late = Use {
        id: key.id,
        at: fixture.now(),
        count: 1,
    };
    store.record_uses(&[late]).await.unwrap();

    assert_eq!(found(&*store, &key.id).await, None);
    assert_eq!(listed_ids(&*store, &alice).await, []);
}

pub async fn of_many_first_filter_keys_exactly_one_is_kept(fixture: &mut impl Fixture) {
    let store = fixture.store();
    assert_eq!(store.filter_keys().await.unwrap(), []);

    // As replicas with different active salts do that start at the same time.
    let outcomes = race(|number| {
        let store = store.clone();
        Box::pin(async move {
            let salt = SaltId::from_bytes([u8::try_from(number % 3).unwrap(); 8]);
            let sealed = format!("filter key {number}");
            store
                .create_filter_key(salt, sealed.as_bytes())
                .await
                .unwrap()
        })
    })
    .await;

    assert_eq!(count(&outcomes, &true), 1);
    let winner = outcomes.iter().position(|created| *created).unwrap();
    let kept = store.filter_keys().await.unwrap();
    let salt = SaltId::from_bytes([u8::try_from(winner % 3).unwrap(); 8]);
    assert_eq!(kept, [(salt, format!("filter key {winner}").into_bytes())]);
}

pub async fn a_filter_key_gets_one_copy_for_each_salt(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let salts = [1, 2].map(|number| SaltId::from_bytes([number; 8]));
    assert!(store.create_filter_key(salts[0], b"first").await.unwrap());
    assert!(!store.create_filter_key(salts[1], b"other").await.unwrap());

    store.add_filter_key(salts[1], b"second").await.unwrap();
    store.add_filter_key(salts[1], b"third").await.unwrap();
    store.add_filter_key(salts[0], b"third").await.unwrap();

    let mut kept = store.filter_keys().await.unwrap();
    kept.sort();
    assert_eq!(
        kept,
        [
            (salts[0], b"first".to_vec()),
            (salts[1], b"second".to_vec())
        ]
    );
}

pub async fn the_last_written_key_set_of_each_issuer_is_kept(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (here, there) = ("https://id.example/realms/a b?c={d}", "https://id.example/");
    assert_eq!(store.find_key_set(here).await.unwrap(), None);

    store.put_key_set(here, b"old").await.unwrap();
    store.put_key_set(there, b"other").await.unwrap();
    store.put_key_set(here, b"new").await.unwrap();

    let kept = |issuer| {
        let store = store.clone();
        async move { store.find_key_set(issuer).await.unwrap() }
    };
    assert_eq!(kept(here).await, Some(b"new".to_vec()));
    assert_eq!(kept(there).await, Some(b"other".to_vec()));
    assert_eq!(kept("https://id.example").await, None);
}

pub async fn a_store_without_seed_records_has_none(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let id = seed_id("never minted");

    assert_eq!(store.find_seed_key(&id).await.unwrap(), None);
    assert_eq!(store.list_seed_keys("alice").await.unwrap(), []);
    assert!(!store.revoke_seed_key("alice", &id).await.unwrap());
    let mut cursor = Some(Vec::new());
    while let Some(position) = cursor {
        let (records, next) = store.scan_seed_keys(&position).await.unwrap();
        assert_eq!(records, []);
        cursor = next;
    }
}

pub async fn a_store_that_runs_answers_and_describes_itself(fixture: &mut impl Fixture) {
    let store = fixture.store();

    store.ping().await.unwrap();

    let inspection = store.inspect().await.unwrap();
    assert_ne!(inspection.description, "");
    assert_ne!(inspection.fine, Vec::<String>::new());
}

pub async fn what_was_acknowledged_survives_a_restart(fixture: &mut impl Fixture) {
    let (alice, now) = (owner("alice"), fixture.now());
    let (kept, revoked) = (key(&alice, "kept", now), key(&alice, "revoked", now));
    let imported = seed_key(&alice, "imported", now);
    let salt = SaltId::from_bytes([3; 8]);
    let store = fixture.store();
    for key in [&kept, &revoked, &imported] {
        mint(&*store, key).await;
    }
    store
        .revoke_keys(&alice, &[revocation(&revoked)])
        .await
        .unwrap();
    store.put_principal(&alice, b"alice").await.unwrap();
    store.put_key_set("issuer", b"keys").await.unwrap();
    assert!(store.create_filter_key(salt, b"filter").await.unwrap());
    let list = listed(&*store, &alice).await;
    drop(store);

    fixture.reopen().await;

    let store = fixture.store();
    let found_key = store.find_key(&kept.id).await.unwrap().unwrap();
    assert_eq!(found_key.record, kept.record);
    assert_eq!(found_key.principal, Some(b"alice".to_vec()));
    assert_eq!(found(&*store, &revoked.id).await, None);
    assert_eq!(
        store.find_tombstone(&revoked.id).await.unwrap(),
        Some(revocation(&revoked).tombstone)
    );
    assert_eq!(listed(&*store, &alice).await, list);
    assert_eq!(
        store.find_key_set("issuer").await.unwrap(),
        Some(b"keys".to_vec())
    );
    assert_eq!(
        store.filter_keys().await.unwrap(),
        [(salt, b"filter".to_vec())]
    );
}
