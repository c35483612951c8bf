//! The specification: the whole service over loopback HTTP, on the embedded
//! store, with a test's clock and seeded randomness. Seconds, not minutes.

#![cfg(test)]

mod architecture;
mod gate;
mod pitfalls;
mod portal;
mod published;
mod support;
