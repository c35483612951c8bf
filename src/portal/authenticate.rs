//! Who asks: the portal's only view of how credentials are proven.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::api_key::ApiKeyId;
use crate::domain::identity::Identity;
use crate::domain::reason::Reason;
use crate::domain::request::Headers;
use crate::domain::time::Timestamp;
use crate::identity::HeldSession;

/// Somebody whose credential was proven just now.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is, by which kind of credential.
    pub identity: Arc<Identity>,
    /// When the key ends that proved it, where a key did and ends at all: what
    /// it mints ends no later.
    pub key_expires_at: Option<Timestamp>,
    /// The session whose cookie proved it, where one did.
    pub session: Option<Arc<HeldSession>>,
}

impl Caller {
    /// Whoever holds the cookie of a session.
    pub(super) fn in_session(held: Box<HeldSession>) -> Self {
        Self {
            identity: Arc::clone(&held.identity),
            key_expires_at: None,
            session: Some(Arc::from(held)),
        }
    }
}

/// Nobody: why the credential proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Why. Answers tell apart its outcomes and no more.
    pub reason: Reason,
    /// The key that was presented, where one could be read: for the log.
    pub key_id: Option<ApiKeyId>,
}

impl From<Reason> for Refused {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            key_id: None,
        }
    }
}

/// Proves credentials for the portal: API keys as at the gate, and JWTs of
/// issuers that open the portal, whose audiences are not those of gates.
///
/// It reads `Authorization` and the key header, and nothing else: no query
/// string, and no cookie, which counts only where no credential is presented. Whatever else is missing (a scope, being an administrator)
/// is none of its business.
#[async_trait(?Send)]
pub trait Authenticate: Send + Sync {
    /// Finds and proves the one credential among the headers.
    ///
    /// # Errors
    /// [`Reason::NoCredential`] where there is none; any other reason where it
    /// does not prove anybody, or where that cannot be told at the moment.
    async fn authenticate(&self, headers: &dyn Headers) -> Result<Caller, Refused>;
}
