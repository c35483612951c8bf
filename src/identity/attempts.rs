//! When an issuer's keys may be fetched, and how the last tries went.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// Shortest time between two fetches on behalf of tokens, per issuer.
pub const UNKNOWN_KEY_INTERVAL: Duration = Duration::from_secs(30);
/// The pause before another try after the first failure; it doubles with each.
const RETRY_FIRST: Duration = Duration::from_secs(5);
/// The longest such pause.
const RETRY_LONGEST: Duration = Duration::from_mins(1);

/// The schedule and the recent past. Times are monotonic, but for
/// [`Attempts::down_since`], which people read.
#[derive(Default)]
pub(super) struct Attempts {
    slot_claimed_at: Option<Duration>,
    next_due: Duration,
    failures: u32,
    last_error: Option<String>,
    down_since: Option<Timestamp>,
}

impl Attempts {
    /// Claims the one fetch per interval that tokens may cause. The slot stays
    /// claimed whatever comes of the fetch: a limit that a failing or an empty
    /// answer lifts is none when it is needed.
    pub(super) fn claim_slot(&mut self, now: Duration) -> bool {
        let is_taken = |at| now.saturating_sub(at) < UNKNOWN_KEY_INTERVAL;
        if self.slot_claimed_at.is_some_and(is_taken) {
            return false;
        }
        self.slot_claimed_at = Some(now);
        true
    }

    /// How long it is till the next fetch by schedule.
    pub(super) fn due_in(&self, now: Duration) -> Duration {
        self.next_due.saturating_sub(now)
    }

    /// Why the last fetch failed, if it did.
    pub(super) fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }

    /// Since when there have been no usable keys, as far as a fetch has shown it.
    pub(super) fn down_since(&self) -> Option<Timestamp> {
        self.down_since
    }

    /// A fetch went well. True if the one before had failed.
    pub(super) fn went_well(&mut self, now: Duration, refresh: Duration) -> bool {
        let has_recovered = self.failures > 0;
        *self = Self {
            slot_claimed_at: self.slot_claimed_at,
            next_due: now + refresh,
            ..Self::default()
        };
        has_recovered
    }

    /// A fetch failed, and there are keys to go on with or there are none.
    /// True if it failed otherwise than the one before.
    pub(super) fn went_badly(
        &mut self,
        now: Duration,
        refresh: Duration,
        error: String,
        usable: Result<(), Option<Timestamp>>,
    ) -> bool {
        let is_news = self.last_error.as_ref() != Some(&error);
        self.failures = self.failures.saturating_add(1);
        self.next_due = now + pause_after(self.failures).min(refresh);
        self.last_error = Some(error);
        self.down_since = match usable {
            Ok(()) => None,
            Err(wall_time) => self.down_since.or(wall_time),
        };
        is_news
    }
}

/// 5 s, 10 s, 20 s, 40 s, and 60 s from then on.
fn pause_after(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(8);
    RETRY_FIRST
        .saturating_mul(1 << doublings)
        .min(RETRY_LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_slot_is_kept_whatever_comes_of_the_fetch() {
        let mut attempts = Attempts::default();
        assert!(attempts.claim_slot(s(100)));
        attempts.went_badly(s(101), s(300), "down".to_owned(), Err(None));
        assert!(!attempts.claim_slot(s(129)));
        assert!(attempts.claim_slot(s(130)));
        attempts.went_well(s(131), s(300));
        assert!(!attempts.claim_slot(s(159)));
        assert!(attempts.claim_slot(s(160)));
    }

    #[test]
    fn tries_grow_rarer_but_never_rarer_than_the_schedule() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.due_in(s(0)), s(0));
        let mut fail = |refresh| {
            attempts.went_badly(s(0), s(refresh), "down".to_owned(), Ok(()));
            attempts.due_in(s(0)).as_secs()
        };
        let pauses: Vec<u64> = [300, 300, 300, 300, 300, 300, 7]
            .into_iter()
            .map(&mut fail)
            .collect();
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60, 7]);
        for _ in 0..100 {
            assert_eq!(fail(300), 60);
        }
        attempts.went_well(s(10), s(300));
        assert_eq!(attempts.due_in(s(11)), s(299));
    }

    #[test]
    fn an_outage_has_one_beginning() {
        let at = |seconds| Timestamp::from_seconds(seconds);
        let mut attempts = Attempts::default();
        let mut fail = |error: &str, usable| {
            let is_news = attempts.went_badly(s(0), s(300), error.to_owned(), usable);
            (is_news, attempts.down_since())
        };
        assert_eq!(fail("a", Ok(())), (true, None));
        assert_eq!(fail("a", Err(at(5))), (false, at(5)));
        assert_eq!(fail("b", Err(at(9))), (true, at(5)));
        assert!(attempts.went_well(s(0), s(300)));
        assert!(!attempts.went_well(s(0), s(300)));
        assert_eq!((attempts.down_since(), attempts.last_error()), (None, None));
    }
}
