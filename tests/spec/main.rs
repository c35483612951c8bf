//! The specification: the whole service over loopback HTTP, on the embedded
//! store, with a test's clock and seeded randomness. Seconds, not minutes.

#![cfg(test)]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on says so"
)]

mod architecture;
mod gate;
mod portal;
mod published;
mod support;
