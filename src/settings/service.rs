//! What the sections with single values mean.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use url::Url;

use super::ext_authz;
use super::model::{
    AuditSettings, CacheSettings, CorsSettings, IdentityHeaderSettings, KeySettings, LegacyKeys,
    LogFormat, LogSettings, OutboundSettings, ServerSettings, StoreSettings, ValkeySettings,
};
use super::reader::Reader;
use crate::domain::api_key::plain::KeyFormat;
use crate::domain::identity_headers::Carries;
use crate::domain::matching::parse_network;
use crate::domain::salt::{BadSalt, Salt};
use crate::domain::secret::Secret;

const MAKE_A_SALT: &str = "make one with: openssl rand -hex 32";

pub(super) fn server(reader: &mut Reader<'_>) -> ServerSettings {
    let address = reader.filled("address").unwrap_or_default();
    let address = match address.parse() {
        Ok(address) => address,
        Err(_) if address == "localhost" => IpAddr::from([127, 0, 0, 1]),
        Err(_) => {
            reader.fault(
                "address",
                format!(
                    "{address:?} is no IP address; write for example \"127.0.0.1\" or \"0.0.0.0\""
                ),
            );
            IpAddr::from([127, 0, 0, 1])
        }
    };
    let seconds = |number| Duration::from_secs(number);
    let workers = usize::try_from(reader.number("server.workers")).unwrap_or(0);
    ServerSettings {
        address,
        port: u16::try_from(reader.number("port")).unwrap_or_default(),
        public_url: web_url(reader, "public_url"),
        allowed_hosts: reader.list("allowed_hosts"),
        trusted_proxies: networks(reader, "trusted_proxies"),
        ext_authz_unavailable_status: ext_authz::unavailable_status(reader),
        ext_authz_grpc: ext_authz::grpc(reader),
        client_address_hops: usize::try_from(reader.number("client_address_hops")).unwrap_or(1),
        workers: (workers > 0).then_some(workers),
        keep_alive: seconds(reader.number("server.keep_alive_seconds")),
        request_timeout: Duration::from_millis(reader.number("server.request_timeout_ms")),
        drain: seconds(reader.number("server.drain_seconds")),
        shutdown: seconds(reader.number("server.shutdown_seconds")),
        startup_grace: seconds(reader.number("health.startup_grace_seconds")),
    }
}

/// Networks, or single addresses.
fn networks(reader: &mut Reader<'_>, path: &str) -> Vec<IpNet> {
    let mut networks = Vec::new();
    for text in reader.list(path) {
        match parse_network(&text) {
            Ok(network) => networks.push(network),
            Err(bad) => reader.fault(path, format!("{text:?} {bad}")),
        }
    }
    networks
}

/// An http(s) URL, if one is set.
pub(super) fn web_url(reader: &mut Reader<'_>, path: &str) -> Option<Url> {
    let text = reader.filled(path)?;
    match Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Some(url),
        _ => {
            reader.fault(
                path,
                format!("{text:?} is no http(s) URL; write for example \"https://id.example.com\""),
            );
            None
        }
    }
}

pub(super) fn valkey(reader: &mut Reader<'_>) -> Option<ValkeySettings> {
    let url = reader.filled("valkey_url");
    let username = reader.filled("valkey_username");
    let password = reader.secret("valkey_password");
    let ca_pem = reader.file("valkey_ca_file");
    let Some(url) = url else {
        // Otherwise a deployment that lost its URL would quietly start on an
        // empty embedded store.
        for path in ["valkey_username", "valkey_password", "valkey_ca_file"] {
            if reader.is_written(path) {
                reader.fault(
                    path,
                    "is set while valkey_url is not; set valkey_url, or take it out",
                );
            }
        }
        return None;
    };
    let known = ["redis", "rediss", "valkey", "valkeys"];
    match Url::parse(&url) {
        Ok(parsed) if known.contains(&parsed.scheme()) && parsed.has_host() => {}
        // The text is not repeated: a password may stand in it.
        _ => reader.fault("valkey_url", "is no Valkey URL; write for example \"redis://valkey.internal:6379\", or rediss:// for TLS"),
    }
    Some(ValkeySettings {
        url: Secret::new(url),
        username,
        password,
        ca_pem,
    })
}

pub(super) fn store(reader: &mut Reader<'_>) -> StoreSettings {
    StoreSettings {
        timeout: Duration::from_millis(reader.number("store.timeout_ms")),
        connect_timeout: Duration::from_millis(reader.number("store.connect_timeout_ms")),
        confirm_by_replicas: reader.flag("store.confirm_by_replicas"),
    }
}

pub(super) fn cache(reader: &mut Reader<'_>) -> CacheSettings {
    let bytes_max = usize::try_from(reader.number("cache.bytes_max")).unwrap_or(usize::MAX);
    CacheSettings {
        enabled: reader.flag("cache.enabled"),
        bytes_max,
        lease: Duration::from_millis(reader.number("cache.lease_ms")),
        stale_grace: Duration::from_secs(reader.number("cache.stale_grace_seconds")),
    }
}

pub(super) fn audit(reader: &mut Reader<'_>) -> AuditSettings {
    AuditSettings {
        keep: Duration::from_hours(24 * reader.number("audit.keep_days")),
        max_events: u32::try_from(reader.number("audit.max_events")).unwrap_or(u32::MAX),
    }
}

pub(super) fn salts(
    reader: &mut Reader<'_>,
    needed: bool,
) -> (Option<Secret<String>>, Vec<Secret<String>>) {
    // An empty salt that is written is a fault, not "none": the former service
    // fell back to a public constant there.
    let written_empty = reader.is_written("token_salt")
        && reader
            .text("token_salt")
            .is_some_and(|text| text.trim().is_empty());
    let active = reader.secret("token_salt");
    match &active {
        _ if written_empty => reader.fault("token_salt", format!("is empty; {MAKE_A_SALT}")),
        Some(salt) => check_salt(reader, "token_salt", salt.expose()),
        None if needed => reader.fault("token_salt", format!("is not set, and Valkey needs it; {MAKE_A_SALT}, and give the same one to every replica")),
        None => {}
    }
    let accepted: Vec<Secret<String>> = reader
        .list("token_salts_accepted")
        .into_iter()
        .map(Secret::new)
        .collect();
    for salt in &accepted {
        check_salt(reader, "token_salts_accepted", salt.expose());
    }
    (active, accepted)
}

fn check_salt(reader: &mut Reader<'_>, path: &str, text: &str) {
    match Salt::parse_hex(text) {
        Ok(_) => {}
        Err(bad @ BadSalt::WellKnown) => reader.fault(
            path,
            format!(
                "the salt {bad}; {MAKE_A_SALT} (keys that were minted under it must be minted anew)"
            ),
        ),
        Err(bad) => reader.fault(path, format!("the salt {bad}; {MAKE_A_SALT}")),
    }
}

pub(super) fn legacy_keys(reader: &mut Reader<'_>) -> LegacyKeys {
    match reader.text("legacy_keys").as_deref() {
        Some("on") => LegacyKeys::On,
        Some("off") => LegacyKeys::Off,
        _ => LegacyKeys::Auto,
    }
}

pub(super) fn keys(reader: &mut Reader<'_>) -> KeySettings {
    let prefix = reader.text("keys.prefix").unwrap_or_default();
    let former_prefixes = reader.list("keys.former_prefixes");
    for (path, text) in std::iter::once(("keys.prefix", &prefix)).chain(
        former_prefixes
            .iter()
            .map(|text| ("keys.former_prefixes", text)),
    ) {
        if !KeyFormat::is_prefix(text) {
            reader.fault(path, format!("{text:?} cannot begin a key: use letters, digits and inner underscores, at most 32"));
        }
    }
    let header = header_name(reader, "keys.header");
    if header.eq_ignore_ascii_case("authorization") || header.eq_ignore_ascii_case("cookie") {
        reader.fault(
            "keys.header",
            "must be a header of its own, such as \"X-API-Key\"",
        );
    }
    let days = |number: u64| (number > 0).then(|| Duration::from_hours(24 * number));
    KeySettings {
        prefix,
        former_prefixes,
        header,
        expires_default: days(reader.number("keys.expires_default_days")),
        expires_max: days(reader.number("keys.expires_max_days")),
        per_owner_max: u32::try_from(reader.number("keys.per_owner_max")).unwrap_or(u32::MAX),
    }
}

/// A field name (RFC 9110, section 5.1).
fn header_name(reader: &mut Reader<'_>, path: &str) -> String {
    let name = reader.text(path).unwrap_or_default();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(fits) {
        reader.fault(path, format!("{name:?} is no name of a header"));
    }
    name
}

pub(super) fn identity_headers(
    reader: &mut Reader<'_>,
    key_header: &str,
) -> IdentityHeaderSettings {
    let carried = [
        (Carries::User, "identity_headers.user"),
        (Carries::TokenId, "identity_headers.token_id"),
        (Carries::Groups, "identity_headers.groups"),
        (Carries::Scopes, "identity_headers.scopes"),
        (Carries::Method, "identity_headers.method"),
        (Carries::Email, "identity_headers.email"),
        (Carries::Name, "identity_headers.name"),
        (Carries::Tenant, "identity_headers.tenant"),
    ];
    let mut names: Vec<(Carries, String)> = Vec::new();
    for (carries, path) in carried {
        let name = header_name(reader, path);
        let folded = |name: &str| name.to_ascii_lowercase().replace(['_', '.'], "-");
        if names
            .iter()
            .any(|(_, other)| folded(other) == folded(&name))
        {
            reader.fault(
                path,
                format!(
                    "{name:?} is the name of another identity header; each needs one of its own"
                ),
            );
        }
        let carries_credentials = ["authorization", "cookie", key_header];
        if carries_credentials
            .iter()
            .any(|other| folded(other) == folded(&name))
        {
            reader.fault(
                path,
                format!("{name:?} carries credentials; take a name of its own"),
            );
        }
        names.push((carries, name));
    }
    let none_value = reader
        .text("identity_headers.none_value")
        .unwrap_or_default();
    if none_value.chars().any(char::is_control) {
        reader.fault(
            "identity_headers.none_value",
            "must not contain control characters",
        );
    }
    IdentityHeaderSettings { names, none_value }
}

pub(super) fn outbound(reader: &mut Reader<'_>) -> OutboundSettings {
    let proxy = web_url(reader, "outbound.proxy");
    let proxy_username = reader.filled("outbound.proxy_username");
    let proxy_password = reader.secret("outbound.proxy_password");
    let proxy_authorization = reader.secret("outbound.proxy_authorization");
    if proxy_authorization.is_some() && (proxy_username.is_some() || proxy_password.is_some()) {
        reader.fault(
            "outbound.proxy_authorization",
            "is set beside proxy_username or proxy_password; take one of the two out",
        );
    }
    if proxy.is_none() && (proxy_username.is_some() || proxy_authorization.is_some()) {
        reader.fault(
            "outbound.proxy",
            "is not set, and credentials for it are; set its URL or take them out",
        );
    }
    let no_proxy = reader.list("outbound.no_proxy");
    for item in &no_proxy {
        if item.contains('/') && item.parse::<IpNet>().is_err() {
            reader.fault(
                "outbound.no_proxy",
                format!("{item:?} is no network; write for example \"10.0.0.0/8\""),
            );
        }
    }
    OutboundSettings {
        proxy,
        proxy_username,
        proxy_password,
        proxy_authorization,
        no_proxy,
        ca_pem: reader.file("outbound.ca_file"),
        allow_plain_http: reader.flag("outbound.allow_plain_http"),
        timeout: Duration::from_millis(reader.number("outbound.timeout_ms")),
        body_bytes_max: usize::try_from(reader.number("outbound.body_bytes_max"))
            .unwrap_or(1 << 20),
    }
}

pub(super) fn cors(reader: &mut Reader<'_>) -> CorsSettings {
    let cors = CorsSettings {
        enabled: reader.flag("cors.enabled"),
        allow_origins: reader.list("cors.allow_origins"),
    };
    if cors.enabled && cors.allow_origins.is_empty() {
        reader.fault(
            "cors.allow_origins",
            "is empty while cors.enabled is true; name the origins, or \"*\"",
        );
    }
    for origin in cors.allow_origins.iter().filter(|origin| *origin != "*") {
        if !super::people::is_origin(origin.trim_end_matches('/')) {
            reader.fault(
                "cors.allow_origins",
                format!("{origin:?} is no origin; write for example \"https://app.example.com\""),
            );
        }
    }
    cors
}

pub(super) fn log(reader: &mut Reader<'_>) -> LogSettings {
    let filter = reader
        .filled("log.filter")
        .unwrap_or_else(|| "info".to_owned());
    if let Err(error) = tracing_subscriber::EnvFilter::builder().parse(&filter) {
        reader.fault(
            "log.filter",
            format!("{filter:?}: {error}; write for example \"info\""),
        );
    }
    let format = match reader.text("log.format").as_deref() {
        Some("json") => LogFormat::Json,
        _ => LogFormat::Plain,
    };
    LogSettings {
        format,
        filter,
        allows: reader.flag("log.allows"),
    }
}
