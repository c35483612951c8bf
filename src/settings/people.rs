//! People who sign in: how long, where they return to, what they may grant.

use std::net::IpAddr;
use std::time::Duration;

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
    /// The one name that everybody is, for trying things out.
    pub dev_user: Option<Subject>,
}

pub(super) fn sessions(
    reader: &mut Reader<'_>,
    listens_on: IpAddr,
    warnings: &mut Vec<String>,
) -> SessionSettings {
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
        dev_user,
    }
}

fn dev_user(reader: &mut Reader<'_>, listens_on: IpAddr) -> Option<Subject> {
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
