//! Built-in accounts.

use std::time::Duration;

use super::reader::Reader;
use crate::domain::account::Username;
use crate::domain::secret::Secret;

/// Less memory than this is no hindrance to who guesses (OWASP's least for Argon2id).
const MEMORY_KIB_SANE: u32 = 19_456;

/// Built-in accounts.
#[derive(Clone, Debug)]
pub struct AccountSettings {
    /// Whether there are any.
    pub enabled: bool,
    /// The fewest characters of a password.
    pub password_length_min: usize,
    /// After how many failures an account is locked.
    pub lock_after_failures: u32,
    /// How long it is locked then.
    pub lock: Duration,
    /// How long an invitation is good.
    pub invitation: Duration,
    /// How long a link for a new password is good.
    pub reset: Duration,
    /// The memory of a hash, in KiB.
    pub argon2_memory_kib: u32,
    /// The passes of a hash.
    pub argon2_iterations: u32,
    /// The lanes of a hash.
    pub argon2_lanes: u32,
    /// The first administrator.
    pub first_administrator: Option<FirstAdministrator>,
}

/// The first administrator, as the operator names them.
#[derive(Clone, Debug)]
pub struct FirstAdministrator {
    /// What they type.
    pub username: Username,
    /// Their password.
    pub password: Secret<String>,
}

pub(super) fn accounts(
    reader: &mut Reader<'_>,
    on_valkey: bool,
    warnings: &mut Vec<String>,
) -> AccountSettings {
    let enabled = match reader.text("accounts.enabled").as_deref() {
        Some("on") => true,
        Some("off") => false,
        _ => !on_valkey,
    };
    let hours = |number| Duration::from_hours(number);
    let argon2_memory_kib = small(reader, "accounts.argon2_memory_kib");
    let argon2_lanes = small(reader, "accounts.argon2_lanes");
    if argon2_memory_kib < 8 * argon2_lanes {
        reader.fault(
            "accounts.argon2_memory_kib",
            "must be at least 8 for each of accounts.argon2_lanes",
        );
    }
    if enabled && argon2_memory_kib < MEMORY_KIB_SANE {
        warnings.push(format!(
            "accounts.argon2_memory_kib is {argon2_memory_kib}: a stolen store would give its \
             passwords away; leave it at 65536"
        ));
    }
    let first_administrator = first_administrator(reader, enabled, warnings);
    AccountSettings {
        enabled,
        password_length_min: usize::try_from(reader.number("accounts.password_length_min"))
            .unwrap_or(usize::MAX),
        lock_after_failures: small(reader, "accounts.lock_after_failures"),
        lock: Duration::from_mins(reader.number("accounts.lock_minutes")),
        invitation: hours(reader.number("accounts.invitation_hours")),
        reset: hours(reader.number("accounts.reset_hours")),
        argon2_memory_kib,
        argon2_iterations: small(reader, "accounts.argon2_iterations"),
        argon2_lanes,
        first_administrator,
    }
}

fn small(reader: &mut Reader<'_>, path: &str) -> u32 {
    u32::try_from(reader.number(path)).unwrap_or(u32::MAX)
}

fn first_administrator(
    reader: &mut Reader<'_>,
    enabled: bool,
    warnings: &mut Vec<String>,
) -> Option<FirstAdministrator> {
    let username = reader.filled("admin_username");
    let password = reader.secret("admin_password");
    let (username, password) = match (username, password) {
        (None, None) => return None,
        (Some(username), Some(password)) => (username, password),
        (Some(_), None) => {
            reader.fault("admin_password", "is not set, and admin_username is");
            return None;
        }
        (None, Some(_)) => {
            reader.fault("admin_username", "is not set, and admin_password is");
            return None;
        }
    };
    if !enabled {
        warnings.push("admin_username is set, and built-in accounts are off".to_owned());
    }
    match Username::parse(&username) {
        Ok(username) => Some(FirstAdministrator { username, password }),
        Err(bad) => {
            reader.fault("admin_username", bad.to_string());
            None
        }
    }
}
