//! Gatelodge among real parts, each started by the test that needs it.
//! `make parts` fetches them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod cache;
mod cli;
mod commands;
mod compat;
mod crash;
mod ext_authz_grpc;
mod gate;
mod gates;
mod in_place;
mod malformed;
mod oidc;
mod parts;
mod secrets;
mod sessions;
mod sign_in;
mod sign_in_otherwise;
mod start;
mod staying_signed_in;
mod support;
mod wire;
