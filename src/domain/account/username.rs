//! What somebody types to say which account is theirs.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use super::super::record_name::{BadName, RecordName, Shelf};
use super::super::subject::{Owner, Realm, Realms, Subject};

/// The most characters of a user name.
pub const USERNAME_MAX: usize = 64;

/// The name of an account: lower-case ASCII letters, digits and `. _ - @ +`,
/// beginning with a letter or a digit. Upper case is read as lower case, and
/// the wide letters of some keyboards as plain ones (NFKC), so that no two
/// accounts look alike.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Username(Box<str>);

/// A text that cannot be a user name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be 1 to {USERNAME_MAX} letters a-z, digits and . _ - @ +, beginning with a letter or a \
     digit"
)]
pub struct BadUsername;

impl Username {
    /// Reads a user name, in whatever case.
    ///
    /// # Errors
    /// Refuses what can be none.
    pub fn parse(text: &str) -> Result<Self, BadUsername> {
        // Nothing that is this long can become short enough.
        if text.len() > USERNAME_MAX * 8 {
            return Err(BadUsername);
        }
        let name: String = text.nfkc().map(|c| c.to_ascii_lowercase()).collect();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_fine = |c: char| is_plain(c) || "._-@+".contains(c);
        let begins_well = name.chars().next().is_some_and(is_plain);
        if begins_well && name.len() <= USERNAME_MAX && name.chars().all(is_fine) {
            Ok(Self(name.into()))
        } else {
            Err(BadUsername)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The owner that the account is: `local:name`.
    pub fn owner(&self) -> Option<Owner> {
        let subject = Subject::parse(&self.0).ok()?;
        Owner::new(Realm::local(), subject, &Realms::default()).ok()
    }

    /// Where the account's record lies. Each name has one of its own: what a
    /// record's name cannot hold is written with an underscore.
    ///
    /// # Errors
    /// None that is known; the type of names does not show it.
    pub fn record_name(&self) -> Result<RecordName, BadName> {
        let written = self
            .0
            .replace('_', "__")
            .replace('@', "_a")
            .replace('+', "_p");
        RecordName::new(Shelf::Account, &written)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_width() {
        let name = Username::parse("alice@example.org").unwrap();
        for same in ["Alice@Example.ORG", "ａｌｉｃｅ@example.org"] {
            assert_eq!(Username::parse(same), Ok(name.clone()), "{same}");
        }
        assert_eq!(name.owner().unwrap().to_string(), "local:alice@example.org");
        let long = "x".repeat(USERNAME_MAX + 1);
        for bad in [
            "", " alice", "al ice", "аlice", "alice:x", "-a", "a/b", &long,
        ] {
            assert_eq!(Username::parse(bad), Err(BadUsername), "{bad:?}");
        }
    }

    #[test]
    fn no_two_names_share_a_record() {
        let record = |text: &str| Username::parse(text).unwrap().record_name().unwrap();
        let names = [
            "a_a", "a@", "aa", "a__a", "a+", "a_p", "a_@", "a@_", "a.b", "a-b",
        ];
        let records: std::collections::BTreeSet<_> = names.map(record).into();
        assert_eq!(records.len(), names.len());
        let widest = format!("a{}", "@".repeat(USERNAME_MAX - 1));
        assert!(Username::parse(&widest).unwrap().record_name().is_ok());
    }
}
