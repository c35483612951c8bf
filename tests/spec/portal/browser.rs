//! A browser of somebody, in few words.

use gatelodge::domain::secret::Secret;
use gatelodge::domain::session::SignInMethod;
use gatelodge::domain::subject::{GroupName, Owner, Realm, Realms, Tenant};
use gatelodge::identity::{AtProvider, Browser as Device, Profile, SignedIn};
use serde_json::Value;

use super::api::{Answer, answer, with_json};
use crate::support::app::TestLodge;

pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/// A browser with a cookie, on a page of the portal.
pub struct Browser {
    root: String,
    client: reqwest::Client,
    /// The value of its cookie.
    pub cookie: String,
    /// What its pages send besides.
    pub csrf: String,
}

/// Somebody who may sign in: of realm `corp` unless the name says otherwise.
pub fn person(owner: &str, groups: &[&str], admin: bool) -> SignedIn {
    let realms = Realms::new([Realm::parse("corp").unwrap()]);
    SignedIn {
        tenant: Tenant::default(),
        owner: Owner::parse(owner, &realms).unwrap(),
        profile: Profile {
            groups: groups
                .iter()
                .map(|name| GroupName::parse(name).unwrap())
                .collect(),
            admin,
            ..Profile::default()
        },
        scopes: Vec::new(),
        method: SignInMethod::Oidc,
        provider: Some(AtProvider {
            id: "corp".to_owned(),
            subject: owner.to_owned(),
            sid: None,
            id_token: Secret::new("a.b.c".to_owned()),
            refresh_token: None,
        }),
        must_change_password: false,
    }
}

impl Browser {
    /// Somebody signs in.
    pub async fn of(lodge: &TestLodge, owner: &str) -> Self {
        Self::signed_in(lodge, &person(owner, &[], false)).await
    }

    /// An administrator signs in.
    pub async fn of_administrator(lodge: &TestLodge, owner: &str) -> Self {
        Self::signed_in(lodge, &person(owner, &[], true)).await
    }

    pub async fn signed_in(lodge: &TestLodge, who: &SignedIn) -> Self {
        let device = Device {
            user_agent: FIREFOX.to_owned(),
            address: Some([192, 0, 2, 7].into()),
        };
        let begun = lodge.sessions().begin(who, &device, None).await;
        let cookie = begun.unwrap().0.text().expose().clone();
        let mut browser = Self {
            root: lodge.url(),
            client: lodge.client(),
            cookie,
            csrf: String::new(),
        };
        browser.csrf = browser.get("/api/session").await.member("csrf");
        browser
    }

    /// A browser after an answer that set its cookie.
    pub async fn after(lodge: &TestLodge, answer: &Answer) -> Self {
        let field = answer.header("set-cookie");
        let (name, value) = field.split(';').next().unwrap().split_once('=').unwrap();
        assert_eq!(name, "gl_session");
        let mut browser = Self {
            root: lodge.url(),
            client: lodge.client(),
            cookie: value.to_owned(),
            csrf: String::new(),
        };
        browser.csrf = browser.get("/api/session").await.member("csrf");
        browser
    }

    /// The cookie as a header has it.
    pub fn cookie_header(&self) -> String {
        format!("gl_session={}", self.cookie)
    }

    /// A request with the cookie and nothing else.
    pub fn bare(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", self.root);
        let request = self.client.request(method, url);
        request.header("cookie", self.cookie_header())
    }

    /// A request as a page of the portal sends it.
    pub fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        self.bare(method, path)
            .header("origin", &self.root)
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf-token", &self.csrf)
    }

    pub async fn get(&self, path: &str) -> Answer {
        answer(self.bare("GET", path)).await
    }

    pub async fn send(&self, method: &str, path: &str) -> Answer {
        answer(self.request(method, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        answer(with_json(self.request("POST", path), &body)).await
    }
}
