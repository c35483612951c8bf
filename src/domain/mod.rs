//! What things are and what may pass: pure, without I/O, async, framework or clock.

pub mod entropy;
pub mod secret;
pub mod subject;
pub mod time;
