//! What a store keeps of the use of keys.

use gatelodge::domain::network::Network;
use gatelodge::domain::reason::Reason;
use gatelodge::domain::usage::Hour;
use gatelodge::store::usage::{
    DAYS_KEPT, HOURS_KEPT_DAYS, KeyHour, KeyUsage, NETWORKS_MAX, NetworkUse,
};
use std::time::Duration;

use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::store::Store;

use super::super::support::{key, owner, revocation, seed_key};
use super::{Fixture, mint};

fn told(id: ApiKeyId, hour: Hour, allowed: u64, refused: &[(Reason, u64)]) -> KeyHour {
    KeyHour {
        id,
        hour,
        allowed,
        refused: refused.to_vec(),
        networks: Vec::new(),
    }
}

async fn usage(store: &dyn Store, id: &ApiKeyId, now: Hour) -> KeyUsage {
    let since = now.minus(24 * HOURS_KEPT_DAYS);
    let days = now.day().minus(DAYS_KEPT);
    store.key_usage(id, since, days).await.unwrap()
}

pub async fn the_use_of_a_key_adds_up_by_hour_and_day(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), Hour::of(fixture.now()));
    let keys = [
        key(&alice, "one", fixture.now()),
        seed_key(&alice, "two", fixture.now()),
    ];
    for key in &keys {
        mint(&*store, key).await;
        let (expired, scope) = (Reason::KeyExpired, Reason::MissingScope);
        let first = [
            told(key.id, now, 5, &[(expired, 1)]),
            told(key.id, now.minus(1), 1, &[]),
        ];
        store.record_usage(&first).await.unwrap();
        let second = [told(key.id, now, 0, &[(expired, 2), (scope, 1)])];
        store.record_usage(&second).await.unwrap();
        store.record_usage(&[]).await.unwrap();

        let usage = usage(&*store, &key.id, now).await;

        assert_eq!(usage.hours.len(), 2);
        assert_eq!(
            (usage.hours[0].hour, usage.hours[0].allowed),
            (now.minus(1), 1)
        );
        assert_eq!((usage.hours[1].hour, usage.hours[1].allowed), (now, 5));
        let refused: Vec<_> = usage.hours[1].refused.iter().collect();
        let expected = [
            ("key_expired".to_owned(), 3),
            ("missing_scope".to_owned(), 1),
        ];
        assert_eq!(
            refused,
            expected.iter().map(|(n, c)| (n, c)).collect::<Vec<_>>()
        );
        let day = usage.days.last().unwrap();
        assert_eq!((day.day, day.allowed, day.refused), (now.day(), 6, 4));
    }
}

pub async fn a_late_report_counts_in_its_own_hour_and_one_that_is_over_does_not(
    fixture: &mut impl Fixture,
) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), Hour::of(fixture.now()));
    let key = key(&alice, "ci", fixture.now());
    mint(&*store, &key).await;
    let late = now.minus(24 * 3);
    // Its hours are over, its day is not.
    let older = now.minus(24 * (HOURS_KEPT_DAYS + 2));
    let over = now.minus(24 * (DAYS_KEPT + 2));
    for hour in [now, late, older, over] {
        let report = [told(key.id, hour, 2, &[])];
        store.record_usage(&report).await.unwrap();
    }

    let usage = usage(&*store, &key.id, now).await;

    let hours: Vec<_> = usage
        .hours
        .iter()
        .map(|one| (one.hour, one.allowed))
        .collect();
    assert_eq!(hours, [(late, 2), (now, 2)]);
    let days: Vec<_> = usage
        .days
        .iter()
        .map(|one| (one.day, one.allowed))
        .collect();
    assert_eq!(days, [(older.day(), 2), (late.day(), 2), (now.day(), 2)]);
    let recent = store.key_usage(&key.id, now, now.day()).await.unwrap();
    assert_eq!((recent.hours.len(), recent.days.len()), (1, 1));
}

pub async fn of_a_keys_networks_the_latest_are_kept(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), fixture.now());
    let key = key(&alice, "ci", now);
    mint(&*store, &key).await;
    let seen = |number: u32, seconds: u32, count| NetworkUse {
        network: Network::parse(&format!("10.0.{number}.0/24")).unwrap(),
        last_seen_at: now.plus(Duration::from_secs(u64::from(seconds))),
        count,
    };
    let report = |networks| KeyHour {
        networks,
        ..told(key.id, Hour::of(now), 1, &[])
    };
    let most = u32::try_from(NETWORKS_MAX).unwrap();
    let first = (0..most).map(|number| seen(number, number, 1)).collect();
    store.record_usage(&[report(first)]).await.unwrap();
    let second = vec![seen(0, most, 4), seen(1, 0, 2), seen(200, most + 1, 1)];
    store.record_usage(&[report(second)]).await.unwrap();

    let networks = usage(&*store, &key.id, Hour::of(now)).await.networks;

    assert_eq!(networks.len(), NETWORKS_MAX);
    assert_eq!(networks[0], seen(200, most + 1, 1));
    assert_eq!(
        networks[1],
        seen(0, most, 5),
        "the latest time, and the sum"
    );
    let known: Vec<_> = networks.iter().map(|one| one.network).collect();
    assert!(
        !known.contains(&seen(1, 0, 0).network),
        "the least recent went"
    );
}

pub async fn the_days_of_many_keys_are_told_apart(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), Hour::of(fixture.now()));
    let keys = ["one", "two", "three"].map(|label| key(&alice, label, fixture.now()));
    for (key, count) in keys.iter().zip(1..) {
        mint(&*store, key).await;
        let report = [
            told(key.id, now, count, &[]),
            told(key.id, now.minus(24), 10 * count, &[]),
        ];
        store.record_usage(&report).await.unwrap();
    }
    let unused = key(&alice, "unused", fixture.now()).id;
    let ids = [keys[2].id, unused, keys[0].id];

    let days = store.daily_usage(&ids, now.day().minus(1)).await.unwrap();

    let allowed: Vec<Vec<u64>> = days
        .iter()
        .map(|days| days.iter().map(|day| day.allowed).collect())
        .collect();
    assert_eq!(allowed, [vec![30, 3], vec![], vec![10, 1]]);
    let none = store.daily_usage(&[], now.day()).await.unwrap();
    assert_eq!(none, Vec::<Vec<_>>::new());
}

pub async fn a_key_that_is_gone_has_a_past_and_no_more_use(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, now) = (owner("alice"), Hour::of(fixture.now()));
    let (key, unknown) = (
        key(&alice, "ci", fixture.now()),
        key(&alice, "unknown", fixture.now()),
    );
    mint(&*store, &key).await;
    let report = [told(key.id, now, 1, &[]), told(unknown.id, now, 1, &[])];
    store.record_usage(&report).await.unwrap();
    let ends = [revocation(&key)];
    store.revoke_keys(&alice, &ends).await.unwrap();

    store.record_usage(&report).await.unwrap();

    let past = usage(&*store, &key.id, now).await;
    assert_eq!(past.hours.len(), 1);
    assert_eq!(past.hours[0].allowed, 1);
    assert_eq!(usage(&*store, &unknown.id, now).await, KeyUsage::default());
}
