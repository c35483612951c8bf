//! Records beside keys: found, written, taken, listed.

use std::time::Duration;

use gatelodge::store::Store;
use gatelodge::store::records::{Condition, LISTS_MAX, ListName, NewSheet, RecordName, Shelf};

use super::{Fixture, RACERS, count, race};

fn name(text: &str) -> RecordName {
    RecordName::new(Shelf::Session, text).unwrap()
}

fn list(text: &str) -> ListName {
    ListName::new(text).unwrap()
}

fn sheet(text: &str, lists: &[&str]) -> NewSheet {
    NewSheet {
        name: name(text),
        record: format!("record of {text}\0\u{ff}").into_bytes(),
        expires_at: None,
        lists: lists.iter().map(|text| list(text)).collect(),
    }
}

async fn put(store: &dyn Store, sheet: &NewSheet) {
    assert!(store.put_record(sheet, Condition::Always).await.unwrap());
}

async fn listed(store: &dyn Store, text: &str) -> Vec<String> {
    let lines = store
        .list_records(&list(text), None, usize::MAX)
        .await
        .unwrap();
    let names = lines.iter().map(|(name, _)| name.as_str().to_owned());
    names.collect()
}

pub async fn a_record_is_found_until_it_is_removed(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let one = sheet("one", &["all"]);
    assert_eq!(store.find_record(&one.name).await.unwrap(), None);
    assert!(!store.remove_record(&one.name).await.unwrap());

    put(&*store, &one).await;
    let found = store.find_record(&one.name).await.unwrap();
    assert_eq!(found, Some(one.record.clone()));

    assert!(store.remove_record(&one.name).await.unwrap());
    assert_eq!(store.find_record(&one.name).await.unwrap(), None);
    assert!(!store.remove_record(&one.name).await.unwrap());
    assert_eq!(listed(&*store, "all").await, [""; 0]);
}

pub async fn names_on_different_shelves_are_different_records(fixture: &mut impl Fixture) {
    let store = fixture.store();
    for shelf in Shelf::ALL {
        let sheet = NewSheet {
            name: RecordName::new(shelf, "alice").unwrap(),
            record: shelf.prefix().as_bytes().to_vec(),
            ..sheet("alice", &["all"])
        };
        put(&*store, &sheet).await;
    }

    for shelf in Shelf::ALL {
        let name = RecordName::new(shelf, "alice").unwrap();
        let found = store.find_record(&name).await.unwrap();
        assert_eq!(found, Some(shelf.prefix().as_bytes().to_vec()));
    }
    assert_eq!(listed(&*store, "all").await, ["alice"; 4]);
}

pub async fn a_record_that_ended_is_as_if_it_had_never_been(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let ended = NewSheet {
        expires_at: Some(fixture.now()),
        ..sheet("ended", &["all"])
    };
    let lasting = NewSheet {
        expires_at: Some(fixture.now().plus(Duration::from_hours(1))),
        ..sheet("lasting", &["all"])
    };
    put(&*store, &ended).await;
    put(&*store, &lasting).await;

    assert_eq!(store.find_record(&ended.name).await.unwrap(), None);
    assert_eq!(listed(&*store, "all").await, ["lasting"]);
    let unchanged = Condition::Unchanged(&ended.record);
    assert!(!store.put_record(&lasting, unchanged).await.unwrap());
    assert!(!store.put_record(&ended, unchanged).await.unwrap());
    put(&*store, &ended).await;
    assert_eq!(store.take_record(&ended.name).await.unwrap(), None);
    put(&*store, &ended).await;
    assert!(store.put_record(&ended, Condition::Absent).await.unwrap());
}

pub async fn a_record_is_written_only_where_the_condition_holds(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let first = sheet("one", &[]);
    let second = NewSheet {
        record: b"second".to_vec(),
        ..first.clone()
    };
    let holds = async |sheet: &NewSheet, condition: Condition<'_>| {
        store.put_record(sheet, condition).await.unwrap()
    };
    assert!(!holds(&first, Condition::Unchanged(&first.record)).await);
    assert!(!holds(&first, Condition::Unchanged(b"")).await);

    assert!(holds(&first, Condition::Absent).await);
    assert!(!holds(&second, Condition::Absent).await);
    assert!(!holds(&second, Condition::Unchanged(b"")).await);
    let found = store.find_record(&first.name).await.unwrap();
    assert_eq!(found.as_ref(), Some(&first.record));

    assert!(holds(&second, Condition::Unchanged(&first.record)).await);
    let found = store.find_record(&first.name).await.unwrap();
    assert_eq!(found.as_ref(), Some(&second.record));
    assert!(holds(&first, Condition::Always).await);
}

pub async fn of_many_first_records_at_once_exactly_one_is_written(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let outcomes = race(|number| {
        let store = store.clone();
        Box::pin(async move {
            let sheet = NewSheet {
                record: number.to_string().into_bytes(),
                ..sheet("one", &["all"])
            };
            store.put_record(&sheet, Condition::Absent).await.unwrap()
        })
    })
    .await;

    assert_eq!(count(&outcomes, &true), 1);
    let winner = outcomes.iter().position(|written| *written).unwrap();
    let found = store.find_record(&name("one")).await.unwrap();
    assert_eq!(found, Some(winner.to_string().into_bytes()));
    assert_eq!(listed(&*store, "all").await, ["one"]);
}

pub async fn of_many_changes_to_a_record_at_once_exactly_one_wins(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let first = sheet("one", &[]);
    put(&*store, &first).await;
    let outcomes = race(|number| {
        let (store, expected) = (store.clone(), first.record.clone());
        Box::pin(async move {
            let sheet = NewSheet {
                record: number.to_string().into_bytes(),
                ..sheet("one", &[])
            };
            let condition = Condition::Unchanged(&expected);
            store.put_record(&sheet, condition).await.unwrap()
        })
    })
    .await;

    assert_eq!(count(&outcomes, &true), 1);
}

pub async fn of_many_who_take_a_record_at_once_exactly_one_gets_it(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let one = sheet("one", &["all"]);
    put(&*store, &one).await;
    let outcomes = race(|_| {
        let store = store.clone();
        Box::pin(async move { store.take_record(&name("one")).await.unwrap() })
    })
    .await;

    assert_eq!(count(&outcomes, &Some(one.record)), 1);
    assert_eq!(count(&outcomes, &None), RACERS as usize - 1);
    assert_eq!(listed(&*store, "all").await, [""; 0]);
}

pub async fn a_list_goes_by_name_and_in_pages(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let names = ["B", "a", "a-b", "a.b", "a_", "ab", "b"];
    for text in names.iter().rev() {
        put(&*store, &sheet(text, &["all", "some"])).await;
    }
    put(&*store, &sheet("elsewhere", &["other"])).await;

    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store
            .list_records(&list("all"), after.as_ref(), 3)
            .await
            .unwrap();
        after = page.last().map(|(name, _)| name.clone());
        for (name, record) in &page {
            assert_eq!(*record, sheet(name.as_str(), &[]).record);
            seen.push(name.as_str().to_owned());
        }
        if page.len() < 3 {
            break;
        }
    }
    assert_eq!(seen, ["B", "a", "a-b", "a.b", "a_", "ab", "b"]);
    assert_eq!(listed(&*store, "some").await, seen);
    assert_eq!(listed(&*store, "none").await, [""; 0]);
    let none = store.list_records(&list("all"), None, 0).await.unwrap();
    assert_eq!(none, []);
}

pub async fn a_page_of_records_goes_on_where_one_was_removed(fixture: &mut impl Fixture) {
    let store = fixture.store();
    for text in ["a", "b", "c", "d"] {
        put(&*store, &sheet(text, &["all"])).await;
    }
    store.remove_record(&name("b")).await.unwrap();
    store.remove_record(&name("c")).await.unwrap();

    let page = store
        .list_records(&list("all"), Some(&name("b")), 5)
        .await
        .unwrap();

    assert_eq!(page, [(name("d"), sheet("d", &[]).record)]);
}

pub async fn a_record_stands_in_the_lists_it_was_last_written_with(fixture: &mut impl Fixture) {
    let store = fixture.store();
    put(&*store, &sheet("one", &["old", "both"])).await;

    put(&*store, &sheet("one", &["both", "new"])).await;

    assert_eq!(listed(&*store, "old").await, [""; 0]);
    assert_eq!(listed(&*store, "both").await, ["one"]);
    assert_eq!(listed(&*store, "new").await, ["one"]);
}

pub async fn a_record_that_is_not_written_enters_no_list(fixture: &mut impl Fixture) {
    let store = fixture.store();
    put(&*store, &sheet("one", &["hers"])).await;

    let other = sheet("one", &["his"]);
    assert!(!store.put_record(&other, Condition::Absent).await.unwrap());
    let absent = sheet("two", &["his"]);
    let unchanged = Condition::Unchanged(&absent.record);
    assert!(!store.put_record(&absent, unchanged).await.unwrap());

    assert_eq!(listed(&*store, "hers").await, ["one"]);
    assert_eq!(listed(&*store, "his").await, [""; 0]);
}

pub async fn a_list_is_whole_however_often_it_is_read_meanwhile(fixture: &mut impl Fixture) {
    let store = fixture.store();
    race(|number| {
        let store = store.clone();
        Box::pin(async move {
            for turn in 0..10 {
                if number % 2 == 0 {
                    put(&*store, &sheet(&format!("{number}-{turn}"), &["all"])).await;
                } else {
                    listed(&*store, "all").await;
                }
            }
        })
    })
    .await;

    let expected = 10 * RACERS as usize / 2;
    assert_eq!(listed(&*store, "all").await.len(), expected);
}

pub async fn no_record_stands_in_too_many_lists(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let mut one = sheet("one", &["list"; LISTS_MAX]);
    put(&*store, &one).await;

    one.lists.push(list("list"));

    assert!(store.put_record(&one, Condition::Always).await.is_err());
}

pub async fn records_survive_a_restart(fixture: &mut impl Fixture) {
    let store = fixture.store();
    let (kept, removed) = (sheet("kept", &["all"]), sheet("removed", &["all"]));
    put(&*store, &kept).await;
    put(&*store, &removed).await;
    store.remove_record(&removed.name).await.unwrap();
    drop(store);

    fixture.reopen().await;

    let store = fixture.store();
    let found = store.find_record(&kept.name).await.unwrap();
    assert_eq!(found, Some(kept.record));
    assert_eq!(store.find_record(&removed.name).await.unwrap(), None);
    assert_eq!(listed(&*store, "all").await, ["kept"]);
}
