//! Every setting there is, once.

mod former;
mod gate;
mod people;
mod service;

use super::key::Key;

/// The lists of tables, which are described by structs in `super::raw`.
pub(super) const TABLES: &[&str] = &["issuers", "gates", "scopes"];

/// All settings, in the order of the documentation.
pub(super) fn keys() -> impl Iterator<Item = &'static Key> {
    let ours = service::KEYS.iter().chain(gate::KEYS);
    ours.chain(people::KEYS).chain(former::KEYS)
}

/// The setting at that path.
pub(super) fn find(path: &str) -> Option<&'static Key> {
    keys().find(|key| key.path == path)
}
