//! Which events somebody wants to see.

use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::audit::{Action, Event, EventList};
use crate::domain::subject::{Owner, Tenant};
use crate::domain::time::Timestamp;

/// What events must be like to be shown. What is absent does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Done by them, in person or through one of their keys.
    pub actor: Option<String>,
    /// Done to them or theirs.
    pub owner: Option<Owner>,
    /// Done to this key.
    pub key_id: Option<ApiKeyId>,
    /// What was done.
    pub action: Option<Action>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
}

impl EventFilter {
    /// The shortest list that holds all that is wanted.
    pub fn list(&self, tenant: &Tenant) -> EventList {
        match (&self.key_id, &self.owner) {
            (Some(id), _) => EventList::Key(*id),
            (None, Some(owner)) => EventList::Owner(OwnerTag::new(tenant, owner)),
            (None, None) => EventList::Tenant(tenant.clone()),
        }
    }

    /// Whether an event is wanted. Times are left to the list.
    pub(super) fn wants(&self, event: &Event) -> bool {
        let what = &event.what;
        self.action.is_none_or(|action| action == what.action)
            && self.key_id.is_none_or(|id| what.key_id == Some(id))
            && self
                .owner
                .as_ref()
                .is_none_or(|owner| what.owner.as_ref() == Some(owner))
            && self
                .actor
                .as_ref()
                .is_none_or(|actor| is_by(&what.actor, actor))
    }

    /// Whether an event that cannot be read may be one of those wanted.
    pub(super) fn wants_unreadable(&self) -> bool {
        self.action.is_none() && self.actor.is_none() && self.key_id.is_none()
    }
}

/// `alice` also acts as `key <id> of alice`.
fn is_by(name: &str, actor: &str) -> bool {
    name == actor
        || name
            .strip_prefix("key ")
            .and_then(|rest| rest.split_once(" of "))
            .is_some_and(|(_, owner)| owner == actor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_acts_in_person_and_through_their_keys() {
        assert!(is_by("corp:alice", "corp:alice"));
        assert!(is_by("key 00abcdefghABCDEF of corp:alice", "corp:alice"));
        for other in [
            "corp:bob",
            "key 00abcdefghABCDEF of corp:bob",
            "corp:alice2",
        ] {
            assert!(!is_by(other, "corp:alice"), "{other}");
        }
    }
}
