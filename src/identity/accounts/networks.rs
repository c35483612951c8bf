//! Failures to sign in by network, in this process alone: it may lose them. What
//! all replicas agree on is counted by account.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::domain::account::attempts::Patience;

/// How many networks are remembered.
const REMEMBERED_MAX: usize = 10_000;
/// A network is given more tries than an account: an office may be behind it.
const MORE_TRIES: u32 = 10;

/// An IPv4 address, or the /64 of an IPv6 one, which is what one customer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Network(u128);

/// Failures, and when the last one was (monotonic).
type Failures = (u32, Duration);

/// The networks that failed lately.
#[derive(Default)]
pub(super) struct Networks(Mutex<HashMap<Network, Failures>>);

impl Network {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(u128::from(address.to_bits())),
            IpAddr::V6(address) => Self(address.to_bits() >> 64 << 64),
        }
    }
}

impl Networks {
    /// Counts a try.
    ///
    /// # Errors
    /// Says how long that network has to wait instead.
    pub(super) fn charge(
        &self,
        address: IpAddr,
        patience: Patience,
        now: Duration,
    ) -> Result<(), Duration> {
        let mut networks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let forgotten = |(_, last): &Failures| now.saturating_sub(*last) > patience.lock * 2;
        if networks.len() >= REMEMBERED_MAX {
            networks.retain(|_, failures| !forgotten(failures));
        }
        if networks.len() >= REMEMBERED_MAX {
            networks.clear();
        }
        let known = networks.entry(Network::of(address)).or_insert((0, now));
        if forgotten(known) {
            *known = (0, now);
        }
        let patience = Patience {
            lock_after: patience.lock_after.saturating_mul(MORE_TRIES),
            ..patience
        };
        let waits_until = known.1 + patience.pause_after(known.0);
        if waits_until > now {
            return Err(waits_until.saturating_sub(now));
        }
        *known = (known.0.saturating_add(1), now);
        Ok(())
    }

    /// Takes a try back, for it was none that failed.
    pub(super) fn take_back(&self, address: IpAddr) {
        let mut networks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = networks.get_mut(&Network::of(address)) {
            known.0 = known.0.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_waits_after_many_failures_and_others_do_not() {
        let patience = Patience {
            lock_after: 2,
            lock: Duration::from_mins(15),
        };
        let networks = Networks::default();
        let here: IpAddr = "2001:db8::1".parse().unwrap();
        let neighbour: IpAddr = "2001:db8::ffff".parse().unwrap();
        let elsewhere: IpAddr = "192.0.2.1".parse().unwrap();
        let at = Duration::from_secs;
        for second in 0..10 {
            assert_eq!(networks.charge(here, patience, at(second)), Ok(()));
        }
        assert_eq!(networks.charge(neighbour, patience, at(10)), Err(at(4)));
        assert_eq!(networks.charge(elsewhere, patience, at(10)), Ok(()));
        networks.take_back(here);
        assert_eq!(networks.charge(here, patience, at(10)), Ok(()));
        assert_eq!(networks.charge(here, patience, at(5_000)), Ok(()));
        assert_eq!(networks.charge(here, patience, at(5_001)), Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let patience = Patience {
            lock_after: 10,
            lock: Duration::from_mins(15),
        };
        let networks = Networks::default();
        for number in 0..30_000_u32 {
            let address = IpAddr::from(number.to_be_bytes());
            let _ = networks.charge(address, patience, Duration::ZERO);
        }
        assert!(networks.0.lock().unwrap().len() <= REMEMBERED_MAX);
    }
}
