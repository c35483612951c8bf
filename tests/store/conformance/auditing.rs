//! Guarantees about events.

use std::time::Duration;

use gatelodge::domain::api_key::OwnerTag;
use gatelodge::domain::subject::Tenant;
use gatelodge::domain::time::Timestamp;
use gatelodge::store::Store;
use gatelodge::store::audit::{EventId, EventList, EventRange, FiledEvent, Keep};

use super::super::support::{id, owner};
use super::{Fixture, race};

const KEEP: Keep = Keep {
    time: Duration::from_hours(24),
    per_list_max: 50,
};

fn event(at: Timestamp, number: u8, lists: Vec<EventList>) -> FiledEvent {
    FiledEvent {
        id: EventId::new(at, [number; 10]),
        // Bytes that mean something to a store, among them.
        record: vec![0, 10, b'(', b'[', 255, number],
        lists,
    }
}

fn list_of(owner: &OwnerTag) -> EventList {
    EventList::Owner(*owner)
}

async fn numbers(store: &dyn Store, list: &EventList, range: EventRange, limit: usize) -> Vec<u8> {
    let events = store.list_events(list, range, limit).await.unwrap();
    events.iter().map(|(_, record)| record[5]).collect()
}

async fn all(store: &dyn Store, list: &EventList) -> Vec<u8> {
    numbers(store, list, EventRange::default(), usize::MAX).await
}

pub async fn events_are_listed_newest_first_and_whole(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let list = list_of(&owner("alice"));
    let now = fixture.now();
    for number in [1, 3, 2] {
        let at = now.plus(Duration::from_secs(u64::from(number)));
        let event = event(at, number, vec![list.clone()]);
        store.append_event(&event, KEEP).await.unwrap();
    }
    let found = store
        .list_events(&list, EventRange::default(), 10)
        .await
        .unwrap();
    let expected = event(now.plus(Duration::from_secs(3)), 3, Vec::new());
    assert_eq!(found[0], (expected.id, expected.record));
    assert_eq!(all(&*store, &list).await, [3, 2, 1]);
}

pub async fn an_event_stands_in_its_own_lists_and_no_other(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (alice, bob) = (owner("alice"), owner("bob"));
    let key = id(&alice, "key");
    let everybody = EventList::Tenant(Tenant::default());
    let lists = vec![everybody.clone(), list_of(&alice), EventList::Key(key)];
    let first = event(fixture.now(), 1, lists);
    store.append_event(&first, KEEP).await.unwrap();
    let second = event(fixture.now(), 2, vec![everybody.clone(), list_of(&bob)]);
    store.append_event(&second, KEEP).await.unwrap();
    assert_eq!(all(&*store, &everybody).await, [2, 1]);
    assert_eq!(all(&*store, &list_of(&alice)).await, [1]);
    assert_eq!(all(&*store, &EventList::Key(key)).await, [1]);
    assert_eq!(all(&*store, &list_of(&bob)).await, [2]);
    assert!(all(&*store, &list_of(&owner("carol"))).await.is_empty());
}

pub async fn a_part_of_the_events_is_what_lies_between(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let list = list_of(&owner("alice"));
    let now = fixture.now();
    let mut ids = Vec::new();
    for number in 0..10 {
        let at = now.plus(Duration::from_secs(u64::from(number) / 2));
        let event = event(at, number, vec![list.clone()]);
        store.append_event(&event, KEEP).await.unwrap();
        ids.push(event.id);
    }
    let range = |from: Option<usize>, before: Option<usize>| EventRange {
        from: from.map(|place| ids[place]),
        before: before.map(|place| ids[place]),
    };
    let part = async |range, limit| numbers(&*store, &list, range, limit).await;
    assert_eq!(part(range(None, Some(4)), 3).await, [3, 2, 1]);
    assert_eq!(part(range(None, Some(1)), 3).await, [0]);
    assert_eq!(part(range(Some(7), None), 9).await, [9, 8, 7]);
    assert_eq!(part(range(Some(2), Some(4)), 9).await, [3, 2]);
    let second = EventRange {
        from: Some(EventId::first_at(now.plus(Duration::from_secs(4)))),
        before: None,
    };
    assert_eq!(part(second, 9).await, [9, 8]);
}

pub async fn an_event_that_is_entered_twice_stands_there_once(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let list = list_of(&owner("alice"));
    let event = event(fixture.now(), 1, vec![list.clone()]);
    store.append_event(&event, KEEP).await.unwrap();
    store.append_event(&event, KEEP).await.unwrap();
    assert_eq!(all(&*store, &list).await, [1]);
}

pub async fn a_list_of_events_keeps_the_newest(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (full, other) = (list_of(&owner("alice")), list_of(&owner("bob")));
    let now = fixture.now();
    let first = event(now, 0, vec![full.clone(), other.clone()]);
    store.append_event(&first, KEEP).await.unwrap();
    for number in 1..=60 {
        let at = now.plus(Duration::from_secs(u64::from(number)));
        let event = event(at, number, vec![full.clone()]);
        store.append_event(&event, KEEP).await.unwrap();
    }
    let expected: Vec<u8> = (11..=60).rev().collect();
    assert_eq!(all(&*store, &full).await, expected);
    assert_eq!(all(&*store, &other).await, [0], "another list is its own");
    let fewer = Keep {
        per_list_max: 3,
        ..KEEP
    };
    let last = event(now.plus(Duration::from_secs(61)), 61, vec![full.clone()]);
    store.append_event(&last, fewer).await.unwrap();
    assert_eq!(all(&*store, &full).await, [61, 60, 59]);
}

pub async fn an_event_leaves_a_list_when_it_is_past_keeping(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let list = list_of(&owner("alice"));
    let first = fixture.now();
    for (number, hours) in [(0, 0), (1, 1), (2, 24), (3, 25)] {
        let at = first.plus(Duration::from_hours(hours));
        let event = event(at, number, vec![list.clone()]);
        store.append_event(&event, KEEP).await.unwrap();
    }
    assert_eq!(all(&*store, &list).await, [3, 2, 1]);
    let last = event(first.plus(Duration::from_hours(26)), 4, vec![list.clone()]);
    store.append_event(&last, KEEP).await.unwrap();
    assert_eq!(all(&*store, &list).await, [4, 3, 2]);
}

pub async fn of_many_events_at_once_none_is_lost(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let list = list_of(&owner("alice"));
    let now = fixture.now();
    race(|number| {
        let (store, list) = (std::sync::Arc::clone(&store), list.clone());
        Box::pin(async move {
            let event = event(now, u8::try_from(number).unwrap(), vec![list]);
            store.append_event(&event, KEEP).await.unwrap();
        })
    })
    .await;
    let expected: Vec<u8> = (0..20).rev().collect();
    assert_eq!(all(&*store, &list).await, expected);
}

pub async fn events_survive_a_restart(fixture: &mut impl Fixture) {
    let list = list_of(&owner("alice"));
    let event = event(fixture.now(), 1, vec![list.clone()]);
    fixture.store().append_event(&event, KEEP).await.unwrap();
    fixture.reopen().await;
    assert_eq!(all(&*fixture.store(), &list).await, [1]);
}
