//! What the specification is written with.

pub mod app;
