//! Every call of the store, for what must hold of each.

use std::sync::Arc;

use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::domain::salt::SaltId;
use gatelodge::store::records::{Condition, ListName, NewSheet, RecordName, Shelf};
use gatelodge::store::upkeep::Use;
use gatelodge::store::valkey::ValkeyStore;
use gatelodge::store::{
    KeySetStore, KeyStore, PrincipalStore, RecordStore, SeedStore, Store, StoreError, UsageStore,
    VaultStore,
};

use super::super::support::{TestClock, key, owner, replay, revocation, seed_id};

/// A record beside keys.
pub fn session() -> NewSheet {
    NewSheet {
        name: RecordName::new(Shelf::Session, "one").unwrap(),
        record: b"a session".to_vec(),
        expires_at: None,
        lists: vec![ListName::new("all").unwrap()],
    }
}

/// Every call there is, each with its name.
pub async fn all_calls(
    store: &Arc<ValkeyStore>,
    id: &ApiKeyId,
) -> Vec<(&'static str, Result<(), StoreError>)> {
    let clock = TestClock::new();
    let (alice, seed) = (owner("alice"), seed_id("seed"));
    let (new, salt) = (key(&alice, "new", clock.time()), SaltId::from_bytes([1; 8]));
    let answer = replay("request", "answer");
    let sheet = session();
    let used = Use {
        id: *id,
        at: clock.time(),
        count: 1,
    };
    vec![
        ("ping", store.ping().await),
        ("inspect", store.inspect().await.map(drop)),
        ("find_key", store.find_key(id).await.map(drop)),
        (
            "mint_key",
            store.mint_key(&new, Some(9), Some(&answer)).await.map(drop),
        ),
        (
            "replace_key",
            store.replace_key(b"old", &new).await.map(drop),
        ),
        (
            "rotate_key",
            store.rotate_key(b"old", &new, &new, None).await.map(drop),
        ),
        (
            "revoke_keys",
            store
                .revoke_keys(&alice, &[revocation(&new)])
                .await
                .map(drop),
        ),
        ("find_tombstone", store.find_tombstone(id).await.map(drop)),
        (
            "list_keys",
            store.list_keys(&alice, None, 9).await.map(drop),
        ),
        ("scan_keys", store.scan_keys(b"").await.map(drop)),
        ("find_seed_key", store.find_seed_key(&seed).await.map(drop)),
        (
            "list_seed_keys",
            store.list_seed_keys("alice").await.map(drop),
        ),
        (
            "revoke_seed_key",
            store.revoke_seed_key("alice", &seed).await.map(drop),
        ),
        ("scan_seed_keys", store.scan_seed_keys(b"").await.map(drop)),
        (
            "find_principal",
            store.find_principal(&alice).await.map(drop),
        ),
        ("put_principal", store.put_principal(&alice, b"alice").await),
        (
            "scan_principals",
            store.scan_principals(b"").await.map(drop),
        ),
        ("record_uses", store.record_uses(&[used]).await),
        ("filter_keys", store.filter_keys().await.map(drop)),
        (
            "create_filter_key",
            store.create_filter_key(salt, b"key").await.map(drop),
        ),
        ("add_filter_key", store.add_filter_key(salt, b"key").await),
        ("find_key_set", store.find_key_set("issuer").await.map(drop)),
        ("put_key_set", store.put_key_set("issuer", b"keys").await),
        (
            "find_record",
            store.find_record(&sheet.name).await.map(drop),
        ),
        (
            "put_record",
            store.put_record(&sheet, Condition::Always).await.map(drop),
        ),
        (
            "take_record",
            store.take_record(&sheet.name).await.map(drop),
        ),
        (
            "list_records",
            store.list_records(&sheet.lists[0], None, 9).await.map(drop),
        ),
    ]
}
