//! Randomness as the domain sees it: handed in, never taken.

/// Where unpredictable bytes come from: the operating system in production.
pub trait Entropy: Send + Sync {
    /// Fills `buffer` with bytes fit for secrets.
    ///
    /// # Errors
    /// Fails where the source cannot answer; nothing secret may be made then.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable>;
}

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gave no randomness")]
pub struct EntropyUnavailable;

/// A convenience for fixed sizes.
pub fn random_bytes<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], EntropyUnavailable> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes)
}
