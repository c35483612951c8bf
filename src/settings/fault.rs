//! What is wrong with the settings: key, where it was written, what is wrong
//! and what would be right, on one line each. Never the value of a secret.

use std::fmt;

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where it was written: a file, a variable, or nowhere.
    pub origin: String,
    /// The setting.
    pub key: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.origin.is_empty(), self.key.is_empty()) {
            (true, _) => write!(f, "{}: {}", self.key, self.problem),
            (false, true) => write!(f, "{}: {}", self.origin, self.problem),
            (false, false) => write!(f, "{}: {}: {}", self.origin, self.key, self.problem),
        }
    }
}

/// All that is wrong: one start tells all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, fault) in self.0.iter().enumerate() {
            if place > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The known name that is nearest to an unknown one, if any is near.
pub(super) fn nearest<'n>(unknown: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    known
        .map(|name| (distance(unknown, name), name))
        .filter(|(distance, name)| *distance <= 2.max(name.len() / 4))
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let changed = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word() {
        let known = ["valkey_url", "token_salt", "keys.prefix"];
        assert_eq!(nearest("valky_url", known.into_iter()), Some("valkey_url"));
        assert_eq!(
            nearest("key.prefix", known.into_iter()),
            Some("keys.prefix")
        );
        assert_eq!(nearest("something_else", known.into_iter()), None);
    }
}
