//! Keys that are known to be revoked, whatever a store may say of them later.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::domain::api_key::ApiKeyId;

/// How long a revocation is remembered; by then every store has it.
const REMEMBERED_FOR: Duration = Duration::from_hours(24);
/// How many are remembered; the oldest make room.
const REMEMBERED_MAX: usize = 100_000;

#[derive(Default)]
struct Remembered {
    since: HashMap<ApiKeyId, Duration>,
    order: VecDeque<ApiKeyId>,
}

/// The revoked keys. Revoking is final, so these only ever grow together:
/// merging what others know is always right.
#[derive(Default)]
pub(super) struct Tombs(Mutex<Remembered>);

impl Tombs {
    pub fn remember(&self, id: ApiKeyId, now: Duration) {
        let mut tombs = self.lock();
        if tombs.since.insert(id, now).is_none() {
            tombs.order.push_back(id);
        }
        while let Some(oldest) = tombs.order.front().copied() {
            let is_over = tombs
                .since
                .get(&oldest)
                .is_none_or(|since| now.saturating_sub(*since) > REMEMBERED_FOR);
            if !is_over && tombs.order.len() <= REMEMBERED_MAX {
                break;
            }
            tombs.order.pop_front();
            tombs.since.remove(&oldest);
        }
    }

    pub fn contains(&self, id: &ApiKeyId) -> bool {
        self.lock().since.contains_key(id)
    }

    pub fn all(&self) -> Vec<ApiKeyId> {
        self.lock().order.iter().copied().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> ApiKeyId {
        ApiKeyId::parse(&format!("00{number:014}")).unwrap()
    }

    #[test]
    fn revocations_are_remembered_for_a_day_and_within_a_bound() {
        let tombs = Tombs::default();
        tombs.remember(id(1), Duration::ZERO);
        tombs.remember(id(2), REMEMBERED_FOR);
        assert!(tombs.contains(&id(1)));
        tombs.remember(id(3), REMEMBERED_FOR + Duration::from_secs(1));
        assert!(!tombs.contains(&id(1)) && tombs.contains(&id(2)));
        for number in 0..REMEMBERED_MAX {
            tombs.remember(id(1_000 + number), REMEMBERED_FOR + Duration::from_secs(2));
        }
        assert_eq!(tombs.all().len(), REMEMBERED_MAX);
    }
}
