//! One issuer, one verifier, one clock.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::signers::{ED25519, P256, P384, RSA, Signer};
use super::stub::Stub;
use crate::domain::reason::Reason;
use crate::domain::salt::{Salt, Salts};
use crate::domain::subject::{Realm, Realms};
use crate::domain::time::{Clock, Timestamp};
use crate::identity::{IssuerOptions, Outbound, OutboundOptions, Purpose, TokenVerifier};
use crate::store::{KeySetStore, StoreError};

/// The time in these tests, in seconds since the epoch.
pub(super) const NOW: u64 = 1_800_000_000;

/// A clock that moves when it is told to.
pub(super) struct TestClock {
    since_start_ms: AtomicU64,
    is_known: AtomicBool,
}

impl Default for TestClock {
    fn default() -> Self {
        Self {
            since_start_ms: AtomicU64::new(1_000_000),
            is_known: AtomicBool::new(true),
        }
    }
}

impl TestClock {
    pub(super) fn advance(&self, by: Duration) {
        let ms = u64::try_from(by.as_millis()).unwrap();
        self.since_start_ms.fetch_add(ms, Ordering::SeqCst);
    }

    pub(super) fn lose_wall_time(&self) {
        self.is_known.store(false, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Option<Timestamp> {
        let passed = self
            .monotonic()
            .checked_sub(Duration::from_secs(1000))
            .unwrap();
        let is_known = self.is_known.load(Ordering::SeqCst);
        is_known.then(|| Timestamp::from_seconds(NOW).unwrap().plus(passed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.since_start_ms.load(Ordering::SeqCst))
    }
}

/// A store of key sets in memory.
#[derive(Default)]
pub(super) struct MemoryStore {
    pub(super) records: Mutex<HashMap<String, Vec<u8>>>,
    pub(super) is_down: AtomicBool,
}

impl MemoryStore {
    fn check(&self) -> Result<(), StoreError> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("told so".to_owned()));
        }
        Ok(())
    }
}

#[async_trait]
impl KeySetStore for MemoryStore {
    async fn find_key_set(&self, issuer: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.check()?;
        Ok(self.records.lock().unwrap().get(issuer).cloned())
    }

    async fn put_key_set(&self, issuer: &str, record: &[u8]) -> Result<(), StoreError> {
        self.check()?;
        self.records
            .lock()
            .unwrap()
            .insert(issuer.to_owned(), record.to_vec());
        Ok(())
    }
}

pub(super) fn salts(first: u8) -> Salts {
    let mut raw = [7; 32];
    raw[0] = first;
    Salts::new(Salt::from_bytes(raw), Vec::new())
}

pub(super) fn outbound() -> Arc<Outbound> {
    let options = OutboundOptions {
        timeout: Duration::from_secs(2),
        ..OutboundOptions::default()
    };
    Arc::new(Outbound::new(options).unwrap())
}

pub(super) fn realm(name: &str) -> Realm {
    Realm::parse(name).unwrap()
}

pub(super) struct World {
    pub(super) issuer: Stub,
    pub(super) clock: Arc<TestClock>,
    pub(super) store: Arc<MemoryStore>,
    pub(super) verifier: TokenVerifier,
}

/// An issuer that publishes one key of each kind.
pub(super) async fn world() -> World {
    world_with(|_| {}).await
}

pub(super) async fn world_with(change: impl FnOnce(&mut IssuerOptions)) -> World {
    let issuer = Stub::start().await;
    issuer.publishes(&all_keys());
    let mut options = IssuerOptions::new(realm("corp"), issuer.url.clone());
    options.audiences = vec!["api".to_owned(), "other-api".to_owned()];
    options.portal_audiences = vec!["portal".to_owned()];
    change(&mut options);
    let (clock, store) = (
        Arc::new(TestClock::default()),
        Arc::new(MemoryStore::default()),
    );
    World {
        verifier: verifier(vec![options], &clock, &store, 1),
        issuer,
        clock,
        store,
    }
}

pub(super) fn all_keys() -> Vec<Value> {
    let mut pinned = RSA.jwk("rsa-pinned");
    pinned["alg"] = json!("RS256");
    vec![
        RSA.jwk("rsa"),
        P256.jwk("p256"),
        P384.jwk("p384"),
        ED25519.jwk("ed"),
        pinned,
    ]
}

pub(super) fn verifier(
    issuers: Vec<IssuerOptions>,
    clock: &Arc<TestClock>,
    store: &Arc<MemoryStore>,
    salt: u8,
) -> TokenVerifier {
    let realms = Realms::new(issuers.iter().map(|issuer| issuer.realm.clone()));
    let (store, clock) = (Arc::clone(store) as _, Arc::clone(clock) as _);
    TokenVerifier::new(issuers, realms, outbound(), store, salts(salt), clock).unwrap()
}

impl World {
    /// Claims that pass.
    pub(super) fn claims(&self) -> Value {
        claims(&self.issuer.url)
    }

    /// The same with some of them replaced, or left out where the value is null.
    pub(super) fn claims_but(&self, changes: &Value) -> Value {
        let mut claims = self.claims();
        for (name, value) in changes.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        claims
    }

    /// A token that passes.
    pub(super) fn token(&self) -> String {
        RSA.token(&json!({"alg": "RS256", "kid": "rsa"}), &self.claims())
    }

    pub(super) fn token_named(&self, signer: &Signer, kid: &str) -> String {
        signer.token(&json!({"alg": "RS256", "kid": kid}), &self.claims())
    }

    /// Whose the token is, at a gate.
    pub(super) async fn verify(&self, token: &str) -> Result<String, Reason> {
        verify(&self.verifier, token).await
    }

    /// Asserts for each named token that it is refused for that reason.
    pub(super) async fn refuses(&self, cases: Vec<(&str, String, Reason)>) {
        assert_eq!(
            self.verify(&self.token()).await.as_deref(),
            Ok("corp:alice")
        );
        let mut wrong = Vec::new();
        for (name, token, expected) in cases {
            let found = self.verify(&token).await;
            if found != Err(expected) {
                wrong.push(format!("{name}: {found:?} instead of {expected:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

pub(super) fn claims(issuer: &str) -> Value {
    json!({"iss": issuer, "sub": "alice", "aud": "api", "exp": NOW + 300, "iat": NOW})
}

pub(super) async fn verify(verifier: &TokenVerifier, token: &str) -> Result<String, Reason> {
    let verified = verifier.verify(token, Purpose::Gate).await?;
    Ok(verified.identity().owner.to_string())
}
