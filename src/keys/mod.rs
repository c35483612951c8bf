//! Use cases around a key's life: load, take a pure step, store.

pub mod access;
pub mod across;
mod bulk;
pub mod ended;
pub mod error;
pub mod filter;
mod manage;
mod mint;
mod noting;
pub mod people;
pub mod replay;
pub mod service;
mod undo;
pub mod usage;
pub mod view;

pub use access::{Actor, Grants, KeysOf};
pub use ended::{KeyLine, LinePage};
pub use error::KeyError;
pub use service::{KeyService, KeyTerms, MintRequest};
pub use view::{KeyPage, KeyView, MintedKey};

pub use crate::store::keys::{Durability, Place};
pub use crate::store::seed::SeedRecord;
