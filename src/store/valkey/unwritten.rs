//! Revocations that the server did not take: its disk is full, it has lost its
//! replicas. They are obeyed by every replica of ours that runs, and written as
//! soon as the server takes writes again.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::hearing::{self, CHANNEL};
use super::layout::{self, Filed};
use super::{StoreError, ValkeyStore};
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::store::keys::Revocation;

/// How many wait at most; who comes later is told that nothing was done.
const WAITING_MAX: usize = 100_000;

/// What is left to do for a key.
#[derive(Clone, Debug)]
enum Ending {
    /// The whole revocation.
    Key(OwnerTag, Revocation),
    /// The same for a key of rusty-valkey-forward-auth, of that subject.
    Seed(String),
    /// Somebody else has the rest: the record goes, whoever comes first.
    Heard,
}

/// What waits to be written.
#[derive(Default)]
pub(super) struct Unwritten(Mutex<BTreeMap<ApiKeyId, Ending>>);

impl Unwritten {
    /// Another replica could not write that revocation.
    pub fn heard(&self, id: ApiKeyId) {
        let mut waiting = self.lock();
        if waiting.len() < WAITING_MAX {
            waiting.entry(id).or_insert(Ending::Heard);
        }
    }

    /// Says whether there was room.
    fn wait(&self, id: ApiKeyId, ending: Ending) -> bool {
        let mut waiting = self.lock();
        let has_room = waiting.len() < WAITING_MAX;
        match waiting.entry(id) {
            Entry::Occupied(mut there) => {
                there.insert(ending);
                true
            }
            Entry::Vacant(place) if has_room => {
                place.insert(ending);
                true
            }
            Entry::Vacant(_) => false,
        }
    }

    fn all(&self) -> Vec<(ApiKeyId, Ending)> {
        let waiting = self.lock();
        waiting.iter().map(|(id, end)| (*id, end.clone())).collect()
    }

    fn is_over(&self, id: &ApiKeyId) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<ApiKeyId, Ending>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ValkeyStore {
    /// Tells every live replica, this one first: should the server lose the
    /// revocation, as in a fail-over, they remember. That the keys are gone they
    /// learn anyway, so nothing depends on being heard.
    pub(super) async fn call_out(&self, ids: &[ApiKeyId], is_written: bool) {
        let Some(allegiance) = &self.allegiance else {
            return;
        };
        if ids.is_empty() {
            return;
        }
        allegiance.follower.keys_revoked(ids);
        let mut call = redis::pipe();
        for id in ids {
            let called = hearing::call(id, is_written);
            call.cmd("PUBLISH").arg(CHANNEL).arg(called).ignore();
        }
        let home = self.server.home(CHANNEL);
        let called: Result<(), _> = self.server.within(home.ask_all(&call)).await;
        if let Err(error) = called {
            tracing::warn!(%error, "a revocation could not be called out to other replicas");
        }
    }

    /// What comes of revoking an owner's keys where the server refused.
    pub(super) async fn block(
        &self,
        owner: &OwnerTag,
        revocations: &[Revocation],
        error: StoreError,
    ) -> StoreError {
        let (Some(_), StoreError::Full(why)) = (&self.allegiance, &error) else {
            return error;
        };
        let mut blocked = Vec::new();
        for revocation in revocations {
            let id = revocation.id;
            let value = self.server.within(self.get(&layout::record(&id))).await;
            let is_theirs = value
                .ok()
                .flatten()
                .and_then(|value| Filed::read(&id, value).ok())
                .is_some_and(|filed| filed.owner == *owner);
            let ending = Ending::Key(*owner, revocation.clone());
            if is_theirs && self.unwritten.wait(id, ending) {
                blocked.push(id);
            }
        }
        self.call_out(&blocked, false).await;
        refused_meanwhile(why, blocked.len())
    }

    /// The same for a key of rusty-valkey-forward-auth.
    pub(super) async fn block_seed(
        &self,
        subject: &str,
        id: &ApiKeyId,
        error: StoreError,
    ) -> StoreError {
        let (Some(_), StoreError::Full(why)) = (&self.allegiance, &error) else {
            return error;
        };
        let mut question = redis::cmd("HGET");
        let name = layout::seed_record(id);
        question.arg(&name).arg("sub");
        let asked = self.server.home(&name).ask::<Option<String>>(&question);
        let whose = self.server.within(asked).await.ok().flatten();
        if whose.as_deref() != Some(subject)
            || self.has_moved(id).await
            || !self.unwritten.wait(*id, Ending::Seed(subject.to_owned()))
        {
            return error;
        }
        self.call_out(&[*id], false).await;
        refused_meanwhile(why, 1)
    }

    /// Writes what waits; gives how many revocations that were.
    pub(super) async fn write_unwritten(&self) -> Result<usize, StoreError> {
        let mut written = 0;
        for (id, ending) in self.unwritten.all() {
            self.server.within(self.end(&id, ending)).await?;
            self.unwritten.is_over(&id);
            written += 1;
        }
        Ok(written)
    }

    async fn end(&self, id: &ApiKeyId, ending: Ending) -> Result<(), StoreError> {
        match ending {
            Ending::Key(owner, revocation) => self.revoke(&owner, &[revocation]).await.map(drop),
            Ending::Seed(subject) => self.revoke_seed(&subject, id).await.map(drop),
            Ending::Heard => {
                let mut names = vec![layout::record(id)];
                if id.is_seed() {
                    names.push(layout::seed_record(id));
                }
                for name in names {
                    let home = self.server.home(&name);
                    let _: u64 = home.ask(redis::cmd("UNLINK").arg(&name)).await?;
                }
                Ok(())
            }
        }
    }
}

fn refused_meanwhile(why: &str, count: usize) -> StoreError {
    if count == 0 {
        return StoreError::Full(why.to_owned());
    }
    StoreError::Full(format!(
        "{why}; {count} of the keys are refused by every replica that runs, and removed as soon as the server \
         takes writes again"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_best_of_a_key_waits() {
        let unwritten = Unwritten::default();
        let id = ApiKeyId::parse("00abcdefghABCDEF").unwrap();
        unwritten.heard(id);
        assert!(matches!(unwritten.all()[..], [(_, Ending::Heard)]));
        assert!(unwritten.wait(id, Ending::Seed("alice".to_owned())));
        unwritten.heard(id);
        assert!(matches!(unwritten.all()[..], [(_, Ending::Seed(_))]));
        unwritten.is_over(&id);
        assert!(unwritten.all().is_empty());
    }
}
