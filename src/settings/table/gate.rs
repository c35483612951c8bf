//! Keys and what upstreams are told.

use super::super::key::{Key, Kind};

pub(super) const KEYS: &[Key] = &[
    Key::new(
        "keys.prefix",
        Kind::Text,
        "\"glk\"",
        "How new keys begin: letters, digits and inner underscores, at most 32.",
    ),
    Key::new(
        "keys.former_prefixes",
        Kind::List,
        "[]",
        "Prefixes of old that stay accepted.",
    )
    .example("[\"old\"]"),
    Key::new(
        "keys.header",
        Kind::Text,
        "\"X-API-Key\"",
        "The header besides Authorization that keys are read from.",
    ),
    Key::new(
        "keys.expires_default_days",
        Kind::Number(0, 36_500),
        "0",
        "The life of a key for which no end was asked, in days; 0 means without end.",
    ),
    Key::new(
        "keys.expires_max_days",
        Kind::Number(0, 36_500),
        "0",
        "The longest life of a key, in days; 0 means without limit, and \"never\" is allowed.",
    ),
    Key::new(
        "keys.per_owner_max",
        Kind::Number(1, 1_000_000),
        "50",
        "How many keys an owner may have. Keys of rusty-valkey-forward-auth in their old place do not count.",
    ),
    Key::new(
        "identity_headers.user",
        Kind::Text,
        "\"X-Authenticated-User\"",
        "The header with the owner: realm:subject, or the bare subject of the [oauth] issuer.",
    ),
    Key::new(
        "identity_headers.token_id",
        Kind::Text,
        "\"X-Authenticated-Token-Id\"",
        "The header with the id of the key.",
    ),
    Key::new(
        "identity_headers.groups",
        Kind::Text,
        "\"X-Authenticated-Groups\"",
        "The header with the groups, separated by commas.",
    ),
    Key::new(
        "identity_headers.scopes",
        Kind::Text,
        "\"X-Authenticated-Scopes\"",
        "The header with the scopes, separated by blanks.",
    ),
    Key::new(
        "identity_headers.method",
        Kind::Text,
        "\"X-Authenticated-Method\"",
        "The header with the kind of credential: api_key, jwt or session.",
    ),
    Key::new(
        "identity_headers.email",
        Kind::Text,
        "\"X-Authenticated-Email\"",
        "The header with the e-mail address.",
    ),
    Key::new(
        "identity_headers.name",
        Kind::Text,
        "\"X-Authenticated-Name\"",
        "The header with the display name.",
    ),
    Key::new(
        "identity_headers.tenant",
        Kind::Text,
        "\"X-Authenticated-Tenant\"",
        "The header with the tenant.",
    ),
    Key::new(
        "identity_headers.none_value",
        Kind::Text,
        "\"\"",
        "What an identity header holds if there is nothing to say. Some proxies drop empty headers: set \"-\" there.",
    ),
];
