//! Records for tests, said in few words. What a store keeps is opaque to it, so
//! the bytes may be anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use gatelodge::domain::api_key::{ApiKeyId, OwnerTag};
use gatelodge::domain::subject::{Owner, Realm, Realms, Subject, Tenant};
use gatelodge::domain::time::{Clock, Timestamp};
use gatelodge::store::keys::{NewRecord, Replay, Revocation};

/// The tag of the owner of that name.
pub fn owner(name: &str) -> OwnerTag {
    let known = Realms::new([]);
    let owner = Owner::new(Realm::bare(), Subject::parse(name).unwrap(), &known).unwrap();
    OwnerTag::new(&Tenant::default(), &owner)
}

/// The id of a key of that owner; the same label gives the same id.
pub fn id(owner: &OwnerTag, label: &str) -> ApiKeyId {
    let digest = blake3::hash(label.as_bytes()).to_hex();
    ApiKeyId::parse(&format!("{}{}", owner.shard(), &digest[..14])).unwrap()
}

/// The id of a key of rusty-valkey-forward-auth.
pub fn seed_id(label: &str) -> ApiKeyId {
    ApiKeyId::parse(&blake3::hash(label.as_bytes()).to_hex()).unwrap()
}

/// A key of that owner, made at that time, without end.
pub fn key(owner: &OwnerTag, label: &str, created_at: Timestamp) -> NewRecord {
    record(id(owner, label), owner, label, created_at)
}

/// An imported key of rusty-valkey-forward-auth.
pub fn seed_key(owner: &OwnerTag, label: &str, created_at: Timestamp) -> NewRecord {
    record(seed_id(label), owner, label, created_at)
}

fn record(id: ApiKeyId, owner: &OwnerTag, label: &str, created_at: Timestamp) -> NewRecord {
    NewRecord {
        id,
        owner: *owner,
        record: format!("record of {label}").into_bytes(),
        created_at,
        expires_at: None,
    }
}

/// The same key with other content.
pub fn changed(key: &NewRecord, content: &str) -> NewRecord {
    NewRecord {
        record: content.as_bytes().to_vec(),
        ..key.clone()
    }
}

/// The answer kept for a request.
pub fn replay(request: &str, answer: &str) -> Replay {
    Replay {
        digest: *blake3::hash(request.as_bytes()).as_bytes(),
        sealed: answer.as_bytes().to_vec(),
    }
}

/// The end of a key.
pub fn revocation(key: &NewRecord) -> Revocation {
    Revocation {
        id: key.id,
        tombstone: format!("tombstone of {}", key.id).into_bytes(),
    }
}

/// A clock that goes when it is told to.
pub struct TestClock(AtomicU64);

impl TestClock {
    /// A clock at a time after the age of any test data.
    pub fn new() -> Arc<Self> {
        let start = Timestamp::parse_rfc3339("2026-11-24T12:00:00Z").unwrap();
        Arc::new(Self(AtomicU64::new(start.as_millis())))
    }

    /// Lets time pass.
    pub fn pass(&self, duration: Duration) {
        let millis = u64::try_from(duration.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    /// The time it shows.
    pub fn time(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

impl Clock for TestClock {
    fn now(&self) -> Option<Timestamp> {
        Some(self.time())
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}
