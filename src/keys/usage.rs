//! What keys did, for whoever may manage them.

use std::collections::BTreeMap;

use super::access::KeysOf;
use super::error::KeyError;
use super::view::KeyView;
use crate::domain::api_key::ApiKeyId;
use crate::domain::usage::{Day, Hour};
use crate::store::usage::{DayUse, HourUse, KeyUsage, NetworkUse};

pub use crate::store::usage::DAYS_KEPT;

/// How many hours a report has, the current one among them.
pub const REPORT_HOURS: u64 = 48;
/// How many days a report has unless it is asked for another number.
pub const REPORT_DAYS: u64 = 30;

/// What one key did: every hour and day has its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageReport {
    /// The current day, in UTC.
    pub today: DayUse,
    /// From how many networks, of those that are kept, calls came today.
    pub networks_today: usize,
    /// The last [`REPORT_HOURS`], oldest first.
    pub hours: Vec<HourUse>,
    /// As many days as were asked for, oldest first; today is the last.
    pub days: Vec<DayUse>,
    /// Where the key was used, latest first.
    pub networks: Vec<NetworkUse>,
}

impl KeysOf<'_> {
    /// What a key did in the last `days` days, as far as it was written down:
    /// some seconds may be missing.
    ///
    /// # Errors
    /// [`KeyError::NotFound`] also where it is somebody else's.
    pub async fn usage(&self, id: ApiKeyId, days: u64) -> Result<UsageReport, KeyError> {
        self.show(id).await?;
        let now = Hour::of(self.service.now()?);
        let since = first_of(now.day(), days);
        let first_hour = now.minus(REPORT_HOURS - 1);
        let store = &self.service.store;
        let known = store.key_usage(&id, first_hour, since).await?;
        Ok(report(known, now, since))
    }

    /// How many calls with each key passed in the last `days` days, oldest day
    /// first.
    ///
    /// # Errors
    /// Fails where the store does or a record cannot be trusted.
    pub async fn daily_usage(&self, days: u64) -> Result<Vec<(ApiKeyId, Vec<u64>)>, KeyError> {
        let today = Day::of(self.service.now()?);
        let since = first_of(today, days);
        let page = self.list(None, None).await?;
        let ids: Vec<_> = page.keys.iter().map(KeyView::id).collect();
        let known = self.service.store.daily_usage(&ids, since).await?;
        let lines = ids.into_iter().zip(known);
        Ok(lines
            .map(|(id, known)| {
                let days = every_day(&known, since, today);
                (id, days.iter().map(|day| day.allowed).collect())
            })
            .collect())
    }
}

fn first_of(today: Day, days: u64) -> Day {
    today.minus(days.clamp(1, DAYS_KEPT) - 1)
}

fn report(known: KeyUsage, now: Hour, since: Day) -> UsageReport {
    let today = now.day();
    let hours: BTreeMap<Hour, HourUse> =
        known.hours.into_iter().map(|one| (one.hour, one)).collect();
    let first_hour = now.minus(REPORT_HOURS - 1);
    let hours = (0..REPORT_HOURS)
        .map(|number| {
            let hour = first_hour.plus(number);
            hours.get(&hour).cloned().unwrap_or(HourUse {
                hour,
                allowed: 0,
                refused: BTreeMap::new(),
            })
        })
        .collect();
    let days = every_day(&known.days, since, today);
    let is_of_today = |seen: &&NetworkUse| Day::of(seen.last_seen_at) == today;
    UsageReport {
        today: days.last().copied().unwrap_or(nothing_on(today)),
        networks_today: known.networks.iter().filter(is_of_today).count(),
        hours,
        days,
        networks: known.networks,
    }
}

fn every_day(known: &[DayUse], since: Day, today: Day) -> Vec<DayUse> {
    let known: BTreeMap<Day, DayUse> = known.iter().map(|one| (one.day, *one)).collect();
    (0..DAYS_KEPT)
        .map(|number| since.plus(number))
        .take_while(|day| *day <= today)
        .map(|day| known.get(&day).copied().unwrap_or(nothing_on(day)))
        .collect()
}

fn nothing_on(day: Day) -> DayUse {
    DayUse {
        day,
        allowed: 0,
        refused: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn every_hour_and_day_has_its_line() {
        let now = Hour::of(Timestamp::parse_rfc3339("2026-11-24T01:30:00Z").unwrap());
        let yesterday = now.minus(2);
        let known = KeyUsage {
            hours: vec![HourUse {
                hour: yesterday,
                allowed: 3,
                refused: BTreeMap::new(),
            }],
            days: vec![DayUse {
                day: yesterday.day(),
                allowed: 3,
                refused: 1,
            }],
            networks: Vec::new(),
        };
        let report = report(known, now, first_of(now.day(), 7));
        assert_eq!(report.hours.len(), 48);
        assert_eq!(report.hours[47].hour, now);
        assert_eq!(report.hours[45].allowed, 3);
        let days: Vec<_> = report.days.iter().map(|day| day.allowed).collect();
        assert_eq!(days, [0, 0, 0, 0, 0, 3, 0]);
        assert_eq!(report.today, nothing_on(now.day()));
        assert_eq!(first_of(now.day(), 0), now.day());
    }
}
