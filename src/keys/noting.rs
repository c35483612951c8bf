//! What the audit trail is told about keys.

use super::access::KeysOf;
use crate::domain::api_key::ApiKeyId;
use crate::domain::api_key::record::ApiKey;
use crate::domain::audit::{Action, NewEvent};
use crate::domain::subject::Scope;
use crate::domain::time::Timestamp;

impl KeysOf<'_> {
    /// An event about one of these keys, by whoever acts.
    pub(super) fn event(&self, action: Action, id: ApiKeyId) -> NewEvent {
        let origin = &self.actor.origin;
        let event = NewEvent::new(action, self.tenant.clone(), &self.actor.name, origin)
            .owner(self.owner.clone())
            .key(id);
        match &self.reason {
            Some(reason) => event.detail("reason", reason),
            None => event,
        }
    }

    pub(super) async fn note(&self, event: NewEvent) {
        self.service.audit.note(event).await;
    }

    /// A key was made.
    pub(super) async fn note_minted(&self, key: &ApiKey) {
        let mut event = self
            .event(Action::KeyMinted, key.id)
            .detail("name", &key.name)
            .detail("scopes", scopes(&key.scopes))
            .detail("expires_at", end(key.expires_at));
        if let Some(from) = key.rotated_from {
            event = event.detail("rotated_from", from);
        }
        self.note(event).await;
    }

    /// A key took the place of another.
    pub(super) async fn note_rotated(&self, superseded: &ApiKey, successor: &ApiKey) {
        let event = self
            .event(Action::KeyRotated, superseded.id)
            .detail("name", &superseded.name)
            .detail("rotated_to", successor.id)
            .detail("grace_until", end(superseded.grace_until));
        self.note(event).await;
        self.note_minted(successor).await;
    }

    /// A key was changed: one event for each kind of change.
    pub(super) async fn note_changes(&self, before: &ApiKey, after: &ApiKey) {
        for event in self.changes(before, after) {
            self.note(event).await;
        }
    }

    fn changes(&self, before: &ApiKey, after: &ApiKey) -> Vec<NewEvent> {
        let mut events = Vec::new();
        if before.name != after.name {
            let event = self.event(Action::KeyRenamed, after.id);
            events.push(event.detail("from", &before.name).detail("to", &after.name));
        }
        let mut narrowed = self
            .event(Action::KeyNarrowed, after.id)
            .detail("name", &after.name);
        if before.scopes != after.scopes {
            narrowed = narrowed
                .detail("scopes_before", scopes(&before.scopes))
                .detail("scopes", scopes(&after.scopes));
        }
        if before.bounds != after.bounds {
            let (before, after) = (&before.bounds, &after.bounds);
            narrowed = narrowed
                .detail("hosts", texts(&after.hosts))
                .detail("methods", texts(&after.methods))
                .detail("paths", texts(&after.paths))
                .detail("networks", texts(&after.networks))
                .detail("was_bound", !before.is_any());
        }
        if before.expires_at != after.expires_at {
            narrowed = narrowed
                .detail("expires_at_before", end(before.expires_at))
                .detail("expires_at", end(after.expires_at));
        }
        if before.bounds != after.bounds {
            narrowed = narrowed.detail("bounds", format_args!("{:?}", after.bounds));
        }
        if narrowed.details.len() > 1 {
            events.push(narrowed);
        }
        let switched = match (&before.disabled, &after.disabled) {
            (None, Some(_)) => Some(Action::KeyDisabled),
            (Some(_), None) => Some(Action::KeyEnabled),
            _ => None,
        };
        if let Some(action) = switched {
            events.push(self.event(action, after.id).detail("name", &after.name));
        }
        events
    }

    /// A key was revoked for good.
    pub(super) async fn note_revoked(&self, id: ApiKeyId, name: &str) {
        self.note(self.event(Action::KeyRevoked, id).detail("name", name))
            .await;
    }
}

/// Entries of a list as one text, for reading.
fn texts<T: ToString>(entries: &[T]) -> String {
    let texts: Vec<_> = entries.iter().map(T::to_string).collect();
    texts.join(" ")
}

fn scopes(scopes: &[Scope]) -> String {
    let texts: Vec<_> = scopes.iter().map(Scope::as_str).collect();
    texts.join(" ")
}

fn end(end: Option<Timestamp>) -> String {
    end.map_or_else(|| "never".to_owned(), |end| end.to_string())
}
