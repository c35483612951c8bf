//! The id under which the log knows a request: taken from `X-Request-Id` where
//! it is harmless, made otherwise. Made only when it is needed, so that an
//! allowed request on the hot path pays nothing.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::{HttpMessage as _, HttpRequest};

use crate::domain::entropy::{Entropy, EntropyUnavailable, random_bytes};

/// The header that carries it, both ways.
pub const HEADER: &str = "x-request-id";
const TAKEN_BYTES_MAX: usize = 128;

/// Makes ids: a random part for the process, and a number.
#[derive(Debug)]
pub struct RequestIds {
    process: u64,
    next: AtomicU64,
}

/// An id, kept with its request.
#[derive(Clone, Debug)]
struct Known(String);

tokio::task_local! {
    static CURRENT: String;
}

impl RequestIds {
    /// Draws the process's part.
    ///
    /// # Errors
    /// Fails where there is no randomness.
    pub fn new(entropy: &dyn Entropy) -> Result<Self, EntropyUnavailable> {
        let process = u64::from_le_bytes(random_bytes(entropy)?);
        Ok(Self {
            process,
            next: AtomicU64::new(0),
        })
    }

    fn make(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        format!("{:016x}-{number:x}", self.process)
    }

    /// The id that was given, if it is harmless; otherwise a new one.
    pub fn for_given(&self, given: Option<&str>) -> String {
        given
            .filter(|id| is_harmless(id))
            .map_or_else(|| self.make(), str::to_owned)
    }

    /// The id of a request; the same each time it is asked.
    pub fn of(&self, request: &HttpRequest) -> String {
        if let Some(known) = request.extensions().get::<Known>() {
            return known.0.clone();
        }
        let taken = request
            .headers()
            .get(HEADER)
            .and_then(|value| value.to_str().ok());
        let id = self.for_given(taken);
        request.extensions_mut().insert(Known(id.clone()));
        id
    }
}

/// Whether an id from outside may stand in logs and answers.
fn is_harmless(id: &str) -> bool {
    (1..=TAKEN_BYTES_MAX).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(&byte))
}

/// Runs `work` under an id, so that a problem that arises within can name it.
pub async fn scope<F: Future>(id: String, work: F) -> F::Output {
    CURRENT.scope(id, work).await
}

/// The id that the present work runs under.
pub fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_ids_are_taken() {
        assert!(is_harmless("4bf92f3577b34da6-1"));
        for bad in ["", "a b", "a\"b", "é", &"x".repeat(129)] {
            assert!(!is_harmless(bad), "{bad:?}");
        }
    }
}
