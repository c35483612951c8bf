//! Where one room's question meets another's answer.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::readiness::Draining;
use crate::cache::KeyCache;
use crate::domain::explanation::{Explanation, GateQuestion};
use crate::domain::identity::Identity;
use crate::domain::identity_headers::IdentityHeaders;
use crate::domain::policy::Policy;
use crate::domain::request::Headers;
use crate::domain::salt::Salts;
use crate::domain::time::Clock;
use crate::gate::{Explainer, Gatekeeper};
use crate::http::health::{Examination, Health, Part, PartState, Readiness};
use crate::identity::{IssuerState, IssuerStatus, TokenVerifier};
use crate::portal::{Authenticate, Caller, Gates, Refused};
use crate::store::Store;

/// The gate proves credentials for the portal, too.
pub(super) struct GateAuthenticates {
    pub(super) gatekeeper: Arc<Gatekeeper>,
    pub(super) read_from: Vec<Box<str>>,
}

#[async_trait(?Send)]
impl Authenticate for GateAuthenticates {
    async fn authenticate(&self, headers: &dyn Headers) -> Result<Caller, Refused> {
        match self.gatekeeper.identify(headers, &self.read_from).await {
            Ok(proven) => Ok(Caller {
                identity: proven.identity,
                key_expires_at: proven.key_expires_at,
                session: None,
            }),
            Err(denial) => Err(Refused {
                reason: denial.reason,
                key_id: denial.key_id,
            }),
        }
    }
}

/// The gates as the gatekeeper has them.
pub(super) struct LiveGates {
    pub(super) gatekeeper: Arc<Gatekeeper>,
    pub(super) explainer: Explainer,
    pub(super) headers: Arc<IdentityHeaders>,
}

#[async_trait(?Send)]
impl Gates for LiveGates {
    fn policy(&self) -> Arc<Policy> {
        self.gatekeeper.policy()
    }

    async fn explain(&self, question: &GateQuestion) -> Explanation {
        let policy = self.gatekeeper.policy();
        self.explainer.explain(&policy, question).await
    }

    fn headers(&self, told: Option<&Identity>) -> Vec<(String, String)> {
        let values = self.headers.values_of(told);
        values
            .map(|(name, value)| (name.to_owned(), value.into_owned()))
            .collect()
    }
}

/// How the parts are.
pub(super) struct PartsReady {
    pub(super) store: Arc<dyn Store>,
    pub(super) cache: Option<Arc<KeyCache>>,
    pub(super) tokens: Arc<TokenVerifier>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) salts: Salts,
    pub(super) draining: Draining,
    pub(super) started: Duration,
    pub(super) grace: Duration,
}

impl PartsReady {
    pub(super) fn running_for(&self) -> Duration {
        self.clock.monotonic().saturating_sub(self.started)
    }

    pub(super) fn is_in_grace(&self) -> bool {
        self.running_for() < self.grace
    }
}

#[async_trait(?Send)]
impl Readiness for PartsReady {
    async fn examine(&self) -> Examination {
        let health = self.check().await;
        self.report(health).await
    }

    async fn check(&self) -> Health {
        let store = match self.store.ping().await {
            Ok(()) => PartState::Well,
            Err(error) => {
                tracing::warn!(%error, "the store does not answer");
                PartState::Down("does not answer".to_owned())
            }
        };
        let clock = match self.clock.now() {
            Some(_) => PartState::Well,
            None => PartState::Down("cannot be read".to_owned()),
        };
        let salts = match self.salts.accepted().len() {
            1 => PartState::Well,
            several => {
                PartState::Degraded(format!("{several} are accepted: a rotation is under way"))
            }
        };
        let server = if self.draining.has_begun() {
            PartState::Down("is stopping".to_owned())
        } else {
            PartState::Well
        };
        let is_down = |state: &PartState| matches!(state, PartState::Down(_));
        let ready = ![&store, &clock, &server].into_iter().any(is_down);
        let in_grace = self.is_in_grace();
        let issuers = self.tokens.readiness();
        let mut parts = vec![
            Part::new("store", store),
            Part::new("clock", clock),
            Part::new("salts", salts),
            Part::new("server", server),
        ];
        parts.extend(self.cache.as_deref().map(cache_part));
        Health {
            ready,
            parts,
            issuers: issuers
                .iter()
                .map(|issuer| issuer_part(issuer, in_grace))
                .collect(),
        }
    }
}

/// Without a lease the store is asked, so that this alone keeps nothing from
/// being decided.
fn cache_part(cache: &KeyCache) -> Part {
    let state = if cache.has_lease() {
        PartState::Well
    } else {
        PartState::Degraded(
            "the store has not proven lately that nothing newer is known; each check asks it"
                .to_owned(),
        )
    };
    Part::new("cache", state).with_numbers(cache.report().numbers())
}

pub(super) fn issuer_state(issuer: &IssuerStatus, in_grace: bool) -> PartState {
    match &issuer.state {
        IssuerState::Ready { .. } => PartState::Well,
        IssuerState::Stale { .. } => {
            PartState::Degraded("does not answer; its last good keys are used".to_owned())
        }
        IssuerState::Down {
            last_error: None, ..
        } if in_grace => PartState::Degraded("has not answered yet".to_owned()),
        IssuerState::Down { .. } => PartState::Down("its keys cannot be fetched".to_owned()),
    }
}

fn issuer_part(issuer: &IssuerStatus, in_grace: bool) -> Part {
    let state = issuer_state(issuer, in_grace);
    let name = if issuer.realm.is_bare() {
        "oauth"
    } else {
        issuer.realm.as_str()
    };
    Part::new(name, state)
}
