//! A provider, a relying party and a browser.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};
use url::Url;

use super::super::signers::{RSA, Signer};
use super::super::stub::{Answer, Stub};
use super::super::world::{NOW, TestClock, outbound, realm, salts};
use crate::domain::entropy::{Entropy, EntropyUnavailable};
use crate::domain::salt::Salts;
use crate::domain::secret::Secret;
use crate::domain::subject::Realms;
use crate::domain::time::Clock;
use crate::identity::sign_in::{
    Begun, BrowserCookie, ClientAuthentication, Finished, GroupsFrom, NotFinished, ProviderOptions,
    RelyingParty, Returned, SignInSurroundings,
};
use crate::identity::{
    Browser, IssuerOptions, Lifetimes, Owners, Sessions, SignedIn, TokenVerifier,
};
use crate::store::Store;
use crate::store::embedded::{EmbeddedOptions, EmbeddedStore};

pub(super) const CLIENT: &str = "gatelodge";
/// Of characters that a form must encode.
pub(super) const SECRET: &str = "s3cret+/ %";

struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        let round = self.0.fetch_add(1, Ordering::Relaxed);
        blake3::Hasher::new()
            .update(&round.to_le_bytes())
            .finalize_xof()
            .fill(buffer);
        Ok(())
    }
}

pub(super) struct House {
    pub(super) provider: Stub,
    pub(super) clock: Arc<TestClock>,
    pub(super) party: Arc<RelyingParty>,
    pub(super) sessions: Arc<Sessions>,
    _folder: tempfile::TempDir,
}

/// What an operator says, to be changed.
pub(super) struct Said {
    pub(super) issuer: IssuerOptions,
    pub(super) provider: ProviderOptions,
    /// Members of the discovery document besides the usual ones.
    pub(super) published: Value,
}

pub(super) async fn house() -> House {
    house_with(|_| {}).await
}

pub(super) async fn house_with(change: impl FnOnce(&mut Said)) -> House {
    let stub = Stub::start().await;
    let mut said = Said {
        issuer: IssuerOptions::new(realm("corp"), stub.url.clone()),
        provider: ProviderOptions {
            id: "corp".to_owned(),
            name: "Example Corp".to_owned(),
            realm: realm("corp"),
            client_id: CLIENT.to_owned(),
            client_secret: Some(Secret::new(SECRET.to_owned())),
            client_auth: ClientAuthentication::Basic,
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            groups_from: GroupsFrom::IdToken,
            recheck: None,
            post_logout: None,
        },
        published: json!({}),
    };
    change(&mut said);
    let mut discovery = json!({
        "issuer": stub.url,
        "jwks_uri": format!("{}/jwks", stub.url),
        "authorization_endpoint": format!("{}/authorize?tenant=a", stub.url),
        "token_endpoint": format!("{}/token", stub.url),
        "userinfo_endpoint": format!("{}/userinfo", stub.url),
        "end_session_endpoint": format!("{}/leave", stub.url),
    });
    for (name, value) in said.published.as_object().unwrap() {
        discovery[name] = value.clone();
    }
    stub.publishes(&super::super::world::all_keys());
    stub.answers("/.well-known/openid-configuration", Answer::Json(discovery));

    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::default());
    let time: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let path = folder.path().join("test.db");
    let opened = EmbeddedStore::open(&path, Arc::clone(&time), EmbeddedOptions::default()).await;
    let store: Arc<dyn Store> = Arc::new(opened.unwrap());
    let (salts, entropy) = (salts(1), Arc::new(Counting(AtomicU64::new(0))));
    let around = SignInSurroundings {
        verifier: Arc::new(verifier(said.issuer, &store, &salts, &time)),
        outbound: outbound(),
        store: Arc::clone(&store),
        salts: salts.clone(),
        clock: Arc::clone(&time),
        entropy: Arc::clone(&entropy) as _,
    };
    let public_url = Url::parse("https://lodge.test").unwrap();
    let party = Arc::new(RelyingParty::new(vec![said.provider], public_url, around));
    let sessions = sessions(&store, &salts, &time, entropy);
    sessions.have_asked(Arc::clone(&party) as _);
    House {
        provider: stub,
        clock,
        party,
        sessions,
        _folder: folder,
    }
}

fn verifier(
    issuer: IssuerOptions,
    store: &Arc<dyn Store>,
    salts: &Salts,
    clock: &Arc<dyn Clock>,
) -> TokenVerifier {
    let realms = Realms::new([issuer.realm.clone()]);
    let store = Arc::clone(store) as _;
    let clock = Arc::clone(clock);
    TokenVerifier::new(
        vec![issuer],
        realms,
        outbound(),
        store,
        salts.clone(),
        clock,
    )
    .unwrap()
}

fn sessions(
    store: &Arc<dyn Store>,
    salts: &Salts,
    clock: &Arc<dyn Clock>,
    entropy: Arc<Counting>,
) -> Arc<Sessions> {
    let owners = Owners::new(
        Arc::clone(store),
        salts.clone(),
        Arc::clone(clock),
        Arc::default(),
    );
    let lifetimes = Lifetimes {
        idle: Duration::from_hours(8),
        absolute: Duration::from_hours(24),
    };
    Arc::new(Sessions::new(
        Arc::clone(store),
        Arc::new(owners),
        salts.clone(),
        Arc::clone(clock),
        entropy,
        lifetimes,
    ))
}

/// A sign-in whose browser is at the provider.
pub(super) struct Journey {
    pub(super) browser: BrowserCookie,
    pub(super) location: Url,
}

impl Journey {
    /// A parameter of the authorization request.
    pub(super) fn sent(&self, name: &str) -> String {
        let mut pairs = self.location.query_pairs();
        let found = pairs.find(|(given, _)| given == name);
        found.unwrap_or_else(|| panic!("no {name}")).1.into_owned()
    }

    /// What the browser brings back.
    pub(super) fn returned(&self, further: &str) -> Returned {
        let state = self.sent("state");
        Returned::parse(&format!("state={state}{further}")).unwrap()
    }
}

impl House {
    pub(super) async fn set_out(&self) -> Journey {
        let begun = self.party.begin("corp", None, "/keys".to_owned()).await;
        let Begun { location, browser } = begun.unwrap();
        Journey { browser, location }
    }

    /// Claims of an ID token that pass for that journey.
    pub(super) fn claims(&self, journey: &Journey) -> Value {
        json!({
            "iss": self.provider.url, "sub": "a-1", "aud": CLIENT, "nonce": journey.sent("nonce"),
            "exp": NOW + 300, "iat": NOW, "sid": "s-1", "groups": ["dev"],
            "email": "alice@corp.test", "name": "Alice",
        })
    }

    /// What the token endpoint says from now on.
    pub(super) fn gives(&self, answer: Value) {
        self.provider.answers("/token", Answer::Json(answer));
    }

    pub(super) fn gives_id_token(&self, id_token: &str) {
        self.gives(
            json!({ "token_type": "Bearer", "id_token": id_token, "access_token": "opaque" }),
        );
    }

    pub(super) async fn come_back(&self, journey: &Journey) -> Result<Finished, NotFinished> {
        let returned = journey.returned("&code=c-1");
        self.party
            .finish("corp", Some(&journey.browser), &returned)
            .await
    }

    /// Somebody signs in with these changes to the claims.
    pub(super) async fn sign_in(&self, changes: &Value) -> Result<SignedIn, String> {
        let journey = self.set_out().await;
        let claims = but(self.claims(&journey), changes);
        self.gives_id_token(&signed(&claims));
        let finished = self.come_back(&journey).await;
        finished
            .map(|finished| finished.who)
            .map_err(|not| not.to_string())
    }

    /// Somebody is signed in.
    pub(super) async fn session_of(
        &self,
        changes: &Value,
    ) -> crate::domain::session::SessionCookie {
        let who = self.sign_in(changes).await.unwrap();
        let begun = self.sessions.begin(&who, &Browser::default(), None).await;
        begun.unwrap().0
    }

    pub(super) async fn holds(&self, cookie: &crate::domain::session::SessionCookie) -> bool {
        self.sessions.find(cookie).await.unwrap().is_some()
    }
}

/// Claims with some replaced, or left out where the value is null.
pub(super) fn but(mut claims: Value, changes: &Value) -> Value {
    let members: &mut Map<String, Value> = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}

pub(super) fn signed(claims: &Value) -> String {
    signed_as(&RSA, &json!({ "alg": "RS256", "kid": "rsa" }), claims)
}

pub(super) fn signed_as(signer: &Signer, header: &Value, claims: &Value) -> String {
    signer.token(header, claims)
}
