//! Hours and days of uses, in UTC.

use std::fmt;
use std::time::Duration;

use super::time::Timestamp;

const HOUR_MS: u64 = 60 * 60 * 1000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// An hour, counted from the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(u64);

impl Hour {
    /// The hour that a time lies in.
    pub fn of(time: Timestamp) -> Self {
        Self(time.as_millis() / HOUR_MS)
    }

    /// When it began.
    pub fn start(self) -> Timestamp {
        moment(self.0, HOUR_MS)
    }

    /// The day that it lies in.
    pub fn day(self) -> Day {
        Day(self.0 / 24)
    }

    /// Which hour of its day, from 0 to 23.
    pub fn of_day(self) -> u64 {
        self.0 % 24
    }

    /// So many hours later.
    #[must_use]
    pub fn plus(self, hours: u64) -> Self {
        Self(self.0.saturating_add(hours))
    }

    /// So many hours earlier; the first there is on underflow.
    #[must_use]
    pub fn minus(self, hours: u64) -> Self {
        Self(self.0.saturating_sub(hours))
    }
}

/// A day, counted from the Unix epoch. Written as `2026-11-24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u64);

impl Day {
    /// The day that a time lies in.
    pub fn of(time: Timestamp) -> Self {
        Self(time.as_millis() / DAY_MS)
    }

    /// When it began.
    pub fn start(self) -> Timestamp {
        moment(self.0, DAY_MS)
    }

    /// When it is over.
    pub fn end(self) -> Timestamp {
        self.start().plus(Duration::from_millis(DAY_MS))
    }

    /// One of its hours, from 0 to 23.
    pub fn hour(self, of_day: u64) -> Hour {
        Hour(self.0.saturating_mul(24).saturating_add(of_day))
    }

    /// So many days later.
    #[must_use]
    pub fn plus(self, days: u64) -> Self {
        Self(self.0.saturating_add(days))
    }

    /// So many days earlier; the first there is on underflow.
    #[must_use]
    pub fn minus(self, days: u64) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// Without hyphens, as names in stores have it: `20261124`.
    pub fn compact(self) -> String {
        self.to_string().replace('-', "")
    }

    /// Reads what [`Day::compact`] writes.
    pub fn parse_compact(text: &str) -> Option<Self> {
        if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (year, rest) = text.split_at(4);
        let (month, day) = rest.split_at(2);
        Timestamp::parse_rfc3339(&format!("{year}-{month}-{day}T00:00:00Z")).map(Self::of)
    }
}

/// Every hour and day made of a time lies before the latest time there is.
fn moment(count: u64, unit_ms: u64) -> Timestamp {
    Timestamp::EPOCH.plus(Duration::from_millis(count.saturating_mul(unit_ms)))
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.start().to_string();
        f.write_str(start.split('T').next().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_days_begin_and_end_in_utc() {
        let time = Timestamp::parse_rfc3339("2026-11-24T23:59:59.999Z").unwrap();
        let (hour, day) = (Hour::of(time), Day::of(time));
        assert_eq!(hour.start().to_string(), "2026-11-24T23:00:00Z");
        assert_eq!((hour.of_day(), hour.day()), (23, day));
        assert_eq!(hour.plus(1).start(), day.end());
        assert_eq!(day.hour(23), hour);
        assert_eq!(day.to_string(), "2026-11-24");
        assert_eq!(day.minus(24).to_string(), "2026-10-31");
    }

    #[test]
    fn days_read_as_stores_have_them() {
        let day = Day::parse_compact("20240229").unwrap();
        assert_eq!(day.compact(), "20240229");
        for text in ["20230229", "2024022", "2024-2-29", "+2024022"] {
            assert_eq!(Day::parse_compact(text), None, "{text}");
        }
    }
}
