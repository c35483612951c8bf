//! Gatelodge, the lodge beside the gate: a reverse proxy asks it, for every
//! request, "may this pass?", and people mint the API keys that open it.

#![forbid(unsafe_code)]

pub mod audit;
pub mod cache;
pub mod cli;
pub mod domain;
pub mod gate;
pub mod http;
pub mod identity;
pub mod keys;
pub mod portal;
pub mod proxy;
pub mod settings;
pub mod startup;
pub mod store;
pub mod telemetry;
