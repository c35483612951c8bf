//! The API key: how it reads, how it is hashed, what is stored, how it lives.

pub(in crate::domain) mod base62;
pub mod bounds;
pub mod expiry;
pub mod filter;
pub mod hash;
mod id;
pub mod lifecycle;
pub mod plain;
pub mod record;
pub mod revocation;
pub mod tombstone;

pub use id::{ApiKeyId, OwnerTag, Shard};
