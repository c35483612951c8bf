//! Knows every change and when it was acknowledged, and judges every answer.

use std::time::Duration;

use super::process::LEASE;
use super::servers::Read;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A key has another version.
    Key(usize, u64),
    /// An owner has another version.
    Owner(usize, u64),
    /// A key is gone for good.
    Revoked(usize),
}

/// An acknowledged change.
#[derive(Clone, Copy, Debug)]
struct Acknowledged {
    change: Change,
    at: Duration,
    /// By which process it was made, and as which of its changes.
    by: usize,
    number: usize,
}

/// Knows all.
#[derive(Default)]
pub struct Checker {
    acknowledged: Vec<Acknowledged>,
    /// When a key was revoked at the server, acknowledged or not.
    revoked: Vec<usize>,
    /// How many changes each process made.
    counts: [usize; 8],
}

impl Checker {
    /// A process was told that its change took place.
    pub fn acknowledge(&mut self, change: Change, at: Duration, by: usize) {
        self.counts[by] += 1;
        self.acknowledged.push(Acknowledged {
            change,
            at,
            by,
            number: self.counts[by],
        });
    }

    /// A server took a revocation.
    pub fn took_place(&mut self, key: usize) {
        self.revoked.push(key);
    }

    /// How many changes of a process were acknowledged.
    pub fn own_changes(&self, process: usize) -> usize {
        self.counts[process]
    }

    /// Whether an answer to a question of `asked_at` may be given: it knows all
    /// that was acknowledged more than a lease before, and all that this very
    /// process had acknowledged; and it refuses nothing that is in force.
    pub fn judge(
        &self,
        process: usize,
        key: usize,
        owner: usize,
        (asked_at, own_changes): (Duration, usize),
        answer: Read,
    ) -> Result<(), String> {
        for known in &self.acknowledged {
            let is_due =
                known.at + LEASE < asked_at || (known.by == process && known.number <= own_changes);
            if !is_due {
                continue;
            }
            let is_obeyed = match (known.change, answer) {
                (Change::Revoked(gone), Some(_)) => gone != key,
                (Change::Key(changed, version), Some((seen, _))) => {
                    changed != key || seen >= version
                }
                (Change::Owner(changed, version), Some((_, seen))) => {
                    changed != owner || seen >= version
                }
                (_, None) => true,
            };
            if !is_obeyed {
                return Err(format!(
                    "process {process} answered {answer:?} for key {key}, asked at {asked_at:?}, \
                     after {known:?}"
                ));
            }
        }
        let is_there = key < super::servers::KEYS - 1;
        if answer.is_none() && is_there && !self.revoked.contains(&key) {
            return Err(format!(
                "process {process} refused key {key}, which is in force"
            ));
        }
        Ok(())
    }
}
