//! The salt of an embedded start: made once, beside the database, so that a
//! newcomer needs to set nothing; losing the file loses every key.

use std::io;
use std::path::{Path, PathBuf};

use super::private_file;
use crate::domain::entropy::{Entropy, EntropyUnavailable, random_bytes};
use crate::domain::hex;
use crate::domain::salt::{BadSalt, Salt};

/// The file beside the database.
const NAME: &str = "token-salt";

/// Why there is no salt.
#[derive(Debug, thiserror::Error)]
pub enum SaltFileError {
    /// The disk.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the disk says.
        source: io::Error,
    },
    /// What the file holds.
    #[error("{}: the salt {source}; restore the file from a backup", path.display())]
    Bad {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        source: BadSalt,
    },
    /// The salt is gone while the database is there.
    #[error(
        "{}: the file is missing and the database beside it was made with it; restore it from a \
         backup, or set token_salt", path.display()
    )]
    Lost {
        /// Which file.
        path: PathBuf,
    },
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
}

/// Reads the salt, or makes it where there is no database yet.
///
/// # Errors
/// See [`SaltFileError`].
pub fn load_or_make(
    data_dir: &Path,
    database: &Path,
    entropy: &dyn Entropy,
) -> Result<Salt, SaltFileError> {
    let path = data_dir.join(NAME);
    let file = |source| SaltFileError::File {
        path: path.clone(),
        source,
    };
    private_file::private_folder(data_dir).map_err(file)?;
    if let Some(text) = private_file::read(&path).map_err(file)? {
        return Salt::parse_hex(text.expose()).map_err(|source| SaltFileError::Bad {
            path: path.clone(),
            source,
        });
    }
    if database.exists() {
        return Err(SaltFileError::Lost { path });
    }
    let raw = zeroize::Zeroizing::new(random_bytes::<32>(entropy)?);
    let mut text = zeroize::Zeroizing::new(String::with_capacity(64));
    hex::push(&*raw, &mut text);
    match private_file::create(&path, &text) {
        Ok(()) => Ok(Salt::from_bytes(*raw)),
        // Another process of ours was first: its salt is the salt.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            load_or_make(data_dir, database, entropy)
        }
        Err(source) => Err(file(source)),
    }
}
