//! A panic is a fault of ours, and a fault of ours is a refusal: it must be
//! answered, because a proxy that fails open takes a dropped connection for leave.

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;

/// The work panicked; the panic was caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

/// Runs `work` and catches its panic.
///
/// # Errors
/// [`Panicked`] where it did. What the work shared with others is behind locks
/// that recover, or is replaced as a whole, so that none of it is left halfway.
pub async fn caught<F: Future>(work: F) -> Result<F::Output, Panicked> {
    AssertUnwindSafe(work).catch_unwind().await.map_err(|_| {
        tracing::error!("a panic was caught and answered as a refusal");
        Panicked
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_a_value() {
        assert_eq!(caught(async { 7 }).await, Ok(7));
        assert_eq!(
            caught(async { panic!("boom") }).await,
            Err::<(), _>(Panicked)
        );
    }
}
