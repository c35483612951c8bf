//! What clients send about keys.

use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use super::super::problems::FieldNames;
use crate::domain::api_key::bounds::BoundsEdit;
use crate::domain::api_key::expiry::ExpiryWish;
use crate::domain::api_key::lifecycle::Edit;
use crate::domain::matching::{
    BadPattern, HostPattern, PathPattern, RequestMatch, parse_method, parse_network,
};
use crate::domain::subject::Scope;
use crate::http::problem::Problem;
use crate::keys::MintRequest;

/// What a new key shall be. All of it may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "ci", "expires_in_days": 30, "scopes": ["models:read"]}))]
pub(crate) struct TokenDraft {
    /// What to call it, at most 256 bytes.
    #[serde(default)]
    name: Option<String>,
    /// The same under the name that it had in rusty-valkey-forward-auth.
    #[serde(default)]
    description: Option<String>,
    /// When it ends: an RFC 3339 date-time, a date (the end of that day in
    /// UTC), a time from now such as `30d` or `12h`, or `never`. As the
    /// deployment has it, if neither this nor `expires_in_days` is given.
    #[serde(default)]
    #[schema(examples("2027-01-31T12:00:00Z", "2027-01-31", "30d", "never"))]
    expires_at: Option<String>,
    /// In how many days it ends.
    #[serde(default)]
    #[schema(minimum = 1)]
    expires_in_days: Option<u32>,
    /// What it shall permit. Whoever asks can hand on only what they have.
    #[serde(default)]
    #[schema(max_items = 64)]
    scopes: Option<Vec<String>>,
    /// The hosts that it is bound to: `api.example.com`, or `*.example.com` for
    /// all below it. Like each of these lists: any, if left out.
    #[serde(default)]
    #[schema(max_items = 64)]
    hosts: Option<Vec<String>>,
    /// The methods that it is bound to.
    #[serde(default)]
    #[schema(max_items = 64)]
    methods: Option<Vec<String>>,
    /// The paths that it is bound to, decoded: `/v1/**`, with `*` for a part
    /// and `**` for any parts.
    #[serde(default)]
    #[schema(max_items = 64)]
    paths: Option<Vec<String>>,
    /// The networks of the clients that it is bound to: `10.0.0.0/8`.
    #[serde(default)]
    #[schema(max_items = 64)]
    networks: Option<Vec<String>>,
}

/// What to change on a key. What is left out stays; nothing can be widened.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "ci, main branch", "disabled": true}))]
pub(crate) struct TokenEdit {
    /// What to call it, at most 256 bytes; empty for no name.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// The same under its former name.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    description: Option<String>,
    /// An earlier end, written as when minting.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    expires_at: Option<String>,
    /// Fewer or narrower scopes.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    scopes: Option<Vec<String>>,
    /// Fewer or narrower hosts.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    hosts: Option<Vec<String>>,
    /// Fewer methods.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    methods: Option<Vec<String>>,
    /// Fewer or narrower paths.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    paths: Option<Vec<String>>,
    /// Fewer or narrower networks.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    networks: Option<Vec<String>>,
    /// Takes it out of use, or back into use.
    #[serde(default, deserialize_with = "not_null")]
    #[schema(nullable = false)]
    disabled: Option<bool>,
}

/// How to rotate a key.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap": "24h"}))]
pub(crate) struct TokenRotation {
    /// How long the old key works beside the new one.
    #[serde(default)]
    pub(crate) overlap: Overlap,
}

/// How long the old key works beside the new one.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
pub(crate) enum Overlap {
    /// Not at all.
    #[serde(rename = "0")]
    Nothing,
    /// An hour.
    #[serde(rename = "1h")]
    Hour,
    /// A day: unless something else is asked for.
    #[default]
    #[serde(rename = "24h")]
    Day,
    /// A week.
    #[serde(rename = "7d")]
    Week,
}

impl Overlap {
    /// As a length of time.
    pub(crate) fn duration(self) -> Duration {
        match self {
            Self::Nothing => Duration::ZERO,
            Self::Hour => Duration::from_hours(1),
            Self::Day => Duration::from_hours(24),
            Self::Week => Duration::from_hours(7 * 24),
        }
    }
}

impl TokenDraft {
    /// How the client called what may be refused.
    pub(super) fn field_names(&self) -> FieldNames {
        FieldNames {
            name: named(self.description.as_ref()),
            expiry: if self.expires_in_days.is_some() {
                "expires_in_days"
            } else {
                "expires_at"
            },
        }
    }

    /// What is meant.
    pub(super) fn meaning(self) -> Result<MintRequest, Problem> {
        let expiry = match (self.expires_at, self.expires_in_days) {
            (Some(_), Some(_)) => {
                let detail = "send expires_at or expires_in_days, not both";
                return Err(Problem::field("expires_in_days", detail));
            }
            (Some(text), None) => expiry(&text)?,
            (None, Some(0)) => return Err(Problem::field("expires_in_days", "must be at least 1")),
            (None, Some(days)) => ExpiryWish::After(Duration::from_hours(24 * u64::from(days))),
            (None, None) => ExpiryWish::Default,
        };
        Ok(MintRequest {
            name: one_name(self.name, self.description)?.unwrap_or_default(),
            scopes: scopes(&self.scopes.unwrap_or_default())?,
            bounds: RequestMatch {
                hosts: hosts(self.hosts)?.unwrap_or_default(),
                methods: methods(self.methods)?.unwrap_or_default(),
                paths: paths(self.paths)?.unwrap_or_default(),
                networks: networks(self.networks)?.unwrap_or_default(),
            },
            expiry,
        })
    }
}

impl TokenEdit {
    /// How the client called what may be refused.
    pub(super) fn field_names(&self) -> FieldNames {
        FieldNames {
            name: named(self.description.as_ref()),
            ..FieldNames::default()
        }
    }

    /// What is meant.
    pub(super) fn meaning(self) -> Result<Edit, Problem> {
        Ok(Edit {
            name: one_name(self.name, self.description)?,
            scopes: self.scopes.as_deref().map(scopes).transpose()?,
            bounds: BoundsEdit {
                hosts: hosts(self.hosts)?,
                methods: methods(self.methods)?,
                paths: paths(self.paths)?,
                networks: networks(self.networks)?,
            },
            expiry: self.expires_at.as_deref().map(expiry).transpose()?,
            disabled: self.disabled,
        })
    }
}

/// In an edit, `null` could mean "leave it" or "take it away": it is refused.
fn not_null<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

fn named(description: Option<&String>) -> &'static str {
    match description {
        Some(_) => "description",
        None => "name",
    }
}

fn one_name(name: Option<String>, description: Option<String>) -> Result<Option<String>, Problem> {
    if name.is_some() && description.is_some() {
        return Err(Problem::field(
            "description",
            "send name or description, not both",
        ));
    }
    Ok(name.or(description))
}

fn expiry(text: &str) -> Result<ExpiryWish, Problem> {
    ExpiryWish::parse(text).ok_or_else(|| {
        Problem::field(
            "expires_at",
            "must be a date-time (2027-01-31T12:00:00Z), a date (2027-01-31), a time from now \
             (30d, 12h) or never",
        )
    })
}

type Wanted = Option<Vec<String>>;

fn hosts(texts: Wanted) -> Result<Option<Vec<HostPattern>>, Problem> {
    patterns("hosts", texts, HostPattern::parse)
}

fn methods(texts: Wanted) -> Result<Option<Vec<Box<str>>>, Problem> {
    patterns("methods", texts, parse_method)
}

fn paths(texts: Wanted) -> Result<Option<Vec<PathPattern>>, Problem> {
    patterns("paths", texts, PathPattern::parse)
}

fn networks(texts: Wanted) -> Result<Option<Vec<IpNet>>, Problem> {
    patterns("networks", texts, parse_network)
}

fn patterns<T>(
    field: &str,
    texts: Wanted,
    parse: impl Fn(&str) -> Result<T, BadPattern>,
) -> Result<Option<Vec<T>>, Problem> {
    let Some(texts) = texts else {
        return Ok(None);
    };
    let parse = |(place, text): (usize, &String)| {
        parse(text).map_err(|bad| Problem::field(format!("{field}[{place}]"), bad.to_string()))
    };
    texts
        .iter()
        .enumerate()
        .map(parse)
        .collect::<Result<_, _>>()
        .map(Some)
}

fn scopes(texts: &[String]) -> Result<Vec<Scope>, Problem> {
    let parse = |(place, text): (usize, &String)| {
        Scope::parse(text)
            .map_err(|error| Problem::field(format!("scopes[{place}]"), error.to_string()))
    };
    texts.iter().enumerate().map(parse).collect()
}
