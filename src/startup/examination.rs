//! A closer look at store, issuers and salts: what administrators see.

use std::collections::BTreeMap;

use super::adapters::{PartsReady, issuer_state};
use crate::domain::api_key::record::{ApiKey, Proof};
use crate::domain::salt::{Salt, SaltId};
use crate::http::health::{Examination, Health, IssuerReport, SaltReport, StoreReport};
use crate::identity::{IssuerState, IssuerStatus};

/// How many keys are looked at: enough for most, and no burden on a store that
/// has more to do.
const KEYS_MAX: usize = 20_000;

/// Keys by the salt that their hash is under.
struct Count {
    by_salt: BTreeMap<SaltId, usize>,
    untrusted: usize,
    is_complete: bool,
}

impl PartsReady {
    pub(super) async fn report(&self, health: Health) -> Examination {
        let store = match self.store.inspect().await {
            Ok(found) => Ok(StoreReport {
                description: found.description,
                fine: found.fine,
                warnings: found.warnings,
            }),
            Err(error) => Err(error.to_string()),
        };
        let in_grace = self.is_in_grace();
        let issuers = self.tokens.readiness();
        let count = self.count_keys().await;
        Examination {
            health,
            running_for: self.running_for(),
            store,
            issuers: issuers
                .into_iter()
                .map(|issuer| issuer_report(issuer, in_grace))
                .collect(),
            salts: self.salt_reports(&count),
            untrusted_keys: count.untrusted,
            is_complete: count.is_complete,
        }
    }

    async fn count_keys(&self) -> Count {
        let mut count = Count {
            by_salt: BTreeMap::new(),
            untrusted: 0,
            is_complete: false,
        };
        let (mut cursor, mut seen) = (Vec::new(), 0);
        while seen < KEYS_MAX {
            let (lines, next) = match self.store.scan_keys(&cursor).await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(%error, "the keys could not be counted");
                    return count;
                }
            };
            seen += lines.len();
            for line in lines {
                match ApiKey::open(&self.salts, line.id, &line.record).map(|key| key.proof) {
                    Ok(Proof::Hash { salt, .. }) => *count.by_salt.entry(salt).or_default() += 1,
                    Ok(Proof::Id) => {}
                    Err(_) => count.untrusted += 1,
                }
            }
            let Some(next) = next else {
                count.is_complete = true;
                return count;
            };
            cursor = next;
        }
        count
    }

    /// The active one first, then those that are accepted, then any others.
    fn salt_reports(&self, count: &Count) -> Vec<SaltReport> {
        let active = self.salts.active().id();
        let accepted: Vec<_> = self.salts.accepted().iter().map(Salt::id).collect();
        let others = count.by_salt.keys().filter(|id| !accepted.contains(id));
        let report = |id: &SaltId| SaltReport {
            id: *id,
            is_active: *id == active,
            is_accepted: accepted.contains(id),
            keys: count.by_salt.get(id).copied().unwrap_or_default(),
        };
        let mut reports: Vec<_> = accepted.iter().chain(others).map(report).collect();
        reports.sort_by_key(|report| !report.is_active);
        reports
    }
}

fn issuer_report(issuer: IssuerStatus, in_grace: bool) -> IssuerReport {
    let state = issuer_state(&issuer, in_grace);
    let (keys_age, down_since, last_error) = match issuer.state {
        IssuerState::Ready { age } => (Some(age), None, None),
        IssuerState::Stale { age, last_error } => (Some(age), None, Some(last_error)),
        IssuerState::Down { since, last_error } => (None, since, last_error),
    };
    IssuerReport {
        realm: issuer.realm,
        issuer: issuer.issuer,
        state,
        keys_age,
        usable_keys: issuer.usable_keys,
        down_since,
        last_error,
        warnings: issuer.warnings,
    }
}
