//! Gatelodge, the lodge beside the gate: a reverse proxy asks it, for every
//! request, "may this pass?", and people mint the API keys that open it.

#![forbid(unsafe_code)]

pub mod domain;
pub mod http;
pub mod keys;
pub mod identity;
pub mod store;
