//! Files that only their owner may read: the salt and the first keys.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::domain::secret::Secret;

/// More than any of these files holds.
const BYTES_MAX: u64 = 4_096;

/// Makes a folder that only its owner may enter, if it is not there.
///
/// # Errors
/// Fails where the folder can be neither found nor made.
pub fn private_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Writes a new file with mode 0600, never over an old one. The content is on
/// the disk when this returns.
///
/// # Errors
/// `AlreadyExists` where there is one; what the disk says otherwise.
pub fn create(path: &Path, content: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(content.as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

/// Reads such a file, without the line's end; `None` where there is none.
///
/// # Errors
/// What the disk says.
pub fn read(path: &Path) -> io::Result<Option<Secret<String>>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut content = String::new();
    file.take(BYTES_MAX).read_to_string(&mut content)?;
    content.truncate(content.trim_end().len());
    Ok(Some(Secret::new(content)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn nobody_else_reads_the_file_and_nothing_overwrites_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("salt");
        create(&path, "first").unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(
            create(&path, "second").unwrap_err().kind(),
            io::ErrorKind::AlreadyExists
        );
        assert_eq!(read(&path).unwrap().unwrap().expose(), "first");
        assert!(read(&folder.path().join("none")).unwrap().is_none());
    }
}
