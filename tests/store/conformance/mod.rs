//! What every store guarantees, as tests that run on each.
//!
//! A store takes part by a [`Fixture`] and one line, `conformance!(TheFixture);`,
//! in a module of its own: each guarantee becomes a test of that module.

pub mod auditing;
pub mod changing;
pub mod following;
pub mod keeping;
pub mod listing;
pub mod minting;
pub mod recording;
pub mod revoking;
pub mod sessions;
pub mod undoing;
pub mod using;

use std::sync::Arc;
use std::time::Duration;

use gatelodge::domain::api_key::{ApiKeyId, OwnerTag};
use gatelodge::domain::time::Timestamp;
use gatelodge::store::Store;
use gatelodge::store::keys::{Listed, Minted, NewRecord};

use super::support::TestClock;

/// A store under test with all that it needs to run.
pub trait Fixture: Sized {
    /// Starts an empty store that nobody else uses.
    async fn start() -> Self;

    /// The store.
    fn store(&self) -> Arc<dyn Store>;

    /// Another store over the same data, as another process has.
    async fn another(&self) -> Arc<dyn Store>;

    /// The clock that the store goes by.
    fn clock(&self) -> Arc<TestClock>;

    /// The time that the store goes by.
    fn now(&self) -> Timestamp;

    /// Takes a record away behind the store's back and leaves its index entries.
    async fn lose_record(&self, owner: &OwnerTag, id: &ApiKeyId);

    /// Takes what is known of an owner away behind the store's back.
    async fn lose_principal(&self, owner: &OwnerTag);

    /// Closes the store and opens it again over the same data.
    async fn reopen(&mut self);

    /// Ends the store.
    async fn stop(self);
}

/// How many tasks a race has.
pub const RACERS: u32 = 20;

/// Mints a key without limit or replay and expects that it works.
pub async fn mint(store: &dyn Store, key: &NewRecord) {
    let minted = store.mint_key(key, None, None).await.unwrap();
    assert_eq!(minted, Minted::Done, "{}", key.id);
}

/// Mints as many keys of one owner, a second apart, the first at `start`.
pub async fn mint_many(
    store: &dyn Store,
    owner: &OwnerTag,
    count: u32,
    start: Timestamp,
) -> Vec<NewRecord> {
    let mut keys = Vec::new();
    for number in 0..count {
        let created_at = start.plus(Duration::from_secs(u64::from(number)));
        let key = super::support::key(owner, &format!("{owner} {number}"), created_at);
        mint(store, &key).await;
        keys.push(key);
    }
    keys
}

/// The record of a key, if it is there.
pub async fn found(store: &dyn Store, id: &ApiKeyId) -> Option<Vec<u8>> {
    store.find_key(id).await.unwrap().map(|found| found.record)
}

/// The whole list of an owner.
pub async fn listed(store: &dyn Store, owner: &OwnerTag) -> Vec<Listed> {
    store.list_keys(owner, None, usize::MAX).await.unwrap()
}

/// The ids of an owner's list.
pub async fn listed_ids(store: &dyn Store, owner: &OwnerTag) -> Vec<ApiKeyId> {
    let list = listed(store, owner).await;
    list.iter().map(|line| line.id).collect()
}

/// Runs one task for each racer at the same time and gives what came of each.
pub async fn race<T: Send + 'static>(
    racer: impl Fn(u32) -> futures_util::future::BoxFuture<'static, T>,
) -> Vec<T> {
    let tasks: Vec<_> = (0..RACERS)
        .map(|number| tokio::spawn(racer(number)))
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

/// How many outcomes are equal to `wanted`.
pub fn count<T: PartialEq>(outcomes: &[T], wanted: &T) -> usize {
    outcomes.iter().filter(|outcome| *outcome == wanted).count()
}

/// Makes a test of each guarantee for a [`Fixture`].
macro_rules! conformance {
    ($fixture:ty) => {
        $crate::conformance::guarantees! { $fixture;
            minting: [
                a_minted_key_is_found,
                an_unknown_key_is_absent,
                an_id_in_use_is_not_minted_again,
                the_id_of_a_revoked_key_is_never_minted_again,
                an_owner_gets_no_more_keys_than_the_limit,
                a_revoked_key_makes_room_for_another,
                of_many_mints_at_once_no_more_succeed_than_the_limit,
                of_many_mints_of_one_id_at_once_exactly_one_succeeds,
                a_repeated_request_gets_the_first_answer_and_stores_nothing,
                a_repeated_request_is_answered_even_at_the_limit,
                of_one_request_sent_many_times_at_once_one_key_is_made,
                a_refused_request_leaves_no_answer_behind,
                records_keep_every_byte,
                a_key_is_still_found_for_days_after_it_expired,
                an_imported_seed_key_is_found_listed_and_revoked_as_any_other,
            ]
            changing: [
                a_record_that_is_as_expected_is_replaced,
                a_record_that_is_not_as_expected_stays,
                an_absent_record_cannot_be_replaced,
                of_many_changes_at_once_exactly_one_wins,
                a_changed_key_keeps_its_place_in_the_list,
                a_change_cannot_bring_a_revoked_key_back,
                a_rotation_replaces_the_old_key_and_stores_the_new_one,
                a_rotation_of_a_changed_key_stores_nothing,
                a_rotation_of_an_absent_key_stores_nothing,
                a_rotation_onto_a_taken_id_stores_nothing,
                a_repeated_rotation_gets_the_first_answer_and_stores_nothing,
                of_many_rotations_at_once_exactly_one_wins,
            ]
            revoking: [
                a_revoked_key_is_gone_at_once_and_leaves_a_tombstone,
                revoking_twice_is_revoking_once,
                ids_that_are_not_there_are_passed_over,
                many_keys_are_revoked_in_one_go,
                nobody_revokes_the_keys_of_another_owner,
                a_key_in_use_has_no_tombstone,
                a_revocation_wins_over_changes_at_the_same_time,
                the_tombstones_of_an_owner_are_listed_newest_first,
            ]
            using: [
                the_use_of_a_key_adds_up_by_hour_and_day,
                a_late_report_counts_in_its_own_hour_and_one_that_is_over_does_not,
                of_a_keys_networks_the_latest_are_kept,
                the_days_of_many_keys_are_told_apart,
                a_key_that_is_gone_has_a_past_and_no_more_use,
            ]
            listing: [
                a_list_goes_by_time_of_making_then_id,
                pages_show_every_key_once,
                a_page_goes_on_where_a_revoked_key_was,
                the_keys_of_other_owners_are_never_listed,
                an_owner_without_keys_has_an_empty_list,
                an_index_entry_without_a_record_is_removed_by_listing,
                a_list_of_imported_and_own_keys_is_whole,
                a_scan_sees_every_key,
                a_scan_of_nothing_ends,
            ]
            keeping: [
                a_key_is_found_with_the_record_of_its_owner,
                the_last_writer_of_an_owners_record_wins,
                the_records_of_all_owners_are_gone_through,
                the_record_of_an_owner_is_swapped_only_where_it_is_as_expected,
                the_latest_use_is_kept_in_whatever_order_uses_are_reported,
                a_use_of_an_unknown_key_is_harmless,
                a_use_does_not_bring_a_revoked_key_back,
                of_many_first_filter_keys_exactly_one_is_kept,
                a_filter_key_gets_one_copy_for_each_salt,
                the_last_written_key_set_of_each_issuer_is_kept,
                a_store_without_seed_records_has_none,
                a_store_that_runs_answers_and_describes_itself,
                what_was_acknowledged_survives_a_restart,
            ]
            recording: [
                a_record_is_found_until_it_is_removed,
                names_on_different_shelves_are_different_records,
                a_record_that_ended_is_as_if_it_had_never_been,
                a_record_is_written_only_where_the_condition_holds,
                of_many_first_records_at_once_exactly_one_is_written,
                of_many_changes_to_a_record_at_once_exactly_one_wins,
                of_many_who_take_a_record_at_once_exactly_one_gets_it,
                a_list_goes_by_name_and_in_pages,
                a_page_of_records_goes_on_where_one_was_removed,
                a_record_stands_in_the_lists_it_was_last_written_with,
                a_record_that_is_not_written_enters_no_list,
                a_list_is_whole_however_often_it_is_read_meanwhile,
                no_record_stands_in_too_many_lists,
                records_survive_a_restart,
            ]
            sessions: [
                a_session_is_found_by_its_cookie_and_by_no_other,
                a_session_ends_when_it_is_not_used,
                a_session_that_is_used_ends_when_its_time_is_over,
                the_use_of_a_session_is_written_down_once_a_minute,
                a_use_does_not_bring_an_ended_session_back,
                signing_in_anew_ends_the_session_of_the_former_cookie,
                a_renewed_session_has_another_cookie_and_the_former_one_is_over,
                sessions_are_ended_one_the_others_and_all,
                a_provider_ends_the_sessions_it_knows,
                a_disabled_owner_has_no_session_at_once_and_begins_none,
                an_owner_stays_disabled_when_all_else_known_of_them_is_lost,
                a_session_is_over_when_its_owner_is_not_known,
                whoever_is_disabled_while_an_issuer_vouches_stays_disabled,
                an_id_token_is_kept_encrypted,
                a_session_is_found_under_a_former_salt,
                nobody_has_sessions_without_number,
            ]
            following: [
                a_change_is_told_before_it_is_acknowledged,
                what_another_process_changes_is_told_before_the_next_proof,
                what_is_lost_behind_the_stores_back_is_told,
                what_is_often_written_is_not_told,
                a_revocation_is_told_as_one,
                a_store_that_is_well_confirms_what_was_read,
                a_store_that_was_closed_proves_nothing,
                of_many_changes_at_once_none_is_left_out,
            ]
            undoing: [
                a_revocation_is_undone_within_a_minute_and_final_after_it,
                of_many_who_make_a_revocation_final_at_once_one_does,
            ]
            auditing: [
                events_are_listed_newest_first_and_whole,
                an_event_stands_in_its_own_lists_and_no_other,
                a_part_of_the_events_is_what_lies_between,
                an_event_that_is_entered_twice_stands_there_once,
                a_list_of_events_keeps_the_newest,
                an_event_leaves_a_list_when_it_is_past_keeping,
                of_many_events_at_once_none_is_lost,
                events_survive_a_restart,
            ]
        }
    };
}

macro_rules! guarantees {
    ($fixture:ty; $($module:ident: [$($guarantee:ident,)*])*) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $guarantee() {
                let mut fixture = <$fixture as $crate::conformance::Fixture>::start().await;
                $crate::conformance::$module::$guarantee(&mut fixture).await;
                $crate::conformance::Fixture::stop(fixture).await;
            }
        )*)*
    };
}

pub(crate) use {conformance, guarantees};
