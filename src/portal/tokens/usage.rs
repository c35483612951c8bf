//! What clients are told about the use of keys.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::http::problem::Problem;
use crate::keys::usage::{DAYS_KEPT, REPORT_DAYS, UsageReport};

/// What a key did, in UTC, give or take the last seconds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "today": {"allowed": 412, "refused": 2, "networks": 1},
    "hours": [{"at": "2026-11-24T09:00:00Z", "allowed": 412, "refused": {"missing_scope": 2}}],
    "days": [{"date": "2026-11-24", "allowed": 412, "refused": 2}],
    "networks": [{"network": "192.0.2.0/24", "last_seen_at": "2026-11-24T09:30:00Z", "count": 414}]
}))]
pub(crate) struct Usage {
    /// The current day.
    today: UsageToday,
    /// The last 48 hours, oldest first.
    hours: Vec<UsageHour>,
    /// As many days as were asked for, oldest first.
    days: Vec<UsageDay>,
    /// Where the key was used in the last 35 days, latest first; at most 16.
    networks: Vec<UsageNetwork>,
}

/// The current day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageToday {
    /// How many calls passed.
    allowed: u64,
    /// How many did not.
    refused: u64,
    /// From how many networks they came.
    networks: usize,
}

/// One hour.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageHour {
    /// When it began.
    #[schema(format = DateTime)]
    at: String,
    /// How many calls passed.
    allowed: u64,
    /// How many did not, by reason.
    refused: BTreeMap<String, u64>,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageDay {
    /// Which.
    #[schema(format = Date)]
    date: String,
    /// How many calls passed.
    allowed: u64,
    /// How many did not.
    refused: u64,
}

/// Calls from one network.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UsageNetwork {
    /// The first 24 bits of the clients' IPv4 addresses, 48 of IPv6.
    network: String,
    /// The latest call.
    #[schema(format = DateTime)]
    last_seen_at: String,
    /// How many there were since the network was first seen.
    count: u64,
}

/// Calls that passed, by the id of the key and then by day, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"1FvP0aXk27Qm9Zc4": [0, 12, 412]}))]
pub(crate) struct UsageOfAll(pub(super) BTreeMap<String, Vec<u64>>);

impl From<UsageReport> for Usage {
    fn from(report: UsageReport) -> Self {
        let hours = report.hours.into_iter().map(|one| UsageHour {
            at: one.hour.start().to_string(),
            allowed: one.allowed,
            refused: one.refused,
        });
        let days = report.days.iter().map(|one| UsageDay {
            date: one.day.to_string(),
            allowed: one.allowed,
            refused: one.refused,
        });
        let networks = report.networks.iter().map(|one| UsageNetwork {
            network: one.network.to_string(),
            last_seen_at: one.last_seen_at.to_string(),
            count: one.count,
        });
        Self {
            today: UsageToday {
                allowed: report.today.allowed,
                refused: report.today.refused,
                networks: report.networks_today,
            },
            hours: hours.collect(),
            days: days.collect(),
            networks: networks.collect(),
        }
    }
}

/// The number of days in a query string.
///
/// # Errors
/// Refuses parameters that it does not know, and numbers beyond what is kept.
pub(super) fn days(query: &str) -> Result<u64, Problem> {
    let mut days = None;
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name != "days" {
            let detail = "there is no such parameter; known is days";
            return Err(Problem::field(name.into_owned(), detail));
        }
        let number = value
            .parse()
            .ok()
            .filter(|days| (1..=DAYS_KEPT).contains(days));
        let Some(number) = number else {
            let detail = format!("must be a number from 1 to {DAYS_KEPT}");
            return Err(Problem::field("days", detail));
        };
        if days.replace(number).is_some() {
            return Err(Problem::field("days", "must stand once"));
        }
    }
    Ok(days.unwrap_or(REPORT_DAYS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_days_is_within_what_is_kept() {
        assert_eq!(days("").ok(), Some(30));
        assert_eq!(days("days=400").ok(), Some(400));
        for query in ["days=0", "days=401", "days=x", "days=1&days=1", "day=1"] {
            assert!(days(query).is_err(), "{query}");
        }
    }
}
