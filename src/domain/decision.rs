//! The heart: may this pass? Everything begins with "no", and only [`decide`]
//! makes a [`Permit`].

use std::sync::Arc;

use super::api_key::ApiKeyId;
use super::evidence::Evidence;
use super::facts::RequestFacts;
use super::identity::Identity;
use super::matching::RequestMatch;
use super::policy::{Admission, Rule};
use super::reason::Reason;
use super::subject::Scope;

/// Leave to pass. Nothing else can become an allowing answer.
#[derive(Clone, Debug)]
pub struct Permit {
    identity: Option<Arc<Identity>>,
}

impl Permit {
    /// Who passes; `None` where everybody may.
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_deref()
    }
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// Why.
    pub reason: Reason,
    /// The key that was presented, where one could be read: for the log.
    pub key_id: Option<ApiKeyId>,
    /// The scopes that would have been enough (RFC 6750, section 3).
    pub wanted_scopes: Vec<Scope>,
}

impl Denial {
    /// A refusal for that reason.
    pub fn new(reason: Reason) -> Self {
        Self {
            reason,
            key_id: None,
            wanted_scopes: Vec::new(),
        }
    }

    /// The same, about that key.
    #[must_use]
    pub fn about(mut self, key_id: Option<ApiKeyId>) -> Self {
        self.key_id = key_id;
        self
    }
}

impl From<Reason> for Denial {
    fn from(reason: Reason) -> Self {
        Self::new(reason)
    }
}

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Decision {
    /// It may pass.
    Allow(Permit),
    /// It may not.
    Deny(Denial),
}

impl From<Reason> for Decision {
    fn from(reason: Reason) -> Self {
        Self::Deny(reason.into())
    }
}

/// Decides by a rule about what was proven. The rule has been found by the same
/// facts; they are asked again only where the credential itself is bound.
pub fn decide(rule: &Rule, evidence: &Evidence, facts: &mut RequestFacts<'_>) -> Decision {
    let (identity, holder) = match evidence {
        Evidence::Preflight if rule.passes_preflight() => {
            return Decision::Allow(Permit { identity: None });
        }
        Evidence::Nobody | Evidence::Preflight => (None, None),
        Evidence::Session(session) => (
            Some(session.identity()),
            Some(Holder {
                identity: session.identity(),
                bounds: None,
            }),
        ),
        Evidence::Key(key) => (
            Some(key.identity()),
            Some(Holder {
                identity: key.identity(),
                bounds: key.bounds(),
            }),
        ),
        Evidence::Token(token) => (
            Some(token.identity()),
            Some(Holder {
                identity: token.identity(),
                bounds: None,
            }),
        ),
    };
    if let Some(denial) = refusal(rule, holder, facts) {
        return Decision::Deny(denial);
    }
    let told = (rule.allow == Admission::Authenticated).then_some(identity);
    Decision::Allow(Permit {
        identity: told.flatten().map(Arc::clone),
    })
}

/// What is known of whoever asks: who it is, and the requests that the
/// credential is bound to.
#[derive(Clone, Copy, Debug)]
pub struct Holder<'a> {
    /// Who.
    pub identity: &'a Identity,
    /// The bounds; `None` where there are none.
    pub bounds: Option<&'a RequestMatch>,
}

/// Why a rule refuses a request, if it does. Nobody passes by this alone.
pub fn refusal(
    rule: &Rule,
    holder: Option<Holder<'_>>,
    facts: &mut RequestFacts<'_>,
) -> Option<Denial> {
    match rule.allow {
        Admission::Nobody => Some(Reason::Nobody.into()),
        Admission::Anyone => None,
        Admission::Authenticated => {
            let Some(holder) = holder else {
                return Some(Reason::NoCredential.into());
            };
            missing(rule, holder.identity)
                .or_else(|| out_of_bounds(holder.bounds?, facts))
                .map(|denial| denial.about(holder.identity.key_id))
        }
    }
}

/// Why a credential does not open this request, although it opens others.
fn out_of_bounds(bounds: &RequestMatch, facts: &mut RequestFacts<'_>) -> Option<Denial> {
    match bounds.admits(facts) {
        Ok(true) => None,
        Ok(false) => Some(Reason::KeyBounds.into()),
        Err(reason) => Some(reason.into()),
    }
}

/// What an identity lacks for a rule, if anything.
fn missing(rule: &Rule, identity: &Identity) -> Option<Denial> {
    if !rule.credentials.accepts(identity.method) {
        return Some(Reason::CredentialKind.into());
    }
    let holds_scopes = rule.scopes.iter().all(|scope| identity.holds_scope(scope))
        && (rule.any_scopes.is_empty()
            || rule
                .any_scopes
                .iter()
                .any(|scope| identity.holds_scope(scope)));
    if !holds_scopes {
        let wanted = rule
            .scopes
            .iter()
            .chain(&rule.any_scopes)
            .cloned()
            .collect();
        return Some(Denial {
            wanted_scopes: wanted,
            ..Denial::new(Reason::MissingScope)
        });
    }
    let in_groups = rule.groups.iter().all(|group| identity.is_in_group(group))
        && (rule.any_groups.is_empty()
            || rule
                .any_groups
                .iter()
                .any(|group| identity.is_in_group(group)));
    (!in_groups).then(|| Reason::MissingGroup.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::evidence::VerifiedToken;
    use super::super::facts::StatedFacts;
    use super::super::identity::CredentialKind;
    use super::super::policy::AcceptedKinds;
    use super::super::subject::{GroupName, Owner, Tenant};
    use super::super::time::Timestamp;
    use super::*;

    const BOTH: AcceptedKinds = AcceptedKinds {
        api_key: true,
        jwt: true,
        session: false,
    };

    fn token(scopes: &[&str], groups: &[&str]) -> Evidence {
        let identity = Identity {
            owner: Owner::from_record("", "alice").unwrap(),
            tenant: Tenant::default(),
            groups: groups
                .iter()
                .map(|name| GroupName::parse(name).unwrap())
                .collect(),
            scopes: scopes
                .iter()
                .map(|name| Scope::parse(name).unwrap())
                .collect(),
            email: None,
            name: None,
            admin: false,
            method: CredentialKind::Jwt,
            key_id: None,
        };
        Evidence::Token(VerifiedToken::assert_verified(
            identity,
            Timestamp::from_millis(1).unwrap(),
        ))
    }

    fn outcome(rule: &Rule, evidence: &Evidence) -> Option<Reason> {
        let stated = StatedFacts::default();
        match decide(rule, evidence, &mut RequestFacts::new(&stated)) {
            Decision::Allow(_) => None,
            Decision::Deny(denial) => Some(denial.reason),
        }
    }

    fn rule(change: impl FnOnce(&mut Rule)) -> Rule {
        let mut rule = Rule::any_credential(BOTH, "X-API-Key");
        change(&mut rule);
        rule
    }

    #[test]
    fn a_rule_asks_for_all_that_it_lists() {
        let scope = |name: &str| Scope::parse(name).unwrap();
        let group = |name: &str| GroupName::parse(name).unwrap();
        let needs = rule(|rule| {
            rule.scopes = vec![scope("a:read"), scope("b:read")];
            rule.any_groups = vec![group("dev"), group("ops")];
        });
        assert_eq!(outcome(&needs, &token(&["a:*", "b:read"], &["ops"])), None);
        assert_eq!(
            outcome(&needs, &token(&["a:*"], &["ops"])),
            Some(Reason::MissingScope)
        );
        assert_eq!(
            outcome(&needs, &token(&["a:*", "b:*"], &["not ops"])),
            Some(Reason::MissingGroup)
        );
        let any = rule(|rule| rule.any_scopes = vec![scope("a"), scope("b")]);
        assert_eq!(outcome(&any, &token(&["b"], &[])), None);
        assert_eq!(
            outcome(&any, &token(&["c"], &[])),
            Some(Reason::MissingScope)
        );
        let all = rule(|rule| rule.groups = vec![group("dev"), group("ops")]);
        assert_eq!(
            outcome(&all, &token(&[], &["dev"])),
            Some(Reason::MissingGroup)
        );
    }

    #[test]
    fn the_kind_of_credential_counts_before_its_rights() {
        let keys_only = rule(|rule| {
            rule.credentials = AcceptedKinds {
                api_key: true,
                jwt: false,
                session: true,
            }
        });
        assert_eq!(
            outcome(&keys_only, &token(&[], &[])),
            Some(Reason::CredentialKind)
        );
    }

    #[test]
    fn a_preflight_passes_only_where_the_rule_says_so_and_as_nobody() {
        let closed = rule(|_| {});
        assert_eq!(
            outcome(&closed, &Evidence::Preflight),
            Some(Reason::NoCredential)
        );
        let open = rule(|rule| rule.preflight = true);
        let stated = StatedFacts::default();
        let mut facts = RequestFacts::new(&stated);
        let Decision::Allow(permit) = decide(&open, &Evidence::Preflight, &mut facts) else {
            panic!("refused")
        };
        assert!(permit.identity().is_none());
        assert_eq!(
            outcome(&open, &Evidence::Nobody),
            Some(Reason::NoCredential)
        );
        let nobody = rule(|rule| {
            rule.preflight = true;
            rule.allow = Admission::Nobody;
        });
        assert_eq!(outcome(&nobody, &Evidence::Preflight), Some(Reason::Nobody));
    }

    #[test]
    fn nobody_means_nobody_and_anyone_tells_the_upstream_of_nobody() {
        let closed = rule(|rule| rule.allow = Admission::Nobody);
        assert_eq!(outcome(&closed, &token(&[], &[])), Some(Reason::Nobody));
        let open = rule(|rule| rule.allow = Admission::Anyone);
        let stated = StatedFacts::default();
        let mut facts = RequestFacts::new(&stated);
        let Decision::Allow(permit) = decide(&open, &token(&[], &[]), &mut facts) else {
            panic!("refused")
        };
        assert!(permit.identity().is_none());
    }

    proptest! {
        #[test]
        fn without_evidence_nothing_passes_that_asks_for_it(
            api_key: bool, jwt: bool, session: bool, scopes in proptest::collection::vec("[a-z]{1,5}", 0..4),
        ) {
            let asks = rule(|rule| {
                rule.credentials = AcceptedKinds { api_key, jwt, session };
                rule.scopes = scopes.iter().map(|name| Scope::parse(name).unwrap()).collect();
            });
            prop_assert_eq!(outcome(&asks, &Evidence::Nobody), Some(Reason::NoCredential));
        }

        #[test]
        fn more_rights_never_turn_a_pass_into_a_refusal(
            held in proptest::collection::vec("[ab]:[cd]", 0..4),
            extra in "[ab]:[cd]",
            asked in proptest::collection::vec("[ab]:[cd]", 0..3),
        ) {
            let asks = rule(|rule| {
                rule.scopes = asked.iter().map(|name| Scope::parse(name).unwrap()).collect();
            });
            let held: Vec<&str> = held.iter().map(String::as_str).collect();
            let more: Vec<&str> = held.iter().copied().chain([extra.as_str()]).collect();
            if outcome(&asks, &token(&held, &[])).is_none() {
                prop_assert_eq!(outcome(&asks, &token(&more, &[])), None);
            }
        }
    }
}
