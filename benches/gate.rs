//! What each step of a check costs, and the whole of it: `cargo bench`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]

mod support;

use std::hint::black_box;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use criterion::{Criterion, criterion_group, criterion_main};
use gatelodge::cache::{CacheOptions, KeyCache};
use gatelodge::domain::api_key::hash::KeyHash;
use gatelodge::domain::api_key::record::ApiKey;
use gatelodge::domain::credential::present;
use gatelodge::domain::decision::{Decision, decide};
use gatelodge::domain::evidence::{ActiveKey, Evidence, FiledKey};
use gatelodge::domain::facts::{RequestFacts, StatedFacts};
use gatelodge::domain::policy::{Challenge, Gate, Policy};
use gatelodge::domain::subject::{Realm, Realms, Tenant};
use gatelodge::domain::time::Clock;
use gatelodge::gate::upkeep::Upkeep;
use gatelodge::gate::usage::UsageRecorder;
use gatelodge::gate::{Gatekeeper, GatekeeperParts};
use gatelodge::http::headers::RequestHeaders;
use gatelodge::identity::{
    IssuerOptions, Lifetimes, Outbound, OutboundOptions, Owners, Purpose, Sessions, TokenVerifier,
};
use gatelodge::startup::{OsEntropy, SystemClock};
use gatelodge::store::embedded::{EmbeddedOptions, EmbeddedStore};
use gatelodge::store::keys::NewRecord;
use gatelodge::store::{Copies, KeySetStore, KeyStore as _, Store};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use self::support::{Fixture, request};

fn domain(c: &mut Criterion) {
    let fixture = Fixture::new();
    let text = fixture.text.as_str();
    let key = fixture.native(text);
    let filed = FiledKey::new(fixture.key.clone(), None);
    let evidence =
        Evidence::Key(ActiveKey::prove(&filed, &key, &fixture.salts, fixture.now).unwrap());

    let mut group = c.benchmark_group("domain");
    group.bench_function("present", |b| {
        let headers = RequestHeaders(&fixture.headers);
        b.iter(|| {
            present(
                black_box(&headers),
                &fixture.rule.read_from,
                &fixture.format,
            )
            .unwrap()
        });
    });
    group.bench_function("parse", |b| {
        b.iter(|| fixture.format.parse(black_box(text)).is_ok());
    });
    group.bench_function("filter", |b| {
        b.iter(|| fixture.filter.admits(black_box(&key)));
    });
    group.bench_function("hash", |b| {
        let tenant = Tenant::default();
        b.iter(|| KeyHash::of(fixture.salts.active(), &tenant, black_box(&key)));
    });
    group.bench_function("open_record", |b| {
        b.iter(|| ApiKey::open(&fixture.salts, key.id(), black_box(&fixture.sealed)).unwrap());
    });
    group.bench_function("decide", |b| {
        let stated = StatedFacts::default();
        b.iter(|| {
            decide(
                &fixture.rule,
                black_box(&evidence),
                &mut RequestFacts::new(&stated),
            )
        });
    });
    group.finish();
}

fn store(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let world = World::new(&runtime);
    let id = world.fixture.key.id;

    let mut group = c.benchmark_group("embedded");
    group.bench_function("find_key", |b| {
        b.to_async(&runtime)
            .iter(|| async { world.store.find_key(black_box(&id)).await.unwrap() });
    });
    let cache = runtime.block_on(world.followed_cache());
    let hot = world.gatekeeper(Some(cache));
    let gatekeeper = world.gatekeeper(None);
    let facts = StatedFacts::default();
    for (name, gatekeeper) in [("check", &gatekeeper), ("check_hot_in_cache", &hot)] {
        group.bench_function(name, |b| {
            let headers = RequestHeaders(&world.fixture.headers);
            b.to_async(&runtime).iter(|| async {
                let checked = gatekeeper.check("default", &headers, &facts).await;
                assert!(matches!(checked.decision, Decision::Allow(_)));
            });
        });
    }
    group.bench_function("check_made_up", |b| {
        let headers = request(&made_up(&world.fixture.text));
        let headers = RequestHeaders(&headers);
        b.to_async(&runtime).iter(|| async {
            let checked = gatekeeper.check("default", &headers, &facts).await;
            assert!(matches!(checked.decision, Decision::Deny(_)));
        });
    });
    group.finish();
}

fn tokens(c: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let world = World::new(&runtime);

    let mut group = c.benchmark_group("jwt");
    for (name, token) in &world.issued {
        group.bench_function(*name, |b| {
            b.to_async(&runtime).iter(|| async {
                let token = world.tokens.verify(black_box(token), Purpose::Gate).await;
                token.unwrap()
            });
        });
    }
    group.finish();
}

/// A key whose checksum is right and whose filter is not.
fn made_up(key: &str) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let (body, _) = key.split_at(key.len() - 6);
    let last = if body.ends_with('x') { 'y' } else { 'x' };
    let mut text = format!("{}{last}", &body[..body.len() - 1]);
    let mut check = u64::from(crc32fast::hash(text.as_bytes()));
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(check % 62).unwrap()];
        check /= 62;
    }
    text.extend(digits.map(char::from));
    text
}

/// An embedded store with one key, and an issuer whose keys are known.
struct World {
    fixture: Fixture,
    store: Arc<EmbeddedStore>,
    tokens: Arc<TokenVerifier>,
    owners: Arc<Owners>,
    issued: Vec<(&'static str, String)>,
    clock: Arc<dyn Clock>,
    upkeep: Upkeep,
    _folder: tempfile::TempDir,
}

impl World {
    fn new(runtime: &Runtime) -> Self {
        runtime.block_on(Self::build())
    }

    async fn build() -> Self {
        let fixture = Fixture::new();
        let folder = tempfile::tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::start());
        let path = folder.path().join("gatelodge.db");
        let options = EmbeddedOptions::default();
        let store = EmbeddedStore::open(&path, Arc::clone(&clock), options).await;
        let store = Arc::new(store.unwrap());
        let record = NewRecord {
            id: fixture.key.id,
            owner: fixture.key.owner_tag(),
            record: fixture.sealed.clone(),
            created_at: fixture.now,
            expires_at: None,
        };
        store.mint_key(&record, None, None).await.unwrap();

        let (keys, issued) = signers(clock.now().unwrap().as_seconds());
        let mut issuer = IssuerOptions::new(Realm::parse("corp").unwrap(), ISSUER);
        issuer.jwks_url = Some(serve(&json!({ "keys": keys })));
        issuer.audiences = vec![AUDIENCE.to_owned()];
        let tokens = TokenVerifier::new(
            vec![issuer],
            Realms::new([Realm::parse("corp").unwrap()]),
            Arc::new(Outbound::new(OutboundOptions::default()).unwrap()),
            Arc::clone(&store) as Arc<dyn KeySetStore>,
            fixture.salts.clone(),
            Arc::clone(&clock),
        );
        let tokens = Arc::new(tokens.unwrap());
        tokens.probe().await;
        let owners = Arc::new(Owners::new(
            Arc::clone(&store) as Arc<dyn Store>,
            fixture.salts.clone(),
            Arc::clone(&clock),
            Arc::default(),
        ));
        let (upkeep, worker) = Upkeep::new(
            Arc::clone(&store) as Arc<dyn Store>,
            fixture.salts.clone(),
            Arc::clone(&owners),
            Arc::clone(&clock),
        );
        tokio::spawn(worker.run());
        Self {
            fixture,
            store,
            tokens,
            issued,
            owners,
            clock,
            upkeep,
            _folder: folder,
        }
    }

    /// Keys that were looked up, and a store that proves them fresh.
    async fn followed_cache(&self) -> Arc<KeyCache> {
        let options = CacheOptions {
            // No stall of the machine is to measure something else.
            lease: Duration::from_hours(1),
            ..CacheOptions::default()
        };
        let cache = Arc::new(KeyCache::new(options, Arc::clone(&self.clock)));
        self.store.follow(Arc::clone(&cache) as Arc<dyn Copies>);
        while cache.report().lease_age.is_none() {
            tokio::task::yield_now().await;
        }
        cache
    }

    fn gatekeeper(&self, cache: Option<Arc<KeyCache>>) -> Gatekeeper {
        Gatekeeper::new(GatekeeperParts {
            policy: Policy {
                gates: vec![Gate {
                    name: "default".into(),
                    challenge: Challenge::default(),
                    rules: vec![self.fixture.rule.clone()],
                }],
                format: self.fixture.format.clone(),
            },
            store: Arc::clone(&self.store) as Arc<dyn Store>,
            cache,
            salts: self.fixture.salts.clone(),
            filter: self.fixture.filter.clone(),
            tokens: Arc::clone(&self.tokens),
            owners: Arc::clone(&self.owners),
            sessions: Arc::new(Sessions::new(
                Arc::clone(&self.store) as Arc<dyn Store>,
                Arc::clone(&self.owners),
                self.fixture.salts.clone(),
                Arc::clone(&self.clock),
                Arc::new(OsEntropy),
                Lifetimes {
                    idle: Duration::from_hours(8),
                    absolute: Duration::from_hours(168),
                },
            )),
            trusted_origins: Arc::default(),
            clock: Arc::clone(&self.clock),
            usage: Arc::new(UsageRecorder::default()),
            upkeep: self.upkeep.clone(),
        })
    }
}

const ISSUER: &str = "https://idp.example.com";
const AUDIENCE: &str = "gate";

/// One key for each algorithm, and a token signed by each.
fn signers(now: u64) -> (Vec<Value>, Vec<(&'static str, String)>) {
    let random = SystemRandom::new();
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 86_400,
        "email": "alice@example.com", "groups": ["staff", "writers"],
    });
    let unsigned = |algorithm: &str| {
        let header = json!({ "alg": algorithm, "kid": algorithm, "typ": "JWT" });
        format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(claims.to_string().as_bytes())
        )
    };
    let sign = |algorithm: &'static str, signer: &dyn Fn(&[u8]) -> Vec<u8>| {
        let text = unsigned(algorithm);
        let signature = encode(&signer(text.as_bytes()));
        (algorithm, format!("{text}.{signature}"))
    };

    let ec = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = ec.public_key().as_ref();
    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let ed = Ed25519KeyPair::generate().unwrap();
    let modulus = rsa.public_key().modulus();
    let keys = vec![
        json!({ "kid": "ES256", "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
            "x": encode(&point[1..33]), "y": encode(&point[33..]) }),
        json!({ "kid": "RS256", "kty": "RSA", "use": "sig", "alg": "RS256", "e": "AQAB",
            "n": encode(modulus.big_endian_without_leading_zero()) }),
        json!({ "kid": "EdDSA", "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
            "x": encode(ed.public_key().as_ref()) }),
    ];
    let issued = vec![
        sign("ES256", &|text| {
            ec.sign(&random, text).unwrap().as_ref().to_vec()
        }),
        sign("RS256", &|text| {
            let mut signature = vec![0; rsa.public_modulus_len()];
            rsa.sign(&RSA_PKCS1_SHA256, &random, text, &mut signature)
                .unwrap();
            signature
        }),
        sign("EdDSA", &|text| ed.sign(text).as_ref().to_vec()),
    ];
    (keys, issued)
}

/// Serves a key set on a free port for as long as the process lives.
fn serve(keys: &Value) -> url::Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let body = keys.to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
            let mut asked = [0; 4_096];
            let _ = stream.read(&mut asked);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    format!("http://{address}/keys").parse().unwrap()
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = domain, store, tokens
}
criterion_main!(benches);
