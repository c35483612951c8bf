//! The real parts that the live tests use, too.

#![expect(
    dead_code,
    reason = "each crate of tests uses a part of what all of them share"
)]

#[path = "../live/support/ask.rs"]
pub mod ask;
#[path = "../live/support/certificates.rs"]
pub mod certificates;
#[path = "../live/support/lodge.rs"]
pub mod lodge;
#[path = "../live/support/process.rs"]
pub mod process;
#[path = "../live/support/resp.rs"]
pub mod resp;
#[path = "../live/support/valkey.rs"]
pub mod valkey;
