//! The hot path: what was presented becomes evidence, evidence becomes a decision.

mod gatekeeper;
mod keys;
pub mod upkeep;
pub mod usage;

pub use gatekeeper::{Checked, Gatekeeper, GatekeeperParts, Proven};
