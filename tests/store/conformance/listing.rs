//! Lists and scans: whole, in order, and of one owner.

use std::collections::BTreeSet;
use std::time::Duration;

use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::store::Store;
use gatelodge::store::keys::{Listed, Minted, Place};

use super::super::support::{key, owner, revocation, seed_key};
use super::{Fixture, listed, listed_ids, mint, mint_many};

fn place(line: &Listed) -> Place {
    Place {
        created_at: line.created_at,
        id: line.id,
    }
}

pub async fn a_list_goes_by_time_of_making_then_id(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let (early, late) = (fixture.now(), fixture.now().plus(Duration::from_millis(1)));
    let mut keys: Vec<_> = (0..8)
        .map(|number| {
            key(
                &alice,
                &number.to_string(),
                if number % 2 == 0 { late } else { early },
            )
        })
        .collect();
    for key in &keys {
        mint(&*store, key).await;
    }

    let list = listed(&*store, &alice).await;

    keys.sort_by_key(|key| (key.created_at, key.id));
    let expected: Vec<_> = keys
        .into_iter()
        .map(|key| Listed {
            id: key.id,
            record: key.record,
            created_at: key.created_at,
            last_used_at: None,
        })
        .collect();
    assert_eq!(list, expected);
}

pub async fn pages_show_every_key_once(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), fixture.now());
    // Times of making repeat, so that pages also break between equal times.
    for number in 0..10 {
        let created_at = now.plus(Duration::from_secs(number / 3));
        mint(&*store, &key(&alice, &number.to_string(), created_at)).await;
    }
    let whole = listed(&*store, &alice).await;
    assert_eq!(whole.len(), 10);

    for size in [1, 3, 10, 11] {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let page = store.list_keys(&alice, after, size).await.unwrap();
            assert!(page.len() <= size);
            let Some(last) = page.last() else { break };
            after = Some(place(last));
            pages.extend(page);
        }
        assert_eq!(pages, whole, "pages of {size}");
    }
}

pub async fn a_page_goes_on_where_a_revoked_key_was(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let keys = mint_many(&*store, &alice, 4, fixture.now()).await;
    let first = store.list_keys(&alice, None, 2).await.unwrap();
    store
        .revoke_keys(&alice, &[revocation(&keys[1])])
        .await
        .unwrap();

    let next = store
        .list_keys(&alice, first.last().map(place), 2)
        .await
        .unwrap();

    let ids: Vec<_> = next.iter().map(|line| line.id).collect();
    assert_eq!(ids, [keys[2].id, keys[3].id]);
}

pub async fn the_keys_of_other_owners_are_never_listed(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let owners = ["alice", "bob", "alice2", "Alice"].map(owner);
    let mut expected = Vec::new();
    for owner in &owners {
        let keys = mint_many(&*store, owner, 3, fixture.now()).await;
        expected.push(keys.iter().map(|key| key.id).collect::<Vec<_>>());
    }

    for (owner, ids) in owners.iter().zip(expected) {
        assert_eq!(listed_ids(&*store, owner).await, ids);
    }
}

pub async fn an_owner_without_keys_has_an_empty_list(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, bob) = (owner("alice"), owner("bob"));
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;

    assert_eq!(listed(&*store, &bob).await, []);
    let end = Place {
        created_at: key.created_at,
        id: key.id,
    };
    assert_eq!(
        store.list_keys(&alice, Some(end), 10).await.unwrap(),
        [],
        "there is nothing after the last one"
    );
}

pub async fn an_index_entry_without_a_record_is_removed_by_listing(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let keys = mint_many(&*store, &alice, 3, fixture.now()).await;
    fixture.lose_record(&alice, &keys[1].id).await;

    assert_eq!(listed_ids(&*store, &alice).await, [keys[0].id, keys[2].id]);

    // What is no longer in the index no longer counts.
    let next = key(&alice, "next", fixture.now());
    let minted = store.mint_key(&next, Some(3), None).await.unwrap();
    assert_eq!(minted, Minted::Done);
}

pub async fn a_list_of_imported_and_own_keys_is_whole(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), fixture.now());
    let mut expected = BTreeSet::new();
    for number in 0..6 {
        let label = number.to_string();
        for key in [key(&alice, &label, now), seed_key(&alice, &label, now)] {
            mint(&*store, &key).await;
            expected.insert(key.id);
        }
    }

    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_keys(&alice, after, 5).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(place(last));
        ids.extend(page.iter().map(|line| line.id));
    }

    assert_eq!(ids.len(), 12);
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), expected);
}

async fn scanned(store: &dyn Store) -> Vec<Listed> {
    let (mut lines, mut cursor) = (Vec::new(), Some(Vec::new()));
    while let Some(position) = cursor {
        let (page, next) = store.scan_keys(&position).await.unwrap();
        lines.extend(page);
        cursor = next;
    }
    lines
}

pub async fn a_scan_sees_every_key(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let now = fixture.now();
    let mut expected = BTreeSet::<(ApiKeyId, Vec<u8>)>::new();
    for number in 0..125 {
        let owner = owner(&format!("owner {}", number % 40));
        let label = number.to_string();
        for key in [key(&owner, &label, now), seed_key(&owner, &label, now)] {
            mint(&*store, &key).await;
            expected.insert((key.id, key.record));
        }
    }

    let lines = scanned(&*store).await;

    let seen: BTreeSet<_> = lines
        .into_iter()
        .map(|line| (line.id, line.record))
        .collect();
    assert_eq!(seen.len(), 250);
    assert_eq!(seen, expected);
}

pub async fn a_scan_of_nothing_ends(fixture: &mut impl Fixture) {
    assert_eq!(scanned(&*fixture.store()).await, []);
}
