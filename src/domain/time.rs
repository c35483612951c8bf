//! Time as the domain sees it: handed in, never taken.
//!
//! Wall time ([`Clock::now`]) is for what people agreed on, such as an expiry.
//! Monotonic time ([`Clock::monotonic`]) is for ages, so that a clock which is
//! set back cannot lengthen the life of anything. Not knowing the time is a
//! reason to refuse, which is why `now` may fail.

use std::fmt;
use std::time::Duration;

/// A point in time, in whole milliseconds since the Unix epoch (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

/// The latest time that [`Timestamp`] accepts: the end of the year 9999.
const LATEST_MS: u64 = 253_402_300_799_999;

impl Timestamp {
    /// The beginning of 1970.
    pub const EPOCH: Self = Self(0);

    /// From milliseconds since the Unix epoch; `None` after the year 9999,
    /// which RFC 3339 cannot write.
    pub fn from_millis(millis: u64) -> Option<Self> {
        (millis <= LATEST_MS).then_some(Self(millis))
    }

    /// From whole seconds since the Unix epoch, as JWT claims count (RFC 7519, section 2).
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        seconds.checked_mul(1000).and_then(Self::from_millis)
    }

    /// Milliseconds since the Unix epoch.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub fn as_seconds(self) -> u64 {
        self.0 / 1000
    }

    /// This time and `duration` later; the latest time there is on overflow.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(LATEST_MS);
        Self(self.0.saturating_add(millis).min(LATEST_MS))
    }

    /// This time and `duration` earlier; the epoch on underflow.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(millis))
    }

    /// Reads an RFC 3339 date-time (section 5.6), with any offset.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let parsed: jiff::Timestamp = text.trim().parse().ok()?;
        u64::try_from(parsed.as_millisecond())
            .ok()
            .and_then(Self::from_millis)
    }
}

/// Writes RFC 3339 in UTC, with milliseconds only where there are any.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = i64::try_from(self.0).map_err(|_| fmt::Error)?;
        let time = jiff::Timestamp::from_millisecond(millis).map_err(|_| fmt::Error)?;
        write!(f, "{time}")
    }
}

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The wall-clock time, or `None` where it cannot be known; a caller that
    /// decides about access refuses then.
    fn now(&self) -> Option<Timestamp>;

    /// Time since some fixed point of this process; never goes back.
    fn monotonic(&self) -> Duration;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc3339_goes_there_and_back() {
        let time = Timestamp::parse_rfc3339("2026-11-24T12:30:00+01:00").unwrap();
        assert_eq!(time.to_string(), "2026-11-24T11:30:00Z");
        assert_eq!(Timestamp::parse_rfc3339(&time.to_string()), Some(time));
    }

    #[test]
    fn what_rfc3339_cannot_write_is_no_time() {
        assert_eq!(Timestamp::from_millis(u64::MAX), None);
        assert_eq!(Timestamp::from_seconds(u64::MAX), None);
        assert_eq!(Timestamp::parse_rfc3339("1969-12-31T23:59:59Z"), None);
        assert_eq!(
            Timestamp::from_millis(LATEST_MS)
                .unwrap()
                .plus(Duration::MAX)
                .as_millis(),
            LATEST_MS
        );
    }
}
