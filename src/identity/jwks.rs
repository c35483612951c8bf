//! A key set (RFC 7517, section 5): which of its keys may verify tokens, and
//! which of them a token means.

use serde_json::Value;

use super::algorithm::Algorithm;
use super::jwk::{BadKey, VerificationKey};

/// Most keys in a set.
pub(super) const KEYS_MAX: usize = 100;

/// The usable keys of a set, at least one.
pub(super) struct Jwks {
    keys: Vec<VerificationKey>,
    /// What an operator should know of keys that were passed over.
    warnings: Vec<String>,
}

/// Why a set is refused as a whole. The last good one stays in use then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadJwks {
    #[error("is no key set: it has no array \"keys\"")]
    NotAKeySet,
    #[error("holds {0} keys; at most {KEYS_MAX} are accepted")]
    TooMany(usize),
    #[error("holds no usable key{}", listed(.0))]
    NothingUsable(Vec<String>),
}

fn listed(warnings: &[String]) -> String {
    if warnings.is_empty() {
        String::new()
    } else {
        format!(": {}", warnings.join("; "))
    }
}

/// What came of looking for a token's key.
pub(super) enum Lookup<'k> {
    /// This one.
    Found(&'k VerificationKey),
    /// There is a key of that name, for other algorithms.
    OtherAlgorithm,
    /// The token names no key, and more than one would do.
    Ambiguous,
    /// There is none: the issuer may have published a new one since.
    Unknown,
}

impl Jwks {
    /// Picks the usable keys.
    pub(super) fn parse(document: &Value) -> Result<Self, BadJwks> {
        let listed = document
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(BadJwks::NotAKeySet)?;
        if listed.len() > KEYS_MAX {
            return Err(BadJwks::TooMany(listed.len()));
        }
        let mut keys: Vec<VerificationKey> = Vec::with_capacity(listed.len());
        let mut warnings = Vec::new();
        for (place, value) in listed.iter().enumerate() {
            match VerificationKey::parse(value) {
                Ok(key) if keys.iter().any(|known| known.is_same_as(&key)) => {}
                Ok(key) => keys.push(key),
                Err(fault) => warnings.extend(warning(place, fault)),
            }
        }
        drop_ambiguous(&mut keys, &mut warnings);
        if keys.is_empty() {
            return Err(BadJwks::NothingUsable(warnings));
        }
        Ok(Self { keys, warnings })
    }

    /// The key that a token means by its `kid`, or by having none.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Lookup<'_> {
        let Some(kid) = kid else {
            return self.find_only(algorithm);
        };
        match self.keys.iter().find(|key| key.kid() == Some(kid)) {
            None => Lookup::Unknown,
            Some(key) if key.permits(algorithm) => Lookup::Found(key),
            Some(_) => Lookup::OtherAlgorithm,
        }
    }

    fn find_only(&self, algorithm: Algorithm) -> Lookup<'_> {
        let mut fitting = self.keys.iter().filter(|key| key.permits(algorithm));
        match (fitting.next(), fitting.next()) {
            (None, _) => Lookup::Unknown,
            (Some(key), None) => Lookup::Found(key),
            (Some(_), Some(_)) => Lookup::Ambiguous,
        }
    }

    /// How many keys are usable.
    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// What an operator should know of keys that were passed over.
    pub(super) fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

fn warning(place: usize, fault: BadKey) -> Option<String> {
    // By place, not by name: the name is the issuer's text and goes into logs.
    fault
        .is_alarming()
        .then(|| format!("key {} {fault}", place + 1))
}

/// Two different keys of one name: nobody can say which one a token means, so
/// neither is used. RFC 7517, section 4.5, wants names to be distinct.
fn drop_ambiguous(keys: &mut Vec<VerificationKey>, warnings: &mut Vec<String>) {
    let mut names: Vec<Box<str>> = keys
        .iter()
        .filter_map(|key| key.kid().map(Into::into))
        .collect();
    names.sort_unstable();
    let twice: Vec<&str> = names
        .windows(2)
        .filter(|pair| pair[0] == pair[1])
        .map(|pair| &*pair[0])
        .collect();
    if twice.is_empty() {
        return;
    }
    let before = keys.len();
    keys.retain(|key| key.kid().is_none_or(|kid| !twice.contains(&kid)));
    warnings.push(format!(
        "{} keys share their names with others and are not used",
        before - keys.len()
    ));
}
