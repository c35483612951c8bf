//! Changes: made to what was read, or not at all.

use gatelodge::store::keys::{Minted, Replaced, Rotated};

use super::super::support::{changed, key, owner, replay, revocation};
use super::{Fixture, RACERS, count, found, listed, listed_ids, mint, mint_many, race};

pub async fn a_record_that_is_as_expected_is_replaced(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let before = key(&owner("alice"), "ci", fixture.now());
    let after = changed(&before, "renamed");
    mint(&*store, &before).await;

    let replaced = store.replace_key(&before.record, &after).await.unwrap();

    assert_eq!(replaced, Replaced::Done);
    assert_eq!(found(&*store, &before.id).await, Some(after.record));
}

pub async fn a_record_that_is_not_as_expected_stays(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let before = key(&owner("alice"), "ci", fixture.now());
    mint(&*store, &before).await;

    for other in ["", "record of cI", "record of c", "record of ci "] {
        let replaced = store
            .replace_key(other.as_bytes(), &changed(&before, "renamed"))
            .await
            .unwrap();
        assert_eq!(replaced, Replaced::Changed, "{other:?}");
    }
    assert_eq!(found(&*store, &before.id).await, Some(before.record));
}

pub async fn an_absent_record_cannot_be_replaced(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let absent = key(&alice, "absent", fixture.now());

    for expected in [&absent.record[..], b""] {
        let replaced = store.replace_key(expected, &absent).await.unwrap();
        assert_eq!(replaced, Replaced::Absent);
    }
    assert_eq!(found(&*store, &absent.id).await, None);
    assert_eq!(listed_ids(&*store, &alice).await, []);
}

pub async fn of_many_changes_at_once_exactly_one_wins(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let before = key(&owner("alice"), "ci", fixture.now());
    mint(&*store, &before).await;

    let outcomes = race(|number| {
        let (store, before) = (store.clone(), before.clone());
        Box::pin(async move {
            let after = changed(&before, &number.to_string());
            let replaced = store.replace_key(&before.record, &after).await.unwrap();
            (replaced, after.record)
        })
    })
    .await;

    let (winners, losers): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .partition(|(replaced, _)| *replaced == Replaced::Done);
    assert_eq!(winners.len(), 1);
    assert!(
        losers
            .iter()
            .all(|(replaced, _)| *replaced == Replaced::Changed)
    );
    assert_eq!(
        found(&*store, &before.id).await.as_ref(),
        Some(&winners[0].1)
    );
}

pub async fn a_changed_key_keeps_its_place_in_the_list(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let keys = mint_many(&*store, &alice, 3, fixture.now()).await;
    let before = listed(&*store, &alice).await;

    let after = changed(&keys[0], "renamed");
    store.replace_key(&keys[0].record, &after).await.unwrap();

    let mut expected = before;
    expected[0].record = after.record;
    assert_eq!(listed(&*store, &alice).await, expected);
}

pub async fn a_change_cannot_bring_a_revoked_key_back(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;
    store
        .revoke_keys(&alice, &[revocation(&key)])
        .await
        .unwrap();

    let replaced = store.replace_key(&key.record, &key).await.unwrap();

    assert_eq!(replaced, Replaced::Absent);
    assert_eq!(found(&*store, &key.id).await, None);
}

pub async fn a_rotation_replaces_the_old_key_and_stores_the_new_one(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let old = key(&alice, "old", fixture.now());
    let superseded = changed(&old, "superseded");
    let successor = key(&alice, "successor", fixture.now());
    mint(&*store, &old).await;

    let rotated = store
        .rotate_key(&old.record, &superseded, &successor, None)
        .await
        .unwrap();

    assert_eq!(rotated, Rotated::Done);
    assert_eq!(found(&*store, &old.id).await, Some(superseded.record));
    assert_eq!(found(&*store, &successor.id).await, Some(successor.record));
    assert_eq!(listed_ids(&*store, &alice).await.len(), 2);
}

pub async fn a_rotation_of_a_changed_key_stores_nothing(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let old = key(&alice, "old", fixture.now());
    let successor = key(&alice, "successor", fixture.now());
    mint(&*store, &old).await;

    let rotated = store
        .rotate_key(
            b"something else",
            &changed(&old, "superseded"),
            &successor,
            Some(&replay("the request", "the answer")),
        )
        .await
        .unwrap();

    assert_eq!(rotated, Rotated::Changed);
    assert_eq!(found(&*store, &old.id).await, Some(old.record.clone()));
    assert_eq!(found(&*store, &successor.id).await, None);
    assert_eq!(listed_ids(&*store, &alice).await, [old.id]);
}

pub async fn a_rotation_of_an_absent_key_stores_nothing(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let absent = key(&alice, "absent", fixture.now());
    let successor = key(&alice, "successor", fixture.now());

    let rotated = store
        .rotate_key(&absent.record, &absent, &successor, None)
        .await
        .unwrap();

    assert_eq!(rotated, Rotated::Changed);
    assert_eq!(found(&*store, &absent.id).await, None);
    assert_eq!(found(&*store, &successor.id).await, None);
    assert_eq!(listed_ids(&*store, &alice).await, []);
}

pub async fn a_rotation_onto_a_taken_id_stores_nothing(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let keys = mint_many(&*store, &alice, 3, fixture.now()).await;
    let [old, in_use, revoked] = &keys[..] else {
        unreachable!("three keys were minted")
    };
    store
        .revoke_keys(&alice, &[revocation(revoked)])
        .await
        .unwrap();

    for taken in [in_use, revoked] {
        let rotated = store
            .rotate_key(
                &old.record,
                &changed(old, "superseded"),
                &changed(taken, "successor"),
                Some(&replay("the request", "the answer")),
            )
            .await
            .unwrap();
        assert_eq!(rotated, Rotated::IdTaken);
    }

    assert_eq!(found(&*store, &old.id).await.as_ref(), Some(&old.record));
    assert_eq!(
        found(&*store, &in_use.id).await.as_ref(),
        Some(&in_use.record)
    );
    assert_eq!(found(&*store, &revoked.id).await, None);
    // Nor is there an answer: the same request may be tried with another id.
    let rotated = store
        .rotate_key(
            &old.record,
            &changed(old, "superseded"),
            &key(&alice, "free", fixture.now()),
            Some(&replay("the request", "the answer")),
        )
        .await
        .unwrap();
    assert_eq!(rotated, Rotated::Done);
}

pub async fn a_repeated_rotation_gets_the_first_answer_and_stores_nothing(
    fixture: &mut impl Fixture,
) {
    let store = fixture.store();
    let alice = owner("alice");
    let old = key(&alice, "old", fixture.now());
    let superseded = changed(&old, "superseded");
    let (first, second) = (
        key(&alice, "first", fixture.now()),
        key(&alice, "second", fixture.now()),
    );
    mint(&*store, &old).await;
    let answer = replay("the request", "the first answer");
    let rotated = store
        .rotate_key(&old.record, &superseded, &first, Some(&answer))
        .await
        .unwrap();
    assert_eq!(rotated, Rotated::Done);

    // As a client does that never saw the answer, and as one that read again.
    for expected in [&old.record, &superseded.record] {
        let again = replay("the request", "the second answer");
        let rotated = store
            .rotate_key(expected, &superseded, &second, Some(&again))
            .await
            .unwrap();
        assert_eq!(rotated, Rotated::Replayed(answer.sealed.clone()));
    }

    assert_eq!(found(&*store, &second.id).await, None);
    let minted = store.mint_key(&second, None, Some(&answer)).await.unwrap();
    assert_eq!(minted, Minted::Replayed(answer.sealed));
}

pub async fn of_many_rotations_at_once_exactly_one_wins(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), fixture.now());
    let old = key(&alice, "old", now);
    mint(&*store, &old).await;

    let outcomes = race(|number| {
        let (store, old) = (store.clone(), old.clone());
        let successor = key(&alice, &number.to_string(), now);
        Box::pin(async move {
            let superseded = changed(&old, &format!("replaced by {}", successor.id));
            store
                .rotate_key(&old.record, &superseded, &successor, None)
                .await
                .unwrap()
        })
    })
    .await;

    assert_eq!(count(&outcomes, &Rotated::Done), 1);
    assert_eq!(count(&outcomes, &Rotated::Changed), RACERS as usize - 1);
    let ids = listed_ids(&*store, &alice).await;
    let successor = ids.iter().find(|id| **id != old.id).unwrap();
    assert_eq!(ids.len(), 2);
    assert_eq!(
        found(&*store, &old.id).await,
        Some(format!("replaced by {successor}").into_bytes())
    );
}
