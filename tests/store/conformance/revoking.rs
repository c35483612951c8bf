//! Revocation: at once, for good, and only by the owner's name.

use std::time::Duration;

use gatelodge::store::keys::Replaced;

use super::super::support::{changed, key, owner, revocation, seed_key};
use super::{Fixture, found, listed_ids, mint, mint_many, race};

pub async fn a_revoked_key_is_gone_at_once_and_leaves_a_tombstone(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let keys = mint_many(&*store, &alice, 2, fixture.now()).await;
    let end = revocation(&keys[0]);

    let revoked = store
        .revoke_keys(&alice, std::slice::from_ref(&end))
        .await
        .unwrap();

    assert_eq!(revoked.ids, [keys[0].id]);
    assert_eq!(found(&*store, &keys[0].id).await, None);
    assert_eq!(
        store.find_tombstone(&keys[0].id).await.unwrap(),
        Some(end.tombstone)
    );
    assert_eq!(listed_ids(&*store, &alice).await, [keys[1].id]);
    assert!(found(&*store, &keys[1].id).await.is_some());
}

pub async fn revoking_twice_is_revoking_once(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;
    let first = revocation(&key);
    let mut second = revocation(&key);
    second.tombstone = b"by somebody else".to_vec();

    store
        .revoke_keys(&alice, std::slice::from_ref(&first))
        .await
        .unwrap();
    let again = store.revoke_keys(&alice, &[second]).await.unwrap();

    assert_eq!(again.ids, []);
    assert_eq!(
        store.find_tombstone(&key.id).await.unwrap(),
        Some(first.tombstone)
    );
}

pub async fn ids_that_are_not_there_are_passed_over(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let there = mint_many(&*store, &alice, 2, fixture.now()).await;
    let absent = key(&alice, "absent", fixture.now());

    let revoked = store
        .revoke_keys(
            &alice,
            &[
                revocation(&there[0]),
                revocation(&absent),
                revocation(&there[1]),
            ],
        )
        .await
        .unwrap();

    let mut ids = revoked.ids;
    ids.sort();
    let mut expected = [there[0].id, there[1].id];
    expected.sort();
    assert_eq!(ids, expected);
    assert_eq!(
        store.find_tombstone(&absent.id).await.unwrap(),
        None,
        "what never was cannot be revoked"
    );
    let nothing = store.revoke_keys(&alice, &[]).await.unwrap();
    assert_eq!(nothing.ids, []);
}

pub async fn many_keys_are_revoked_in_one_go(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let keys = mint_many(&*store, &alice, 60, fixture.now()).await;
    let ends: Vec<_> = keys.iter().map(revocation).collect();

    let revoked = store.revoke_keys(&alice, &ends).await.unwrap();

    assert_eq!(revoked.ids.len(), 60);
    assert_eq!(listed_ids(&*store, &alice).await, []);
    for key in &keys {
        assert_eq!(found(&*store, &key.id).await, None);
        assert!(store.find_tombstone(&key.id).await.unwrap().is_some());
    }
}

pub async fn nobody_revokes_the_keys_of_another_owner(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, bob) = (owner("alice"), owner("bob"));
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;

    let revoked = store.revoke_keys(&bob, &[revocation(&key)]).await.unwrap();

    assert_eq!(revoked.ids, []);
    assert!(found(&*store, &key.id).await.is_some());
    assert_eq!(store.find_tombstone(&key.id).await.unwrap(), None);
    assert_eq!(listed_ids(&*store, &alice).await, [key.id]);
}

pub async fn a_key_in_use_has_no_tombstone(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let key = key(&owner("alice"), "ci", fixture.now());
    mint(&*store, &key).await;

    assert_eq!(store.find_tombstone(&key.id).await.unwrap(), None);
}

pub async fn a_revocation_wins_over_changes_at_the_same_time(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;

    // One racer revokes while the others rewrite whatever record they find.
    race(|number| {
        let (store, key) = (store.clone(), key.clone());
        Box::pin(async move {
            if number == 10 {
                let ends = [revocation(&key)];
                let revoked = store.revoke_keys(&alice, &ends).await.unwrap();
                assert_eq!(revoked.ids, [key.id]);
                return;
            }
            while let Some(current) = found(&*store, &key.id).await {
                let next = changed(&key, &number.to_string());
                let replaced = store.replace_key(&current, &next).await.unwrap();
                if replaced == Replaced::Absent {
                    break;
                }
            }
        })
    })
    .await;

    assert_eq!(found(&*store, &key.id).await, None);
    assert_eq!(listed_ids(&*store, &alice).await, []);
}

pub async fn the_tombstones_of_an_owner_are_listed_newest_first(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, bob) = (owner("alice"), owner("bob"));
    let mut keys = mint_many(&*store, &alice, 2, fixture.now()).await;
    let imported = seed_key(&alice, "imported", fixture.now());
    mint(&*store, &imported).await;
    keys.push(imported);
    for key in &keys {
        fixture.clock().pass(Duration::from_secs(1));
        store.revoke_keys(&alice, &[revocation(key)]).await.unwrap();
    }
    let listed = async |limit| store.list_tombstones(&alice, limit).await.unwrap();
    let line = |place: usize| (keys[place].id, revocation(&keys[place]).tombstone);
    assert_eq!(listed(9).await, [line(2), line(1), line(0)]);
    assert_eq!(listed(1).await, [line(2)]);
    assert_eq!(listed(0).await, []);
    assert_eq!(store.list_tombstones(&bob, 9).await.unwrap(), []);
}
