//! Who somebody is and what they may be called: parsed once, compared exactly.
//!
//! An [`Owner`] is a subject within a realm. Every issuer has a realm of its
//! own, so that the `alice` of one issuer is never the `alice` of another; the
//! empty realm belongs to the `[oauth]` shorthand alone, whose stored data
//! knows bare subjects.
//!
//! Names are shared when they are cloned: a key's owner and scopes become those
//! of its identity in every check.

use std::fmt;
use std::sync::Arc;

/// Longest subject, in bytes. OpenID Connect Core 1.0, section 2, asks for
/// 255; some providers exceed it with distinguished names.
pub const SUBJECT_BYTES_MAX: usize = 512;
/// Longest group name, in bytes.
pub const GROUP_BYTES_MAX: usize = 256;
/// Longest scope, in bytes.
pub const SCOPE_BYTES_MAX: usize = 128;
/// Longest realm, tenant or gate name, in bytes.
pub const NAME_BYTES_MAX: usize = 64;

/// Why a name was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing was there.
    #[error("must not be empty")]
    Empty,
    /// More bytes than the limit.
    #[error("must not be longer than {limit} bytes")]
    TooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A character that the kind of name does not allow.
    #[error("must not contain {found:?}; allowed are {allowed}")]
    BadCharacter {
        /// The first character that is not allowed.
        found: char,
        /// What is.
        allowed: &'static str,
    },
    /// A bare subject that reads like one of another realm.
    #[error("begins with {realm:?} and a colon, which marks the subjects of that realm")]
    LooksQualified {
        /// The realm that it would be mistaken for.
        realm: String,
    },
}

fn check(
    text: &str,
    limit: usize,
    allowed: &'static str,
    is_allowed: impl Fn(char) -> bool,
) -> Result<Arc<str>, BadName> {
    hold(text, limit, allowed, is_allowed).map(|()| text.into())
}

fn hold(
    text: &str,
    limit: usize,
    allowed: &'static str,
    is_allowed: impl Fn(char) -> bool,
) -> Result<(), BadName> {
    if text.is_empty() {
        return Err(BadName::Empty);
    }
    if text.len() > limit {
        return Err(BadName::TooLong { limit });
    }
    match text.chars().find(|c| !is_allowed(*c)) {
        Some(found) => Err(BadName::BadCharacter { found, allowed }),
        None => Ok(()),
    }
}

/// Generates the accessors that every parsed name has.
macro_rules! name_type {
    ($name:ident) => {
        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    };
}

/// What an identity provider calls a person or a machine. Any text without
/// control characters; never trimmed, since `"a"` and `" a"` may be two people.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject(Arc<str>);
name_type!(Subject);

impl Subject {
    /// Accepts any text of 1 to [`SUBJECT_BYTES_MAX`] bytes without control characters.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        check(text, SUBJECT_BYTES_MAX, "all but control characters", |c| {
            !c.is_control()
        })
        .map(Self)
    }
}

/// A group that an issuer says somebody belongs to.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(Arc<str>);
name_type!(GroupName);

impl GroupName {
    /// Accepts any text of 1 to [`GROUP_BYTES_MAX`] bytes without control characters.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        check(text, GROUP_BYTES_MAX, "all but control characters", |c| {
            !c.is_control()
        })
        .map(Self)
    }
}

/// The name space of one issuer's subjects; `local` for built-in accounts,
/// empty for the `[oauth]` shorthand.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Realm(Arc<str>);
name_type!(Realm);

impl Realm {
    /// Accepts lower-case letters, digits and `-`.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        check(text, NAME_BYTES_MAX, "a-z, 0-9 and -", |c| {
            c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'
        })
        .map(Self)
    }

    /// The realm of the `[oauth]` shorthand, whose subjects stand bare.
    pub fn bare() -> Self {
        Self("".into())
    }

    /// The realm of built-in accounts.
    pub fn local() -> Self {
        Self("local".into())
    }

    /// Whether this is the realm whose subjects stand bare.
    pub fn is_bare(&self) -> bool {
        self.0.is_empty()
    }
}

/// The organisation that an owner belongs to; `default` unless an issuer says otherwise.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(Arc<str>);
name_type!(Tenant);

impl Tenant {
    /// Accepts letters, digits, `-`, `_` and `.`.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        check(text, NAME_BYTES_MAX, "letters, digits, -, _ and .", |c| {
            c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
        })
        .map(Self)
    }
}

impl Default for Tenant {
    fn default() -> Self {
        Self("default".into())
    }
}

/// The realms that a deployment knows, to tell `realm:subject` from a bare
/// subject that happens to hold a colon.
#[derive(Clone, Debug, Default)]
pub struct Realms(Vec<Realm>);

impl Realms {
    /// The built-in realm and the given ones.
    pub fn new(configured: impl IntoIterator<Item = Realm>) -> Self {
        let mut realms = vec![Realm::local()];
        realms.extend(configured.into_iter().filter(|realm| !realm.is_bare()));
        Self(realms)
    }

    fn split<'t>(&self, text: &'t str) -> Option<(&Realm, &'t str)> {
        let (before, after) = text.split_once(':')?;
        let realm = self.0.iter().find(|realm| realm.as_str() == before)?;
        Some((realm, after))
    }
}

/// Who a key belongs to: a subject within a realm. Written as `realm:subject`,
/// or as the subject alone in the bare realm.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    realm: Realm,
    subject: Subject,
}

impl Owner {
    /// Joins the two.
    ///
    /// # Errors
    /// Refuses a bare subject that would read as one of another realm: an
    /// upstream could not tell the two apart.
    pub fn new(realm: Realm, subject: Subject, known: &Realms) -> Result<Self, BadName> {
        if realm.is_bare()
            && let Some((other, _)) = known.split(subject.as_str())
        {
            return Err(BadName::LooksQualified {
                realm: other.as_str().to_owned(),
            });
        }
        Ok(Self { realm, subject })
    }

    /// Reads `realm:subject` for a known realm, and a bare subject otherwise.
    pub fn parse(text: &str, known: &Realms) -> Result<Self, BadName> {
        let (realm, subject) = match known.split(text) {
            Some((realm, subject)) => (realm.clone(), subject),
            None => (Realm::bare(), text),
        };
        Ok(Self {
            realm,
            subject: Subject::parse(subject)?,
        })
    }

    /// An owner as a sealed record names it; the record was checked when it was written.
    pub fn from_record(realm: &str, subject: &str) -> Result<Self, BadName> {
        let realm = if realm.is_empty() {
            Realm::bare()
        } else {
            Realm::parse(realm)?
        };
        Ok(Self {
            realm,
            subject: Subject::parse(subject)?,
        })
    }

    /// The realm.
    pub fn realm(&self) -> &Realm {
        &self.realm
    }

    /// The owner as text: `realm:subject`, or the bare subject.
    pub fn qualified(&self) -> String {
        let (realm, subject) = (self.realm.as_str(), self.subject.as_str());
        let mut text = String::with_capacity(realm.len() + 1 + subject.len());
        if !self.realm.is_bare() {
            text.push_str(realm);
            text.push(':');
        }
        text.push_str(subject);
        text
    }

    /// The subject within the realm.
    pub fn subject(&self) -> &Subject {
        &self.subject
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.qualified())
    }
}

impl fmt::Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A permission by name, as RFC 6749, section 3.3, spells scope tokens. A held
/// scope that ends in `:*` grants all that share its beginning.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Arc<str>);
name_type!(Scope);

/// Scopes that open Gatelodge itself; no wildcard ever implies them.
pub const OWN_SCOPES: &str = "gatelodge:";

impl Scope {
    /// Accepts a scope token of at most [`SCOPE_BYTES_MAX`] bytes; `*` only as
    /// the last part, after a colon.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let stem = text.strip_suffix(":*").unwrap_or(text);
        if text.len() != stem.len() && stem.is_empty() {
            return Err(BadName::Empty);
        }
        if text.len() > SCOPE_BYTES_MAX {
            let limit = SCOPE_BYTES_MAX;
            return Err(BadName::TooLong { limit });
        }
        let allowed = "visible ASCII but \" \\ and, except as a last part :*, *";
        hold(stem, SCOPE_BYTES_MAX, allowed, |c| {
            c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '*')
        })?;
        Ok(Self(text.into()))
    }

    /// The scope for managing one's own keys.
    pub fn manage_own_keys() -> Self {
        Self("gatelodge:keys".into())
    }

    /// The scope for managing everybody's keys.
    pub fn administer() -> Self {
        Self("gatelodge:admin".into())
    }

    /// Whether the scope opens Gatelodge itself.
    pub fn is_own(&self) -> bool {
        self.0.starts_with(OWN_SCOPES)
    }

    /// Whether holding `self` satisfies a demand for `wanted`.
    pub fn grants(&self, wanted: &Scope) -> bool {
        if self == wanted {
            return true;
        }
        match self.0.strip_suffix('*') {
            Some(stem) => !wanted.is_own() && wanted.0.starts_with(stem),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    #[test]
    fn a_wildcard_grants_what_is_below_it_but_never_our_own_scopes() {
        assert!(scope("models:*").grants(&scope("models:read")));
        assert!(scope("models:*").grants(&scope("models:fine:tune")));
        assert!(!scope("models:*").grants(&scope("models")));
        assert!(!scope("models:*").grants(&scope("modelsx:read")));
        assert!(!scope("gatelodge:*").grants(&Scope::administer()));
        assert!(Scope::administer().grants(&Scope::administer()));
    }

    #[test]
    fn a_star_stands_alone_at_the_end() {
        for bad in ["*", ":*", "a*", "a:*:b", "a b", "a\"b", "", "ü"] {
            assert!(Scope::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn two_realms_never_share_an_owner() {
        let realms = Realms::new([Realm::parse("corp").unwrap()]);
        let qualified = Owner::parse("corp:alice", &realms).unwrap();
        assert_eq!(qualified.realm().as_str(), "corp");
        assert_eq!(qualified.to_string(), "corp:alice");
        let bare = Owner::parse("auth0:alice", &realms).unwrap();
        assert!(bare.realm().is_bare());
        let impostor = Subject::parse("corp:alice").unwrap();
        assert!(Owner::new(Realm::bare(), impostor, &realms).is_err());
    }
}
