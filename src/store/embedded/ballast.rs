//! Room to revoke keys when the disk is full.
//!
//! SQLite needs room for every change, a deletion too. So a file of fixed size
//! lies beside the database, holding nothing of worth; when a revocation finds
//! the disk full, the file is removed and the revocation takes its room. Until
//! the file is back, nothing that can wait may use that room.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::files::{PRIVATE_FILE, beside};
use crate::store::StoreError;

/// Its size: some 250 pages, of which a revocation writes a handful.
const BYTES: u16 = 1024;
const BYTES_TOTAL: u64 = 1024 * BYTES as u64;

/// The file.
pub(super) struct Ballast(PathBuf);

impl Ballast {
    pub(super) fn beside(database: &Path) -> Self {
        Self(beside(database, "-ballast"))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn is_in_place(&self) -> bool {
        fs::metadata(&self.0).is_ok_and(|file| file.len() == BYTES_TOTAL)
    }

    /// Gives its room away.
    pub(super) fn release(&self) {
        // Where it is gone already, there is nothing more to give.
        let _ = fs::remove_file(&self.0);
    }

    /// Puts it in place, if it is not.
    ///
    /// # Errors
    /// Fails where there is no room for it: then there is none for new keys either.
    pub(super) async fn restore(&self) -> Result<(), StoreError> {
        if self.is_in_place() {
            return Ok(());
        }
        let path = self.0.clone();
        let written = tokio::task::spawn_blocking(move || write(&path)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(StoreError::Full(format!(
                "no room for {}: {error}",
                self.0.display()
            ))),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }
}

fn write(path: &Path) -> io::Result<()> {
    let written = fill(path);
    if written.is_err() {
        // Half of it would take room and give none.
        let _ = fs::remove_file(path);
    }
    written
}

fn fill(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(PRIVATE_FILE)
        .open(path)?;
    // Bytes that do not repeat: a file system that compresses would otherwise
    // set no room aside.
    let mut noise = blake3::Hasher::new().finalize_xof();
    let mut block = [0; 1024];
    for _ in 0..BYTES {
        noise.fill(&mut block);
        file.write_all(&block)?;
    }
    file.sync_all()
}
