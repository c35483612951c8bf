//! Whose key is it? Remembered, so that a check asks for record and owner in one
//! round trip.
//!
//! A key never changes its owner, so what was true stays true. And yet it is a
//! hint and no more: what the record says decides.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::api_key::{ApiKeyId, OwnerTag};

/// How many owners a generation holds: with both, some 6 MB.
const GENERATION: usize = 32_768;

/// The owners of keys that were found lately. What was not asked for while a
/// whole generation came in is forgotten.
#[derive(Default)]
pub(super) struct Hints(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<ApiKeyId, OwnerTag>,
    old: HashMap<ApiKeyId, OwnerTag>,
}

impl Hints {
    /// The owner, if known.
    pub fn recall(&self, id: &ApiKeyId) -> Option<OwnerTag> {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(owner) = generations.young.get(id) {
            return Some(*owner);
        }
        let owner = generations.old.get(id).copied()?;
        generations.insert(*id, owner);
        Some(owner)
    }

    /// Takes note of an owner.
    pub fn remember(&self, id: ApiKeyId, owner: OwnerTag) {
        let mut generations = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        generations.insert(id, owner);
    }
}

impl Generations {
    fn insert(&mut self, id: ApiKeyId, owner: OwnerTag) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(id, owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> ApiKeyId {
        let mut hash = [0; 32];
        hash[..8].copy_from_slice(&number.to_be_bytes());
        ApiKeyId::Seed(hash)
    }

    #[test]
    fn what_is_asked_for_is_kept_and_there_is_never_too_much() {
        let (hints, owner) = (Hints::default(), OwnerTag::from_bytes([1; 16]));
        for number in 0..5 * GENERATION {
            hints.remember(id(number), owner);
            assert_eq!(hints.recall(&id(0)), Some(owner));
        }
        assert_eq!(hints.recall(&id(GENERATION)), None);
        let generations = hints.0.lock().unwrap();
        assert!(generations.young.len() + generations.old.len() <= 2 * GENERATION);
    }
}
