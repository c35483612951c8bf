//! One event for each change: who did what to which key. Never a secret.

use std::fmt::Display;

use crate::http::request_id;
use crate::keys::KeysOf;

/// What was done.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Mint,
    Edit,
    Rotate,
    Revoke,
    StartRevocation,
    Restore,
    RevokeAll,
}

impl Change {
    fn as_str(self) -> &'static str {
        match self {
            Self::Mint => "mint",
            Self::Edit => "edit",
            Self::Rotate => "rotate",
            Self::Revoke => "revoke",
            Self::StartRevocation => "start_revocation",
            Self::Restore => "restore",
            Self::RevokeAll => "revoke_all",
        }
    }
}

/// Notes a change to one key.
pub(super) fn note(change: Change, keys: &KeysOf<'_>, key_id: impl Display) {
    tracing::info!(
        change = change.as_str(),
        actor = %keys.actor().name,
        subject = %keys.owner(),
        key.id = %key_id,
        request.id = request_id::current(),
        "a key was changed"
    );
}

/// Notes the end of all of an owner's keys.
pub(super) fn note_all(keys: &KeysOf<'_>, count: usize) {
    tracing::info!(
        change = Change::RevokeAll.as_str(),
        actor = %keys.actor().name,
        subject = %keys.owner(),
        count,
        request.id = request_id::current(),
        "all keys of an owner were revoked"
    );
}
