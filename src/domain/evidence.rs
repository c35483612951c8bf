//! Proofs. A value of these types *is* the fact that something was checked:
//! each has one constructor, and a test holds who may call it.

use std::sync::Arc;

use super::api_key::hash::KeyHash;
use super::api_key::plain::{NativeKey, SeedKey};
use super::api_key::record::{ApiKey, Proof, Standing};
use super::identity::{CredentialKind, Identity};
use super::matching::RequestMatch;
use super::principal::Principal;
use super::reason::Reason;
use super::salt::{SaltId, Salts};
use super::subject::{GroupName, Scope};
use super::time::Timestamp;

/// A key's record with what is known of its owner: trusted, not yet proven to
/// belong to whoever presents it.
#[derive(Debug)]
pub struct FiledKey {
    key: ApiKey,
    identity: Arc<Identity>,
    bounds: Option<Arc<RequestMatch>>,
    owner_disabled: bool,
}

impl FiledKey {
    /// Joins the two. The key's rights are its own, cut down to what its owner
    /// may grant now.
    pub fn new(key: ApiKey, principal: Option<Principal>) -> Self {
        let principal = principal.unwrap_or_default();
        let identity = Identity {
            owner: key.owner.clone(),
            tenant: key.tenant.clone(),
            groups: principal.groups,
            scopes: effective_scopes(&key.scopes, principal.scopes.as_deref()),
            email: principal.email,
            name: principal.name,
            admin: principal.admin,
            method: CredentialKind::ApiKey,
            key_id: Some(key.id),
        };
        let bounds = (!key.bounds.is_any()).then(|| Arc::new(key.bounds.clone()));
        Self {
            key,
            identity: Arc::new(identity),
            bounds,
            owner_disabled: principal.disabled,
        }
    }

    /// Who whoever holds the key is.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The requests that the key is bound to; `None` where it opens any.
    pub fn bounds(&self) -> Option<&RequestMatch> {
        self.bounds.as_deref()
    }

    /// Whether the key is in use.
    ///
    /// # Errors
    /// Gives the reason why not.
    pub fn standing(&self, now: Timestamp) -> Result<(), Reason> {
        if self.owner_disabled {
            return Err(Reason::OwnerDisabled);
        }
        match self.key.standing(now) {
            Standing::Active => Ok(()),
            Standing::Expired => Err(Reason::KeyExpired),
            // To whoever holds it there is no difference yet.
            Standing::Disabled | Standing::Revoking => Err(Reason::KeyDisabled),
            Standing::Superseded => Err(Reason::KeySuperseded),
        }
    }

    /// The record.
    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    /// About how many bytes of memory it takes.
    pub fn bytes(&self) -> usize {
        let key = &self.key;
        let identity = &*self.identity;
        let scope_bytes = |scope: &Scope| size_of::<Scope>() + scope.as_str().len();
        let own: usize = key.scopes.iter().map(scope_bytes).sum();
        let effective: usize = identity.scopes.iter().map(scope_bytes).sum();
        let group_bytes = |group: &GroupName| size_of::<GroupName>() + group.as_str().len();
        let groups: usize = identity.groups.iter().map(group_bytes).sum();
        let owner = key.owner.realm().as_str().len() + key.owner.subject().as_str().len();
        let texts = [&identity.email, &identity.name];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        size_of::<Self>()
            + size_of::<Identity>()
            + 2 * (owner + key.tenant.as_str().len())
            + key.name.len()
            + key.created_by.len()
            + (own + effective + groups + texts)
    }
}

/// What of `own` survives under `bound`: a wider scope shrinks to the bound.
fn effective_scopes(own: &[Scope], bound: Option<&[Scope]>) -> Vec<Scope> {
    let Some(bound) = bound else {
        return own.to_vec();
    };
    let kept = own
        .iter()
        .filter(|scope| bound.iter().any(|held| held.grants(scope)));
    let shrunk = bound
        .iter()
        .filter(|held| own.iter().any(|scope| scope.grants(held)));
    let mut scopes: Vec<Scope> = kept.chain(shrunk).cloned().collect();
    scopes.sort();
    scopes.dedup();
    scopes
}

/// Proof that whoever asks holds a key that is in use.
#[derive(Clone, Debug)]
pub struct ActiveKey {
    identity: Arc<Identity>,
    bounds: Option<Arc<RequestMatch>>,
    former_salt: Option<SaltId>,
    expires_at: Option<Timestamp>,
}

impl ActiveKey {
    /// Compares the presented key with its record, and only then looks at the
    /// record's standing: a wrong secret learns nothing about the key.
    ///
    /// # Errors
    /// Gives the reason for the log; the public answer is one and the same.
    pub fn prove(
        filed: &FiledKey,
        presented: &NativeKey<'_>,
        salts: &Salts,
        now: Timestamp,
    ) -> Result<Self, Reason> {
        let Proof::Hash { salt, hash } = &filed.key.proof else {
            return Err(Reason::KeySecret);
        };
        // Without its salt a hash can neither be confirmed nor refuted.
        let known = salts.find(*salt).ok_or(Reason::RecordUntrusted)?;
        if presented.id() != filed.key.id
            || KeyHash::of(known, &filed.key.tenant, presented) != *hash
        {
            return Err(Reason::KeySecret);
        }
        let former_salt = (salts.active().id() != *salt).then_some(*salt);
        Self::standing(filed, former_salt, now)
    }

    /// A seed key's id is the hash of its text: the record under the id that
    /// was computed from the presented text belongs to that text.
    ///
    /// # Errors
    /// As [`ActiveKey::prove`].
    pub fn prove_seed(
        filed: &FiledKey,
        presented: &SeedKey<'_>,
        salts: &Salts,
        now: Timestamp,
    ) -> Result<Self, Reason> {
        let matches = |salt| super::api_key::hash::seed_id(salt, presented) == filed.key.id;
        if filed.key.proof != Proof::Id || !salts.accepted().iter().any(matches) {
            return Err(Reason::KeySecret);
        }
        Self::standing(filed, None, now)
    }

    fn standing(
        filed: &FiledKey,
        former_salt: Option<SaltId>,
        now: Timestamp,
    ) -> Result<Self, Reason> {
        filed.standing(now)?;
        Ok(Self {
            identity: Arc::clone(&filed.identity),
            bounds: filed.bounds.clone(),
            former_salt,
            expires_at: filed.key.expires_at,
        })
    }

    /// The identity that the key proves.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// The requests that the key is bound to; `None` where it opens any.
    pub fn bounds(&self) -> Option<&RequestMatch> {
        self.bounds.as_deref()
    }

    /// From when on the key is refused; `None` where it has no end.
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// The salt that the key's hash is still under, if not the active one: a
    /// reason to hash it anew while its text is at hand.
    pub fn former_salt(&self) -> Option<SaltId> {
        self.former_salt
    }
}

/// Proof that an issuer signed a token for us and that its time is now.
#[derive(Clone, Debug)]
pub struct VerifiedToken {
    identity: Arc<Identity>,
    expires_at: Timestamp,
}

impl VerifiedToken {
    /// Asserts that all of RFC 8725 was checked. Called from
    /// `identity::verifier` alone.
    pub fn assert_verified(identity: Identity, expires_at: Timestamp) -> Self {
        Self {
            identity: Arc::new(identity),
            expires_at,
        }
    }

    /// The identity that the token proves.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// From when on the token proves nothing.
    pub fn expires_at(&self) -> Timestamp {
        self.expires_at
    }
}

/// Proof that a browser holds the cookie of a session that is not over, and whose
/// owner is let in.
#[derive(Clone, Debug)]
pub struct LiveSession {
    identity: Arc<Identity>,
}

impl LiveSession {
    /// Asserts that the session was found and is not over. Called from
    /// `identity::sessions::gate` alone.
    pub fn assert_live(identity: Identity) -> Self {
        Self {
            identity: Arc::new(identity),
        }
    }

    /// Who signed in.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }
}

/// What was proven about a request.
#[derive(Clone, Debug)]
pub enum Evidence {
    /// A key in use.
    Key(ActiveKey),
    /// A token of an issuer.
    Token(VerifiedToken),
    /// A session of a browser.
    Session(LiveSession),
    /// Nothing, and nothing is needed: the request only asks whether another may
    /// be made.
    Preflight,
    /// Nothing, because nothing was presented.
    Nobody,
}
