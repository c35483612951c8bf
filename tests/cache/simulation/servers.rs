//! Servers: a primary, and those that were one.

use std::sync::{Arc, Mutex};

use gatelodge::cache::LookedUp;
use gatelodge::domain::api_key::record::{ApiKey, Proof};
use gatelodge::domain::api_key::{ApiKeyId, OwnerTag};
use gatelodge::domain::evidence::FiledKey;
use gatelodge::domain::matching::RequestMatch;
use gatelodge::domain::principal::Principal;
use gatelodge::domain::subject::{Owner, Realm, Realms, Subject, Tenant};
use gatelodge::domain::time::Timestamp;

/// How many keys there are; the last one is never there.
pub const KEYS: usize = 4;
/// How many owners they have.
pub const OWNERS: usize = 2;

/// What a server holds of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    pub is_alive: bool,
    pub version: u64,
}

/// What was read of a key: its version and its owner's; nothing where it is gone.
pub type Read = Option<(u64, u64)>;

/// One server.
#[derive(Clone)]
pub struct Server {
    pub keys: [Record; KEYS],
    pub owners: [u64; OWNERS],
    /// It answers nothing.
    pub is_frozen: bool,
    /// Another one took its place, and it does not know.
    pub is_cut_off: bool,
}

impl Server {
    pub fn new() -> Self {
        let record = |key| Record {
            is_alive: key < KEYS - 1,
            version: 0,
        };
        Self {
            keys: std::array::from_fn(record),
            owners: [0; OWNERS],
            is_frozen: false,
            is_cut_off: false,
        }
    }

    pub fn read(&self, key: usize) -> Read {
        let record = self.keys[key];
        record
            .is_alive
            .then(|| (record.version, self.owners[owner_of(key)]))
    }
}

/// Whose a key is.
pub fn owner_of(key: usize) -> usize {
    key % OWNERS
}

/// Names of keys and owners, made once.
pub struct Names {
    pub ids: [ApiKeyId; KEYS],
    pub owners: [Owner; OWNERS],
}

impl Names {
    pub fn new() -> Arc<Self> {
        let id = |key| ApiKeyId::parse(&format!("00{key:014}")).unwrap();
        let owner = |owner| {
            let subject = Subject::parse(&format!("owner-{owner}")).unwrap();
            Owner::new(Realm::bare(), subject, &Realms::new([])).unwrap()
        };
        Arc::new(Self {
            ids: std::array::from_fn(id),
            owners: std::array::from_fn(owner),
        })
    }

    pub fn tag(&self, owner: usize) -> OwnerTag {
        OwnerTag::new(&Tenant::default(), &self.owners[owner])
    }

    pub fn key_of(&self, id: &ApiKeyId) -> usize {
        self.ids.iter().position(|known| known == id).unwrap()
    }

    /// As the gate would have it: the versions stand where a name and an address do.
    pub fn look_up(&self, key: usize, read: Read) -> Option<Arc<LookedUp>> {
        let (version, owner_version) = read?;
        let record = ApiKey {
            id: self.ids[key],
            tenant: Tenant::default(),
            owner: self.owners[owner_of(key)].clone(),
            proof: Proof::Id,
            name: version.to_string(),
            scopes: Vec::new(),
            bounds: RequestMatch::default(),
            created_at: Timestamp::EPOCH,
            created_by: String::new(),
            expires_at: None,
            disabled: None,
            revocation: None,
            rotated_from: None,
            rotated_to: None,
            grace_until: None,
        };
        let principal = Principal {
            email: Some(owner_version.to_string()),
            ..Principal::default()
        };
        Some(Arc::new(LookedUp {
            filed: FiledKey::new(record, Some(principal)),
            record: None,
        }))
    }
}

/// The versions back out of what was looked up.
pub fn versions(known: &LookedUp) -> (u64, u64) {
    let email = known.filed.identity().email.as_deref().unwrap();
    (
        known.filed.key().name.parse().unwrap(),
        email.parse().unwrap(),
    )
}

/// What is asked of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    Read(usize),
    /// Whether it is the one to ask, for who noted that line.
    Confirm(u64),
}

/// An answer, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Read(Read),
    Confirmed,
    Failed,
}

/// A question under way.
#[derive(Debug)]
pub struct Call {
    pub question: Question,
    pub server: usize,
    /// Said by the server, not yet heard.
    pub said: Option<Answer>,
    pub heard: Option<Answer>,
}

/// The questions of one process.
pub type Calls = Arc<Mutex<Vec<Arc<Mutex<Call>>>>>;
