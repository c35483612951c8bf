//! Why a request would pass a gate or not, without anybody passing.

use super::api_key::ApiKeyId;
use super::decision::{Denial, Holder, refusal};
use super::facts::{RequestFacts, StatedFacts};
use super::identity::Identity;
use super::matching::{Fact, RequestMatch};
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
    /// That of an owner in a browser that they signed in with.
    Session(Tenant, Owner),
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

/// What a rule has to say about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trial {
    /// It is about other requests: this fact does not fit.
    Misses(Fact),
    /// A fact that it looks at is missing or not reliable, which ends the search.
    Unknown(Reason),
    /// It is about this one, and decides.
    Decides,
    /// A rule before it has decided.
    NotReached,
}

/// What would become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What each rule of the gate has to say, in their order.
    pub trials: Vec<Trial>,
    /// The place of the rule that decides, from 0; `None` where none does.
    pub rule: Option<usize>,
    /// Why it would be refused; `None` where it would pass.
    pub reason: Option<Reason>,
    /// The scopes that would have been enough.
    pub wanted_scopes: Vec<Scope>,
    /// Whom the upstream would be told of; `None` where it would be of nobody.
    pub told: Option<Identity>,
}

impl Explanation {
    /// A refusal before any rule.
    pub fn refused(reason: Reason) -> Self {
        Self {
            trials: Vec::new(),
            told: None,
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
        let trials = trials(gate, facts);
        let (place, rule) = match gate.matching_rule(facts) {
            Err(reason) => return Self::refused(reason).after(trials),
            Ok(None) => return Self::refused(Reason::NoRule).after(trials),
            Ok(Some(found)) => found,
        };
        let is_told = rule.allow == Admission::Authenticated;
        let known = holder.as_ref().ok().copied().flatten();
        let denial = match holder {
            Err(reason) if rule.allow == Admission::Authenticated => Some(Denial::new(reason)),
            Err(_) => refusal(rule, None, facts),
            Ok(holder) => refusal(rule, holder, facts),
        };
        Self {
            trials,
            told: known
                .filter(|_| is_told && denial.is_none())
                .map(|holder| holder.identity.clone()),
            rule: Some(place),
            reason: denial.as_ref().map(|denial| denial.reason),
            wanted_scopes: denial.map_or_else(Vec::new, |denial| denial.wanted_scopes),
        }
    }

    fn after(self, trials: Vec<Trial>) -> Self {
        Self { trials, ..self }
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

/// Asks each rule, as far as the search for the one that decides goes.
fn trials(gate: &Gate, facts: &mut RequestFacts<'_>) -> Vec<Trial> {
    let mut is_over = false;
    let mut ask = |matching: &RequestMatch| {
        if is_over {
            return Trial::NotReached;
        }
        let trial = match matching.first_miss(facts) {
            Err(reason) => Trial::Unknown(reason),
            Ok(None) => Trial::Decides,
            Ok(Some(fact)) => Trial::Misses(fact),
        };
        is_over = !matches!(trial, Trial::Misses(_));
        trial
    };
    gate.rules.iter().map(|rule| ask(&rule.matching)).collect()
}
