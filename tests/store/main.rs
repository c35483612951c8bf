//! The promises of `gatelodge::store`, held against every store there is.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod conformance;
mod embedded;
mod listener;
mod parts;
mod support;
mod valkey;
