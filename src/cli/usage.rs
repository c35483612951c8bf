//! `gatelodge key usage`: what a key did.

use serde_json::json;

use super::output;
use crate::keys::usage::UsageReport;

/// The report as tables, or as the REST API gives it.
pub(super) fn print(report: &UsageReport, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::line(&format_args!("{:#}", to_json(report)));
    }
    let days: Vec<_> = report
        .days
        .iter()
        .filter(|one| one.allowed + one.refused > 0)
        .map(|one| {
            vec![
                one.day.to_string(),
                one.allowed.to_string(),
                one.refused.to_string(),
            ]
        })
        .collect();
    output::table(&["DAY (UTC)", "PASSED", "REFUSED"], &days)?;
    let networks: Vec<_> = report
        .networks
        .iter()
        .map(|one| {
            vec![
                one.network.to_string(),
                one.count.to_string(),
                one.last_seen_at.to_string(),
            ]
        })
        .collect();
    output::line(&"")?;
    output::table(&["NETWORK", "CALLS", "LAST SEEN"], &networks)
}

fn to_json(report: &UsageReport) -> serde_json::Value {
    let hours = report.hours.iter().map(|one| {
        json!({
            "at": one.hour.start().to_string(),
            "allowed": one.allowed,
            "refused": one.refused,
        })
    });
    let days = report.days.iter().map(|one| {
        json!({
            "date": one.day.to_string(),
            "allowed": one.allowed,
            "refused": one.refused,
        })
    });
    let networks = report.networks.iter().map(|one| {
        json!({
            "network": one.network.to_string(),
            "last_seen_at": one.last_seen_at.to_string(),
            "count": one.count,
        })
    });
    json!({
        "today": {
            "allowed": report.today.allowed,
            "refused": report.today.refused,
            "networks": report.networks_today,
        },
        "hours": hours.collect::<Vec<_>>(),
        "days": days.collect::<Vec<_>>(),
        "networks": networks.collect::<Vec<_>>(),
    })
}
