//! When a key ends: what people write, and what a deployment allows.

use std::time::Duration;

use super::super::time::Timestamp;
use super::lifecycle::Refusal;

/// How long keys may live in a deployment.
#[derive(Clone, Copy, Debug, Default)]
pub struct LifeLimits {
    /// The life of a key for which nothing was asked; without end if absent.
    pub default: Option<Duration>,
    /// The longest life; without end if absent.
    pub max: Option<Duration>,
}

/// When a key shall end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpiryWish {
    /// As the deployment has it.
    Default,
    /// Not at all.
    Never,
    /// After that time.
    After(Duration),
    /// At that time.
    At(Timestamp),
}

impl ExpiryWish {
    /// Reads `never`, a number of days or hours (`30d`, `12h`), a date (the end
    /// of that day in UTC), or an RFC 3339 date-time.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("never") {
            return Some(Self::Never);
        }
        for (unit, seconds) in [('d', 86_400), ('h', 3_600)] {
            if let Some(number) = text.strip_suffix(unit) {
                let count: u32 = number.parse().ok().filter(|count| *count > 0)?;
                return Some(Self::After(Duration::from_secs(u64::from(count) * seconds)));
            }
        }
        if let Some(time) = Timestamp::parse_rfc3339(text) {
            return Some(Self::At(time));
        }
        let day = Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z"))?;
        Some(Self::At(day.plus(Duration::from_hours(24))))
    }
}

impl LifeLimits {
    /// Turns a wish into an end.
    ///
    /// # Errors
    /// Refuses an end in the past or beyond the longest life; "never" is beyond any.
    pub fn resolve(&self, wish: ExpiryWish, now: Timestamp) -> Result<Option<Timestamp>, Refusal> {
        let latest = self.max.map(|max| now.plus(max));
        let end = match wish {
            // A default longer than the maximum means the maximum.
            ExpiryWish::Default => match (self.default.map(|life| now.plus(life)), latest) {
                (Some(end), Some(latest)) => Some(end.min(latest)),
                (end, latest) => end.or(latest),
            },
            ExpiryWish::Never => None,
            ExpiryWish::After(life) => Some(now.plus(life)),
            ExpiryWish::At(end) => Some(end),
        };
        if end.is_some_and(|end| end <= now) {
            return Err(Refusal::ExpiresInThePast);
        }
        match latest {
            Some(latest) if end.is_none_or(|end| end > latest) => {
                Err(Refusal::ExpiresTooLate { latest })
            }
            _ => Ok(end),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[test]
    fn expiries_read_as_people_write_them() {
        let day = Duration::from_hours(24);
        let noon = Timestamp::parse_rfc3339("2027-01-01T12:00:00Z").unwrap();
        let midnight = Timestamp::parse_rfc3339("2027-01-02T00:00:00Z").unwrap();
        for (text, wish) in [
            ("never", Some(ExpiryWish::Never)),
            ("30d", Some(ExpiryWish::After(day * 30))),
            ("12h", Some(ExpiryWish::After(day / 2))),
            ("2027-01-01T12:00:00Z", Some(ExpiryWish::At(noon))),
            ("2027-01-01", Some(ExpiryWish::At(midnight))),
            ("0d", None),
            ("-1d", None),
            ("tomorrow", None),
            ("", None),
        ] {
            assert_eq!(ExpiryWish::parse(text), wish, "{text:?}");
        }
    }

    #[test]
    fn a_maximum_forbids_never_and_shortens_the_default() {
        let day = Duration::from_hours(24);
        let limits = LifeLimits {
            default: Some(day * 90),
            max: Some(day * 30),
        };
        let latest = at(0).plus(day * 30);
        assert_eq!(limits.resolve(ExpiryWish::Default, at(0)), Ok(Some(latest)));
        assert_eq!(
            limits.resolve(ExpiryWish::Never, at(0)),
            Err(Refusal::ExpiresTooLate { latest })
        );
        assert_eq!(
            limits.resolve(ExpiryWish::At(at(0)), at(0)),
            Err(Refusal::ExpiresInThePast)
        );
        assert_eq!(
            LifeLimits::default().resolve(ExpiryWish::Default, at(0)),
            Ok(None)
        );
    }
}
