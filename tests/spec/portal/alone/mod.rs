//! The portal by itself, in process: set up as no lodge is by default, and with
//! callers that no key can prove.

mod cors;
mod events;
mod front_end;
mod persons;
mod probes;
mod site;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::test::TestRequest;
use actix_web::{App, test};
use async_trait::async_trait;
use gatelodge::audit::{AuditTerms, AuditTrail};
use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::domain::api_key::expiry::LifeLimits;
use gatelodge::domain::api_key::filter::FilterKey;
use gatelodge::domain::api_key::plain::KeyFormat;
use gatelodge::domain::entropy::{Entropy, EntropyUnavailable};
use gatelodge::domain::explanation::{Explanation, GateQuestion};
use gatelodge::domain::identity::{CredentialKind, Identity};
use gatelodge::domain::policy::Policy;
use gatelodge::domain::reason::Reason;
use gatelodge::domain::request::{HeaderValues, Headers};
use gatelodge::domain::salt::{Salt, Salts};
use gatelodge::domain::subject::{Owner, Realm, Realms, Scope, Tenant};
use gatelodge::domain::time::{Clock, Timestamp};
use gatelodge::http::health::{Examination, Health, IssuerReport, PartState, Readiness};
use gatelodge::http::host::HostRule;
use gatelodge::http::request_id::RequestIds;
use gatelodge::http::security_headers::SecurityHeaders;
use gatelodge::identity::{Lifetimes, Owners, Sessions};
use gatelodge::keys::{KeyService, KeyTerms};
use gatelodge::portal::{
    Authenticate, Caller, FrontendOptions, Gates, Portal, PortalOptions, PortalParts, Refused,
    SignInParts, Site, SiteFile,
};
use gatelodge::store::Store;
use gatelodge::store::embedded::{EmbeddedOptions, EmbeddedStore};
use serde_json::Value;

/// The scopes of whoever is called by a name, as a JWT would bring them.
const SCOPES: &str = "models:*";

/// A time that goes on by a millisecond at each look.
struct Ticking(AtomicU64);

impl Clock for Ticking {
    fn now(&self) -> Option<Timestamp> {
        Timestamp::from_millis(self.0.fetch_add(1, Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        let draw = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        let mut stream = blake3::Hasher::new().update(&draw).finalize_xof();
        stream.fill(buffer);
        Ok(())
    }
}

/// Believes what `X-As` says: `person alice`, `admin root`, `key alice SCOPE…`,
/// or the name of a reason to refuse.
struct Believing;

/// A deployment without gates.
struct NoGates;

#[async_trait(?Send)]
impl Gates for NoGates {
    fn policy(&self) -> Arc<Policy> {
        Arc::new(Policy {
            gates: Vec::new(),
            format: KeyFormat::new("glk", &[], false),
        })
    }

    async fn explain(&self, _: &GateQuestion) -> Explanation {
        Explanation::refused(Reason::UnknownGate)
    }

    fn headers(&self, _: Option<&Identity>) -> Vec<(String, String)> {
        Vec::new()
    }
}

#[async_trait(?Send)]
impl Authenticate for Believing {
    async fn authenticate(&self, headers: &dyn Headers) -> Result<Caller, Refused> {
        let HeaderValues::One(said) = headers.values("x-as") else {
            return Err(Reason::NoCredential.into());
        };
        let said = std::str::from_utf8(said).unwrap();
        if let Some(reason) = Reason::ALL.iter().find(|reason| reason.as_str() == said) {
            return Err((*reason).into());
        }
        let mut words = said.split(' ');
        let kind = words.next().unwrap();
        let owner = words.next().unwrap();
        let is_key = kind == "key";
        let scopes = if is_key {
            words.collect()
        } else {
            vec![SCOPES]
        };
        let scope = |text: &str| Scope::parse(text).unwrap();
        let identity = Identity {
            owner: Owner::parse(owner, &realms()).unwrap(),
            tenant: Tenant::default(),
            groups: Vec::new(),
            scopes: scopes.into_iter().map(scope).collect(),
            email: None,
            name: None,
            admin: kind == "admin",
            method: if is_key {
                CredentialKind::ApiKey
            } else {
                CredentialKind::Jwt
            },
            key_id: is_key.then(|| ApiKeyId::parse("00abcdefghABCDEF").unwrap()),
        };
        Ok(Caller {
            identity: Arc::new(identity),
            key_expires_at: None,
            session: None,
        })
    }
}

struct Reporting(Health);

#[async_trait(?Send)]
impl Readiness for Reporting {
    async fn check(&self) -> Health {
        self.0.clone()
    }

    async fn examine(&self) -> Examination {
        Examination {
            health: self.0.clone(),
            running_for: Duration::from_secs(61),
            store: Err("the store is unavailable: timed out".to_owned()),
            issuers: ["corp", "partner"].map(issuer).into(),
            salts: Vec::new(),
            untrusted_keys: 0,
            is_complete: false,
        }
    }
}

fn issuer(realm: &str) -> IssuerReport {
    IssuerReport {
        realm: Realm::parse(realm).unwrap(),
        issuer: format!("https://{realm}.example.org"),
        state: PartState::Down("its keys cannot be fetched".to_owned()),
        keys_age: None,
        usable_keys: 0,
        down_since: None,
        last_error: Some("connection refused".to_owned()),
        warnings: Vec::new(),
    }
}

fn realms() -> Realms {
    Realms::new(["corp", "partner"].map(|realm| Realm::parse(realm).unwrap()))
}

fn well() -> Health {
    Health {
        ready: true,
        parts: Vec::new(),
        issuers: Vec::new(),
    }
}

fn options() -> PortalOptions {
    PortalOptions {
        hosts: HostRule {
            any: true,
            hosts: Vec::new(),
        },
        cors: None,
        security_headers: SecurityHeaders::default(),
        base_url: "https://lodge.example.org".to_owned(),
        static_dir: None,
        frontend: FrontendOptions::default(),
    }
}

/// A portal over a store in a folder of its own, which goes with it.
struct Alone {
    portal: Portal,
    _folder: tempfile::TempDir,
}

impl Alone {
    async fn new(options: PortalOptions, health: Health) -> Self {
        Self::built(options, health, &[]).await
    }

    /// Of a binary into which this front end was built.
    async fn built(options: PortalOptions, health: Health, files: &[SiteFile]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let start = Timestamp::parse_rfc3339("2026-11-24T12:00:00Z").unwrap();
        let clock: Arc<dyn Clock> = Arc::new(Ticking(AtomicU64::new(start.as_millis())));
        let entropy: Arc<dyn Entropy> = Arc::new(Seeded(AtomicU64::new(0)));
        let file = folder.path().join("gatelodge.db");
        let store = EmbeddedStore::open(&file, Arc::clone(&clock), EmbeddedOptions::default())
            .await
            .unwrap();
        let terms = KeyTerms {
            format: KeyFormat::new("glk", &[], false),
            limits: LifeLimits::default(),
            per_owner_max: 5,
        };
        let salt = Salt::parse_hex(&"0123456789abcdef".repeat(4)).unwrap();
        let store: Arc<dyn Store> = Arc::new(store);
        let salts = Salts::new(salt, Vec::new());
        let audit = AuditTrail::new(
            Arc::clone(&store),
            salts.clone(),
            AuditTerms {
                keep: Duration::from_hours(24),
                events_max: 1_000,
            },
            Arc::clone(&clock),
            Arc::clone(&entropy),
        );
        let owners = Arc::new(Owners::new(
            store.clone(),
            salts.clone(),
            clock.clone(),
            Arc::default(),
        ));
        let lifetimes = Lifetimes {
            idle: Duration::from_hours(8),
            absolute: Duration::from_hours(168),
        };
        let sessions = Sessions::new(
            store.clone(),
            Arc::clone(&owners),
            salts.clone(),
            clock.clone(),
            entropy.clone(),
            lifetimes,
        );
        let filter = FilterKey::new([7; 32]);
        let keys = KeyService::new(
            store,
            salts,
            filter,
            terms,
            Arc::new(audit),
            clock,
            Arc::clone(&entropy),
        );
        let partner = Realm::parse("partner").unwrap();
        let portal = Portal::new(PortalParts {
            keys: Arc::new(keys),
            sessions: Arc::new(sessions),
            accounts: None,
            owners,
            sign_in: SignInParts::default(),
            catalogue: Arc::default(),
            gates: Arc::new(NoGates),
            authenticate: Arc::new(Believing),
            client_address: Arc::new(|request| request.peer_addr().map(|peer| peer.ip())),
            readiness: Arc::new(Reporting(health)),
            realms: realms(),
            tenants: vec![(partner, Tenant::parse("partner").unwrap())],
            request_ids: Arc::new(RequestIds::new(entropy.as_ref()).unwrap()),
            site: Site::new(files, entropy),
            options,
        });
        Self {
            portal,
            _folder: folder,
        }
    }

    async fn with(options: PortalOptions) -> Self {
        Self::new(options, well()).await
    }

    /// Sends a request.
    async fn answer(&self, request: TestRequest) -> ServiceResponse<impl MessageBody + use<>> {
        let app = App::new().configure(|config| self.portal.configure(config));
        let app = test::init_service(app).await;
        test::call_service(&app, request.to_request()).await
    }

    /// Sends a request with a JSON body, and gives status and body.
    async fn json(&self, who: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method = method.parse().unwrap();
        let request = TestRequest::with_uri(path)
            .method(method)
            .insert_header(("x-as", who))
            .set_json(body);
        let answer = self.answer(request).await;
        let status = answer.status().as_u16();
        let body = test::read_body(answer).await;
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

/// A header of an answer; empty if it is not there.
fn header<B>(answer: &ServiceResponse<B>, name: &str) -> String {
    let value = answer.headers().get(name);
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}
