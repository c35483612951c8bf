//! Who somebody is, once it is proven, and by which kind of credential.

use super::api_key::ApiKeyId;
use super::subject::{GroupName, Owner, Scope, Tenant};

/// The kind of credential that proved an identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CredentialKind {
    /// A key that was minted here, or by the service that we replace.
    ApiKey,
    /// A signed token of a configured issuer.
    Jwt,
    /// The cookie of a browser that somebody signed in with.
    Session,
}

impl CredentialKind {
    /// The name in settings, headers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Jwt => "jwt",
            Self::Session => "session",
        }
    }
}

/// A proven identity: what the upstream may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who it is, within the realm of the issuer that says so.
    pub owner: Owner,
    /// The organisation.
    pub tenant: Tenant,
    /// The groups that the issuer last named.
    pub groups: Vec<GroupName>,
    /// What the credential itself permits.
    pub scopes: Vec<Scope>,
    /// An address to show, never to decide by.
    pub email: Option<String>,
    /// A name to show, never to decide by.
    pub name: Option<String>,
    /// Whether a group of its issuer's `admin_groups` is among the groups.
    pub admin: bool,
    /// The kind of credential that proved it.
    pub method: CredentialKind,
    /// The public id of the key that proved it, where a key did.
    pub key_id: Option<ApiKeyId>,
}

impl Identity {
    /// Whether a held scope satisfies the demand.
    pub fn holds_scope(&self, wanted: &Scope) -> bool {
        self.scopes.iter().any(|held| held.grants(wanted))
    }

    /// Whether the group is among those that the issuer named.
    pub fn is_in_group(&self, wanted: &GroupName) -> bool {
        self.groups.contains(wanted)
    }
}
