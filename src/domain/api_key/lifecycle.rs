//! The life of a key as pure steps: what was asked, the time, and what comes of it.

use std::time::Duration;

use super::super::matching::RequestMatch;
use super::super::salt::Salts;
use super::super::subject::{Owner, Scope, Tenant};
use super::super::time::Timestamp;
use super::bounds::{self, BOUNDS_MAX, BoundsEdit};
use super::expiry::{ExpiryWish, LifeLimits};
use super::hash::KeyHash;
use super::id::ApiKeyId;
use super::plain::{FreshKey, KeyFormat, PlainKey};
use super::record::{ApiKey, Disabled, KEY_NAME_BYTES_MAX, KEY_SCOPES_MAX, Proof, Standing};

/// Why a step was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The name is too long.
    #[error("name must not be longer than {KEY_NAME_BYTES_MAX} bytes")]
    NameTooLong,
    /// The name holds a control character.
    #[error("name must not contain control characters")]
    NameUnprintable,
    /// Too many scopes.
    #[error("a key carries at most {KEY_SCOPES_MAX} scopes")]
    TooManyScopes,
    /// Too many bounds of one kind.
    #[error("{field} holds at most {BOUNDS_MAX} entries")]
    TooManyBounds {
        /// Of which kind.
        field: &'static str,
    },
    /// The wished end has passed.
    #[error("expires_at must lie in the future")]
    ExpiresInThePast,
    /// The wished end is later than allowed.
    #[error("expires_at must not be later than {latest}")]
    ExpiresTooLate {
        /// The latest that would do.
        latest: Timestamp,
    },
    /// An edit may narrow a key, never widen it.
    #[error("{field} can only be narrowed; mint a new key for more")]
    Widens {
        /// What was to be widened.
        field: &'static str,
    },
    /// The key is of no use any more.
    #[error("the key is {}", .0.as_str())]
    NotActive(Standing),
    /// The key has a successor already.
    #[error("the key was rotated already, to {to}")]
    AlreadyRotated {
        /// The successor.
        to: ApiKeyId,
    },
    /// The key is being revoked.
    #[error("the key is being revoked; restore it first")]
    BeingRevoked,
    /// Nothing is to be taken back.
    #[error("the key is not being revoked")]
    NotBeingRevoked,
    /// The time for taking it back is over.
    #[error("the revocation is final; mint a new key")]
    RevocationFinal,
    /// Keys of the former service are read, listed and revoked, not changed.
    #[error("a key of rusty-valkey-forward-auth cannot be changed; mint a new one and revoke it")]
    SeedKey,
    /// Such a key cannot be held back for a minute.
    #[error(
        "a key of rusty-valkey-forward-auth can only be revoked for good: without a minute to think again"
    )]
    SeedKeyForGood,
}

impl Refusal {
    /// The field that the refusal is about, where there is one.
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::NameTooLong | Self::NameUnprintable => Some("name"),
            Self::TooManyScopes => Some("scopes"),
            Self::ExpiresInThePast | Self::ExpiresTooLate { .. } => Some("expires_at"),
            Self::Widens { field } | Self::TooManyBounds { field } => Some(field),
            Self::NotActive(_)
            | Self::AlreadyRotated { .. }
            | Self::BeingRevoked
            | Self::NotBeingRevoked
            | Self::RevocationFinal
            | Self::SeedKey
            | Self::SeedKeyForGood => None,
        }
    }
}

/// What somebody asks for when minting.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The organisation of the owner.
    pub tenant: Tenant,
    /// Whose identity the key shall prove.
    pub owner: Owner,
    /// What to call it.
    pub name: String,
    /// What it shall permit.
    pub scopes: Vec<Scope>,
    /// The requests that it shall be bound to.
    pub bounds: RequestMatch,
    /// When it shall end.
    pub expiry: ExpiryWish,
    /// Who asks, as text.
    pub by: String,
}

/// The terms under which keys are made.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// How keys read.
    pub format: &'a KeyFormat,
    /// What hashes and seals them.
    pub salts: &'a Salts,
    /// How long they may live.
    pub limits: LifeLimits,
    /// The time.
    pub now: Timestamp,
}

/// Makes the record of a fresh key.
///
/// # Errors
/// Refuses what the draft asks beyond the limits.
pub fn create(draft: &Draft, fresh: &FreshKey, terms: &Terms<'_>) -> Result<ApiKey, Refusal> {
    let mut scopes = draft.scopes.clone();
    scopes.sort();
    scopes.dedup();
    if scopes.len() > KEY_SCOPES_MAX {
        return Err(Refusal::TooManyScopes);
    }
    bounds::bounded(&draft.bounds)?;
    Ok(ApiKey {
        id: fresh.id,
        proof: proof(fresh, terms, &draft.tenant),
        tenant: draft.tenant.clone(),
        owner: draft.owner.clone(),
        name: clean_name(&draft.name)?,
        scopes,
        bounds: draft.bounds.clone(),
        created_at: terms.now,
        created_by: draft.by.clone(),
        expires_at: terms.limits.resolve(draft.expiry, terms.now)?,
        disabled: None,
        revocation: None,
        rotated_from: None,
        rotated_to: None,
        grace_until: None,
    })
}

fn proof(fresh: &FreshKey, terms: &Terms<'_>, tenant: &Tenant) -> Proof {
    let salt = terms.salts.active();
    match terms.format.parse(fresh.text.expose()) {
        Ok(PlainKey::Native(key)) => Proof::Hash {
            salt: salt.id(),
            hash: KeyHash::of(salt, tenant, &key),
        },
        // A fresh key always parses as our own; were it otherwise, this proof
        // makes a record that no version reads, and the key opens nothing.
        Ok(PlainKey::Seed(_)) | Err(_) => Proof::Id,
    }
}

/// Trims a name as the seed does, and checks it.
fn clean_name(name: &str) -> Result<String, Refusal> {
    let name = name.trim();
    if name.len() > KEY_NAME_BYTES_MAX {
        Err(Refusal::NameTooLong)
    } else if name.chars().any(char::is_control) {
        Err(Refusal::NameUnprintable)
    } else {
        Ok(name.to_owned())
    }
}

/// What may be changed on a key; absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// A new name.
    pub name: Option<String>,
    /// Fewer or narrower scopes.
    pub scopes: Option<Vec<Scope>>,
    /// Narrower bounds.
    pub bounds: BoundsEdit,
    /// An earlier end.
    pub expiry: Option<ExpiryWish>,
    /// Out of use, or back in use.
    pub disabled: Option<bool>,
}

/// Changes a key.
///
/// # Errors
/// Refuses whatever would widen the key, and any change to an expired or superseded one
/// but its name.
pub fn edit(
    key: &ApiKey,
    edit: &Edit,
    by: &str,
    limits: LifeLimits,
    now: Timestamp,
) -> Result<ApiKey, Refusal> {
    if key.revocation.is_some() {
        return Err(Refusal::BeingRevoked);
    }
    let mut changed = key.clone();
    if let Some(name) = &edit.name {
        changed.name = clean_name(name)?;
    }
    if let Some(scopes) = &edit.scopes {
        if !scopes
            .iter()
            .all(|wanted| key.scopes.iter().any(|held| held.grants(wanted)))
        {
            return Err(Refusal::Widens { field: "scopes" });
        }
        changed.scopes.clone_from(scopes);
        changed.scopes.sort();
        changed.scopes.dedup();
    }
    changed.bounds = edit.bounds.narrowed(&key.bounds)?;
    if let Some(wish) = edit.expiry {
        let end = limits.resolve(wish, now)?;
        let later = match (end, key.expires_at) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(end), Some(current)) => end > current,
        };
        if later {
            return Err(Refusal::Widens {
                field: "expires_at",
            });
        }
        changed.expires_at = end;
    }
    match edit.disabled {
        Some(true) if key.disabled.is_none() => {
            changed.disabled = Some(Disabled {
                at: now,
                by: by.to_owned(),
            });
        }
        Some(false) => changed.disabled = None,
        _ => {}
    }
    Ok(changed)
}

/// A key and its successor, ready to be stored together.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The old key: works until its grace is over.
    pub superseded: ApiKey,
    /// The new key, with the rights of the old one.
    pub successor: ApiKey,
}

/// Lets a fresh key take the place of an old one, which goes on working for
/// `overlap`. The successor has the old key's rights and, counted from now, as
/// long a life as the old one had in all.
///
/// # Errors
/// Refuses to rotate a key that is not in use or was rotated before.
pub fn rotate(
    key: &ApiKey,
    fresh: &FreshKey,
    by: &str,
    overlap: Duration,
    terms: &Terms<'_>,
) -> Result<Rotation, Refusal> {
    if key.id.is_seed() {
        return Err(Refusal::SeedKey);
    }
    if key.revocation.is_some() {
        return Err(Refusal::BeingRevoked);
    }
    if let Some(to) = key.rotated_to {
        return Err(Refusal::AlreadyRotated { to });
    }
    match key.standing(terms.now) {
        Standing::Active => {}
        standing => return Err(Refusal::NotActive(standing)),
    }
    let life = key
        .expires_at
        .map(|end| end.as_millis() - key.created_at.as_millis());
    let expiry = match (life.map(Duration::from_millis), terms.limits.max) {
        (Some(life), Some(max)) => ExpiryWish::After(life.min(max)),
        (Some(life), None) => ExpiryWish::After(life),
        (None, Some(max)) => ExpiryWish::After(max),
        (None, None) => ExpiryWish::Never,
    };
    let draft = Draft {
        tenant: key.tenant.clone(),
        owner: key.owner.clone(),
        name: key.name.clone(),
        scopes: key.scopes.clone(),
        bounds: key.bounds.clone(),
        expiry,
        by: by.to_owned(),
    };
    let mut successor = create(&draft, fresh, terms)?;
    successor.rotated_from = Some(key.id);
    let mut superseded = key.clone();
    superseded.rotated_to = Some(successor.id);
    superseded.grace_until = Some(terms.now.plus(overlap));
    Ok(Rotation {
        superseded,
        successor,
    })
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::key;
    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[test]
    fn an_edit_never_widens() {
        let limits = LifeLimits::default();
        let narrow = |change: Edit| edit(&key(), &change, "me", limits, at(1_500));
        let wider = Edit {
            scopes: Some(vec![Scope::parse("models:*").unwrap()]),
            ..Edit::default()
        };
        assert_eq!(narrow(wider), Err(Refusal::Widens { field: "scopes" }));
        let later = Edit {
            expiry: Some(ExpiryWish::At(at(6_000))),
            ..Edit::default()
        };
        assert_eq!(
            narrow(later),
            Err(Refusal::Widens {
                field: "expires_at"
            })
        );
        let never = Edit {
            expiry: Some(ExpiryWish::Never),
            ..Edit::default()
        };
        assert_eq!(
            narrow(never),
            Err(Refusal::Widens {
                field: "expires_at"
            })
        );
        let fewer = Edit {
            scopes: Some(Vec::new()),
            ..Edit::default()
        };
        assert_eq!(narrow(fewer).unwrap().scopes, Vec::new());
    }

    #[test]
    fn disabling_says_who_and_when_and_can_be_taken_back() {
        let limits = LifeLimits::default();
        let off = Edit {
            disabled: Some(true),
            ..Edit::default()
        };
        let disabled = edit(&key(), &off, "admin", limits, at(2)).unwrap();
        assert_eq!(disabled.standing(at(3)), Standing::Disabled);
        let on = Edit {
            disabled: Some(false),
            ..Edit::default()
        };
        assert_eq!(edit(&disabled, &on, "admin", limits, at(4)), Ok(key()));
    }
}
