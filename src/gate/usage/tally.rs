//! What is counted of one key between two reports.

use std::net::IpAddr;

use crate::domain::api_key::ApiKeyId;
use crate::domain::network::Network;
use crate::domain::reason::Reason;
use crate::domain::time::Timestamp;
use crate::domain::usage::Hour;
use crate::store::upkeep::Use;
use crate::store::usage::{KeyHour, NETWORKS_MAX, NetworkUse};

/// Counts of one key in one hour. Its lists keep their room from one report to
/// the next, so that a key in use costs no allocation.
#[derive(Debug)]
pub(super) struct Tally {
    hour: Hour,
    last_allowed: Option<Timestamp>,
    allowed: u64,
    refused: Vec<(Reason, u64)>,
    networks: Vec<NetworkUse>,
    /// Whether nothing was written down yet since the key came up.
    pub(super) is_new: bool,
    /// Whether there is anything to write down.
    pub(super) is_touched: bool,
}

impl Tally {
    pub(super) fn new(hour: Hour) -> Self {
        Self {
            hour,
            last_allowed: None,
            allowed: 0,
            refused: Vec::new(),
            networks: Vec::new(),
            is_new: true,
            is_touched: false,
        }
    }

    /// The hour that is being counted.
    pub(super) fn hour(&self) -> Hour {
        self.hour
    }

    /// Counts one call. Whoever took the time just before the hour changed may
    /// come late: that call counts in the new hour.
    pub(super) fn count(&mut self, refused: Option<Reason>, at: Timestamp, client: Option<IpAddr>) {
        self.is_touched = true;
        match refused {
            None => {
                self.allowed += 1;
                self.last_allowed = self.last_allowed.max(Some(at));
            }
            Some(reason) => add_reason(&mut self.refused, reason, 1),
        }
        if let Some(address) = client {
            let seen = NetworkUse {
                network: Network::around(address),
                last_seen_at: at,
                count: 1,
            };
            add_network(&mut self.networks, seen);
        }
    }

    /// Takes what is to be written down of the hour, and of the last use.
    pub(super) fn take(&mut self, id: ApiKeyId) -> (Option<Use>, KeyHour) {
        let used = self.last_allowed.take().map(|at| Use {
            id,
            at,
            count: self.allowed,
        });
        let told = KeyHour {
            id,
            hour: self.hour,
            allowed: std::mem::take(&mut self.allowed),
            refused: self
                .refused
                .iter()
                .filter(|(_, count)| *count > 0)
                .copied()
                .collect(),
            networks: self
                .networks
                .iter()
                .filter(|seen| seen.count > 0)
                .copied()
                .collect(),
        };
        self.refused.iter_mut().for_each(|(_, count)| *count = 0);
        self.networks.iter_mut().for_each(|seen| seen.count = 0);
        self.is_touched = false;
        self.is_new = false;
        (used, told)
    }

    /// Goes on with another hour.
    pub(super) fn turn_to(&mut self, hour: Hour) {
        self.hour = hour;
    }
}

/// Adds a report to another of the same key and hour.
pub(super) fn join(told: &mut KeyHour, more: KeyHour) {
    told.allowed += more.allowed;
    for (reason, count) in more.refused {
        add_reason(&mut told.refused, reason, count);
    }
    for seen in more.networks {
        add_network(&mut told.networks, seen);
    }
}

fn add_reason(refused: &mut Vec<(Reason, u64)>, reason: Reason, count: u64) {
    match refused.iter_mut().find(|(known, _)| *known == reason) {
        Some((_, known)) => *known += count,
        None => refused.push((reason, count)),
    }
}

/// Of too many networks the least recent one goes.
fn add_network(networks: &mut Vec<NetworkUse>, seen: NetworkUse) {
    if let Some(known) = networks
        .iter_mut()
        .find(|known| known.network == seen.network)
    {
        known.count += seen.count;
        known.last_seen_at = known.last_seen_at.max(seen.last_seen_at);
    } else if networks.len() < NETWORKS_MAX {
        networks.push(seen);
    } else if let Some(oldest) = networks.iter_mut().min_by_key(|known| known.last_seen_at)
        && oldest.last_seen_at <= seen.last_seen_at
    {
        *oldest = seen;
    }
}
