//! People who sign in: how long, where they return to, what they may grant.

use std::time::Duration;

use super::gates::{GateSettings, RuleSettings};
use super::model::ServerSettings;
use super::raw::RawScope;
use super::reader::Reader;
use crate::domain::scope_catalogue::{CatalogueEntry, ScopeCatalogue};
use crate::domain::subject::{GroupName, Scope, Subject};

/// Sessions.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// How long without use.
    pub idle: Duration,
    /// How long at most.
    pub absolute: Duration,
    /// Further hosts that people may return to, in lower case.
    pub return_hosts: Vec<String>,
    /// The domain below which gates know browsers; the portal's host alone, if not set.
    pub cookie_domain: Option<String>,
    /// Origins besides its own whose pages may change things by a session.
    pub trusted_origins: Vec<String>,
    /// The one name that everybody is, for trying things out.
    pub dev_user: Option<Subject>,
}

pub(super) fn sessions(
    reader: &mut Reader<'_>,
    server: &ServerSettings,
    gates: &[GateSettings],
    warnings: &mut Vec<String>,
) -> SessionSettings {
    let listens_on = server.address;
    let idle = Duration::from_secs(60 * reader.number("sessions.idle_minutes"));
    let absolute = Duration::from_secs(3_600 * reader.number("sessions.absolute_hours"));
    let dev_user = dev_user(reader, listens_on);
    if let Some(name) = &dev_user {
        warnings.push(format!(
            "dev_user is set: whoever reaches this service becomes the administrator {name:?} \
             without a password; take it out before anybody else can reach it"
        ));
    }
    SessionSettings {
        idle,
        absolute,
        return_hosts: return_hosts(reader),
        cookie_domain: at_gates(reader, server, gates, warnings),
        trusted_origins: trusted_origins(reader),
        dev_user,
    }
}

fn dev_user(reader: &mut Reader<'_>, listens_on: std::net::IpAddr) -> Option<Subject> {
    let text = reader.filled("dev_user")?;
    if !listens_on.is_loopback() {
        reader.fault(
            "dev_user",
            format!(
                "signs everybody in without a password and needs address = \"127.0.0.1\"; it is \
                 {listens_on}; take dev_user out"
            ),
        );
    }
    match Subject::parse(&text) {
        Ok(name) => Some(name),
        Err(bad) => {
            reader.fault("dev_user", bad.to_string());
            None
        }
    }
}

/// What sessions at gates need: a portal to sign in at, and a domain that it is
/// below, if there is one.
fn at_gates(
    reader: &mut Reader<'_>,
    server: &ServerSettings,
    gates: &[GateSettings],
    warnings: &mut Vec<String>,
) -> Option<String> {
    let takes_sessions = |gate: &&GateSettings| gate.rules.iter().any(RuleSettings::takes_sessions);
    if let Some(gate) = gates.iter().find(takes_sessions)
        && server.public_url.is_none()
    {
        reader.fault(
            "public_url",
            format!(
                "is needed where a gate takes sessions, as {:?} does: set it to where people reach \
                 the portal",
                gate.name
            ),
        );
    }
    let host = server.public_url.as_ref().and_then(|url| url.host_str());
    let domain = reader.filled("sessions.cookie_domain");
    let domain = domain.map(|domain| domain.to_ascii_lowercase());
    let domain = domain.filter(|domain| match cookie_domain(domain, host) {
        Ok(()) => true,
        Err(problem) => {
            reader.fault("sessions.cookie_domain", problem);
            false
        }
    });
    if let Some(reached) = domain.as_deref().or(host) {
        warnings.extend(out_of_reach(gates, reached, domain.is_some()));
    }
    domain
}

/// Hosts of rules that take sessions, to which no browser would send the cookie.
fn out_of_reach(gates: &[GateSettings], reached: &str, with_below: bool) -> Vec<String> {
    let is_reached = |pattern: &str| match pattern.strip_prefix("*.") {
        Some(domain) => with_below && is_below(domain, reached),
        None => pattern == reached || (with_below && is_below(pattern, reached)),
    };
    let mut warnings = Vec::new();
    for gate in gates {
        let rules = gate.rules.iter().filter(|rule| rule.takes_sessions());
        for host in rules.flat_map(|rule| &rule.matching.hosts) {
            let host = host.to_string();
            if !is_reached(&host) {
                warnings.push(format!(
                    "gate {:?} takes sessions at {host}, which is not below {reached}: no browser \
                     sends the cookie there; see sessions.cookie_domain",
                    gate.name
                ));
            }
        }
    }
    warnings
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn cookie_domain(domain: &str, portal: Option<&str>) -> Result<(), String> {
    let is_name = matches!(url::Host::parse(domain), Ok(url::Host::Domain(name)) if name == domain);
    if !is_name || !domain.contains('.') || domain.starts_with('.') || domain.ends_with('.') {
        return Err(format!(
            "{domain:?} is no domain of yours; write for example \"example.com\", without scheme and port"
        ));
    }
    if portal.is_some_and(|host| is_below(host, domain)) {
        Ok(())
    } else {
        Err(format!(
            "public_url must be below {domain}, as https://lodge.{domain} is: browsers take the cookie from there"
        ))
    }
}

fn trusted_origins(reader: &mut Reader<'_>) -> Vec<String> {
    let origins = reader.list("sessions.trusted_origins");
    for text in origins.iter().filter(|text| !is_origin(text)) {
        reader.fault(
            "sessions.trusted_origins",
            format!(
                "{text:?} is no origin; write for example \"https://app.example.com\" or \"tauri://localhost\""
            ),
        );
    }
    origins
}

/// Whether a text is an origin as browsers send it: also one with a scheme that
/// only applications know, such as `tauri` or `app`.
pub(super) fn is_origin(text: &str) -> bool {
    let Ok(url) = url::Url::parse(text) else {
        return false;
    };
    if matches!(url.scheme(), "http" | "https") {
        return !text.contains('*') && url.origin().ascii_serialization() == text;
    }
    let is_plain = |c: char| c.is_ascii_graphic() && !"/?#@\\*".contains(c);
    text.split_once("://").is_some_and(|(scheme, rest)| {
        scheme == url.scheme() && !rest.is_empty() && rest.chars().all(is_plain)
    })
}

fn return_hosts(reader: &mut Reader<'_>) -> Vec<String> {
    let mut hosts = Vec::new();
    for text in reader.list("sessions.return_hosts") {
        match url::Host::parse(&text) {
            Ok(host) if !text.contains('*') => hosts.push(host.to_string()),
            _ => reader.fault(
                "sessions.return_hosts",
                format!("{text:?} is no host; write for example \"app.example.com\", without scheme, port and path"),
            ),
        }
    }
    hosts
}

pub(super) fn scopes(reader: &mut Reader<'_>) -> ScopeCatalogue {
    let raw: Vec<RawScope> = reader.tables("scopes");
    let mut entries: Vec<CatalogueEntry> = Vec::new();
    for (index, scope) in raw.into_iter().enumerate() {
        let name = match Scope::parse(&scope.name) {
            Ok(name) if name.is_own() => {
                let problem = format!(
                    "[{index}] name {name} opens Gatelodge itself and is not for a catalogue"
                );
                reader.fault("scopes", problem);
                continue;
            }
            Ok(name) => name,
            Err(bad) => {
                reader.fault("scopes", format!("[{index}] name {:?} {bad}", scope.name));
                continue;
            }
        };
        if entries.iter().any(|entry| entry.name == name) {
            reader.fault(
                "scopes",
                format!("[{index}] name {name} stands there twice"),
            );
        }
        let mut groups = Vec::new();
        for group in &scope.groups {
            match GroupName::parse(group) {
                Ok(group) => groups.push(group),
                Err(bad) => reader.fault("scopes", format!("[{index}] group {group:?} {bad}")),
            }
        }
        entries.push(CatalogueEntry {
            name,
            description: scope.description,
            groups,
        });
    }
    ScopeCatalogue { entries }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_as_browsers_send_it() {
        for text in [
            "https://app.example.com",
            "http://localhost:3000",
            "tauri://localhost",
            "app://obsidian.md",
            "capacitor://localhost",
        ] {
            assert!(is_origin(text), "{text}");
        }
        for text in [
            "",
            "app.example.com",
            "https://app.example.com/",
            "https://app.example.com/a",
            "https://app.example.com:443",
            "https://*.example.com",
            "tauri://",
            "tauri://localhost/",
            "tauri://a@b",
            "Tauri://localhost",
            "data:x",
            "null",
            "*",
        ] {
            assert!(!is_origin(text), "{text}");
        }
    }

    #[test]
    fn the_domain_of_a_cookie_is_one_that_the_portal_is_below() {
        let check = |domain: &str, portal| cookie_domain(domain, portal).is_ok();
        assert!(check("example.com", Some("lodge.example.com")));
        assert!(check("example.com", Some("example.com")));
        assert!(check("a.example.com", Some("b.a.example.com")));
        for (domain, portal) in [
            ("example.com", None),
            ("example.com", Some("badexample.com")),
            ("example.com", Some("example.com.evil.example")),
            ("com", Some("example.com")),
            (".example.com", Some("lodge.example.com")),
            ("example.com.", Some("lodge.example.com.")),
            ("example.com:443", Some("lodge.example.com")),
            ("https://example.com", Some("lodge.example.com")),
            ("127.0.0.1", Some("127.0.0.1")),
        ] {
            assert!(!check(domain, portal), "{domain} {portal:?}");
        }
    }
}
