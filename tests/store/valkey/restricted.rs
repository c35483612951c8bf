//! The guarantees hold for a user that may do what is written down and no
//! more, and on a server that refuses any step over two slots.

mod user {
    use super::super::super::conformance::conformance;
    use super::RestrictedUser;

    conformance!(RestrictedUser);
}

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use gatelodge::domain::api_key::{ApiKeyId, OwnerTag};
use gatelodge::domain::time::Timestamp;
use gatelodge::store::Store;
use gatelodge::store::valkey::ACL_RULE;

use super::super::conformance::{
    Fixture, auditing, changing, following, keeping, listing, minting, recording, revoking,
    sessions,
};
use super::super::parts::process::{free_port, wait_until};
use super::super::parts::valkey::{Valkey, ValkeyOptions};
use super::super::support::TestClock;
use super::ValkeyFixture;

/// A store whose user has [`ACL_RULE`].
pub struct RestrictedUser(ValkeyFixture);

impl Fixture for RestrictedUser {
    async fn start() -> Self {
        let options = ValkeyOptions {
            password: Some("of-somebody-else"),
            acl: vec![format!("user gatelodge on >hunter2 {ACL_RULE}")],
            ..ValkeyOptions::default()
        };
        let server = Valkey::start_with(options).await;
        let url = server.url_as("gatelodge", "hunter2");
        Self(ValkeyFixture::at(server, url))
    }

    fn store(&self) -> Arc<dyn Store> {
        self.0.store()
    }

    async fn another(&self) -> Arc<dyn Store> {
        self.0.another().await
    }

    fn clock(&self) -> Arc<TestClock> {
        self.0.clock.clone()
    }

    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn lose_record(&self, owner: &OwnerTag, id: &ApiKeyId) {
        self.0.lose_record(owner, id).await;
    }

    async fn lose_principal(&self, owner: &OwnerTag) {
        self.0.lose_principal(owner).await;
    }

    async fn reopen(&mut self) {
        self.0.reopen().await;
    }

    /// What was forbidden in between would have been worked around at best.
    async fn stop(self) {
        let forbidden = self.0.command(&["ACL", "LOG"]).await;
        assert_eq!(forbidden, serde_json::json!([]));
        self.0.stop().await;
    }
}

/// Runs guarantees one after the other on one server.
macro_rules! in_turn {
    ($fixture:ident: $($module:ident::$guarantee:ident,)*) => {
        $(
            $module::$guarantee(&mut $fixture).await;
            $fixture.command(&["FLUSHALL"]).await;
        )*
    };
}

/// A cluster of one node has all slots, and still refuses scripts and commands
/// that need two of them. It takes seconds to come up, so one does for all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_step_needs_two_slots() {
    let options = ValkeyOptions {
        settings: vec![
            ("cluster-enabled", "yes".to_owned()),
            ("cluster-port", free_port().to_string()),
        ],
        ..ValkeyOptions::default()
    };
    let mut node = ValkeyFixture::over(options).await;
    node.command(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"])
        .await;
    wait_until("the node serves", Duration::from_secs(20), async || {
        node.server.command(&["GET", "gl:f"]).await.is_ok()
    })
    .await;
    in_turn! { node:
        minting::of_one_request_sent_many_times_at_once_one_key_is_made,
        minting::a_key_is_still_found_for_days_after_it_expired,
        minting::an_imported_seed_key_is_found_listed_and_revoked_as_any_other,
        changing::a_changed_key_keeps_its_place_in_the_list,
        changing::a_repeated_rotation_gets_the_first_answer_and_stores_nothing,
        revoking::many_keys_are_revoked_in_one_go,
        revoking::the_tombstones_of_an_owner_are_listed_newest_first,
        listing::pages_show_every_key_once,
        listing::an_index_entry_without_a_record_is_removed_by_listing,
        listing::a_list_of_imported_and_own_keys_is_whole,
        listing::a_scan_sees_every_key,
        keeping::a_key_is_found_with_the_record_of_its_owner,
        keeping::the_latest_use_is_kept_in_whatever_order_uses_are_reported,
        keeping::a_filter_key_gets_one_copy_for_each_salt,
        keeping::the_last_written_key_set_of_each_issuer_is_kept,
        keeping::a_store_without_seed_records_has_none,
        recording::a_record_is_found_until_it_is_removed,
        recording::a_list_goes_by_name_and_in_pages,
        recording::a_record_stands_in_the_lists_it_was_last_written_with,
        recording::a_list_is_whole_however_often_it_is_read_meanwhile,
        sessions::sessions_are_ended_one_the_others_and_all,
        sessions::a_provider_ends_the_sessions_it_knows,
        sessions::a_disabled_owner_has_no_session_at_once_and_begins_none,
        following::a_change_is_told_before_it_is_acknowledged,
        auditing::an_event_stands_in_its_own_lists_and_no_other,
        auditing::a_list_of_events_keeps_the_newest,
    }
    node.stop().await;
}

#[test]
fn the_page_on_valkey_shows_the_rule() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operate/valkey.md");
    let page = fs::read_to_string(page).unwrap();
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&page.replace('\\', "")).contains(&words(ACL_RULE)));
}
