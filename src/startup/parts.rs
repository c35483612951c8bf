//! Time and randomness as the machine has them: the only place where either is taken.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rand::TryRng as _;
use rand::rngs::SysRng;
use rustix::time::{ClockId, clock_gettime};

use crate::domain::entropy::{Entropy, EntropyUnavailable};
use crate::domain::time::{Clock, Timestamp};

/// The clock for ages. It runs on while the machine sleeps, which `Instant` does
/// not on Linux: what was to end meanwhile has ended when the machine wakes.
#[cfg(target_os = "linux")]
const AGES: ClockId = ClockId::Boottime;
#[cfg(not(target_os = "linux"))]
const AGES: ClockId = ClockId::Monotonic;

/// The machine's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Duration,
}

impl SystemClock {
    /// Starts counting.
    pub fn start() -> Self {
        Self { started: age() }
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the clock that is handed to everybody else"
    )]
    fn now(&self) -> Option<Timestamp> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
        Timestamp::from_millis(u64::try_from(since.as_millis()).ok()?)
    }

    fn monotonic(&self) -> Duration {
        age().saturating_sub(self.started)
    }
}

/// Since some fixed moment, which is none of our business.
fn age() -> Duration {
    let time = clock_gettime(AGES);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanoseconds = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanoseconds.min(999_999_999))
}

/// The operating system's randomness.
#[derive(Clone, Copy, Debug)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        SysRng
            .try_fill_bytes(buffer)
            .map_err(|_| EntropyUnavailable)
    }
}
