//! Asks and answers: may this pass?

use std::future::Future;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::keys::KeyCheck;
use super::upkeep::Upkeep;
use super::usage::UsageRecorder;
use crate::cache::KeyCache;
use crate::domain::api_key::OwnerTag;
use crate::domain::api_key::filter::FilterKey;
use crate::domain::browser;
use crate::domain::credential::{self, Presented};
use crate::domain::decision::{Decision, Denial, decide};
use crate::domain::evidence::{Evidence, VerifiedToken};
use crate::domain::facts::{FactSource, RequestFacts};
use crate::domain::identity::Identity;
use crate::domain::policy::{Admission, Challenge, Gate, Policy, Rule};
use crate::domain::reason::Reason;
use crate::domain::request::Headers;
use crate::domain::salt::Salts;
use crate::domain::session::{GateCookie, PresentedGateCookie};
use crate::domain::time::{Clock, Timestamp};
use crate::identity::{Owners, Purpose, Sessions, TokenVerifier};
use crate::store::Store;

/// What a gatekeeper is made of.
pub struct GatekeeperParts {
    /// The gates and how keys read.
    pub policy: Policy,
    /// Where keys are looked up.
    pub store: Arc<dyn Store>,
    /// What is kept of what was looked up; nothing where each check asks the store.
    pub cache: Option<Arc<KeyCache>>,
    /// What hashes and seals them.
    pub salts: Salts,
    /// What tells our keys from made-up ones.
    pub filter: FilterKey,
    /// What verifies tokens.
    pub tokens: Arc<TokenVerifier>,
    /// What is known of owners.
    pub owners: Arc<Owners>,
    /// Browsers that people signed in with.
    pub sessions: Arc<Sessions>,
    /// Origins besides its own whose pages may change things by a session.
    pub trusted_origins: Arc<[Box<str>]>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where uses of keys are noted.
    pub usage: Arc<UsageRecorder>,
    /// What is put right in the background.
    pub upkeep: Upkeep,
}

/// Decides about requests.
pub struct Gatekeeper {
    policy: ArcSwap<Policy>,
    keys: KeyCheck,
    tokens: Arc<TokenVerifier>,
    owners: Arc<Owners>,
    sessions: Arc<Sessions>,
    trusted_origins: Arc<[Box<str>]>,
    clock: Arc<dyn Clock>,
    usage: Arc<UsageRecorder>,
    upkeep: Upkeep,
}

/// A decision, and what a refusal offers.
#[derive(Debug)]
pub struct Checked {
    /// What becomes of the request.
    pub decision: Decision,
    /// The schemes that a refusal names.
    pub challenge: Challenge,
    /// The headers that the upstream shall not see.
    pub strip: Option<Arc<[Box<str>]>>,
    /// Whether a browser could pass that is signed in.
    pub takes_sessions: bool,
}

/// Who presented a credential, for the API.
#[derive(Clone, Debug)]
pub struct Proven {
    /// Who it is.
    pub identity: Arc<Identity>,
    /// When the key ends that proved it; `None` for tokens, and for keys without end.
    pub key_expires_at: Option<Timestamp>,
}

/// What a request asks of which rule, read in one go under one policy.
struct Asked<'h> {
    policy: Arc<Policy>,
    gate: usize,
    rule: usize,
    presented: Presented<'h>,
    browser: InBrowser,
    facts: RequestFacts<'h>,
}

/// What a request without a credential has by way of a browser.
enum InBrowser {
    Nothing,
    /// It only asks whether another request may be made.
    Preflight,
    /// Something that was meant as our cookie and can be none.
    BadCookie,
    Cookie(GateCookie),
}

impl Gatekeeper {
    /// Joins the parts.
    pub fn new(parts: GatekeeperParts) -> Self {
        Self {
            policy: ArcSwap::from_pointee(parts.policy),
            keys: KeyCheck {
                store: parts.store,
                cache: parts.cache,
                salts: parts.salts,
                filter: parts.filter,
                owners: Arc::clone(&parts.owners),
                upkeep: parts.upkeep.clone(),
            },
            tokens: parts.tokens,
            owners: parts.owners,
            sessions: parts.sessions,
            trusted_origins: parts.trusted_origins,
            clock: parts.clock,
            usage: parts.usage,
            upkeep: parts.upkeep,
        }
    }

    /// The gates as they are now.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.load_full()
    }

    /// Puts other gates in their place. Requests that are being decided end
    /// under the policy that they began with.
    pub fn replace_policy(&self, policy: Policy) {
        self.policy.store(Arc::new(policy));
    }

    /// Decides whether a request may pass the gate of that name. Of `facts` is
    /// read what a rule or a key looks at, when it does.
    pub fn check<'c>(
        &'c self,
        gate: &str,
        headers: &'c dyn Headers,
        facts: &'c dyn FactSource,
    ) -> impl Future<Output = Checked> + Send + 'c {
        // Headers are read before the first await, so that the future may move
        // between threads although the headers may not.
        let asked = self.read(gate, headers, facts);
        async move {
            match asked {
                Err(refused) => refused,
                Ok(asked) => self.answer(asked).await,
            }
        }
    }

    fn read<'h>(
        &self,
        name: &str,
        headers: &'h dyn Headers,
        facts: &'h dyn FactSource,
    ) -> Result<Asked<'h>, Checked> {
        let policy = self.policy.load_full();
        let Some(gate) = policy.gates.iter().position(|gate| *gate.name == *name) else {
            return Err(Checked {
                decision: Reason::UnknownGate.into(),
                challenge: Challenge::default(),
                strip: None,
                takes_sessions: false,
            });
        };
        let challenge = policy.gates[gate].challenge;
        let refuse = |reason: Reason| Checked {
            decision: reason.into(),
            challenge,
            strip: None,
            takes_sessions: false,
        };
        let mut facts = RequestFacts::new(facts);
        let matching = policy.gates[gate].matching_rule(&mut facts);
        let Some((rule, found)) = matching.map_err(refuse)? else {
            return Err(refuse(Reason::NoRule));
        };
        let presented = match found.allow {
            Admission::Authenticated => {
                credential::present(headers, &found.read_from, &policy.format).map_err(refuse)?
            }
            Admission::Anyone | Admission::Nobody => Presented::Nothing,
        };
        let browser = match presented {
            Presented::Nothing => self.look_for_browser(found, headers, &mut facts),
            _ => Ok(InBrowser::Nothing),
        };
        let browser = browser.map_err(refuse)?;
        Ok(Asked {
            policy,
            gate,
            rule,
            presented,
            browser,
            facts,
        })
    }

    /// What a request has by way of a browser, where a rule cares. A cookie comes
    /// along whoever made the request, so what it changes must be their own doing.
    fn look_for_browser(
        &self,
        rule: &Rule,
        headers: &dyn Headers,
        facts: &mut RequestFacts<'_>,
    ) -> Result<InBrowser, Reason> {
        if rule.passes_preflight() && browser::is_preflight(headers, facts)? {
            return Ok(InBrowser::Preflight);
        }
        if !rule.takes_sessions() {
            return Ok(InBrowser::Nothing);
        }
        match GateCookie::present(headers) {
            PresentedGateCookie::Nothing => Ok(InBrowser::Nothing),
            PresentedGateCookie::Malformed => Ok(InBrowser::BadCookie),
            PresentedGateCookie::Cookie(cookie) => {
                browser::check_maker(headers, facts, &self.trusted_origins)?;
                Ok(InBrowser::Cookie(cookie))
            }
        }
    }

    async fn answer(&self, mut asked: Asked<'_>) -> Checked {
        let policy = Arc::clone(&asked.policy);
        let gate: &Gate = &policy.gates[asked.gate];
        let rule: &Rule = &gate.rules[asked.rule];
        let now = self.clock.now();
        let decision = match self.gather(&asked, rule, now).await {
            Err(denial) => Decision::Deny(denial),
            Ok(evidence) => decide(rule, &evidence, &mut asked.facts),
        };
        if let Some(now) = now {
            self.usage.note(&decision, now, asked.facts.client());
        }
        Checked {
            decision,
            challenge: gate.challenge,
            strip: rule.strip.clone(),
            takes_sessions: rule.takes_sessions(),
        }
    }

    /// Turns what was presented into evidence, if the rule takes that kind.
    async fn gather(
        &self,
        asked: &Asked<'_>,
        rule: &Rule,
        now: Option<Timestamp>,
    ) -> Result<Evidence, Denial> {
        match &asked.presented {
            Presented::Nothing => self.gather_from_browser(&asked.browser).await,
            Presented::Malformed => Err(Reason::MalformedCredential.into()),
            Presented::ApiKey(_) if !rule.credentials.api_key => Err(Reason::CredentialKind.into()),
            Presented::Jwt(_) if !rule.credentials.jwt => Err(Reason::CredentialKind.into()),
            Presented::ApiKey(text) => {
                let now = now.ok_or(Reason::ClockUnknown)?;
                let key = self.keys.prove(&asked.policy.format, text, now).await?;
                Ok(Evidence::Key(key))
            }
            Presented::Jwt(token) => {
                let token = self.verify(token, Purpose::Gate).await?;
                Ok(Evidence::Token(token))
            }
        }
    }

    async fn gather_from_browser(&self, browser: &InBrowser) -> Result<Evidence, Denial> {
        let cookie = match browser {
            InBrowser::Nothing => return Ok(Evidence::Nobody),
            InBrowser::Preflight => return Ok(Evidence::Preflight),
            InBrowser::BadCookie => return Err(Reason::SessionUnknown.into()),
            InBrowser::Cookie(cookie) => cookie,
        };
        match self.sessions.find_at_gate(cookie).await {
            Ok(Some(session)) => Ok(Evidence::Session(session)),
            Ok(None) => Err(Reason::SessionUnknown.into()),
            Err(error) => {
                tracing::warn!(%error, "a session could not be looked up");
                Err(error.reason().into())
            }
        }
    }

    /// Says who presents a credential to the API: a key, or a token whose
    /// audience is the portal. Reads `Authorization` and the key header.
    ///
    /// # Errors
    /// Gives the reason for the log.
    pub async fn identify(
        &self,
        headers: &dyn Headers,
        read_from: &[Box<str>],
    ) -> Result<Proven, Denial> {
        let policy = self.policy.load_full();
        match credential::present(headers, read_from, &policy.format)? {
            Presented::Nothing => Err(Reason::NoCredential.into()),
            Presented::Malformed => Err(Reason::MalformedCredential.into()),
            Presented::ApiKey(text) => {
                let now = self.clock.now().ok_or(Reason::ClockUnknown)?;
                let key = self.keys.prove(&policy.format, &text, now).await?;
                // What is bound to other hosts and paths manages no keys here.
                if key.bounds().is_some() {
                    return Err(Reason::KeyBounds.into());
                }
                let identity = Arc::clone(key.identity());
                Ok(Proven {
                    identity,
                    key_expires_at: key.expires_at(),
                })
            }
            Presented::Jwt(token) => {
                let token = self.verify(token, Purpose::Portal).await?;
                Ok(Proven {
                    identity: Arc::clone(token.identity()),
                    key_expires_at: None,
                })
            }
        }
    }

    /// A token of an issuer, unless its owner is disabled here: the issuer may
    /// go on vouching for somebody whom we turn away.
    async fn verify(&self, token: &str, purpose: Purpose) -> Result<VerifiedToken, Denial> {
        let token = self.tokens.verify(token, purpose).await?;
        let identity = token.identity();
        let owner = OwnerTag::new(&identity.tenant, &identity.owner);
        match self.owners.is_disabled(&owner).await {
            Ok(false) => {}
            Ok(true) => return Err(Reason::OwnerDisabled.into()),
            Err(error) => {
                tracing::warn!(%error, "an owner could not be looked up");
                return Err(error.reason().into());
            }
        }
        self.upkeep.vouched(identity);
        Ok(token)
    }
}
