//! `[[issuers]]`, and the `[oauth]` shorthand of rusty-valkey-forward-auth.

use std::time::Duration;

use url::Url;

use super::raw::{RawClaims, RawIssuer};
use super::reader::Reader;
use super::service::web_url;
use super::sign_in::{self, SignInSettings};
use crate::domain::subject::{Realm, Tenant};

/// The algorithms that can be accepted.
pub(super) const ALGORITHMS: &[&str] = &[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
];

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// The name space of its subjects; bare for the shorthand.
    pub realm: Realm,
    /// The issuer as its tokens name it.
    pub url: String,
    /// Where its keys are, if not found by discovery.
    pub jwks_url: Option<Url>,
    /// Who a token must be for to open a gate.
    pub audiences: Vec<String>,
    /// Who a token must be for to open `/api`.
    pub portal_audiences: Vec<String>,
    /// Whether any audience opens `/api`: the shorthand without audiences.
    pub any_audience_at_portal: bool,
    /// The algorithms by name.
    pub algorithms: Vec<String>,
    /// The type that its access tokens carry.
    pub require_type: Option<String>,
    /// The organisation of its subjects.
    pub tenant: Tenant,
    /// The groups of administrators.
    pub admin_groups: Vec<String>,
    /// Whether their case counts.
    pub admin_groups_case_sensitive: bool,
    /// How often keys are fetched.
    pub refresh: Duration,
    /// How long keys outlive the issuer's silence.
    pub max_stale: Duration,
    /// Where its tokens say what.
    pub claims: ClaimSettings,
    /// How people sign in at it, if they do.
    pub sign_in: Option<SignInSettings>,
}

/// Where an issuer's tokens say what.
#[derive(Clone, Debug)]
pub struct ClaimSettings {
    /// The owner.
    pub subject: String,
    /// The groups.
    pub groups: String,
    /// How groups given as one text are split.
    pub groups_split: GroupsSplitName,
    /// The scopes.
    pub scopes: String,
    /// The e-mail address.
    pub email: String,
    /// The display name.
    pub name: String,
}

/// How groups given as one text are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupsSplitName {
    /// Not at all: one text is one group.
    None,
    /// On blanks.
    Blank,
    /// On commas.
    Comma,
}

pub(super) fn read(reader: &mut Reader<'_>, warnings: &mut Vec<String>) -> Vec<IssuerSettings> {
    let mut issuers: Vec<IssuerSettings> = shorthand(reader, warnings).into_iter().collect();
    for (index, raw) in reader
        .tables::<RawIssuer>("issuers")
        .into_iter()
        .enumerate()
    {
        let issuer = meaning(reader, &raw, index);
        if issuers.iter().any(|other| other.realm == issuer.realm) {
            reader.fault("issuers", format!("[{index}] realm {:?} is taken; each issuer needs one of its own, or two people become one", raw.realm));
        }
        issuers.push(issuer);
    }
    issuers
}

fn shorthand(reader: &mut Reader<'_>, warnings: &mut Vec<String>) -> Option<IssuerSettings> {
    let url = web_url(reader, "oauth.issuer_url");
    let text = reader.filled("oauth.issuer_url");
    let jwks_url = web_url(reader, "oauth.jwks_url");
    let audiences: Vec<String> = reader
        .list("oauth.audiences")
        .into_iter()
        .map(|audience| audience.trim().to_owned())
        .filter(|audience| !audience.is_empty())
        .collect();
    let refresh = Duration::from_secs(reader.number("oauth.jwks_refresh_interval_secs"));
    let accept_at_gate = reader.flag("oauth.accept_at_gate");
    reader.text("oauth.tenant_id");
    let claims = ClaimSettings {
        subject: reader
            .filled("oauth.claims.subject")
            .unwrap_or_else(|| "sub".to_owned()),
        groups: reader
            .filled("oauth.claims.groups")
            .unwrap_or_else(|| "groups".to_owned()),
        groups_split: if reader.flag("oauth.claims.groups_split") {
            GroupsSplitName::Blank
        } else {
            GroupsSplitName::None
        },
        ..ClaimSettings::default()
    };
    let admin_group = reader.filled("oauth.admin.group");
    let admin_groups_case_sensitive = reader.flag("oauth.admin.group_case_sensitive");
    let sign_in = sign_in::shorthand(reader);
    if url.is_none() {
        if sign_in.is_some() || jwks_url.is_some() || accept_at_gate || !audiences.is_empty() {
            reader.fault(
                "oauth.issuer_url",
                "is not set while other settings of [oauth] are; name the issuer",
            );
        }
        return None;
    }
    if admin_group.is_none() {
        reader.fault(
            "oauth.admin.group",
            "is empty; name the group of administrators",
        );
    }
    if audiences.is_empty() {
        warnings.push("oauth.audiences is empty: any token of the issuer opens /api, and none opens a gate; name the audience that tokens for Gatelodge carry".to_owned());
    } else {
        warnings.push("oauth.audiences serves both gates and /api: an upstream that sees a token could use it to mint keys; [[issuers]] keeps audiences and portal_audiences apart".to_owned());
    }
    Some(IssuerSettings {
        realm: Realm::bare(),
        url: text.unwrap_or_default(),
        jwks_url,
        any_audience_at_portal: audiences.is_empty(),
        portal_audiences: audiences.clone(),
        audiences,
        algorithms: ALGORITHMS.iter().map(|name| (*name).to_owned()).collect(),
        require_type: None,
        tenant: Tenant::default(),
        admin_groups: admin_group.into_iter().collect(),
        admin_groups_case_sensitive,
        refresh,
        max_stale: Duration::from_hours(1),
        claims,
        sign_in,
    })
}

fn meaning(reader: &mut Reader<'_>, raw: &RawIssuer, index: usize) -> IssuerSettings {
    let at = |field: &str| format!("[{index}] {field}");
    let url_problem = |text: &str| {
        format!("{text:?} is no http(s) URL; write for example \"https://id.example.com\"")
    };
    let is_web = |text: &str| {
        Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
    };
    let realm = match Realm::parse(&raw.realm) {
        Ok(realm) if realm == Realm::local() => {
            reader.fault(
                "issuers",
                format!(
                    "{}: \"local\" is the realm of built-in accounts; take another name",
                    at("realm")
                ),
            );
            realm
        }
        Ok(realm) => realm,
        Err(bad) => {
            reader.fault("issuers", format!("{} {:?} {bad}", at("realm"), raw.realm));
            Realm::bare()
        }
    };
    if !is_web(&raw.url) {
        reader.fault(
            "issuers",
            format!("{}: {}", at("url"), url_problem(&raw.url)),
        );
    }
    let jwks_url = raw.jwks_url.as_ref().and_then(|text| {
        if !is_web(text) {
            reader.fault(
                "issuers",
                format!("{}: {}", at("jwks_url"), url_problem(text)),
            );
        }
        Url::parse(text).ok()
    });
    if raw.audiences.is_empty() && raw.portal_audiences.is_empty() && !raw.sign_in {
        reader.fault("issuers", format!("{} and portal_audiences are both empty, so its tokens would open nothing; name who they are for, or let people sign in at it", at("audiences")));
    }
    let algorithms = raw
        .algorithms
        .clone()
        .unwrap_or_else(|| ALGORITHMS.iter().map(|name| (*name).to_owned()).collect());
    for name in &algorithms {
        if !ALGORITHMS.contains(&name.as_str()) {
            reader.fault(
                "issuers",
                format!(
                    "{}: {name:?} is none of {}",
                    at("algorithms"),
                    ALGORITHMS.join(", ")
                ),
            );
        }
    }
    let tenant = raw
        .tenant
        .as_deref()
        .map_or_else(|| Ok(Tenant::default()), Tenant::parse)
        .unwrap_or_else(|bad| {
            reader.fault("issuers", format!("{} {bad}", at("tenant")));
            Tenant::default()
        });
    let sign_in = sign_in::of_issuer(reader, raw, &realm, index);
    let seconds = |number: Option<u64>, default| Duration::from_secs(number.unwrap_or(default));
    IssuerSettings {
        realm,
        url: raw.url.clone(),
        jwks_url,
        audiences: raw.audiences.clone(),
        portal_audiences: raw.portal_audiences.clone(),
        any_audience_at_portal: false,
        algorithms,
        require_type: raw.require_type.clone(),
        tenant,
        admin_groups: raw.admin_groups.clone(),
        admin_groups_case_sensitive: raw.admin_groups_case_sensitive.unwrap_or(true),
        refresh: seconds(raw.jwks_refresh_seconds, 300),
        max_stale: seconds(raw.jwks_max_stale_seconds, 3_600),
        claims: claims(reader, &raw.claims, index),
        sign_in,
    }
}

fn claims(reader: &mut Reader<'_>, raw: &RawClaims, index: usize) -> ClaimSettings {
    let defaults = ClaimSettings::default();
    let or = |name: &Option<String>, default: String| {
        name.clone()
            .filter(|name| !name.is_empty())
            .unwrap_or(default)
    };
    let groups_split = match raw.groups_split.as_deref() {
        None | Some("none") => GroupsSplitName::None,
        Some("blank") => GroupsSplitName::Blank,
        Some("comma") => GroupsSplitName::Comma,
        Some(other) => {
            reader.fault(
                "issuers",
                format!("[{index}] claims.groups_split: {other:?} is none of none, blank, comma"),
            );
            GroupsSplitName::None
        }
    };
    ClaimSettings {
        subject: or(&raw.subject, defaults.subject),
        groups: or(&raw.groups, defaults.groups),
        groups_split,
        scopes: or(&raw.scopes, defaults.scopes),
        email: or(&raw.email, defaults.email),
        name: or(&raw.name, defaults.name),
    }
}

impl Default for ClaimSettings {
    fn default() -> Self {
        Self {
            subject: "sub".to_owned(),
            groups: "groups".to_owned(),
            groups_split: GroupsSplitName::None,
            scopes: "scope".to_owned(),
            email: "email".to_owned(),
            name: "name".to_owned(),
        }
    }
}
