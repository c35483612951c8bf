//! Argon2id (RFC 9106), a few at a time, on threads that may block.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use argon2::password_hash::PasswordHasher as _;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, Version};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;

use crate::domain::entropy::{Entropy, EntropyUnavailable, random_bytes};
use crate::domain::secret::Secret;

/// How many passwords are hashed at once: each takes its memory and a processor.
const AT_ONCE: usize = 2;
/// How many may wait for their turn; more are told to come again.
const WAITING_MAX: usize = 32;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashCosts {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub lanes: u32,
}

/// The most that is ever spent, whatever a record asks for.
pub const COSTS_MAX: HashCosts = HashCosts {
    memory_kib: 1 << 20,
    iterations: 64,
    lanes: 16,
};

/// Why nothing was hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashError {
    /// Too many wait already.
    #[error("too many passwords are being checked at the moment")]
    Busy,
    /// The stored hash or the costs are of no use.
    #[error("the hash of a password cannot be computed: {0}")]
    Unusable(&'static str),
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
}

/// What a look at a password brought up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password; `outdated` if its hash has other costs than new ones.
    Right {
        /// Whether it should be hashed anew.
        outdated: bool,
    },
    /// It is not.
    Wrong,
}

/// Hashes passwords.
pub struct PasswordHashing {
    costs: HashCosts,
    entropy: Arc<dyn Entropy>,
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
    done: Arc<AtomicU64>,
}

impl PasswordHashing {
    /// With these costs for new hashes.
    pub fn new(costs: HashCosts, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            costs,
            entropy,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            waiting: AtomicUsize::new(0),
            done: Arc::default(),
        }
    }

    /// How many hashes were computed: that all answers take the same work is
    /// shown by counting it.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Hashes a new password with a random salt, as a PHC string.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn hash(&self, password: &Secret<String>) -> Result<Secret<String>, HashError> {
        let salt = random_bytes::<SALT_BYTES>(self.entropy.as_ref())?;
        let params = self.costs.params()?;
        let password = normalised(password);
        self.in_turn(move || {
            let hashed = argon2(params).hash_password_with_salt(password.expose(), &salt);
            let hashed = hashed.map_err(|_| HashError::Unusable("hashing failed"))?;
            Ok(Secret::new(hashed.to_string()))
        })
        .await
    }

    /// Compares a password with a stored hash. Without one the same work is done
    /// for nothing, so that an answer about nobody takes as long.
    ///
    /// # Errors
    /// See [`HashError`].
    pub async fn verify(
        &self,
        password: &Secret<String>,
        stored: Option<&Secret<String>>,
    ) -> Result<Verdict, HashError> {
        let current = self.costs.params()?;
        let (params, salt, wanted) = match stored {
            Some(stored) => read(stored.expose())?,
            None => (current.clone(), vec![0; SALT_BYTES], Vec::new()),
        };
        let outdated = costs_of(&params) != self.costs;
        let length = wanted.len().max(HASH_BYTES);
        let password = normalised(password);
        self.in_turn(move || {
            let mut found = vec![0; length];
            argon2(params)
                .hash_password_into(password.expose(), &salt, &mut found)
                .map_err(|_| HashError::Unusable("hashing failed"))?;
            Ok(if found.ct_eq(&wanted).into() {
                Verdict::Right { outdated }
            } else {
                Verdict::Wrong
            })
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let place = Waiting::take(&self.waiting)?;
        let turn = Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| HashError::Busy)?;
        drop(place);
        let done = Arc::clone(&self.done);
        // The turn goes with the work: whoever asked may have gone by then.
        let worked = tokio::task::spawn_blocking(move || {
            let worked = work();
            done.fetch_add(1, Ordering::Relaxed);
            drop(turn);
            worked
        });
        worked
            .await
            .map_err(|_| HashError::Unusable("the work was broken off"))?
    }
}

/// A place among those who wait, given back also by whoever goes away.
struct Waiting<'w>(&'w AtomicUsize);

impl<'w> Waiting<'w> {
    fn take(waiting: &'w AtomicUsize) -> Result<Self, HashError> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        if before < WAITING_MAX {
            Ok(place)
        } else {
            Err(HashError::Busy)
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl HashCosts {
    fn params(self) -> Result<Params, HashError> {
        Params::new(
            self.memory_kib,
            self.iterations,
            self.lanes,
            Some(HASH_BYTES),
        )
        .map_err(|_| HashError::Unusable("the costs are out of bounds"))
    }

    fn exceeds(self, other: Self) -> bool {
        self.memory_kib > other.memory_kib
            || self.iterations > other.iterations
            || self.lanes > other.lanes
    }
}

fn costs_of(params: &Params) -> HashCosts {
    HashCosts {
        memory_kib: params.m_cost(),
        iterations: params.t_cost(),
        lanes: params.p_cost(),
    }
}

fn argon2(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The same text, whatever keyboard it was typed on (NFKC, as NIST SP 800-63B asks).
fn normalised(password: &Secret<String>) -> Secret<Vec<u8>> {
    Secret::new(password.expose().nfkc().collect::<String>().into_bytes())
}

/// Costs, salt and hash of a PHC string, of no more than [`COSTS_MAX`]: a record
/// must not be able to exhaust the memory.
fn read(phc: &str) -> Result<(Params, Vec<u8>, Vec<u8>), HashError> {
    let unusable = |_| HashError::Unusable("a stored hash cannot be read");
    let hash = PasswordHash::new(phc).map_err(unusable)?;
    let is_ours = hash.algorithm.as_str() == "argon2id" && hash.version == Some(19);
    let (Some(salt), Some(output)) = (&hash.salt, &hash.hash) else {
        return Err(HashError::Unusable("a stored hash is not complete"));
    };
    let params = Params::try_from(&hash)
        .map_err(|_| HashError::Unusable("the costs of a stored hash cannot be read"))?;
    if !is_ours || costs_of(&params).exceeds(COSTS_MAX) || output.len() < HASH_BYTES {
        return Err(HashError::Unusable("a stored hash is of another kind"));
    }
    Ok((params, salt.to_vec(), output.as_bytes().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;
    impl Entropy for Fixed {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
            buffer.fill(7);
            Ok(())
        }
    }

    const CHEAP: HashCosts = HashCosts {
        memory_kib: 64,
        iterations: 1,
        lanes: 1,
    };

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_known_again_however_it_is_composed() {
        let hashing = PasswordHashing::new(CHEAP, Arc::new(Fixed));
        let stored = hashing.hash(&secret("cafe\u{301} au lait")).await.unwrap();
        assert!(stored.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        let right = hashing.verify(&secret("café au lait"), Some(&stored)).await;
        assert_eq!(right, Ok(Verdict::Right { outdated: false }));
        let wrong = hashing.verify(&secret("cafe au lait"), Some(&stored)).await;
        assert_eq!(wrong, Ok(Verdict::Wrong));
        let dearer = HashCosts {
            iterations: 2,
            ..CHEAP
        };
        let hashing = PasswordHashing::new(dearer, Arc::new(Fixed));
        let right = hashing.verify(&secret("café au lait"), Some(&stored)).await;
        assert_eq!(right, Ok(Verdict::Right { outdated: true }));
    }

    #[tokio::test]
    async fn nobody_costs_as_much_as_somebody_and_is_never_right() {
        let hashing = PasswordHashing::new(CHEAP, Arc::new(Fixed));
        let nobody = hashing.verify(&secret("anything"), None).await;
        assert_eq!((nobody, hashing.done()), (Ok(Verdict::Wrong), 1));
    }

    #[tokio::test]
    async fn a_hostile_record_exhausts_nothing() {
        let hashing = PasswordHashing::new(CHEAP, Arc::new(Fixed));
        let salt_and_hash = "BwcHBwcHBwcHBwcHBwcHBw$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for costs in [
            "argon2id$v=19$m=1048577,t=1,p=1",
            "argon2id$v=19$m=64,t=65,p=1",
            "argon2id$v=19$m=4096,t=1,p=17",
            "argon2i$v=19$m=64,t=1,p=1",
            "argon2id$v=16$m=64,t=1,p=1",
        ] {
            let stored = secret(&format!("${costs}${salt_and_hash}"));
            let verdict = hashing.verify(&secret("x"), Some(&stored)).await;
            assert!(matches!(verdict, Err(HashError::Unusable(_))), "{costs}");
        }
        assert_eq!(hashing.done(), 0);
        let empty = secret("$argon2id$v=19$m=64,t=1,p=1$BwcHBwcHBwcHBwcHBwcHBw");
        assert!(hashing.verify(&secret("x"), Some(&empty)).await.is_err());
    }

    #[tokio::test]
    async fn not_everybody_may_wait() {
        let hashing = PasswordHashing::new(CHEAP, Arc::new(Fixed));
        let mut places: Vec<_> = (0..WAITING_MAX)
            .map(|_| Waiting::take(&hashing.waiting).unwrap())
            .collect();
        let password = secret("x");
        assert_eq!(hashing.verify(&password, None).await, Err(HashError::Busy));
        places.pop();
        assert_eq!(hashing.verify(&password, None).await, Ok(Verdict::Wrong));
    }
}
