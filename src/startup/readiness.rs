//! Could the gate decide right now? Asked by orchestrators, part by part.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Turns once, before the listener stops taking requests, so that balancers
/// look elsewhere first.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// Announces that the process is about to stop.
    pub fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether it is.
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
