//! `[[gates]]`, and the default gate that is there without.

use super::raw::{RawGate, RawRule};
use super::reader::Reader;
use crate::domain::matching::{
    HostPattern, PathPattern, RequestMatch, parse_method, parse_network,
};
use crate::domain::subject::{GroupName, Realm, Scope};

/// Who may pass where a rule matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleAdmission {
    /// Whoever proves an identity.
    Authenticated,
    /// Everybody.
    Anyone,
    /// Nobody.
    Nobody,
}

/// A kind of credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialName {
    /// An API key.
    ApiKey,
    /// A JWT.
    Jwt,
    /// A browser that somebody signed in with.
    Session,
}

/// One rule.
#[derive(Clone, Debug)]
pub struct RuleSettings {
    /// Which requests it decides about.
    pub matching: RequestMatch,
    /// Who may pass.
    pub allow: RuleAdmission,
    /// The kinds that are taken.
    pub credentials: Vec<CredentialName>,
    /// Whether CORS preflights pass.
    pub preflight: bool,
    /// The headers that credentials are read from, in lower case.
    pub read_from: Vec<String>,
    /// Scopes of which all are needed.
    pub scopes: Vec<Scope>,
    /// Scopes of which one is needed.
    pub any_scopes: Vec<Scope>,
    /// Groups of which all are needed.
    pub groups: Vec<GroupName>,
    /// Groups of which one is needed.
    pub any_groups: Vec<GroupName>,
}

impl RuleSettings {
    /// Whether a browser may pass that somebody signed in with.
    pub fn takes_sessions(&self) -> bool {
        self.allow == RuleAdmission::Authenticated
            && self.credentials.contains(&CredentialName::Session)
    }
}

/// One gate.
#[derive(Clone, Debug)]
pub struct GateSettings {
    /// Its name.
    pub name: String,
    /// Whether a refusal offers the scheme Bearer.
    pub challenge_bearer: bool,
    /// Whether a refusal offers the scheme Basic.
    pub challenge_basic: bool,
    /// Whether upstreams are not to see credentials.
    pub strip_credential: bool,
    /// The rules; never empty.
    pub rules: Vec<RuleSettings>,
}

/// The name of the gate that is meant where none is named.
const DEFAULT: &str = "default";

pub(super) fn read(
    reader: &mut Reader<'_>,
    key_header: &str,
    issuers: usize,
    warnings: &mut Vec<String>,
) -> Vec<GateSettings> {
    let raw: Vec<RawGate> = reader.tables("gates");
    // Tokens open the default gate wherever the operator has shown to want
    // more than the former service did.
    let takes_tokens =
        !raw.is_empty() || reader.is_written("issuers") || reader.flag("oauth.accept_at_gate");
    let mut gates: Vec<GateSettings> = Vec::new();
    for (index, gate) in raw.iter().enumerate() {
        if Realm::parse(&gate.name).is_err() {
            reader.fault(
                "gates",
                format!(
                    "[{index}] name {:?} must be of lower-case letters, digits and -",
                    gate.name
                ),
            );
        }
        if gates.iter().any(|other| other.name == gate.name) {
            reader.fault(
                "gates",
                format!("[{index}] name {:?} is taken by another gate", gate.name),
            );
        }
        let gate = meaning(reader, gate, index, key_header);
        let is_any = |rule: &RuleSettings| rule.matching.is_any();
        let before_last = gate.rules.len().saturating_sub(1);
        if let Some(place) = gate.rules[..before_last].iter().position(is_any) {
            warnings.push(format!(
                "gate {:?}: rules[{place}] decides about every request, so that no rule after it ever does",
                gate.name,
            ));
        }
        gates.push(gate);
    }
    if gates.iter().all(|gate| gate.name != DEFAULT) {
        let mut kinds = vec![CredentialName::ApiKey];
        if takes_tokens && issuers > 0 {
            kinds.push(CredentialName::Jwt);
        }
        gates.push(GateSettings {
            name: DEFAULT.to_owned(),
            challenge_bearer: true,
            challenge_basic: false,
            strip_credential: false,
            rules: vec![any_credential(kinds, key_header)],
        });
    }
    gates
}

fn any_credential(credentials: Vec<CredentialName>, key_header: &str) -> RuleSettings {
    RuleSettings {
        matching: RequestMatch::default(),
        allow: RuleAdmission::Authenticated,
        credentials,
        preflight: false,
        read_from: vec!["authorization".to_owned(), key_header.to_ascii_lowercase()],
        scopes: Vec::new(),
        any_scopes: Vec::new(),
        groups: Vec::new(),
        any_groups: Vec::new(),
    }
}

fn meaning(
    reader: &mut Reader<'_>,
    gate: &RawGate,
    index: usize,
    key_header: &str,
) -> GateSettings {
    let challenge = gate
        .challenge
        .clone()
        .unwrap_or_else(|| vec!["bearer".to_owned()]);
    for scheme in &challenge {
        if scheme != "bearer" && scheme != "basic" {
            reader.fault(
                "gates",
                format!("[{index}] challenge: {scheme:?} is none of bearer, basic"),
            );
        }
    }
    let mut rules: Vec<RuleSettings> = gate
        .rules
        .iter()
        .enumerate()
        .map(|(place, rule)| {
            rule_meaning(
                reader,
                rule,
                &format!("[{index}] rules[{place}]"),
                key_header,
            )
        })
        .collect();
    if rules.is_empty() {
        rules.push(any_credential(
            vec![CredentialName::ApiKey, CredentialName::Jwt],
            key_header,
        ));
    }
    GateSettings {
        name: gate.name.clone(),
        challenge_bearer: challenge.iter().any(|scheme| scheme == "bearer"),
        strip_credential: gate.strip_credential,
        challenge_basic: challenge.iter().any(|scheme| scheme == "basic"),
        rules,
    }
}

fn rule_meaning(
    reader: &mut Reader<'_>,
    raw: &RawRule,
    at: &str,
    key_header: &str,
) -> RuleSettings {
    let allow = match raw.allow.as_deref() {
        None | Some("authenticated") => RuleAdmission::Authenticated,
        Some("anyone") => RuleAdmission::Anyone,
        Some("nobody") => RuleAdmission::Nobody,
        Some(other) => {
            reader.fault(
                "gates",
                format!("{at} allow: {other:?} is none of authenticated, anyone, nobody"),
            );
            RuleAdmission::Nobody
        }
    };
    let mut rule = any_credential(
        vec![CredentialName::ApiKey, CredentialName::Jwt],
        key_header,
    );
    rule.allow = allow;
    rule.preflight = raw.preflight;
    rule.matching = matching(reader, raw, at);
    if let Some(names) = &raw.credentials {
        rule.credentials = names
            .iter()
            .filter_map(|name| credential(reader, name, at))
            .collect();
        if names.is_empty() {
            reader.fault(
                "gates",
                format!("{at} credentials is empty; name api_key, jwt or session, or leave it out"),
            );
        }
    }
    if let Some(headers) = &raw.read_from {
        rule.read_from = headers
            .iter()
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        if headers.is_empty()
            || rule
                .read_from
                .iter()
                .any(|name| name.is_empty() || name == "cookie")
        {
            reader.fault(
                "gates",
                format!(
                    "{at} read_from must name headers such as \"authorization\" or \"x-api-key\""
                ),
            );
        }
    }
    rule.scopes = names(reader, &raw.scopes, &format!("{at} scopes"), Scope::parse);
    rule.any_scopes = names(
        reader,
        &raw.any_scopes,
        &format!("{at} any_scopes"),
        Scope::parse,
    );
    rule.groups = names(
        reader,
        &raw.groups,
        &format!("{at} groups"),
        GroupName::parse,
    );
    rule.any_groups = names(
        reader,
        &raw.any_groups,
        &format!("{at} any_groups"),
        GroupName::parse,
    );
    let asks_nothing = rule.scopes.is_empty()
        && rule.any_scopes.is_empty()
        && rule.groups.is_empty()
        && rule.any_groups.is_empty();
    if !asks_nothing && allow != RuleAdmission::Authenticated {
        reader.fault(
            "gates",
            format!(
                "{at} asks for scopes or groups, which only allow = \"authenticated\" looks at"
            ),
        );
    }
    rule
}

fn matching(reader: &mut Reader<'_>, raw: &RawRule, at: &str) -> RequestMatch {
    RequestMatch {
        hosts: names(
            reader,
            &raw.hosts,
            &format!("{at} hosts"),
            HostPattern::parse,
        ),
        methods: names(reader, &raw.methods, &format!("{at} methods"), parse_method),
        paths: names(
            reader,
            &raw.paths,
            &format!("{at} paths"),
            PathPattern::parse,
        ),
        networks: names(
            reader,
            &raw.networks,
            &format!("{at} networks"),
            parse_network,
        ),
    }
}

fn credential(reader: &mut Reader<'_>, name: &str, at: &str) -> Option<CredentialName> {
    match name {
        "api_key" => Some(CredentialName::ApiKey),
        "jwt" => Some(CredentialName::Jwt),
        "session" => Some(CredentialName::Session),
        other => {
            reader.fault(
                "gates",
                format!("{at} credentials: {other:?} is none of api_key, jwt, session"),
            );
            None
        }
    }
}

fn names<T, E: std::fmt::Display>(
    reader: &mut Reader<'_>,
    texts: &[String],
    at: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Vec<T> {
    texts
        .iter()
        .filter_map(|text| match parse(text) {
            Ok(name) => Some(name),
            Err(bad) => {
                reader.fault("gates", format!("{at}: {text:?} {bad}"));
                None
            }
        })
        .collect()
}
