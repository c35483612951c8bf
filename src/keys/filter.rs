//! The filter key at start: read, made if there is none, and kept under every
//! accepted salt, so that a salt can be dropped later.

use crate::domain::api_key::filter::FilterKey;
use crate::domain::entropy::{Entropy, EntropyUnavailable, random_bytes};
use crate::domain::salt::{Salt, SaltId, Salts};
use crate::domain::vault;
use crate::store::{StoreError, VaultStore};

const NAME: &str = "gl:f";

/// Why there is no filter key.
#[derive(Debug, thiserror::Error)]
pub enum FilterKeyError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The store's keys were made under salts that are not configured here.
    #[error(
        "the store belongs to salt {}, and the configured token_salt is another; set the former \
         one as token_salt, or add it to token_salts_accepted",
        .found.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    OtherSalt {
        /// The salts that the store knows, by their public names.
        found: Vec<SaltId>,
    },
    /// A copy does not open under its own salt.
    #[error("the filter key under salt {salt} was changed by somebody without the salt")]
    Tampered {
        /// The salt.
        salt: SaltId,
    },
}

/// Loads the filter key, or makes it at the very first start.
///
/// # Errors
/// See [`FilterKeyError`]; nothing can be checked without the key.
pub async fn load(
    store: &dyn VaultStore,
    salts: &Salts,
    entropy: &dyn Entropy,
) -> Result<FilterKey, FilterKeyError> {
    let mut copies = store.filter_keys().await?;
    if copies.is_empty() {
        let fresh = random_bytes::<32>(entropy)?;
        let salt = salts.active();
        store
            .create_filter_key(salt.id(), &seal(salt, &fresh, entropy)?)
            .await?;
        // Another replica may have been first: what the store has now counts.
        copies = store.filter_keys().await?;
    }
    let key = open_one(&copies, salts)?;
    for salt in salts.accepted() {
        if copies.iter().all(|(id, _)| *id != salt.id()) {
            store
                .add_filter_key(salt.id(), &seal(salt, key.expose(), entropy)?)
                .await?;
        }
    }
    Ok(key)
}

fn seal(salt: &Salt, key: &[u8; 32], entropy: &dyn Entropy) -> Result<Vec<u8>, EntropyUnavailable> {
    vault::encrypt(salt.vault_key(), NAME, key, entropy)
}

fn open_one(copies: &[(SaltId, Vec<u8>)], salts: &Salts) -> Result<FilterKey, FilterKeyError> {
    let Some((salt, sealed)) = copies
        .iter()
        .find_map(|(id, sealed)| Some((salts.find(*id)?, sealed)))
    else {
        let found = copies.iter().map(|(id, _)| *id).collect();
        return Err(FilterKeyError::OtherSalt { found });
    };
    vault::decrypt(salt.vault_key(), NAME, sealed)
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes.expose().as_slice()).ok())
        .map(FilterKey::new)
        .ok_or(FilterKeyError::Tampered { salt: salt.id() })
}
