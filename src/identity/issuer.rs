//! Whom we trust, how far, and what of their tokens we read.

use std::time::Duration;

use serde_json::{Map, Value};
use url::Url;

use super::algorithm::Algorithm;
use super::claims::ClaimRules;
use super::outbound::{Outbound, UrlFault};
use crate::domain::identity::{CredentialKind, Identity};
use crate::domain::reason::Reason;
use crate::domain::subject::{GroupName, Owner, Realm, Realms, Tenant};

/// What a token is presented for. Each has audiences of its own, so that an
/// upstream which sees a gate's tokens cannot replay them to mint keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To pass a gate.
    Gate,
    /// To use our own interface.
    Portal,
}

/// An OpenID provider or other authorization server whose JWTs are accepted.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, named as the operator writes it"
)]
pub struct IssuerOptions {
    /// The name space of its subjects. No two issuers share one.
    pub realm: Realm,
    /// The issuer's identifier as configured. Without [`Self::jwks_url`] also
    /// where discovery begins.
    pub url: String,
    /// Where the keys are, if discovery is not to be used. Tokens may then name
    /// [`Self::url`] with or without a slash at the end.
    pub jwks_url: Option<Url>,
    /// The audiences that open gates; without any, none opens.
    pub audiences: Vec<String>,
    /// The audiences that open our own interface.
    pub portal_audiences: Vec<String>,
    /// Whether its tokens may open gates at all.
    pub opens_gates: bool,
    /// Whether its tokens may open our own interface at all.
    pub opens_portal: bool,
    /// Whether a token must be for a configured audience. False only for the
    /// `[oauth]` shorthand without audiences, which opens our own interface to
    /// any token of the issuer, and still no gate.
    pub audience_required: bool,
    /// The signature algorithms that it may use.
    pub algorithms: Vec<Algorithm>,
    /// The organisation of all its people.
    pub tenant: Tenant,
    /// The groups that make an administrator.
    pub admin_groups: Vec<String>,
    /// Whether those are compared with regard to the case of ASCII letters.
    pub admin_groups_case_sensitive: bool,
    /// The type that its tokens must name in `typ`, such as `at+jwt` (RFC 9068,
    /// section 2.1). Without one, tokens that name another kind are refused.
    pub require_type: Option<String>,
    /// Which claims are read for what.
    pub claims: ClaimRules,
    /// How often its keys are fetched: how long a withdrawn key may still
    /// verify. At most half of [`Self::max_stale`] and at least a second is used.
    pub refresh: Duration,
    /// How long the last good keys are used while no new ones can be fetched.
    pub max_stale: Duration,
}

/// Why an issuer, or a list of them, cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadIssuer {
    /// No identifier.
    #[error("an issuer has no url")]
    NoUrl,
    /// The identifier cannot serve for discovery.
    #[error("issuer {issuer}: the url {fault}")]
    Url {
        /// The identifier.
        issuer: String,
        /// What is wrong with it.
        fault: UrlFault,
    },
    /// The address of the keys cannot be fetched from.
    #[error("issuer {issuer}: jwks_url {fault}")]
    JwksUrl {
        /// The identifier.
        issuer: String,
        /// What is wrong with it.
        fault: UrlFault,
    },
    /// No algorithm is allowed.
    #[error("issuer {issuer}: no algorithm is allowed, so none of its tokens could pass")]
    NoAlgorithm {
        /// The identifier.
        issuer: String,
    },
    /// Two issuers would share their subjects.
    #[error("two issuers have the realm {realm:?}: their people could not be told apart")]
    SharedRealm {
        /// The realm.
        realm: String,
    },
    /// Two entries are for one issuer.
    #[error("issuer {issuer} is configured twice: its tokens could mean two people each")]
    Twice {
        /// The identifier.
        issuer: String,
    },
}

impl IssuerOptions {
    /// An issuer with safe defaults: all algorithms that we know, nobody an
    /// administrator, nothing opened before audiences are named.
    pub fn new(realm: Realm, url: impl Into<String>) -> Self {
        Self {
            realm,
            url: url.into(),
            jwks_url: None,
            audiences: Vec::new(),
            portal_audiences: Vec::new(),
            opens_gates: true,
            opens_portal: true,
            audience_required: true,
            algorithms: Algorithm::ALL.to_vec(),
            tenant: Tenant::default(),
            admin_groups: Vec::new(),
            admin_groups_case_sensitive: true,
            require_type: None,
            claims: ClaimRules::default(),
            refresh: Duration::from_mins(5),
            max_stale: Duration::from_hours(1),
        }
    }

    /// All faults of a list of issuers, so that an operator mends them in one go.
    pub fn faults(issuers: &[Self], outbound: &Outbound) -> Vec<BadIssuer> {
        let mut faults = Vec::new();
        for (place, issuer) in issuers.iter().enumerate() {
            issuer.collect_faults(outbound, &mut faults);
            let earlier = &issuers[..place];
            if earlier.iter().any(|other| other.realm == issuer.realm) {
                let realm = issuer.realm.as_str().to_owned();
                faults.push(BadIssuer::SharedRealm { realm });
            }
            if earlier
                .iter()
                .any(|other| other.identifier() == issuer.identifier())
            {
                let issuer = issuer.url.clone();
                faults.push(BadIssuer::Twice { issuer });
            }
        }
        faults
    }

    fn collect_faults(&self, outbound: &Outbound, faults: &mut Vec<BadIssuer>) {
        let issuer = || self.url.clone();
        if self.url.is_empty() {
            faults.push(BadIssuer::NoUrl);
        } else if self.jwks_url.is_none()
            && let Err(fault) = self.discovery_base(outbound)
        {
            faults.push(BadIssuer::Url {
                issuer: issuer(),
                fault,
            });
        }
        if let Some(url) = &self.jwks_url
            && let Err(fault) = outbound.check_url(url)
        {
            faults.push(BadIssuer::JwksUrl {
                issuer: issuer(),
                fault,
            });
        }
        if self.algorithms.is_empty() {
            faults.push(BadIssuer::NoAlgorithm { issuer: issuer() });
        }
    }

    /// An issuer has neither query nor fragment (OpenID Connect Discovery 1.0,
    /// section 3): the well-known path could not be put behind them.
    fn discovery_base(&self, outbound: &Outbound) -> Result<(), UrlFault> {
        let url = Url::parse(&self.url).map_err(|_| UrlFault::NotAUrl)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(UrlFault::QueryOrFragment);
        }
        outbound.check_url(&url)
    }

    /// The identifier without the slash at its end that providers are in two
    /// minds about.
    pub(super) fn identifier(&self) -> &str {
        without_slash(&self.url)
    }

    /// Whether a token of this issuer can serve that purpose at all.
    pub(super) fn admits(&self, purpose: Purpose) -> Result<(), Reason> {
        let opens = match purpose {
            Purpose::Gate => self.opens_gates && !self.audiences.is_empty(),
            Purpose::Portal => {
                let for_anybody = !self.audience_required;
                self.opens_portal && (for_anybody || !self.portal_audiences.is_empty())
            }
        };
        if opens {
            Ok(())
        } else {
            Err(Reason::TokenAudience)
        }
    }

    /// Whether the token is for us (RFC 7519, section 4.1.3; RFC 8725, section
    /// 3.9). Audiences are compared exactly.
    pub(super) fn check_audience(
        &self,
        claims: &Map<String, Value>,
        purpose: Purpose,
    ) -> Result<(), Reason> {
        self.admits(purpose)?;
        let ours = match purpose {
            Purpose::Gate => &self.audiences,
            Purpose::Portal if self.portal_audiences.is_empty() => return Ok(()),
            Purpose::Portal => &self.portal_audiences,
        };
        let is_ours = |value: &Value| {
            value
                .as_str()
                .is_some_and(|name| ours.iter().any(|o| o == name))
        };
        let fits = match claims.get("aud") {
            Some(one @ Value::String(_)) => is_ours(one),
            // A list with anything but texts in it is none (RFC 7519, section 4.1.3).
            Some(Value::Array(several)) => {
                several.iter().all(Value::is_string) && several.iter().any(is_ours)
            }
            _ => false,
        };
        if fits {
            Ok(())
        } else {
            Err(Reason::TokenAudience)
        }
    }

    /// Who the claims of a verified token name.
    pub(super) fn identity(
        &self,
        claims: &Map<String, Value>,
        realms: &Realms,
    ) -> Result<Identity, Reason> {
        let subject = self.claims.subject(claims)?;
        let owner = Owner::new(self.realm.clone(), subject, realms);
        let groups = self.claims.groups(claims);
        Ok(Identity {
            owner: owner.map_err(|_| Reason::TokenSubject)?,
            tenant: self.tenant.clone(),
            admin: groups.iter().any(|group| self.makes_administrator(group)),
            groups,
            scopes: self.claims.scopes(claims),
            email: self.claims.email(claims),
            name: self.claims.name(claims),
            method: CredentialKind::Jwt,
            key_id: None,
        })
    }

    /// The groups that other claims name, as from userinfo, in place of those
    /// that the token names.
    pub(super) fn take_groups(&self, identity: &mut Identity, claims: &Map<String, Value>) {
        identity.groups = self.claims.groups(claims);
        let makes_administrator = |group| self.makes_administrator(group);
        identity.admin = identity.groups.iter().any(makes_administrator);
    }

    /// Only ASCII letters lose their case: among all of Unicode's there are
    /// pairs that look alike to this comparison and to nobody else.
    fn makes_administrator(&self, group: &GroupName) -> bool {
        self.admin_groups.iter().any(|admin| {
            if self.admin_groups_case_sensitive {
                admin == group.as_str()
            } else {
                admin.eq_ignore_ascii_case(group.as_str())
            }
        })
    }
}

/// A text without the one slash at its end, if there is one.
pub(super) fn without_slash(text: &str) -> &str {
    text.strip_suffix('/').unwrap_or(text)
}
