//! Whoever keeps copies is told of every change, and when nothing is missing.

use std::time::Duration;

use gatelodge::domain::disabled;
use gatelodge::store::Store;
use gatelodge::store::keys::{Replaced, Rotated};
use gatelodge::store::records::{Condition, NewSheet, RecordName, Shelf};
use gatelodge::store::upkeep::Use;

use super::super::listener::Listener;
use super::super::parts::process::comes_true;
use super::super::support::{changed, key, owner, revocation, seed_key};
use super::{Fixture, mint, race};

fn sheet(name: RecordName) -> NewSheet {
    NewSheet {
        name,
        record: b"sealed".to_vec(),
        expires_at: None,
        lists: Vec::new(),
    }
}

/// Every kind of change, each followed by what must have been told by then.
/// `settled` comes back when all must have been.
async fn change_everything(
    store: &dyn Store,
    fixture: &impl Fixture,
    told: &Listener,
    settled: impl AsyncFn(),
) {
    let alice = owner("alice");
    let first = key(&alice, "first", fixture.now());
    mint(store, &first).await;
    settled().await;
    assert!(told.heard_of_key(&first.id), "minted");

    let renamed = changed(&first, "renamed");
    let replaced = store.replace_key(&first.record, &renamed).await.unwrap();
    assert_eq!(replaced, Replaced::Done);
    settled().await;
    assert!(told.heard_of_key(&first.id), "replaced");

    let (superseded, second) = (changed(&first, "old"), key(&alice, "second", fixture.now()));
    let rotated = store
        .rotate_key(&renamed.record, &superseded, &second, None)
        .await;
    assert_eq!(rotated.unwrap(), Rotated::Done);
    settled().await;
    assert!(told.heard_of_key(&first.id) && told.heard_of_key(&second.id));

    let ends = [revocation(&first), revocation(&second)];
    store.revoke_keys(&alice, &ends).await.unwrap();
    settled().await;
    assert!(told.heard_of_key(&first.id) && told.heard_of_key(&second.id));

    let seed = seed_key(&alice, "imported", fixture.now());
    mint(store, &seed).await;
    settled().await;
    assert!(told.heard_of_key(&seed.id), "imported");

    store.put_principal(&alice, b"one").await.unwrap();
    settled().await;
    assert!(told.heard_of_owner(&alice), "put");
    let swapped = store.swap_principal(&alice, Some(b"one"), b"two").await;
    assert!(swapped.unwrap());
    settled().await;
    assert!(told.heard_of_owner(&alice), "swapped");

    let mark = sheet(disabled::name(&alice));
    store.put_record(&mark, Condition::Always).await.unwrap();
    settled().await;
    assert!(told.heard_of_owner(&alice), "disabled");
    assert!(store.remove_record(&mark.name).await.unwrap());
    settled().await;
    assert!(told.heard_of_owner(&alice), "enabled");
}

pub async fn a_change_is_told_before_it_is_acknowledged(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let told = Listener::follows(&*store).await;
    change_everything(&*store, fixture, &told, async || {}).await;
}

pub async fn what_another_process_changes_is_told_before_the_next_proof(
    fixture: &mut impl Fixture,
) {
    let told = Listener::follows(&*fixture.store()).await;
    let another = fixture.another().await;
    let epochs = told.epochs();
    change_everything(&*another, fixture, &told, async || told.next_proof().await).await;
    assert_eq!(told.epochs(), epochs, "each was told by itself");
    another.close().await;
}

pub async fn what_is_lost_behind_the_stores_back_is_told(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;
    store.put_principal(&alice, b"one").await.unwrap();
    let told = Listener::follows(&*store).await;

    fixture.lose_record(&alice, &key.id).await;
    fixture.lose_principal(&alice).await;
    told.next_proof().await;

    assert!(told.heard_of_key(&key.id) && told.heard_of_owner(&alice));
}

pub async fn what_is_often_written_is_not_told(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let key = key(&owner("alice"), "ci", fixture.now());
    mint(&*store, &key).await;
    let told = Listener::follows(&*store).await;
    let epochs = told.epochs();

    let used = Use {
        id: key.id,
        at: fixture.now(),
        count: 1,
    };
    store.record_uses(&[used]).await.unwrap();
    for shelf in [Shelf::Session, Shelf::Account, Shelf::OneTime] {
        let sheet = sheet(RecordName::new(shelf, "one").unwrap());
        store.put_record(&sheet, Condition::Always).await.unwrap();
        store.remove_record(&sheet.name).await.unwrap();
    }
    store.put_key_set("issuer", b"keys").await.unwrap();
    told.next_proof().await;

    assert!(told.heard_nothing());
    assert_eq!(told.epochs(), epochs);
}

pub async fn a_revocation_is_told_as_one(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let alice = owner("alice");
    let keys = [1, 2].map(|number| key(&alice, &number.to_string(), fixture.now()));
    mint(&*store, &keys[0]).await;
    let told = Listener::follows(&*store).await;

    let ends = [revocation(&keys[0]), revocation(&keys[1])];
    let revoked = store.revoke_keys(&alice, &ends).await.unwrap();

    assert_eq!(revoked.ids, [keys[0].id]);
    assert!(told.knows_revoked(&keys[0].id));
    assert!(!told.knows_revoked(&keys[1].id), "it was not there");
    let mallory = owner("mallory");
    store
        .revoke_keys(&mallory, &[revocation(&keys[0])])
        .await
        .unwrap();
    assert_eq!(store.finish_revocations().await.unwrap(), 0);
}

pub async fn a_store_that_is_well_confirms_what_was_read(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let key = key(&owner("alice"), "ci", fixture.now());
    mint(&*store, &key).await;

    let line = store.line();
    store.find_key(&key.id).await.unwrap();
    store.confirm(line).await.unwrap();

    let told = Listener::follows(&*store).await;
    let line = store.line();
    store.find_key(&key.id).await.unwrap();
    store.confirm(line).await.unwrap();
    assert_eq!(told.withdrawals(), 0);
}

pub async fn a_store_that_was_closed_proves_nothing(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let told = Listener::follows(&*store).await;

    store.close().await;

    // One may have been under way.
    let proofs = told.proofs();
    let goes_on = comes_true(Duration::from_millis(500), async || {
        told.proofs() > proofs + 1
    });
    assert!(!goes_on.await);
    fixture.reopen().await;
}

pub async fn of_many_changes_at_once_none_is_left_out(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let told = Listener::follows(&*store).await;
    let another = fixture.another().await;
    let now = fixture.now();

    let keys = race(|number| {
        let another = another.clone();
        Box::pin(async move {
            let mut keys = Vec::new();
            for turn in 0..10 {
                let key = key(
                    &owner(&format!("owner {number}")),
                    &format!("{number} {turn}"),
                    now,
                );
                mint(&*another, &key).await;
                keys.push(key.id);
            }
            keys
        })
    })
    .await;

    told.next_proof().await;
    for id in keys.iter().flatten() {
        assert!(told.heard_of_key(id), "{id}");
    }
    another.close().await;
}
