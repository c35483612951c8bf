//! The id of an event: a ULID, so that ids stand in the order of time.

use std::fmt;

use super::time::Timestamp;

/// The digits, in the order of their bytes (Crockford's base 32).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// How many characters an id has.
pub const EVENT_ID_CHARS: usize = 26;

/// 48 bits of time in milliseconds, then 80 that nobody else has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(u128);

impl EventId {
    /// The id of something that happened at `at`.
    pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let random = random
            .iter()
            .fold(0, |number, byte| number << 8 | u128::from(*byte));
        Self(u128::from(at.as_millis()) << 80 | random)
    }

    /// The first id there can be of that time: a bound for a list.
    pub fn first_at(at: Timestamp) -> Self {
        Self::new(at, [0; 10])
    }

    /// When it happened; `None` for an id that was never made.
    pub fn at(self) -> Option<Timestamp> {
        u64::try_from(self.0 >> 80)
            .ok()
            .and_then(Timestamp::from_millis)
    }

    /// The next one, for two events of the same millisecond.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Reads 26 digits of Crockford's base 32, in upper case.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != EVENT_ID_CHARS || text.as_bytes()[0] > b'7' {
            return None;
        }
        text.bytes()
            .try_fold(0, |number, digit| {
                let value = DIGITS.iter().position(|known| *known == digit)?;
                Some(number << 5 | value as u128)
            })
            .map(Self)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..EVENT_ID_CHARS).rev().try_for_each(|place| {
            let digit = usize::try_from(self.0 >> (5 * place) & 31).unwrap_or(0);
            write!(f, "{}", char::from(DIGITS[digit]))
        })
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_as_they_are_written_and_stand_in_the_order_of_time() {
        let at = |millis| Timestamp::from_millis(millis).unwrap();
        let ids = [
            EventId::first_at(at(0)),
            EventId::new(at(1), [255; 10]),
            EventId::first_at(at(2)),
            EventId::first_at(at(2)).next(),
            EventId::new(at(1_795_521_600_123), [3; 10]),
        ];
        assert!(ids.is_sorted());
        let texts = ids.map(|id| id.to_string());
        assert!(texts.is_sorted(), "{texts:?}");
        for (id, text) in ids.iter().zip(&texts) {
            assert_eq!(EventId::parse(text), Some(*id));
        }
        assert_eq!(ids[4].at(), Some(at(1_795_521_600_123)));
        for bad in [
            "",
            "short",
            &"U".repeat(26),
            &"8".repeat(26),
            &"z".repeat(26),
        ] {
            assert_eq!(EventId::parse(bad), None, "{bad:?}");
        }
    }
}
