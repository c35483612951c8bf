//! The real servers of the live tests, which start them for themselves too.

#![expect(
    dead_code,
    reason = "each crate of tests uses a part of what all of them share"
)]

#[path = "../live/support/certificates.rs"]
pub mod certificates;
#[path = "../live/support/process.rs"]
pub mod process;
#[path = "../live/support/resp.rs"]
pub mod resp;
#[path = "../live/support/valkey.rs"]
pub mod valkey;
