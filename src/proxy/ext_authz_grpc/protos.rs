//! Envoy's published messages, made from `proto/` by the build.

#![expect(
    missing_docs,
    clippy::allow_attributes,
    clippy::large_enum_variant,
    clippy::len_without_is_empty,
    clippy::pedantic,
    reason = "generated"
)]

include!(concat!(env!("OUT_DIR"), "/envoy.rs"));

/// The description of all of them, for clients that ask for it.
pub const DESCRIPTIONS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/envoy.bin"));
