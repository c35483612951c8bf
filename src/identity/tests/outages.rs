//! Issuers that are slow, down, silent or changing their keys, and strangers
//! who would like us to ask them all the time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt as _;
use serde_json::json;

use super::signers::{OTHER_RSA, RSA};
use super::stub::{Answer, Stub, response};
use super::world::{
    MemoryStore, NOW, TestClock, World, all_keys, claims, realm, verifier, verify, world,
    world_with,
};
use crate::domain::reason::{Outcome, Reason};
use crate::identity::{IssuerOptions, IssuerState, TokenVerifier};

fn broken() -> Answer {
    Answer::Bytes(response("500 Oops", b""))
}

fn token_until(world: &World, exp: u64) -> String {
    let claims = world.claims_but(&json!({"exp": exp}));
    RSA.token(&json!({"alg": "RS256", "kid": "rsa"}), &claims)
}

fn state(verifier: &TokenVerifier) -> IssuerState {
    verifier.readiness().pop().unwrap().state
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_no_flood_of_fetches() {
    let world = world().await;
    world.verifier.probe().await;
    assert_eq!(world.issuer.count("/jwks"), 1);
    let flood = |from: usize| {
        (from..from + 500)
            .map(|i| world.token_named(&RSA, &format!("made up {i}")))
            .collect::<Vec<_>>()
    };
    let tokens = flood(0);
    let all = tokens.iter().map(|token| world.verify(token));
    let outcomes = futures_util::future::join_all(all).await;
    assert!(
        outcomes
            .iter()
            .all(|outcome| *outcome == Err(Reason::TokenKey))
    );
    assert_eq!(world.issuer.count("/jwks"), 2);
    for token in &flood(500) {
        assert_eq!(world.verify(token).await, Err(Reason::TokenKey));
    }
    assert_eq!(world.issuer.count("/jwks"), 2);
    world.clock.advance(Duration::from_secs(29));
    assert_eq!(world.verify(&tokens[0]).await, Err(Reason::TokenKey));
    assert_eq!(world.issuer.count("/jwks"), 2);
    world.clock.advance(Duration::from_secs(1));
    for token in &flood(1000) {
        assert_eq!(world.verify(token).await, Err(Reason::TokenKey));
    }
    assert_eq!(world.issuer.count("/jwks"), 3);
    assert!(world.verify(&world.token()).await.is_ok());
}

#[tokio::test]
async fn the_slot_stays_claimed_when_the_fetch_fails_or_finds_nothing() {
    for answer in [broken(), Answer::Json(json!({"keys": []}))] {
        let world = world().await;
        world.verifier.probe().await;
        world.issuer.fails_with(&answer);
        let before = world.issuer.requests().len();
        for i in 0..100 {
            let token = world.token_named(&RSA, &format!("made up {i}"));
            assert_eq!(world.verify(&token).await, Err(Reason::IssuerUnavailable));
        }
        assert_eq!(world.issuer.requests().len() - before, 1);
        // What is known goes on being decided.
        assert!(world.verify(&world.token()).await.is_ok());
        let forged = world.token_named(&OTHER_RSA, "rsa");
        assert_eq!(world.verify(&forged).await, Err(Reason::TokenSignature));
    }
}

#[tokio::test]
async fn a_key_that_is_known_to_be_gone_is_not_asked_for_again() {
    let world = world().await;
    let old = world.token_named(&OTHER_RSA, "withdrawn");
    for _ in 0..5 {
        assert_eq!(world.verify(&old).await, Err(Reason::TokenKey));
        world.clock.advance(Duration::from_secs(40));
    }
    // One that brought the first keys and one for the name.
    assert_eq!(world.issuer.count("/jwks"), 2);
}

#[tokio::test]
async fn a_new_key_is_usable_after_one_fetch_and_a_withdrawn_one_refused_after_a_refresh() {
    let world = world().await;
    world.verifier.probe().await;
    let mut keys = all_keys();
    keys.push(OTHER_RSA.jwk("new"));
    world.issuer.publishes(&keys);
    let token = world.token_named(&OTHER_RSA, "new");
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.issuer.count("/jwks"), 2);
    world.issuer.publishes(&[OTHER_RSA.jwk("new")]);
    let withdrawn = token_until(&world, NOW + 9999);
    assert!(world.verify(&withdrawn).await.is_ok());
    let issuer = &world.verifier.issuers[0];
    assert_eq!(issuer.fetch_when_due().await, Duration::from_mins(5));
    world.clock.advance(Duration::from_mins(5));
    assert_eq!(issuer.fetch_when_due().await, Duration::from_mins(5));
    assert_eq!(world.verify(&withdrawn).await, Err(Reason::TokenKey));
}

#[tokio::test]
async fn the_last_good_keys_bridge_an_outage_but_not_for_ever() {
    let world = world().await;
    world.verifier.probe().await;
    let token = token_until(&world, NOW + 99_999);
    for answer in [
        broken(),
        Answer::Json(json!({"keys": []})),
        Answer::Bytes(Vec::new()),
    ] {
        world.issuer.fails_with(&answer);
        world.verifier.probe().await;
        assert!(world.verify(&token).await.is_ok());
        assert!(matches!(state(&world.verifier), IssuerState::Stale { .. }));
    }
    world.clock.advance(Duration::from_hours(1));
    assert!(world.verify(&token).await.is_ok());
    world.clock.advance(Duration::from_millis(1));
    let reason = world.verify(&token).await.unwrap_err();
    assert_eq!(reason, Reason::IssuerUnavailable);
    assert_eq!(reason.outcome(), Outcome::Unavailable);
    assert!(matches!(
        state(&world.verifier),
        IssuerState::Down { since: Some(_), .. }
    ));
    // A clock that somebody sets back would not make them younger: ages are
    // monotonic. And the issuer comes back by itself.
    world.issuer.publishes(&all_keys());
    world.clock.advance(Duration::from_mins(1));
    world.verifier.issuers[0].fetch_when_due().await;
    assert!(world.verify(&token).await.is_ok());
    assert!(matches!(
        state(&world.verifier),
        IssuerState::Ready {
            age: Duration::ZERO
        }
    ));
}

#[tokio::test]
async fn one_issuers_outage_is_no_other_ones() {
    let (clock, store) = (TestClock::default().into(), MemoryStore::default().into());
    let (up, down) = (Stub::start().await, Stub::start().await);
    up.publishes(&[RSA.jwk("rsa")]);
    down.fails_with(&broken());
    let options = |name: &str, stub: &Stub| {
        let mut options = IssuerOptions::new(realm(name), stub.url.clone());
        options.audiences = vec!["api".to_owned()];
        options
    };
    let verifier = verifier(
        vec![options("up", &up), options("down", &down)],
        &clock,
        &store,
        1,
    );
    let header = json!({"alg": "RS256", "kid": "rsa"});
    let of = |stub: &Stub| RSA.token(&header, &claims(&stub.url));
    assert_eq!(
        verify(&verifier, &of(&down)).await,
        Err(Reason::IssuerUnavailable)
    );
    assert_eq!(verify(&verifier, &of(&up)).await.as_deref(), Ok("up:alice"));
    let states: Vec<bool> = verifier
        .readiness()
        .iter()
        .map(|status| matches!(status.state, IssuerState::Ready { .. }))
        .collect();
    assert_eq!(states, [true, false]);
}

/// Another replica's verifier, beside the same store.
fn replica(world: &World, change: impl FnOnce(&mut IssuerOptions), salt: u8) -> TokenVerifier {
    let mut options = IssuerOptions::new(realm("corp"), world.issuer.url.clone());
    options.audiences = vec!["api".to_owned()];
    change(&mut options);
    verifier(vec![options], &world.clock, &world.store, salt)
}

/// Waits till the store holds something, with a deadline.
async fn shared(world: &World) {
    for _ in 0..500 {
        if !world.store.records.lock().unwrap().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    panic!("nothing was shared");
}

#[tokio::test]
async fn a_cold_replica_starts_from_the_store_while_the_issuer_is_silent() {
    let world = world().await;
    assert!(world.verify(&world.token()).await.is_ok());
    shared(&world).await;
    world.issuer.fails_with(&Answer::Silence);
    world.clock.advance(Duration::from_secs(200));
    let cold = replica(&world, |_| {}, 1);
    cold.start();
    let token = world.token();
    // Faster than the time-out of the fetch: the store's answer is enough.
    let verified = tokio::time::timeout(Duration::from_secs(1), verify(&cold, &token));
    assert_eq!(verified.await.unwrap().as_deref(), Ok("corp:alice"));
    let age = Duration::from_secs(200);
    assert_eq!(state(&cold), IssuerState::Ready { age });
    // What is too old for its maker is too old for all.
    world.clock.advance(Duration::from_secs(3401));
    let late = replica(&world, |_| {}, 1);
    world.issuer.fails_with(&broken());
    let token = token_until(&world, NOW + 99_999);
    assert_eq!(verify(&late, &token).await, Err(Reason::IssuerUnavailable));
}

#[tokio::test]
async fn stored_keys_count_only_in_their_place_and_under_our_salt() {
    let world = world().await;
    world.verifier.probe().await;
    shared(&world).await;
    world.issuer.fails_with(&broken());
    let token = world.token();
    let other_salt = replica(&world, |_| {}, 2);
    assert_eq!(
        verify(&other_salt, &token).await,
        Err(Reason::IssuerUnavailable)
    );
    let other_source = replica(
        &world,
        |issuer| issuer.jwks_url = Some(format!("{}/jwks", issuer.url).parse().unwrap()),
        1,
    );
    assert_eq!(
        verify(&other_source, &token).await,
        Err(Reason::IssuerUnavailable)
    );
    let other_issuer = format!("{}/tenant", world.issuer.url);
    let record = world.store.records.lock().unwrap()[&world.issuer.url].clone();
    world
        .store
        .records
        .lock()
        .unwrap()
        .insert(other_issuer.clone(), record.clone());
    let moved = replica(&world, |issuer| issuer.url = other_issuer, 1);
    assert!(matches!(
        moved.probe().await[0].state,
        IssuerState::Down { .. }
    ));
    for place in (0..record.len()).step_by(11) {
        let mut changed = record.clone();
        changed[place] ^= 1;
        world
            .store
            .records
            .lock()
            .unwrap()
            .insert(world.issuer.url.clone(), changed);
        let cold = replica(&world, |_| {}, 1);
        assert_eq!(
            verify(&cold, &token).await,
            Err(Reason::IssuerUnavailable),
            "{place}"
        );
    }
    world
        .store
        .records
        .lock()
        .unwrap()
        .insert(world.issuer.url.clone(), record);
    assert!(verify(&replica(&world, |_| {}, 1), &token).await.is_ok());
}

#[tokio::test]
async fn a_replica_that_cannot_reach_the_issuer_lives_on_what_another_fetched() {
    let world = world().await;
    world.verifier.probe().await;
    shared(&world).await;
    let cut_off = replica(&world, |_| {}, 1);
    world.issuer.fails_with(&broken());
    cut_off.probe().await;
    world.clock.advance(Duration::from_mins(50));
    world.issuer.publishes(&all_keys());
    world.store.records.lock().unwrap().clear();
    world.verifier.probe().await;
    shared(&world).await;
    world.issuer.fails_with(&broken());
    cut_off.probe().await;
    world.clock.advance(Duration::from_mins(50));
    let token = token_until(&world, NOW + 99_999);
    assert!(verify(&cut_off, &token).await.is_ok());
}

#[tokio::test]
async fn an_older_record_never_replaces_fresher_keys() {
    let world = world().await;
    world.verifier.probe().await;
    shared(&world).await;
    let old = world.store.records.lock().unwrap().clone();
    world.clock.advance(Duration::from_mins(30));
    world.verifier.probe().await;
    *world.store.records.lock().unwrap() = old;
    world.issuer.fails_with(&broken());
    world.verifier.probe().await;
    let is_fresh = |age| age == Duration::ZERO;
    assert!(matches!(state(&world.verifier), IssuerState::Stale { age, .. } if is_fresh(age)));
}

#[tokio::test]
async fn a_record_from_the_future_is_not_believed() {
    for (ahead, is_believed) in [(300, true), (301, false)] {
        let world = world().await;
        world.clock.advance(Duration::from_secs(ahead));
        world.verifier.probe().await;
        shared(&world).await;
        world.issuer.fails_with(&broken());
        let mut options = IssuerOptions::new(realm("corp"), world.issuer.url.clone());
        options.audiences = vec!["api".to_owned()];
        let behind = Arc::new(TestClock::default());
        let cold = verifier(vec![options], &behind, &world.store, 1);
        assert_eq!(
            verify(&cold, &world.token()).await.is_ok(),
            is_believed,
            "{ahead}"
        );
    }
}

#[tokio::test]
async fn a_store_that_is_down_costs_nothing_but_the_sharing() {
    let world = world().await;
    world.store.is_down.store(true, Ordering::SeqCst);
    assert!(world.verify(&world.token()).await.is_ok());
    assert!(world.store.records.lock().unwrap().is_empty());
}

#[tokio::test]
async fn the_start_waits_for_nobody_and_the_background_keeps_up() {
    let world = world().await;
    world.issuer.fails_with(&Answer::Silence);
    world.verifier.start();
    assert!(matches!(
        state(&world.verifier),
        IssuerState::Down {
            last_error: None,
            ..
        }
    ));
    world.issuer.publishes(&all_keys());
    let verifier = Arc::new(replica(&world, |_| {}, 1));
    verifier.start();
    for _ in 0..500 {
        if matches!(state(&verifier), IssuerState::Ready { .. }) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?}", state(&verifier));
}

#[tokio::test]
async fn the_schedule_never_lets_good_keys_lapse() {
    let world = world_with(|issuer| {
        issuer.refresh = Duration::from_hours(24);
        issuer.max_stale = Duration::from_mins(10);
    })
    .await;
    let due_in = world.verifier.issuers[0].fetch_when_due().await;
    assert_eq!(due_in, Duration::from_mins(5));
}

#[tokio::test]
async fn a_caller_who_hangs_up_does_not_take_the_fetch_along() {
    let world = world().await;
    let token = world.token();
    {
        let mut verifying = Box::pin(world.verify(&token));
        assert!(verifying.as_mut().now_or_never().is_none());
    }
    assert!(world.verify(&token).await.is_ok());
    assert_eq!(world.issuer.count("/jwks"), 1);
}
