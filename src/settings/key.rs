//! What one setting is: the table in `table` is made of these, and everything
//! else (defaults, variables, schema, documentation, faults) is made from it.

/// What a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A path of the file system.
    Path,
    /// A whole number within bounds.
    Number(u64, u64),
    /// Yes or no.
    Flag,
    /// Texts; in a variable separated by commas.
    List,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// Where it stands: `section.name`.
    pub(super) path: &'static str,
    /// What it holds.
    pub(super) kind: Kind,
    /// What holds if nothing is set, as TOML; empty for "not set".
    pub(super) default: &'static str,
    /// A value to show where there is no default, as TOML.
    pub(super) example: &'static str,
    /// The variables of rusty-valkey-forward-auth and of the system that set it, too.
    pub(super) aliases: &'static [&'static str],
    /// Whether it is never shown; such a setting can also be read from a file
    /// that is named by `…_file` or `…_FILE`.
    pub(super) secret: bool,
    /// What it is for, in a sentence or two.
    pub(super) text: &'static str,
}

impl Key {
    /// A setting; the rest is added by the methods below.
    pub(super) const fn new(
        path: &'static str,
        kind: Kind,
        default: &'static str,
        text: &'static str,
    ) -> Self {
        Self {
            path,
            kind,
            default,
            example: "",
            aliases: &[],
            secret: false,
            text,
        }
    }

    /// With variables of old.
    pub(super) const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// With something to show in place of a default.
    pub(super) const fn example(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }

    /// Never shown.
    pub(super) const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The variable that sets it: `GATELODGE_SECTION__NAME`.
    pub(super) fn variable(&self) -> String {
        variable_of(self.path)
    }
}

/// The prefix of our variables.
pub(super) const PREFIX: &str = "GATELODGE_";

/// The variable of a path.
pub(super) fn variable_of(path: &str) -> String {
    format!("{PREFIX}{}", path.replace('.', "__").to_ascii_uppercase())
}
