//! What a gate asks for.

use std::sync::Arc;

use super::api_key::plain::KeyFormat;
use super::credential::AUTHORIZATION;
use super::facts::RequestFacts;
use super::identity::CredentialKind;
use super::matching::RequestMatch;
use super::reason::Reason;
use super::subject::{GroupName, Scope};

/// Who may pass where a rule matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Admission {
    /// Whoever proves an identity and holds what the rule asks for.
    #[default]
    Authenticated,
    /// Everybody. Credentials are not looked at, and the upstream is told of nobody.
    Anyone,
    /// Nobody.
    Nobody,
}

/// The kinds of credential that a rule takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AcceptedKinds {
    /// API keys.
    pub api_key: bool,
    /// JWTs of issuers that open gates.
    pub jwt: bool,
    /// Browsers that somebody signed in with.
    pub session: bool,
}

impl AcceptedKinds {
    /// Whether a credential of that kind is taken.
    pub fn accepts(self, kind: CredentialKind) -> bool {
        match kind {
            CredentialKind::ApiKey => self.api_key,
            CredentialKind::Jwt => self.jwt,
            CredentialKind::Session => self.session,
        }
    }
}

/// One line of a gate. Lists that are empty ask for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which requests it decides about.
    pub matching: RequestMatch,
    /// Who may pass.
    pub allow: Admission,
    /// The kinds of credential that are taken.
    pub credentials: AcceptedKinds,
    /// Whether requests pass, as nobody's, that ask whether another origin's page
    /// may make a request (CORS): they carry no credential.
    pub preflight: bool,
    /// The headers that credentials are read from, in lower case.
    pub read_from: Vec<Box<str>>,
    /// The same where the upstream shall not see them; shared with every answer.
    pub strip: Option<Arc<[Box<str>]>>,
    /// Scopes of which all are needed.
    pub scopes: Vec<Scope>,
    /// Scopes of which one is needed.
    pub any_scopes: Vec<Scope>,
    /// Groups of which all are needed.
    pub groups: Vec<GroupName>,
    /// Groups of which one is needed.
    pub any_groups: Vec<GroupName>,
}

impl Rule {
    /// Any valid credential of the given kinds, in `Authorization` or the key header.
    pub fn any_credential(credentials: AcceptedKinds, key_header: &str) -> Self {
        Self {
            matching: RequestMatch::default(),
            allow: Admission::Authenticated,
            credentials,
            preflight: false,
            read_from: vec![AUTHORIZATION.into(), key_header.to_ascii_lowercase().into()],
            strip: None,
            scopes: Vec::new(),
            any_scopes: Vec::new(),
            groups: Vec::new(),
            any_groups: Vec::new(),
        }
    }
}

impl Rule {
    /// Whether it lets preflights pass.
    pub fn passes_preflight(&self) -> bool {
        self.preflight && self.allow == Admission::Authenticated
    }

    /// Whether a browser that is signed in may pass: one that is not has a way to
    /// become so.
    pub fn takes_sessions(&self) -> bool {
        self.credentials.session && self.allow == Admission::Authenticated
    }
}

/// The schemes that a refusal offers in `WWW-Authenticate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// RFC 6750.
    pub bearer: bool,
    /// RFC 7617: what git, pip, Maven and docker wait for before they send anything.
    pub basic: bool,
}

impl Default for Challenge {
    fn default() -> Self {
        Self {
            bearer: true,
            basic: false,
        }
    }
}

/// A named policy that a proxy points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Its name in paths and logs.
    pub name: Box<str>,
    /// What a refusal offers.
    pub challenge: Challenge,
    /// The first rule that matches decides; where none matches, nobody passes.
    pub rules: Vec<Rule>,
}

impl Gate {
    /// The rule that decides about a request, with its place in the gate.
    ///
    /// # Errors
    /// Gives the reason for a fact that a rule needs and that is missing or not
    /// reliable: what such a rule would say is not known, so no later one may.
    pub fn matching_rule(
        &self,
        facts: &mut RequestFacts<'_>,
    ) -> Result<Option<(usize, &Rule)>, Reason> {
        for (place, rule) in self.rules.iter().enumerate() {
            if rule.matching.admits(facts)? {
                return Ok(Some((place, rule)));
            }
        }
        Ok(None)
    }
}

/// All gates of a deployment, and how its keys read: replaced as a whole.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The gates; names are unique.
    pub gates: Vec<Gate>,
    /// How keys read.
    pub format: KeyFormat,
}

impl Policy {
    /// The gate of that name.
    pub fn gate(&self, name: &str) -> Option<&Gate> {
        self.gates.iter().find(|gate| *gate.name == *name)
    }
}
