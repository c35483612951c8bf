//! People sign in at a real OpenID provider, and out again.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::support::browser::Browser;
use super::support::lodge::{Deployment, Lodge};
use super::support::oidc::{CLIENT_SECRET, OidcProvider};
use super::support::process::{free_port, wait_until};

/// What the provider said of itself is believed for ten seconds.
const SOON: Duration = Duration::from_secs(40);

/// A provider and a lodge.
pub struct House {
    /// The provider.
    pub provider: OidcProvider,
    deployment: Deployment,
    /// The lodge.
    pub lodge: Lodge,
    /// Where the lodge is.
    pub url: String,
}

/// They know each other by the client of that name.
pub async fn house(deployment: Deployment, client: &str, further: Value) -> House {
    let port = free_port();
    let url = format!("http://127.0.0.1:{port}");
    let provider = OidcProvider::start_for(Some(url.clone())).await;
    let mut issuer = json!({
        "realm": "corp",
        "url": provider.issuer(),
        "sign_in": true,
        "name": "Example Corp",
        "client_id": client,
        "sign_in_scopes": ["openid", "profile", "email", "groups"],
        "admin_groups": ["admins"],
    });
    if !matches!(client, "lodge-public" | "lodge-api") {
        issuer["client_secret"] = CLIENT_SECRET.into();
    }
    for (name, value) in further.as_object().unwrap() {
        issuer[name] = value.clone();
    }
    let deployment = deployment
        .with("GATELODGE_PORT", port.to_string())
        .with("GATELODGE_PUBLIC_URL", url.clone())
        .with("GATELODGE_ISSUERS", json!([issuer]).to_string());
    let lodge = deployment.start().await;
    House {
        provider,
        deployment,
        lodge,
        url,
    }
}

impl House {
    fn is_callback(&self, url: &Url) -> bool {
        url.as_str()
            .starts_with(&format!("{}/auth/corp/callback", self.url))
    }

    /// Up to the step before the browser comes back.
    async fn at_the_door(&self, browser: &mut Browser, who: &str, return_to: &str) {
        let start = format!("{}/auth/corp/start?return_to={return_to}", self.url);
        browser
            .follow_until(&start, |next| self.is_callback(next))
            .await;
        if browser.is_sent_to().is_none() {
            browser.submit(&[("login", who), ("password", "x")]).await;
            browser.go_on_until(|next| self.is_callback(next)).await;
        }
    }

    /// A browser that somebody signed in with.
    pub async fn sign_in(&self, who: &str) -> Browser {
        let mut browser = Browser::new();
        self.at_the_door(&mut browser, who, "/keys%3Fsort%3Dname")
            .await;
        let callback = browser.is_sent_to().unwrap();
        browser.open(callback.as_str()).await;
        assert_eq!(browser.sees.status, 303, "{:?}", self.lodge.log());
        browser
    }

    /// The administrator's key of the first start.
    pub fn admin_key(&self) -> String {
        self.deployment.read("admin-key")
    }

    /// What a page of the lodge is told.
    pub async fn session(&self, browser: &mut Browser) -> Value {
        browser
            .open(&format!("{}/api/session", self.url))
            .await
            .json()
    }
}

async fn somebody_signs_in(deployment: Deployment, client: &str, further: Value) {
    let house = house(deployment, client, further).await;
    let mut browser = house.sign_in("alice").await;
    assert_eq!(browser.sees.header("location"), "/keys?sort=name");
    let state = house.session(&mut browser).await;
    assert_eq!(state["signed_in"], true);
    assert_eq!(state["me"]["owner"], "corp:alice");
    assert_eq!(state["me"]["groups"], json!(["admins", "dev"]));
    assert_eq!(state["me"]["admin"], true);
    assert_eq!(state["me"]["name"], "Alice");
    assert_eq!(state["me"]["email"], "alice@example.test");
    let ways = json!([{ "id": "corp", "name": "Example Corp" }]);
    assert_eq!(state["ways"]["providers"], ways);
    let events = browser
        .call("GET", "/api/me/events?action=session.started", "")
        .await
        .json();
    assert_eq!(events[0]["details"]["provider"], "corp", "{events}");
}

#[tokio::test]
async fn a_confidential_client_signs_people_in_on_the_embedded_store() {
    somebody_signs_in(Deployment::embedded(), "lodge-basic", json!({})).await;
}

#[tokio::test]
async fn a_confidential_client_signs_people_in_on_valkey() {
    let further = json!({ "client_auth": "post" });
    somebody_signs_in(Deployment::valkey().await, "lodge-post", further).await;
}

#[tokio::test]
async fn a_public_client_signs_people_in() {
    let further = json!({ "groups_from": "userinfo" });
    somebody_signs_in(Deployment::embedded(), "lodge-public", further).await;
}

#[tokio::test]
async fn groups_are_read_from_an_access_token_that_is_one() {
    let further = json!({ "groups_from": "access_token" });
    let house = house(Deployment::embedded(), "lodge-api", further).await;
    let mut browser = house.sign_in("alice").await;
    let state = house.session(&mut browser).await;
    assert_eq!(state["me"]["groups"], json!(["admins", "dev"]), "{state}");
}

/// The word that the sign-in page explains, and where it would go on to.
pub fn told(browser: &Browser) -> (String, Option<String>) {
    let page = browser.is_sent_to().unwrap();
    assert_eq!(page.path(), "/sign-in", "{page}");
    let value = |name: &str| {
        let mut pairs = page.query_pairs();
        Some(pairs.find(|(given, _)| given == name)?.1.into_owned())
    };
    assert!(value("request_id").is_some(), "{page}");
    (value("problem").unwrap(), value("return_to"))
}

#[tokio::test]
async fn an_answer_counts_once_and_only_for_the_browser_that_asked() {
    let house = house(Deployment::embedded(), "lodge-basic", json!({})).await;
    let mut asked = Browser::new();
    house.at_the_door(&mut asked, "alice", "/account").await;
    let callback = asked.is_sent_to().unwrap();

    let mut other = Browser::new();
    other.open(callback.as_str()).await;
    assert_eq!(told(&other), ("lost".to_owned(), None));
    // Also where it has a sign-in of its own under way.
    house.at_the_door(&mut other, "alice", "/").await;
    other.open(callback.as_str()).await;
    assert_eq!(told(&other), ("lost".to_owned(), None));

    asked.open(callback.as_str()).await;
    assert_eq!(asked.sees.header("location"), "/account");
    assert!(asked.cookie("gl_session").is_some());
    // A tab that is loaded again is where it wanted to be.
    asked.open(callback.as_str()).await;
    assert_eq!(asked.sees.header("location"), "/account");
    assert_eq!(asked.sees.header("set-cookie"), "");
    asked.forget("gl_session");
    asked.open(callback.as_str()).await;
    let account = Some("/account".to_owned());
    assert_eq!(told(&asked), ("expired".to_owned(), account));
    assert_eq!(asked.cookie("gl_session"), None);
}

#[tokio::test]
async fn answers_that_were_tampered_with_sign_nobody_in() {
    let house = house(Deployment::embedded(), "lodge-basic", json!({})).await;
    let mut browser = Browser::new();
    house.at_the_door(&mut browser, "alice", "/account").await;
    let callback = browser.is_sent_to().unwrap();
    let with = |name: &str, value: Option<&str>| {
        let mut url = callback.clone();
        let pairs: Vec<(String, String)> = callback
            .query_pairs()
            .filter(|(given, _)| given != name)
            .map(|(given, value)| (given.into_owned(), value.into_owned()))
            .collect();
        let mut query = url.query_pairs_mut();
        query.clear().extend_pairs(pairs);
        if let Some(value) = value {
            query.append_pair(name, value);
        }
        drop(query);
        url
    };
    let twice = format!("{callback}&state=x");
    let other = house.url.clone() + "/auth/other/callback?" + callback.query().unwrap();
    for (what, url, expected) in [
        ("no state", with("state", None).to_string(), "lost"),
        ("made up", with("state", Some("AAAA")).to_string(), "lost"),
        ("no iss", with("iss", None).to_string(), "refused"),
        (
            "mixed up",
            with("iss", Some("https://evil.example")).to_string(),
            "refused",
        ),
        ("no code", with("code", None).to_string(), "refused"),
        ("twice", twice, "refused"),
        ("other", other, "unknown-provider"),
        (
            "a denial",
            with("error", Some("access_denied")).to_string(),
            "refused",
        ),
        ("its code", with("code", Some("x")).to_string(), "expired"),
    ] {
        browser.open(&url).await;
        assert_eq!(told(&browser).0, expected, "{what}");
        assert_eq!(browser.cookie("gl_session"), None, "{what}");
    }
    // None of that spoilt the sign-in itself.
    browser.open(callback.as_str()).await;
    assert_eq!(browser.sees.header("location"), "/account");
}

#[tokio::test]
async fn hostile_return_addresses_lead_home() {
    let house = house(Deployment::embedded(), "lodge-public", json!({})).await;
    let mut browser = Browser::new();
    for wish in [
        "//evil.example",
        "https%3A%2F%2Fevil.example",
        "%2F%5Cevil.example",
    ] {
        house.at_the_door(&mut browser, "alice", wish).await;
        let callback = browser.is_sent_to().unwrap();
        browser.open(callback.as_str()).await;
        assert_eq!(browser.sees.header("location"), "/", "{wish}");
    }
}

#[tokio::test]
async fn who_signs_out_here_signs_out_at_the_provider_and_the_other_way_round() {
    let house = house(Deployment::valkey().await, "lodge-basic", json!({})).await;
    let mut browser = house.sign_in("alice").await;
    let mut elsewhere = house.sign_in("alice").await;
    let csrf = house.session(&mut browser).await["csrf"].clone();
    let signed_out = browser
        .call("DELETE", "/api/session", csrf.as_str().unwrap())
        .await
        .json();
    let way_out = signed_out["redirect"].as_str().unwrap().to_owned();
    assert!(way_out.starts_with(&format!("{}/auth/corp/sign-out?", house.url)));
    assert!(!way_out.contains("eyJ"), "no token reaches a page");

    browser.open(&way_out).await;
    let page = browser.is_sent_to().unwrap();
    assert!(
        page.as_str().starts_with(&house.provider.issuer()),
        "{page}"
    );
    assert!(
        page.query().unwrap().contains("id_token_hint=eyJ"),
        "{page}"
    );
    browser.go_on_until(|_| false).await;
    browser.submit(&[("logout", "yes")]).await;
    let back = browser.is_sent_to().unwrap();
    assert_eq!(
        back.as_str(),
        format!("{}/sign-in?state=signed-out", house.url)
    );
    browser.open(&way_out).await;
    assert_eq!(browser.sees.header("location"), "/sign-in", "good for once");
    // Only the session of that `sid` ended.
    assert_eq!(house.session(&mut elsewhere).await["signed_in"], true);

    // At the provider itself, as from another application.
    elsewhere
        .open(&format!("{}/session/end", house.provider.issuer()))
        .await;
    elsewhere.submit(&[("logout", "yes")]).await;
    assert_eq!(house.session(&mut elsewhere).await["signed_in"], false);
    let mut again = house.sign_in("alice").await;
    let events = again
        .call("GET", "/api/me/events?action=session.ended", "")
        .await
        .json();
    assert_eq!(events[0]["actor"], "provider corp", "{events}");
    assert_eq!(events[1]["actor"], "corp:alice", "{events}");
}

#[tokio::test]
async fn a_provider_that_names_no_session_ends_all_of_that_person() {
    let further = json!({ "client_auth": "post", "claims": { "subject": "sub" } });
    let house = house(Deployment::embedded(), "lodge-post", further).await;
    let mut first = house.sign_in("alice").await;
    let mut second = house.sign_in("alice").await;
    let mut his = house.sign_in("bob").await;
    first
        .open(&format!("{}/session/end", house.provider.issuer()))
        .await;
    first.submit(&[("logout", "yes")]).await;
    for (browser, is_in) in [(&mut first, false), (&mut second, false), (&mut his, true)] {
        let state = house.session(browser).await;
        let (here, there) = (house.lodge.log(), house.provider.log());
        assert_eq!(state["signed_in"], is_in, "{here}\n{there}");
    }
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_on_a_page_and_ends_no_session() {
    let mut house = house(Deployment::embedded(), "lodge-basic", json!({})).await;
    let mut signed_in = house.sign_in("alice").await;
    let mut browser = Browser::new();
    house.at_the_door(&mut browser, "alice", "/account").await;
    let callback = browser.is_sent_to().unwrap();
    house.provider.kill();

    let account = Some("/account".to_owned());
    let down = ("provider-unavailable".to_owned(), account);
    browser.open(callback.as_str()).await;
    assert_eq!(told(&browser), down);
    wait_until("a new sign-in is told", SOON, async || {
        let mut fresh = Browser::new();
        let start = format!("{}/auth/corp/start?return_to=/account", house.url);
        fresh.open(&start).await;
        let next = fresh.is_sent_to().unwrap();
        next.path() == "/sign-in" && told(&fresh) == down
    })
    .await;
    assert_eq!(house.session(&mut signed_in).await["signed_in"], true);

    house.provider.restart().await;
    wait_until("it signs people in again", SOON, async || {
        let mut fresh = Browser::new();
        fresh.open(&format!("{}/auth/corp/start", house.url)).await;
        fresh.is_sent_to().unwrap().path() != "/sign-in"
    })
    .await;
}

#[tokio::test]
async fn going_round_in_circles_ends_on_a_page() {
    let house = house(Deployment::embedded(), "lodge-basic", json!({})).await;
    let mut browser = Browser::new();
    for _ in 0..5 {
        browser
            .open(&format!("{}/auth/corp/start", house.url))
            .await;
        assert_ne!(browser.is_sent_to().unwrap().path(), "/sign-in");
    }
    browser
        .open(&format!("{}/auth/corp/start", house.url))
        .await;
    assert_eq!(told(&browser).0, "loop");
}

#[tokio::test]
async fn nothing_of_a_sign_in_is_ever_logged() {
    let deployment = Deployment::embedded().with("GATELODGE_LOG__FILTER", "trace");
    let house = house(deployment, "lodge-basic", json!({})).await;
    let mut browser = Browser::new();
    house.at_the_door(&mut browser, "alice", "/").await;
    let callback = browser.is_sent_to().unwrap();
    browser.open(callback.as_str()).await;
    let log = house.lodge.log();
    let value = |name: &str| {
        let mut pairs = callback.query_pairs();
        pairs
            .find(|(given, _)| given == name)
            .unwrap()
            .1
            .into_owned()
    };
    for secret in [
        CLIENT_SECRET.to_owned(),
        value("code"),
        browser.cookie("gl_session").unwrap().to_owned(),
        browser.cookie("gl_sign_in").unwrap().to_owned(),
    ] {
        assert!(!log.contains(&secret), "{secret} is in the log");
    }
    assert!(!log.contains("eyJ"), "a token is in the log");
}
