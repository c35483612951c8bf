//! Real parts for tests, each started by the test that needs it, on a port and
//! in a folder of its own, and gone with the value that stands for it.

pub mod ask;
pub mod browser;
pub mod certificates;
pub mod lodge;
pub mod oidc;
pub mod process;
pub mod raw;
pub mod resp;
pub mod valkey;
