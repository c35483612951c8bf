//! The hot path: what was presented becomes evidence, evidence becomes a decision.

mod explain;
mod gatekeeper;
mod keys;
pub mod upkeep;
pub mod usage;

pub use explain::Explainer;
pub use gatekeeper::{Checked, Gatekeeper, GatekeeperParts, Proven};
