//! Revoking with a minute to think again, over a store.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use gatelodge::audit::{AuditTerms, AuditTrail};
use gatelodge::domain::api_key::ApiKeyId;
use gatelodge::domain::api_key::expiry::{ExpiryWish, LifeLimits};
use gatelodge::domain::api_key::filter::FilterKey;
use gatelodge::domain::api_key::plain::KeyFormat;
use gatelodge::domain::api_key::record::Standing;
use gatelodge::domain::entropy::Entropy;
use gatelodge::domain::matching::RequestMatch;
use gatelodge::domain::salt::{Salt, Salts};
use gatelodge::domain::subject::{Owner, Tenant};
use gatelodge::keys::{Actor, KeyError, KeyService, KeyTerms, KeyView, KeysOf, MintRequest};

use super::sessions::Counting;
use super::{Fixture, race};

const MINUTE: Duration = Duration::from_mins(1);

fn service(fixture: &impl Fixture) -> Arc<KeyService> {
    let salts = Salts::new(Salt::from_bytes([5; 32]), Vec::new());
    let entropy: Arc<dyn Entropy> = Arc::new(Counting(AtomicU64::new(0)));
    let terms = AuditTerms {
        keep: Duration::from_hours(24),
        events_max: 1_000,
    };
    let audit = AuditTrail::new(
        fixture.store(),
        salts.clone(),
        terms,
        fixture.clock(),
        Arc::clone(&entropy),
    );
    Arc::new(KeyService::new(
        fixture.store(),
        salts,
        FilterKey::new([9; 32]),
        KeyTerms {
            format: KeyFormat::new("glk", &[], false),
            limits: LifeLimits::default(),
            per_owner_max: 50,
        },
        Arc::new(audit),
        fixture.clock(),
        entropy,
    ))
}

fn keys(service: &KeyService) -> KeysOf<'_> {
    let owner = Owner::from_record("corp", "alice").unwrap();
    service.keys_of(Tenant::default(), owner, Actor::command_line())
}

async fn mint(service: &KeyService) -> ApiKeyId {
    let request = MintRequest {
        name: String::new(),
        scopes: Vec::new(),
        bounds: RequestMatch::default(),
        expiry: ExpiryWish::Never,
    };
    keys(service).mint(&request, None).await.unwrap().key.id
}

async fn standing(fixture: &impl Fixture, service: &KeyService, id: ApiKeyId) -> Option<Standing> {
    match keys(service).show(id).await {
        Ok(KeyView::Ours { key, .. }) => Some(key.standing(fixture.now())),
        Ok(KeyView::Seed(_)) | Err(KeyError::NotFound) => None,
        Err(error) => panic!("{error}"),
    }
}

pub async fn a_revocation_is_undone_within_a_minute_and_final_after_it(fixture: &mut impl Fixture) {
    let service = service(fixture);
    let (undone, left) = (mint(&service).await, mint(&service).await);
    for id in [undone, left] {
        keys(&service).start_revocation(id).await.unwrap();
        let now = standing(fixture, &service, id).await;
        assert_eq!(now, Some(Standing::Revoking));
    }
    fixture.clock().pass(Duration::from_secs(59));
    assert_eq!(service.settle_revocations().await.unwrap(), 0);
    keys(&service).restore(undone).await.unwrap();

    fixture.clock().pass(Duration::from_secs(1));
    assert!(keys(&service).restore(left).await.is_err(), "too late");
    assert_eq!(service.settle_revocations().await.unwrap(), 1);
    let now = standing(fixture, &service, undone).await;
    assert_eq!(now, Some(Standing::Active));
    assert_eq!(standing(fixture, &service, left).await, None);
    let tombstone = fixture.store().find_tombstone(&left).await.unwrap();
    assert!(tombstone.is_some());
    assert!(keys(&service).restore(left).await.is_err(), "final");
    assert_eq!(service.settle_revocations().await.unwrap(), 0);
}

pub async fn of_many_who_make_a_revocation_final_at_once_one_does(fixture: &mut impl Fixture) {
    let service = service(fixture);
    let id = mint(&service).await;
    keys(&service).start_revocation(id).await.unwrap();
    fixture.clock().pass(MINUTE);
    let settled = Arc::new(AtomicU64::new(0));
    race(|_| {
        let (service, settled) = (Arc::clone(&service), Arc::clone(&settled));
        Box::pin(async move {
            let count = service.settle_revocations().await.unwrap_or_default();
            let count = u64::try_from(count).unwrap();
            settled.fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        })
    })
    .await;
    assert_eq!(settled.load(std::sync::atomic::Ordering::Relaxed), 1);
    assert_eq!(standing(fixture, &service, id).await, None);
}
