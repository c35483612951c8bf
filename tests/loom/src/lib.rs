//! The shard of the cache under every order of steps that threads may take.
//!
//! `stamps`, `lease`, `freshness` and `shelf` are the files of `src/cache`
//! themselves; only what threads share comes from loom. Their own tests are not
//! for here: `cargo test orders`.

#![expect(dead_code, reason = "what is not tried here is used by the cache")]

mod cache {
    #[path = "../../../../src/cache/freshness.rs"]
    pub mod freshness;
    #[path = "../../../../src/cache/lease.rs"]
    pub mod lease;
    #[path = "../../../../src/cache/shelf.rs"]
    pub mod shelf;
    #[path = "../../../../src/cache/stamps.rs"]
    pub mod stamps;

    pub mod sync {
        pub use loom::sync::atomic::{AtomicBool, AtomicU64, Ordering};
        pub use loom::sync::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
        pub use std::sync::PoisonError;
    }

    #[cfg(test)]
    mod orders;
}
