//! What the server pushes, applied in place.

use std::sync::Arc;

use redis::{PushInfo, PushKind, Value};

use super::layout;
use super::unwritten::Unwritten;
use crate::domain::api_key::ApiKeyId;
use crate::domain::disabled;
use crate::store::Copies;

/// The prefixes of names whose changes are told: keys, owners, disabled owners,
/// keys of rusty-valkey-forward-auth. Rarely written all of them.
pub(super) const PREFIXES: [&str; 4] = ["gl:k:", "gl:p:", "gl:d:", "auth:token:"];

/// Where the ids of revoked keys are called out: heard by every live replica of
/// ours, also while the server takes no writes.
pub(super) const CHANNEL: &str = "gl:revoke";

/// Stands behind an id whose revocation the server did not take.
const UNWRITTEN: &str = " unwritten";

/// What is called out of a revoked key.
pub(super) fn call(id: &ApiKeyId, is_written: bool) -> String {
    format!("{id}{}", if is_written { "" } else { UNWRITTEN })
}

/// Listens on behalf of whoever keeps copies.
pub(super) struct Ears {
    pub copies: Arc<dyn Copies>,
    pub unwritten: Arc<Unwritten>,
}

impl Ears {
    /// Called for each push, in the order of the line.
    pub fn hear(&self, push: &PushInfo) {
        match (&push.kind, push.data.as_slice()) {
            (PushKind::Invalidate, [Value::Array(names)]) => {
                for name in names {
                    self.changed(name);
                }
            }
            // The server was emptied, or does not know any more what it told.
            (PushKind::Invalidate, _) => {
                self.copies.all_changed();
            }
            (PushKind::Message, [_, Value::BulkString(called)]) => self.called(called),
            _ => {}
        }
    }

    fn called(&self, called: &[u8]) {
        let Some(called) = text(called) else {
            return;
        };
        let written = called.strip_suffix(UNWRITTEN);
        let Some(id) = ApiKeyId::parse(written.unwrap_or(called)) else {
            return;
        };
        self.copies.key_revoked(&id);
        if written.is_some() {
            self.unwritten.heard(id);
        }
    }

    /// A name that cannot be read may stand for anything.
    fn changed(&self, name: &Value) {
        let name = match name {
            Value::BulkString(name) => text(name),
            Value::SimpleString(name) => Some(name.as_str()),
            _ => None,
        };
        let told = name.and_then(|name| {
            if let Some(owner) = layout::principal_owner(name).or_else(|| disabled::owner_in(name))
            {
                self.copies.owner_changed(&owner);
            } else {
                let id = layout::seed_id(name).or_else(|| layout::record_id(name))?;
                self.copies.key_changed(&id);
            }
            Some(())
        });
        if told.is_none() {
            self.copies.all_changed();
        }
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}
