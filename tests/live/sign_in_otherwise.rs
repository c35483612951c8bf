//! Signing in at a provider as somebody who may not, and by the shorthand.

use serde_json::json;

use super::sign_in::{house, told};
use super::support::browser::Browser;
use super::support::lodge::Deployment;
use super::support::oidc::{CLIENT_SECRET, OidcProvider};
use super::support::process::free_port;

#[tokio::test]
async fn somebody_who_is_disabled_is_turned_away_and_that_is_written_down() {
    let deployment = Deployment::embedded();
    let house = house(deployment, "lodge-basic", json!({})).await;
    let mut alice = house.sign_in("alice").await;
    let bob = house.sign_in("bob").await;
    assert!(bob.cookie("gl_session").is_some());
    let csrf = house.session(&mut alice).await["csrf"].clone();
    let csrf = csrf.as_str().unwrap();
    let key = house.admin_key();
    let path = "/api/users/corp:bob";
    let disabled = house
        .lodge
        .api(&key, "PATCH", path, r#"{"disabled":true}"#)
        .await;
    assert_eq!(disabled.status, 200, "{disabled:?}");

    let refused = house.sign_in("bob").await;
    assert_eq!(told(&refused).0, "not-allowed");
    assert_eq!(refused.cookie("gl_session"), None);
    let path = "/api/events?action=session.refused";
    let events = alice.call("GET", path, csrf).await.json();
    assert_eq!(events[0]["actor"], "corp:bob", "{events}");
    assert_eq!(events[0]["details"]["method"], "oidc", "{events}");
}

#[tokio::test]
async fn the_shorthand_signs_people_in_by_their_bare_names() {
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let provider = OidcProvider::start_for(Some(url.clone())).await;
    let deployment = Deployment::embedded()
        .with("GATELODGE_PORT", port.to_string())
        .with("GATELODGE_PUBLIC_URL", url.clone())
        .with("OAUTH_ISSUER_URL", provider.issuer())
        .with("GATELODGE_OAUTH__SIGN_IN", "true")
        .with("GATELODGE_OAUTH__CLIENT_ID", "lodge-basic")
        .with("GATELODGE_OAUTH__CLIENT_SECRET", CLIENT_SECRET)
        .with("GATELODGE_OAUTH__SIGN_IN_SCOPES", "openid,profile,email");
    let lodge = deployment.start().await;
    let mut browser = Browser::new();
    let start = format!("{url}/auth/oauth/start");
    browser.follow_until(&start, |_| false).await;
    browser.submit(&[("login", "bob"), ("password", "x")]).await;
    browser.go_on_until(|next| next.path() == "/").await;
    let state = browser.open("/api/session").await.json();
    assert_eq!(state["me"]["owner"], "bob", "{state} {}", lodge.log());
    let ways = json!([{ "id": "oauth", "name": "Single sign-on" }]);
    assert_eq!(state["ways"]["providers"], ways);
}
