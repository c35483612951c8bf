//! What the benchmarks share: one key, its record, and a request that presents it.

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use gatelodge::domain::api_key::OwnerTag;
use gatelodge::domain::api_key::expiry::{ExpiryWish, LifeLimits};
use gatelodge::domain::api_key::filter::FilterKey;
use gatelodge::domain::api_key::lifecycle::{self, Draft, Terms};
use gatelodge::domain::api_key::plain::{self, KeyFormat, NativeKey, PlainKey};
use gatelodge::domain::api_key::record::ApiKey;
use gatelodge::domain::entropy::{Entropy, EntropyUnavailable};
use gatelodge::domain::matching::RequestMatch;
use gatelodge::domain::policy::{AcceptedKinds, Rule};
use gatelodge::domain::salt::{Salt, Salts};
use gatelodge::domain::subject::{Owner, Scope, Tenant};
use gatelodge::domain::time::Timestamp;

/// The same bytes in every run, so that runs can be compared.
pub struct Repeatable(AtomicU64);

impl Entropy for Repeatable {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        let round = self.0.fetch_add(1, Ordering::Relaxed);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&round.to_le_bytes());
        hasher.finalize_xof().fill(buffer);
        Ok(())
    }
}

/// One key and everything that a check of it needs.
pub struct Fixture {
    pub format: KeyFormat,
    pub salts: Salts,
    pub filter: FilterKey,
    pub rule: Rule,
    pub text: String,
    pub key: ApiKey,
    pub sealed: Vec<u8>,
    pub now: Timestamp,
    pub headers: HeaderMap,
}

impl Fixture {
    pub fn new() -> Self {
        let entropy = Repeatable(AtomicU64::new(0));
        let format = KeyFormat::new("glk", &[], true);
        let salts = Salts::new(Salt::from_bytes(*blake3::hash(b"salt").as_bytes()), vec![]);
        let filter = FilterKey::new(*blake3::hash(b"filter").as_bytes());
        let now = Timestamp::parse_rfc3339("2026-11-24T12:00:00Z").unwrap();
        let owner = Owner::from_record("corp", "alice").unwrap();
        let tag = OwnerTag::new(&Tenant::default(), &owner);
        let fresh = plain::mint(&format, &filter, tag.shard(), &entropy).unwrap();
        let scopes = ["docs:read", "docs:write"].map(|scope| Scope::parse(scope).unwrap());
        let draft = Draft {
            tenant: Tenant::default(),
            owner,
            name: "benchmark".to_owned(),
            scopes: scopes.to_vec(),
            bounds: RequestMatch::default(),
            expiry: ExpiryWish::Never,
            by: "corp:alice".to_owned(),
        };
        let terms = Terms {
            format: &format,
            salts: &salts,
            limits: LifeLimits::default(),
            now,
        };
        let key = lifecycle::create(&draft, &fresh, &terms).unwrap();
        let kinds = AcceptedKinds {
            api_key: true,
            jwt: true,
            session: false,
        };
        let mut rule = Rule::any_credential(kinds, "x-api-key");
        rule.scopes = scopes[..1].to_vec();
        let text = fresh.text.expose().clone();
        Self {
            headers: request(&text),
            sealed: key.seal(&salts),
            format,
            salts,
            filter,
            rule,
            text,
            key,
            now,
        }
    }

    /// The key as it was presented, parsed.
    pub fn native<'t>(&self, text: &'t str) -> NativeKey<'t> {
        match self.format.parse(text) {
            Ok(PlainKey::Native(key)) => key,
            _ => panic!("not a key that was minted here"),
        }
    }
}

/// The headers that a proxy sends for a client with that credential.
pub fn request(credential: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "lodge.example.com"),
        ("user-agent", "curl/8.0"),
        ("accept", "*/*"),
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-host", "docs.example.com"),
        ("x-forwarded-method", "GET"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-uri", "/pages/1"),
    ] {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    let value = HeaderValue::try_from(format!("Bearer {credential}")).unwrap();
    headers.insert(AUTHORIZATION, value);
    headers
}
