//! Real parts for tests, each started by the test that needs it, on a port and
//! in a folder of its own, and gone with the value that stands for it.

#![expect(
    dead_code,
    reason = "each crate of tests uses a part of what all of them share"
)]

pub mod ask;
pub mod browser;
pub mod certificates;
pub mod lodge;
pub mod oidc;
pub mod process;
pub mod raw;
pub mod resp;
pub mod valkey;
