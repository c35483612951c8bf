//! How failures to sign in slow down further tries.
//!
//! A try is counted before the password is looked at, and taken back when it
//! was right: so many at once count as many.

use std::time::Duration;

use minicbor::{Decode, Encode};

use super::super::api_key::record::BadRecord;
use super::super::envelope;
use super::super::record_name::RecordName;
use super::super::salt::Salts;
use super::super::time::Timestamp;

/// The pause after the last free failure; it doubles with each further one.
const PAUSE_FIRST: Duration = Duration::from_secs(5);
/// How long failures are remembered after the last one.
pub const REMEMBERED_FOR: Duration = Duration::from_hours(24);

/// How many failures lead to what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// From this failure on a lock follows each; half as many are free.
    pub lock_after: u32,
    /// How long a lock lasts.
    pub lock: Duration,
}

/// The failures under one name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// How many there were, one after the other.
    pub failures: u32,
    /// When the last one was.
    pub last_at: Option<Timestamp>,
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    failures: u32,
    #[n(1)]
    last_at: Option<u64>,
}

impl Patience {
    /// How long to wait after that many failures.
    pub fn pause_after(self, failures: u32) -> Duration {
        let free = self.lock_after / 2;
        if failures >= self.lock_after {
            self.lock
        } else if failures == 0 || failures < free {
            Duration::ZERO
        } else {
            let doubled = PAUSE_FIRST.saturating_mul(1 << (failures - free).min(16));
            doubled.min(self.lock)
        }
    }
}

impl Attempts {
    /// Until when no try is looked at; `None` if one is.
    pub fn blocked_until(&self, patience: Patience, now: Timestamp) -> Option<Timestamp> {
        let until = self.last_at?.plus(patience.pause_after(self.failures));
        (until > now).then_some(until)
    }

    /// Whether the account counts as locked.
    pub fn is_locked(&self, patience: Patience, now: Timestamp) -> bool {
        self.failures >= patience.lock_after && self.blocked_until(patience, now).is_some()
    }

    /// With one more try.
    #[must_use]
    pub fn charged(&self, now: Timestamp) -> Self {
        Self {
            failures: self.failures.saturating_add(1),
            last_at: Some(now),
        }
    }

    /// Encodes and seals the record under the active salt.
    pub fn seal(&self, salts: &Salts, name: &RecordName) -> Vec<u8> {
        let wire = Wire {
            failures: self.failures,
            last_at: self.last_at.map(Timestamp::as_millis),
        };
        let mut payload = Vec::with_capacity(16);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        envelope::seal(salts, &name.full(), &payload)
    }

    /// Opens and decodes the record of that name.
    ///
    /// # Errors
    /// Fails for a record that cannot be trusted or read.
    pub fn open(salts: &Salts, name: &RecordName, bytes: &[u8]) -> Result<Self, BadRecord> {
        let payload = envelope::open(salts, &name.full(), bytes)?;
        let wire: Wire = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
        Ok(Self {
            failures: wire.failures,
            last_at: wire.last_at.and_then(Timestamp::from_millis),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failures_are_free_then_pauses_double_then_a_lock_follows() {
        let patience = Patience {
            lock_after: 10,
            lock: Duration::from_mins(15),
        };
        let pauses: Vec<u64> = (0..12)
            .map(|failures| patience.pause_after(failures).as_secs())
            .collect();
        assert_eq!(pauses, [0, 0, 0, 0, 0, 5, 10, 20, 40, 80, 900, 900]);
        let strict = Patience {
            lock_after: 1,
            ..patience
        };
        assert_eq!(strict.pause_after(0), Duration::ZERO);
        assert_eq!(strict.pause_after(1).as_secs(), 900);
    }

    #[test]
    fn a_lock_ends_and_the_next_failure_brings_the_next() {
        let patience = Patience {
            lock_after: 2,
            lock: Duration::from_mins(15),
        };
        let at = |seconds| Timestamp::from_seconds(seconds).unwrap();
        let twice = Attempts::default().charged(at(0)).charged(at(10));
        assert!(twice.is_locked(patience, at(11)));
        assert_eq!(twice.blocked_until(patience, at(909)), Some(at(910)));
        assert_eq!(twice.blocked_until(patience, at(910)), None);
        assert!(twice.charged(at(910)).is_locked(patience, at(911)));
    }
}
