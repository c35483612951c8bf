//! Names of what is kept beside keys: sessions, accounts, one-time secrets, and
//! who is disabled. The seal of such a record is bound to its name, so that a
//! record cannot stand in for another.

use std::fmt;

use super::api_key::Shard;

/// The most characters of a name.
pub const NAME_MAX: usize = 128;

/// What kind of record it is. It says where the record lies and whether changes
/// to it are announced to those who cache it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shelf {
    /// A signed-in browser.
    Session,
    /// A built-in account.
    Account,
    /// What is used once: invitations, resets, sign-ins under way.
    OneTime,
    /// That an owner is disabled.
    Disabled,
}

impl Shelf {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Session, Self::Account, Self::OneTime, Self::Disabled];

    /// What names on this shelf begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Session => "gl:s:",
            Self::Account => "gl:c:",
            Self::OneTime => "gl:e:",
            Self::Disabled => "gl:d:",
        }
    }

    /// The shelf of that prefix.
    pub fn of_prefix(prefix: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shelf| shelf.prefix() == prefix)
    }
}

/// A text that cannot be a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {NAME_MAX} letters, digits, underscores, full stops and hyphens")]
pub struct BadName;

fn check(name: &str) -> Result<(), BadName> {
    let is_fine = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'-');
    if (1..=NAME_MAX).contains(&name.len()) && name.bytes().all(is_fine) {
        Ok(())
    } else {
        Err(BadName)
    }
}

/// The shard that a name is in: any would do, as long as it is always the same.
pub(super) fn shard_of(name: &str) -> Shard {
    Shard::new(blake3::hash(name.as_bytes()).as_bytes()[0])
}

/// The name of a record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordName {
    shelf: Shelf,
    name: Box<str>,
}

impl RecordName {
    /// A name on a shelf.
    ///
    /// # Errors
    /// Refuses what has characters of other kinds, or too many or none.
    pub fn new(shelf: Shelf, name: &str) -> Result<Self, BadName> {
        check(name)?;
        Ok(Self {
            shelf,
            name: name.into(),
        })
    }

    /// A name of hexadecimal digits, which is always a good one.
    pub fn of_digest(shelf: Shelf, digest: &[u8; 32]) -> Self {
        Self {
            shelf,
            name: blake3::Hash::from_bytes(*digest).to_hex().as_str().into(),
        }
    }

    /// Which shelf it lies on.
    pub fn shelf(&self) -> Shelf {
        self.shelf
    }

    /// The name on its shelf.
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// The name among everything that is kept; what the seal is bound to.
    pub fn full(&self) -> String {
        let shard = shard_of(&self.name);
        format!("{}{{{shard}}}:{}", self.shelf.prefix(), self.name)
    }
}

impl fmt::Debug for RecordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full())
    }
}

/// The name of a list of records, such as the sessions of one owner.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListName(Box<str>);

impl ListName {
    /// A name of a list.
    ///
    /// # Errors
    /// Refuses what has characters of other kinds, or too many or none.
    pub fn new(name: &str) -> Result<Self, BadName> {
        check(name)?;
        Ok(Self(name.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name among everything that is kept.
    pub fn full(&self) -> String {
        format!("gl:y:{{{}}}:{}", shard_of(&self.0), self.0)
    }
}

impl fmt::Debug for ListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.full())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_no_character_that_means_something_to_a_store() {
        for text in ["a", "a-b_c.D9", &"x".repeat(NAME_MAX)] {
            assert!(RecordName::new(Shelf::Session, text).is_ok(), "{text}");
            assert!(ListName::new(text).is_ok(), "{text}");
        }
        let long = "x".repeat(NAME_MAX + 1);
        for text in ["", "a:b", "{a}", "a b", "a*", "ä", "a\n", &long] {
            assert_eq!(RecordName::new(Shelf::Session, text), Err(BadName));
            assert_eq!(ListName::new(text), Err(BadName));
        }
    }

    #[test]
    fn no_two_names_lie_in_one_place() {
        let mut names = Vec::new();
        for shelf in Shelf::ALL {
            assert_eq!(Shelf::of_prefix(shelf.prefix()), Some(shelf));
            let name = RecordName::new(shelf, "alice").unwrap().full();
            assert!(name.starts_with(shelf.prefix()), "{name}");
            assert!(!names.contains(&name), "{name}");
            names.push(name);
        }
        let digest = RecordName::of_digest(Shelf::OneTime, &[0xab; 32]);
        assert_eq!(digest.as_str(), "ab".repeat(32));
        assert_eq!(Shelf::of_prefix("gl:k:"), None);
    }
}
