//! Proofs about the cache: the protocol in small, searched from end to end, and
//! the cache itself against a store, servers, lines and clocks that do the worst.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod model;
mod simulation;
