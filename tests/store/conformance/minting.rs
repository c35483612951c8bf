//! New keys: one id, one owner's limit, one answer for one request.

use std::sync::Arc;
use std::time::Duration;

use gatelodge::store::keys::{Minted, NewRecord};

use super::super::support::{changed, key, owner, replay, revocation, seed_key};
use super::{Fixture, RACERS, count, found, listed_ids, mint, mint_many, race};

pub async fn a_minted_key_is_found(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let key = key(&owner("alice"), "ci", fixture.now());

    mint(&*store, &key).await;

    let found = store.find_key(&key.id).await.unwrap().unwrap();
    assert_eq!(found.record, key.record);
    assert_eq!(found.principal, None);
}

pub async fn an_unknown_key_is_absent(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    mint(&*store, &key(&alice, "known", fixture.now())).await;

    for unknown in [
        key(&alice, "unknown", fixture.now()).id,
        seed_key(&alice, "unknown", fixture.now()).id,
    ] {
        assert_eq!(store.find_key(&unknown).await.unwrap(), None);
    }
}

pub async fn an_id_in_use_is_not_minted_again(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let first = key(&owner("alice"), "ci", fixture.now());
    mint(&*store, &first).await;

    let second = changed(&first, "another");
    let minted = store.mint_key(&second, None, None).await.unwrap();

    assert_eq!(minted, Minted::IdTaken);
    assert_eq!(found(&*store, &first.id).await, Some(first.record));
}

pub async fn the_id_of_a_revoked_key_is_never_minted_again(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;
    store
        .revoke_keys(&alice, &[revocation(&key)])
        .await
        .unwrap();

    let minted = store.mint_key(&key, None, None).await.unwrap();

    assert_eq!(minted, Minted::IdTaken);
    assert_eq!(found(&*store, &key.id).await, None);
    assert_eq!(listed_ids(&*store, &alice).await, []);
}

pub async fn an_owner_gets_no_more_keys_than_the_limit(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, bob) = (owner("alice"), owner("bob"));
    mint_many(&*store, &alice, 3, fixture.now()).await;
    let (refused, others) = (
        key(&alice, "one more", fixture.now()),
        key(&bob, "first", fixture.now()),
    );

    let minted = store.mint_key(&refused, Some(3), None).await.unwrap();

    assert_eq!(minted, Minted::LimitReached);
    assert_eq!(found(&*store, &refused.id).await, None);
    assert_eq!(listed_ids(&*store, &alice).await.len(), 3);
    let minted = store.mint_key(&others, Some(3), None).await.unwrap();
    assert_eq!(minted, Minted::Done, "bob has keys left");
    let minted = store.mint_key(&refused, Some(4), None).await.unwrap();
    assert_eq!(minted, Minted::Done, "the limit was raised");
}

pub async fn a_revoked_key_makes_room_for_another(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let keys = mint_many(&*store, &alice, 2, fixture.now()).await;
    store
        .revoke_keys(&alice, &[revocation(&keys[0])])
        .await
        .unwrap();

    let next = key(&alice, "next", fixture.now());
    let minted = store.mint_key(&next, Some(2), None).await.unwrap();

    assert_eq!(minted, Minted::Done);
}

pub async fn of_many_mints_at_once_no_more_succeed_than_the_limit(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), fixture.now());

    let outcomes = race(|number| {
        let (store, key) = (store.clone(), key(&alice, &number.to_string(), now));
        Box::pin(async move { store.mint_key(&key, Some(5), None).await.unwrap() })
    })
    .await;

    assert_eq!(count(&outcomes, &Minted::Done), 5);
    assert_eq!(count(&outcomes, &Minted::LimitReached), RACERS as usize - 5);
    assert_eq!(listed_ids(&*store, &alice).await.len(), 5);
}

pub async fn of_many_mints_of_one_id_at_once_exactly_one_succeeds(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let key = key(&owner("alice"), "ci", fixture.now());

    let outcomes = race(|number| {
        let (store, key) = (Arc::clone(&store), changed(&key, &number.to_string()));
        Box::pin(async move {
            let minted = store.mint_key(&key, None, None).await.unwrap();
            (minted, key.record)
        })
    })
    .await;

    let winners: Vec<_> = outcomes
        .into_iter()
        .filter(|(minted, _)| *minted == Minted::Done)
        .collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(
        found(&*store, &key.id).await.as_ref(),
        Some(&winners[0].1),
        "the record is the winner's"
    );
}

pub async fn a_repeated_request_gets_the_first_answer_and_stores_nothing(
    fixture: &mut impl Fixture,
) {
    let store = fixture.store();
    let alice = owner("alice");
    let first = key(&alice, "first", fixture.now());
    let again = key(&alice, "again", fixture.now());
    let answer = replay("the request", "the first answer");
    let minted = store.mint_key(&first, None, Some(&answer)).await.unwrap();
    assert_eq!(minted, Minted::Done);

    let repeated = replay("the request", "the second answer");
    let minted = store.mint_key(&again, None, Some(&repeated)).await.unwrap();

    assert_eq!(minted, Minted::Replayed(b"the first answer".to_vec()));
    assert_eq!(found(&*store, &again.id).await, None);
    assert_eq!(listed_ids(&*store, &alice).await, [first.id]);
    let other = replay("another request", "its answer");
    let minted = store.mint_key(&again, None, Some(&other)).await.unwrap();
    assert_eq!(minted, Minted::Done);
}

pub async fn a_repeated_request_is_answered_even_at_the_limit(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let key = key(&owner("alice"), "only", fixture.now());
    let answer = replay("the request", "the answer");
    let minted = store.mint_key(&key, Some(1), Some(&answer)).await.unwrap();
    assert_eq!(minted, Minted::Done);

    let minted = store.mint_key(&key, Some(1), Some(&answer)).await.unwrap();

    assert_eq!(minted, Minted::Replayed(answer.sealed));
}

pub async fn of_one_request_sent_many_times_at_once_one_key_is_made(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), fixture.now());

    let outcomes = race(|number| {
        let (store, key) = (store.clone(), key(&alice, &number.to_string(), now));
        Box::pin(async move {
            let answer = replay("the request", &key.id.to_string());
            let minted = store.mint_key(&key, None, Some(&answer)).await.unwrap();
            (minted, key.id)
        })
    })
    .await;

    let made = listed_ids(&*store, &alice).await;
    assert_eq!(made.len(), 1);
    for (minted, id) in outcomes {
        let expected = if id == made[0] {
            Minted::Done
        } else {
            Minted::Replayed(made[0].to_string().into_bytes())
        };
        assert_eq!(minted, expected);
    }
}

pub async fn a_refused_request_leaves_no_answer_behind(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let key = key(&owner("alice"), "ci", fixture.now());
    let answer = replay("the request", "the answer");

    let minted = store.mint_key(&key, Some(0), Some(&answer)).await.unwrap();
    assert_eq!(minted, Minted::LimitReached);

    let minted = store.mint_key(&key, None, Some(&answer)).await.unwrap();
    assert_eq!(minted, Minted::Done);
}

pub async fn records_keep_every_byte(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(20_000).collect();
    let key = NewRecord {
        record: bytes.clone(),
        ..key(&alice, "bytes", fixture.now())
    };
    let mut end = revocation(&key);
    end.tombstone.clone_from(&bytes);

    mint(&*store, &key).await;
    store.put_principal(&alice, &bytes).await.unwrap();
    let found = store.find_key(&key.id).await.unwrap().unwrap();
    store.revoke_keys(&alice, &[end]).await.unwrap();

    assert_eq!(found.record, bytes);
    assert_eq!(found.principal.as_ref(), Some(&bytes));
    assert_eq!(store.find_tombstone(&key.id).await.unwrap(), Some(bytes));
}

pub async fn a_key_is_still_found_for_days_after_it_expired(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let days = |count: u64| fixture.now().minus(Duration::from_hours(24 * count));
    let key = NewRecord {
        expires_at: Some(days(29)),
        ..key(&alice, "old", days(60))
    };

    mint(&*store, &key).await;
    let renamed = changed(&key, "renamed");
    store.replace_key(&key.record, &renamed).await.unwrap();

    assert_eq!(found(&*store, &key.id).await, Some(renamed.record));
    assert_eq!(listed_ids(&*store, &alice).await, [key.id]);
}

pub async fn an_imported_seed_key_is_found_listed_and_revoked_as_any_other(
    fixture: &mut impl Fixture,
) {
    let store = fixture.store();
    let alice = owner("alice");
    let key = seed_key(&alice, "imported", fixture.now());
    store.put_principal(&alice, b"alice").await.unwrap();

    mint(&*store, &key).await;

    let found_key = store.find_key(&key.id).await.unwrap().unwrap();
    assert_eq!(found_key.record, key.record);
    assert_eq!(found_key.principal, Some(b"alice".to_vec()));
    assert_eq!(listed_ids(&*store, &alice).await, [key.id]);
    let minted = store.mint_key(&key, None, None).await.unwrap();
    assert_eq!(minted, Minted::IdTaken);

    let revoked = store.revoke_keys(&alice, &[revocation(&key)]).await;
    assert_eq!(revoked.unwrap().ids, [key.id]);
    assert_eq!(found(&*store, &key.id).await, None);
    assert_eq!(listed_ids(&*store, &alice).await, []);
    assert!(store.find_tombstone(&key.id).await.unwrap().is_some());
}
