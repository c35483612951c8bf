//! What a check finds that is worth putting right, done in the background: a
//! hash under a former salt, what an issuer says of an owner, and an owner
//! without a record or with a former one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc;

use crate::domain::api_key::OwnerTag;
use crate::domain::api_key::record::ApiKey;
use crate::domain::identity::Identity;
use crate::domain::salt::Salts;
use crate::domain::subject::{Owner, Tenant};
use crate::domain::time::Clock;
use crate::identity::{OwnerError, Owners, Profile};
use crate::store::keys::NewRecord;
use crate::store::{Store, StoreError};

/// How much may wait; what does not fit is found again at the next check.
const WAITING_MAX: usize = 1_024;
/// How many owners are remembered as written down.
const REMEMBERED_MAX: usize = 10_000;
/// After what time an unchanged owner is written down again.
const REMEMBERED_FOR: Duration = Duration::from_mins(10);

/// A record whose hash moves under the active salt.
#[derive(Debug)]
pub struct Rehash {
    /// The record with its new hash.
    pub renewed: ApiKey,
    /// The record as it was.
    pub expected: Vec<u8>,
}

#[derive(Debug)]
enum Task {
    Rehash(Box<Rehash>),
    Vouched(Arc<Identity>),
    Unknown(Tenant, Owner),
}

/// What was written down of whom, and when (monotonic).
type Remembered = HashMap<OwnerTag, (Arc<Identity>, Duration)>;

/// Takes notes of what is to be done.
#[derive(Clone)]
pub struct Upkeep {
    tasks: mpsc::Sender<Task>,
    seen: Arc<Mutex<Remembered>>,
    clock: Arc<dyn Clock>,
}

/// Does it.
pub struct UpkeepWorker {
    tasks: mpsc::Receiver<Task>,
    store: Arc<dyn Store>,
    salts: Salts,
    owners: Arc<Owners>,
}

impl Upkeep {
    /// The two ends.
    pub fn new(
        store: Arc<dyn Store>,
        salts: Salts,
        owners: Arc<Owners>,
        clock: Arc<dyn Clock>,
    ) -> (Self, UpkeepWorker) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let upkeep = Self {
            tasks: sender,
            seen: Arc::default(),
            clock,
        };
        (
            upkeep,
            UpkeepWorker {
                tasks: receiver,
                store,
                salts,
                owners,
            },
        )
    }

    /// Notes that a record's hash is to move.
    pub(super) fn rehash(&self, rehash: Rehash) {
        // Full means that the next check of this key notes it again.
        let _ = self.tasks.try_send(Task::Rehash(Box::new(rehash)));
    }

    /// Notes that an owner has no record, or one without their name or under a
    /// former salt: with a good one, a check of their keys need not ask each time
    /// whether they are disabled all the same, they are found in the list of all,
    /// and their keys outlive the salt.
    pub(super) fn unknown(&self, tenant: &Tenant, owner: &Owner) {
        let unknown = Task::Unknown(tenant.clone(), owner.clone());
        let _ = self.tasks.try_send(unknown);
    }

    /// Notes what an issuer said of somebody, unless it was written down lately.
    pub(super) fn vouched(&self, identity: &Arc<Identity>) {
        let tag = OwnerTag::new(&identity.tenant, &identity.owner);
        let now = self.clock.monotonic();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, at)) = seen.get(&tag)
            && says_the_same(known, identity)
            && now.saturating_sub(*at) < REMEMBERED_FOR
        {
            return;
        }
        if self
            .tasks
            .try_send(Task::Vouched(Arc::clone(identity)))
            .is_ok()
        {
            if seen.len() >= REMEMBERED_MAX {
                seen.clear();
            }
            seen.insert(tag, (Arc::clone(identity), now));
        }
    }
}

fn says_the_same(one: &Identity, other: &Identity) -> bool {
    one.groups == other.groups
        && one.admin == other.admin
        && one.email == other.email
        && one.name == other.name
}

impl UpkeepWorker {
    /// Works until all ends that take notes are gone.
    pub async fn run(mut self) {
        while let Some(task) = self.tasks.recv().await {
            let done = match task {
                Task::Rehash(rehash) => self.rehash(&rehash).await.map_err(OwnerError::Store),
                Task::Vouched(identity) => self.write_principal(&identity).await,
                Task::Unknown(tenant, owner) => self.owners.introduce(&tenant, &owner).await,
            };
            if let Err(error) = done {
                tracing::warn!(%error, "upkeep was put off");
            }
        }
    }

    async fn rehash(&self, rehash: &Rehash) -> Result<(), StoreError> {
        let key = &rehash.renewed;
        let record = NewRecord {
            id: key.id,
            owner: key.owner_tag(),
            record: key.seal(&self.salts),
            created_at: key.created_at,
            expires_at: key.expires_at,
        };
        // A record that changed meanwhile is rehashed at its next check.
        self.store.replace_key(&rehash.expected, &record).await?;
        Ok(())
    }

    /// Writes what the issuer says and keeps what it does not know.
    async fn write_principal(&self, identity: &Identity) -> Result<(), OwnerError> {
        let profile = Profile::of(identity);
        self.owners
            .vouch(&identity.tenant, &identity.owner, &profile)
            .await
            .map(drop)
    }
}
