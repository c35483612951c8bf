use super::*;
use crate::domain::decision::Denial;
use crate::store::usage::NETWORKS_MAX;

const HOUR_MS: u64 = 3_600_000;

fn id(number: usize) -> ApiKeyId {
    ApiKeyId::parse(&format!("00{number:014}")).unwrap()
}

fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn refuse(recorder: &UsageRecorder, reason: Reason, time: u64) {
    let denial = Denial::new(reason).about(Some(id(1)));
    recorder.note(&Decision::Deny(denial), at(time), None);
}

#[test]
fn uses_of_a_key_add_up_and_the_latest_counts() {
    let recorder = UsageRecorder::default();
    recorder.count(id(1), None, at(5), None);
    recorder.count(id(1), None, at(3), None);
    let report = recorder.take(Which::All);
    recorder.give_uses_back(report.uses);
    recorder.give_hours_back(report.hours);
    recorder.count(id(1), None, at(9), None);

    let report = recorder.take(Which::All);

    let used = Use {
        id: id(1),
        at: at(9),
        count: 3,
    };
    assert_eq!(report.uses, [used]);
    assert_eq!(report.hours.len(), 1);
    assert_eq!(report.hours[0].allowed, 3);
    assert_eq!(recorder.take(Which::All), Report::default());
}

#[test]
fn hours_are_told_apart_and_refusals_by_reason() {
    let recorder = UsageRecorder::default();
    recorder.count(id(1), None, at(1), None);
    refuse(&recorder, Reason::KeyExpired, HOUR_MS);
    refuse(&recorder, Reason::KeyExpired, HOUR_MS + 1);
    refuse(&recorder, Reason::MissingScope, HOUR_MS + 2);

    let mut hours = recorder.take(Which::All).hours;

    hours.sort_by_key(|told| told.hour);
    assert_eq!(hours[0].allowed, 1);
    assert_eq!(hours[1].hour, Hour::of(at(HOUR_MS)));
    assert_eq!(hours[1].allowed, 0);
    assert_eq!(
        hours[1].refused,
        [(Reason::KeyExpired, 2), (Reason::MissingScope, 1)]
    );
}

#[test]
fn a_refusal_is_no_use_and_a_made_up_key_leaves_no_trace() {
    let recorder = UsageRecorder::default();
    for reason in [
        Reason::KeyMadeUp,
        Reason::KeyUnknown,
        Reason::KeySecret,
        Reason::StoreUnavailable,
    ] {
        refuse(&recorder, reason, 1);
    }
    assert_eq!(recorder.take(Which::All), Report::default());
    refuse(&recorder, Reason::KeyDisabled, 1);
    let report = recorder.take(Which::All);
    assert_eq!((report.uses.len(), report.hours.len()), (0, 1));
}

#[test]
fn of_too_many_networks_the_least_recent_goes() {
    let recorder = UsageRecorder::default();
    let most = u8::try_from(NETWORKS_MAX).unwrap();
    for number in 0..=most {
        let client = IpAddr::from([10, 0, number, 1]);
        recorder.count(id(1), None, at(u64::from(number)), Some(client));
        recorder.count(id(1), None, at(u64::from(number)), Some(client));
    }
    let hours = recorder.take(Which::All).hours;
    let networks = &hours[0].networks;
    assert_eq!(networks.len(), NETWORKS_MAX);
    assert!(networks.iter().all(|seen| seen.count == 2));
    assert!(networks.iter().all(|seen| seen.last_seen_at != at(0)));
}

#[test]
fn what_is_new_is_told_alone_and_once() {
    let recorder = UsageRecorder::default();
    recorder.count(id(1), None, at(1), None);
    assert_eq!(recorder.take(Which::New).uses.len(), 1);
    recorder.count(id(1), None, at(2), None);
    recorder.count(id(2), None, at(2), None);
    assert_eq!(recorder.take(Which::New).uses[0].id, id(2));
    assert_eq!(recorder.take(Which::All).uses[0].id, id(1));
}

#[test]
fn no_flood_of_keys_takes_all_memory() {
    let recorder = UsageRecorder::default();
    (0..2 * ENTRIES_MAX).for_each(|number| recorder.count(id(number), None, at(1), None));
    let report = recorder.take(Which::All);
    assert!(report.uses.len() <= ENTRIES_MAX);
    assert!(report.hours.len() <= ENTRIES_MAX);
}
