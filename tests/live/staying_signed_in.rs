//! A provider is asked again whether it stands by somebody.

use std::time::Duration;

use serde_json::json;

use super::sign_in::house;
use super::support::lodge::Deployment;
use super::support::process::wait_until;

const SOON: Duration = Duration::from_secs(40);

#[tokio::test]
async fn a_session_lasts_as_long_as_its_provider_stands_by_it() {
    let further = json!({ "recheck_seconds": 1 });
    let mut house = house(Deployment::embedded(), "lodge-public", further).await;
    let mut browser = house.sign_in("alice").await;
    // More than once, each time by the token that the time before brought.
    wait_until("the provider is asked three times", SOON, async || {
        let state = house.session(&mut browser).await;
        assert_eq!(state["signed_in"], true, "{}", house.lodge.log());
        let log = house.provider.log();
        log.matches("granted refresh_token").count() >= 3
    })
    .await;
    let groups = &house.session(&mut browser).await["me"]["groups"];
    assert_eq!(*groups, json!(["admins", "dev"]));

    // It has forgotten everybody.
    house.provider.restart().await;
    wait_until("the session is over", SOON, async || {
        house.session(&mut browser).await["signed_in"] == false
    })
    .await;
    assert!(house.lodge.log().contains("does not stand by it"));
}
