//! What happened to keys, sessions and accounts: who did it, when, from where.
//!
//! An event holds nothing secret and is never changed. It is sealed under its
//! own id, so that a writer of the store without the salt can neither make one
//! up nor change one; that one is taken away is out of the seal's reach.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use minicbor::{Decode, Encode};

use super::api_key::record::BadRecord;
use super::api_key::{ApiKeyId, OwnerTag};
use super::envelope;
use super::event_id::EventId;
use super::record_name::shard_of;
use super::salt::Salts;
use super::subject::{Owner, Tenant};
use super::time::Timestamp;

/// Longest text among the details of an event, in bytes; the rest is cut off.
pub const DETAIL_BYTES_MAX: usize = 512;
/// Most details of one event.
pub const DETAILS_MAX: usize = 16;

/// Makes the enum and its words from one list.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)+) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)+
        }

        impl Action {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word in answers, tables and records.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

actions! {
    /// A key was made.
    KeyMinted = "key.minted",
    /// A key got another name.
    KeyRenamed = "key.renamed",
    /// A key lost rights, or ends earlier.
    KeyNarrowed = "key.narrowed",
    /// A key was taken out of use for the time being.
    KeyDisabled = "key.disabled",
    /// A key was put back in use.
    KeyEnabled = "key.enabled",
    /// A key was revoked, and this can still be taken back.
    KeyRevocationStarted = "key.revocation_started",
    /// A revocation was taken back.
    KeyRevocationUndone = "key.revocation_undone",
    /// A key was revoked for good.
    KeyRevoked = "key.revoked",
    /// A new key took the place of an old one.
    KeyRotated = "key.rotated",
    /// Somebody signed in.
    SessionStarted = "session.started",
    /// A session was ended.
    SessionEnded = "session.ended",
    /// Somebody could not sign in.
    SessionRefused = "session.refused",
    /// An account was made.
    AccountCreated = "account.created",
    /// A link to set the first password was made.
    AccountInvited = "account.invited",
    /// A link to set a new password was made.
    AccountReset = "account.reset",
    /// An account's name, address, groups or rights were changed.
    AccountChanged = "account.changed",
    /// An account was taken out of use.
    AccountDisabled = "account.disabled",
    /// An account was put back in use.
    AccountEnabled = "account.enabled",
    /// An account was removed.
    AccountDeleted = "account.deleted",
    /// A password was changed.
    AccountPasswordChanged = "account.password_changed",
    /// Everything of an owner is refused from now on.
    OwnerDisabled = "owner.disabled",
    /// An owner is let in again.
    OwnerEnabled = "owner.enabled",
}

impl Action {
    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|action| action.as_str() == text)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where a change came from, as far as it is known. The command line has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of whoever asked.
    pub address: Option<IpAddr>,
    /// The request, as the log knows it.
    pub request_id: Option<String>,
    /// The public id of the session through which they asked.
    pub session_id: Option<String>,
}

/// Short texts about what was done, by name.
pub type Details = BTreeMap<String, String>;

/// What happened, before it has its place among events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// What was done.
    pub action: Action,
    /// In which organisation.
    pub tenant: Tenant,
    /// Who did it, as text: the owner, `key <id> of <owner>`, `command line`.
    pub actor: String,
    /// To whom, or whose thing it was.
    pub owner: Option<Owner>,
    /// To which key.
    pub key_id: Option<ApiKeyId>,
    /// To which session; otherwise through which.
    pub session_id: Option<String>,
    /// The address of whoever asked.
    pub address: Option<IpAddr>,
    /// The request, as the log knows it.
    pub request_id: Option<String>,
    /// What else is worth knowing. Never a secret.
    pub details: Details,
}

impl NewEvent {
    /// An event without anything that need not be known.
    pub fn new(action: Action, tenant: Tenant, actor: impl Into<String>, origin: &Origin) -> Self {
        Self {
            action,
            tenant,
            actor: actor.into(),
            owner: None,
            key_id: None,
            session_id: origin.session_id.clone(),
            address: origin.address,
            request_id: origin.request_id.clone(),
            details: Details::new(),
        }
    }

    /// About that owner.
    #[must_use]
    pub fn owner(mut self, owner: Owner) -> Self {
        self.owner = Some(owner);
        self
    }

    /// About that key.
    #[must_use]
    pub fn key(mut self, id: ApiKeyId) -> Self {
        self.key_id = Some(id);
        self
    }

    /// About that session, by its public id.
    #[must_use]
    pub fn session(mut self, id: impl Into<String>) -> Self {
        self.session_id = Some(id.into());
        self
    }

    /// With a detail; what is beyond [`DETAIL_BYTES_MAX`] is cut off.
    #[must_use]
    pub fn detail(mut self, name: &str, value: impl fmt::Display) -> Self {
        let mut value = value.to_string();
        if value.len() > DETAIL_BYTES_MAX {
            value.truncate(value.floor_char_boundary(DETAIL_BYTES_MAX));
        }
        if self.details.len() < DETAILS_MAX {
            self.details.insert(name.to_owned(), value);
        }
        self
    }

    /// The lists that it stands in.
    pub fn lists(&self) -> Vec<EventList> {
        let tag = |owner: &Owner| EventList::Owner(OwnerTag::new(&self.tenant, owner));
        std::iter::once(EventList::Tenant(self.tenant.clone()))
            .chain(self.owner.as_ref().map(tag))
            .chain(self.key_id.map(EventList::Key))
            .collect()
    }
}

/// What happened, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place among events.
    pub id: EventId,
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub what: NewEvent,
}

/// A list of events. Each event stands in several.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventList {
    /// All of an organisation.
    Tenant(Tenant),
    /// Those of one owner.
    Owner(OwnerTag),
    /// Those of one key.
    Key(ApiKeyId),
}

impl EventList {
    /// Its name in a store.
    pub fn full(&self) -> String {
        match self {
            Self::Tenant(tenant) => format!("gl:a:{{{}}}:t:{tenant}", shard_of(tenant.as_str())),
            Self::Owner(owner) => format!("gl:a:{{{}}}:o:{owner}", owner.shard()),
            Self::Key(id) => format!("gl:a:{{{}}}:k:{id}", id.shard()),
        }
    }
}

#[derive(Encode, Decode)]
#[cbor(map)]
struct Wire {
    #[n(0)]
    at: u64,
    #[n(1)]
    action: String,
    #[n(2)]
    tenant: String,
    #[n(3)]
    actor: String,
    #[n(4)]
    realm: Option<String>,
    #[n(5)]
    subject: Option<String>,
    #[n(6)]
    key_id: Option<String>,
    #[n(7)]
    session_id: Option<String>,
    #[n(8)]
    address: Option<String>,
    #[n(9)]
    request_id: Option<String>,
    #[n(10)]
    details: Details,
}

impl Event {
    /// Encodes and seals the event under the active salt.
    pub fn seal(&self, salts: &Salts) -> Vec<u8> {
        let what = &self.what;
        let owner = what.owner.as_ref();
        let wire = Wire {
            at: self.at.as_millis(),
            action: what.action.as_str().to_owned(),
            tenant: what.tenant.as_str().to_owned(),
            actor: what.actor.clone(),
            realm: owner.map(|owner| owner.realm().as_str().to_owned()),
            subject: owner.map(|owner| owner.subject().as_str().to_owned()),
            key_id: what.key_id.map(|id| id.to_string()),
            session_id: what.session_id.clone(),
            address: what.address.map(|address| address.to_string()),
            request_id: what.request_id.clone(),
            details: what.details.clone(),
        };
        let mut payload = Vec::with_capacity(256);
        // Writing to a vector cannot fail.
        let _ = minicbor::encode(&wire, &mut payload);
        envelope::seal(salts, &name(self.id), &payload)
    }

    /// Opens and decodes the event of that id.
    ///
    /// # Errors
    /// Fails for one that cannot be trusted or read.
    pub fn open(salts: &Salts, id: EventId, bytes: &[u8]) -> Result<Self, BadRecord> {
        let payload = envelope::open(salts, &name(id), bytes)?;
        let wire: Wire = minicbor::decode(payload).map_err(|_| BadRecord::Unreadable)?;
        wire.into_event(id).ok_or(BadRecord::Unreadable)
    }
}

impl Wire {
    fn into_event(self, id: EventId) -> Option<Event> {
        let owner = match (self.realm, self.subject) {
            (Some(realm), Some(subject)) => Some(Owner::from_record(&realm, &subject).ok()?),
            _ => None,
        };
        Some(Event {
            id,
            at: Timestamp::from_millis(self.at)?,
            what: NewEvent {
                action: Action::parse(&self.action)?,
                tenant: Tenant::parse(&self.tenant).ok()?,
                actor: self.actor,
                owner,
                key_id: self.key_id.as_deref().and_then(ApiKeyId::parse),
                session_id: self.session_id,
                address: self.address.and_then(|text| text.parse().ok()),
                request_id: self.request_id,
                details: self.details,
            },
        })
    }
}

fn name(id: EventId) -> String {
    format!("gl:a:{id}")
}

#[cfg(test)]
mod tests {
    use super::super::api_key::record::tests::{key, salts};
    use super::*;

    fn event() -> Event {
        let at = Timestamp::from_millis(1_795_521_600_123).unwrap();
        let origin = Origin {
            address: Some([192, 0, 2, 7].into()),
            request_id: Some("5f0c-1".to_owned()),
            session_id: None,
        };
        Event {
            id: EventId::new(at, [7; 10]),
            at,
            what: NewEvent::new(Action::KeyRenamed, Tenant::default(), "corp:alice", &origin)
                .owner(key().owner)
                .key(key().id)
                .detail("from", "ci")
                .detail("to", "ä".repeat(300)),
        }
    }

    #[test]
    fn an_event_reads_as_it_was_written_and_under_no_other_id() {
        let sealed = event().seal(&salts());
        assert_eq!(Event::open(&salts(), event().id, &sealed), Ok(event()));
        let other = EventId::new(event().at, [8; 10]);
        assert!(Event::open(&salts(), other, &sealed).is_err());
        assert_eq!(event().what.details["to"].len(), DETAIL_BYTES_MAX);
    }

    #[test]
    fn every_action_is_read_as_it_is_written() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.as_str()), Some(*action));
        }
        assert_eq!(Action::parse("key"), None);
    }

    #[test]
    fn an_event_stands_with_its_organisation_its_owner_and_its_key() {
        let names: Vec<_> = event().what.lists().iter().map(EventList::full).collect();
        assert!(names[0].ends_with(":t:default"), "{names:?}");
        assert!(names[1].contains(&key().owner_tag().to_string()));
        assert!(names[2].ends_with(&key().id.to_string()));
    }
}
