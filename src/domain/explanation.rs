//! Why a request would pass a gate or not, without anybody passing.

use super::api_key::ApiKeyId;
use super::decision::{Denial, Holder, refusal};
use super::facts::{RequestFacts, StatedFacts};
use super::policy::{Admission, Gate};
use super::reason::{Outcome, Reason};
use super::subject::{Owner, Scope, Tenant};

/// Whose request it would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// Nobody's: without a credential.
    Nobody,
    /// That of whoever holds a key.
    Key(ApiKeyId),
    /// That of an owner with a token, as their issuer last described them.
    Owner(Tenant, Owner),
}

/// A request that nobody sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateQuestion {
    /// The gate.
    pub gate: String,
    /// The request.
    pub facts: StatedFacts,
    /// Whose it would be.
    pub asker: Asker,
    /// The organisation whose keys may be looked at; any, if not set.
    pub tenant: Option<Tenant>,
}

/// What would become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The place of the rule that decides, from 0; `None` where none does.
    pub rule: Option<usize>,
    /// Why it would be refused; `None` where it would pass.
    pub reason: Option<Reason>,
    /// The scopes that would have been enough.
    pub wanted_scopes: Vec<Scope>,
}

impl Explanation {
    /// A refusal before any rule.
    pub fn refused(reason: Reason) -> Self {
        Self {
            rule: None,
            reason: Some(reason),
            wanted_scopes: Vec::new(),
        }
    }

    /// What becomes of a request at a gate. `holder` is what is known of whoever
    /// asks, or why nothing is; it counts only where the rule asks for somebody.
    pub fn of(
        gate: &Gate,
        holder: Result<Option<Holder<'_>>, Reason>,
        facts: &mut RequestFacts<'_>,
    ) -> Self {
        let (place, rule) = match gate.matching_rule(facts) {
            Err(reason) => return Self::refused(reason),
            Ok(None) => return Self::refused(Reason::NoRule),
            Ok(Some(found)) => found,
        };
        let denial = match holder {
            Err(reason) if rule.allow == Admission::Authenticated => Some(Denial::new(reason)),
            Err(_) => refusal(rule, None, facts),
            Ok(holder) => refusal(rule, holder, facts),
        };
        Self {
            rule: Some(place),
            reason: denial.as_ref().map(|denial| denial.reason),
            wanted_scopes: denial.map_or_else(Vec::new, |denial| denial.wanted_scopes),
        }
    }

    /// What the gate would answer, in a word.
    pub fn outcome(&self) -> &'static str {
        match self.reason.map(Reason::outcome) {
            None => "allow",
            Some(Outcome::Challenge) => "challenge",
            Some(Outcome::Forbid) => "forbid",
            Some(Outcome::Malformed) => "malformed",
            Some(Outcome::Unavailable) => "unavailable",
        }
    }

    /// The same in a sentence.
    pub fn text(&self) -> String {
        let wanted: Vec<_> = self.wanted_scopes.iter().map(Scope::as_str).collect();
        match (self.reason, wanted.is_empty()) {
            (None, _) => "The request passes.".to_owned(),
            (Some(reason), true) => reason.explanation().to_owned(),
            (Some(reason), false) => {
                format!("{} Asked for: {}.", reason.explanation(), wanted.join(" "))
            }
        }
    }
}
