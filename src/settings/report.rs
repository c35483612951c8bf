//! What holds and where it comes from: for `gatelodge config show`.

use std::fmt;

use serde::Serialize;

/// One setting as it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Which.
    pub key: String,
    /// Its value as text; secrets are masked.
    pub value: String,
    /// `default`, a file or a variable.
    pub origin: String,
}

/// All of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Report {
    /// In the order in which they were read.
    pub entries: Vec<Entry>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .entries
            .iter()
            .map(|entry| entry.key.len())
            .max()
            .unwrap_or_default();
        for entry in &self.entries {
            writeln!(
                f,
                "{:width$}  {}  ({})",
                entry.key, entry.value, entry.origin
            )?;
        }
        Ok(())
    }
}
