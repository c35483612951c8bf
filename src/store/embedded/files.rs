//! The files of the store: private, and made before SQLite would make them.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub(super) const PRIVATE_FILE: u32 = 0o600;
const PRIVATE_FOLDER: u32 = 0o700;

/// The file of that name and ending, as SQLite names its own: `-wal`, `-shm`.
pub(super) fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// The folder that the file lies in.
pub(super) fn folder(database: &Path) -> &Path {
    match database.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Makes the folder, and those above it, for this user alone.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE_FOLDER)
        .create(folder)
}

/// Makes an empty file for this user alone, which SQLite takes for a new
/// database; `-wal` and `-shm` get their mode from it.
///
/// A file that is there is never opened here, not even to look at it: closing
/// it would drop all locks that this process holds on it (POSIX), and two
/// connections could write at once.
pub(super) fn make_database(database: &Path) -> io::Result<()> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE_FILE)
        .open(database);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// The permission bits of a file; `None` where there is none.
pub(super) fn mode(path: &Path) -> Option<u32> {
    let file = fs::metadata(path).ok()?;
    Some(file.permissions().mode() & 0o777)
}

/// The size of a file in bytes; 0 where there is none.
pub(super) fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |file| file.len())
}
