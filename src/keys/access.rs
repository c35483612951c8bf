//! Who may do what to whose keys: a handle that can do only what its holder may.

use crate::domain::api_key::expiry::ExpiryWish;
use crate::domain::api_key::record::ApiKey;
use crate::domain::api_key::{ApiKeyId, OwnerTag};
use crate::domain::audit::Origin;
use crate::domain::subject::{Owner, Scope, Tenant};
use crate::domain::time::Timestamp;

use super::error::KeyError;
use super::replay::Repeatable;
use super::service::KeyService;

/// What somebody may hand on to a key.
#[derive(Clone, Debug)]
pub enum Grants {
    /// Everything: whoever has the command line has the store and the salt.
    Everything,
    /// A person, by a token: what the token grants, management of their own
    /// keys, and, as an administrator, everything.
    Person {
        /// The token's scopes.
        scopes: Vec<Scope>,
        /// Whether an administrator.
        admin: bool,
    },
    /// A key: never more than it has itself, never longer than it lives, and
    /// never one of our own scopes.
    Key {
        /// The key.
        id: ApiKeyId,
        /// Its scopes.
        scopes: Vec<Scope>,
        /// Its end.
        expires_at: Option<Timestamp>,
    },
}

impl Grants {
    /// Checks what a new key shall permit, and gives when it shall end.
    pub(super) fn check(
        &self,
        wanted: &[Scope],
        expiry: ExpiryWish,
        resolved: Option<Timestamp>,
    ) -> Result<ExpiryWish, KeyError> {
        if let Some(scope) = wanted.iter().find(|scope| !self.may_grant(scope)) {
            return Err(KeyError::NotGrantable {
                scope: scope.clone(),
            });
        }
        let Some(latest) = self.latest_end() else {
            return Ok(expiry);
        };
        match (expiry, resolved) {
            (_, Some(end)) if end <= latest => Ok(expiry),
            (ExpiryWish::Default, _) => Ok(ExpiryWish::At(latest)),
            _ => Err(KeyError::OutlivesMaker { latest }),
        }
    }

    /// Whether a successor of `old` may be handed to whoever holds these: it has
    /// the rights of `old`, and its text is new to them. A key takes its own
    /// place with all its rights, and that of another key only as far as it
    /// could have minted it; otherwise it would gain rights by rotating.
    pub(super) fn check_rotation(&self, old: &ApiKey) -> Result<(), KeyError> {
        match self {
            Self::Key { id, .. } if *id != old.id => {
                match old.scopes.iter().find(|scope| !self.may_grant(scope)) {
                    Some(scope) => Err(KeyError::NotGrantable {
                        scope: scope.clone(),
                    }),
                    None => Ok(()),
                }
            }
            Self::Everything | Self::Person { .. } | Self::Key { .. } => Ok(()),
        }
    }

    /// The latest end of what they make, if there is one.
    pub(super) fn latest_end(&self) -> Option<Timestamp> {
        match self {
            Self::Everything | Self::Person { .. } => None,
            Self::Key { expires_at, .. } => *expires_at,
        }
    }

    fn may_grant(&self, wanted: &Scope) -> bool {
        match self {
            Self::Everything | Self::Person { admin: true, .. } => true,
            Self::Person {
                scopes,
                admin: false,
            } => {
                *wanted == Scope::manage_own_keys()
                    || (!wanted.is_own() && scopes.iter().any(|held| held.grants(wanted)))
            }
            Self::Key { scopes, .. } => {
                !wanted.is_own() && scopes.iter().any(|held| held.grants(wanted))
            }
        }
    }
}

/// Who acts: for records and logs, and for what they may hand on.
#[derive(Clone, Debug)]
pub struct Actor {
    /// As text: the owner, `key <id> of <owner>`, or `command line`.
    pub name: String,
    /// What they may hand on.
    pub grants: Grants,
    /// Where they ask from.
    pub origin: Origin,
}

impl Actor {
    /// Whether it is the owner who acts, in person or through a key, and not as
    /// an administrator.
    pub(super) fn is_bound_to(&self, owner: &Owner) -> bool {
        let overrules = matches!(
            self.grants,
            Grants::Everything | Grants::Person { admin: true, .. }
        );
        !overrules && Self::is_of(&self.name, owner)
    }

    /// Whether a name is of that owner, in person or through a key.
    pub(super) fn is_of(name: &str, owner: &Owner) -> bool {
        let owner = owner.to_string();
        name == owner || (name.starts_with("key ") && name.ends_with(&format!(" of {owner}")))
    }

    /// Whoever has the command line.
    pub fn command_line() -> Self {
        Self {
            name: "command line".to_owned(),
            grants: Grants::Everything,
            origin: Origin::default(),
        }
    }
}

/// The keys of one owner, for somebody who may manage them. The operations are
/// in `service`.
#[derive(Clone)]
pub struct KeysOf<'s> {
    pub(super) service: &'s KeyService,
    pub(super) tenant: Tenant,
    pub(super) owner: Owner,
    pub(super) tag: OwnerTag,
    pub(super) actor: Actor,
    pub(super) reason: Option<String>,
}

impl KeysOf<'_> {
    /// The same, with a reason that the audit trail shall keep.
    #[must_use]
    pub fn because(self, reason: Option<&str>) -> Self {
        let reason = reason.map(str::to_owned);
        Self { reason, ..self }
    }

    /// Whose keys they are.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Who manages them.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The name of the list that these keys make, for sealing places in it.
    pub fn tag(&self) -> &OwnerTag {
        &self.tag
    }

    /// The service that they lie with.
    pub fn service(&self) -> &KeyService {
        self.service
    }

    /// Binds an `Idempotency-Key` to who asks, whose keys it is about, and what
    /// is asked: the operation with its object, and the bytes of the request.
    pub fn repeatable(&self, idempotency_key: &str, operation: &str, body: &[u8]) -> Repeatable {
        let request = [operation.as_bytes(), &[0], body].concat();
        Repeatable::new(
            self.service.salts(),
            &self.actor.name,
            &self.tag,
            idempotency_key,
            &request,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::api_key::record;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn a_key_hands_on_no_more_than_it_has_and_never_our_own_scopes() {
        let key = Grants::Key {
            id: ApiKeyId::parse("00abcdefghABCDEG").unwrap(),
            scopes: vec![scope("models:*"), scope("gatelodge:keys")],
            expires_at: Timestamp::from_millis(10),
        };
        assert!(key.may_grant(&scope("models:read")));
        assert!(!key.may_grant(&scope("other")));
        assert!(!key.may_grant(&scope("gatelodge:keys")));
        let check = |wish, end| key.check(&[], wish, end).map_err(|error| error.to_string());
        assert_eq!(
            check(ExpiryWish::Default, None),
            Ok(ExpiryWish::At(Timestamp::from_millis(10).unwrap()))
        );
        assert!(check(ExpiryWish::Never, None).is_err());
        let later = Timestamp::from_millis(11);
        assert!(check(ExpiryWish::At(later.unwrap()), later).is_err());
    }

    #[test]
    fn a_key_gains_nothing_by_rotating_another() {
        let old = record::tests::key();
        let other = ApiKeyId::parse("00abcdefghABCDEG").unwrap();
        let grants = |id, scopes: &[&str]| Grants::Key {
            id,
            scopes: scopes.iter().map(|text| scope(text)).collect(),
            expires_at: None,
        };
        let poor = &["gatelodge:keys"];
        assert!(grants(other, poor).check_rotation(&old).is_err());
        assert!(grants(old.id, poor).check_rotation(&old).is_ok());
        let rich = &["gatelodge:keys", "models:*"];
        assert!(grants(other, rich).check_rotation(&old).is_ok());
        let mut manager = old;
        manager.scopes.push(scope("gatelodge:keys"));
        assert!(grants(other, rich).check_rotation(&manager).is_err());
    }

    #[test]
    fn a_person_hands_on_what_their_token_grants_and_an_administrator_everything() {
        let person = |admin| Grants::Person {
            scopes: vec![scope("a:*")],
            admin,
        };
        assert!(person(false).may_grant(&scope("a:b")));
        assert!(person(false).may_grant(&scope("gatelodge:keys")));
        assert!(!person(false).may_grant(&scope("gatelodge:admin")));
        assert!(!person(false).may_grant(&scope("b")));
        assert!(person(true).may_grant(&scope("gatelodge:admin")));
    }
}
