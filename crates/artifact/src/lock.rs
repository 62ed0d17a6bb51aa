//! One writer at a time, by an operating-system lock that a crash releases.

use crate::ArtifactError;
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    path::Path,
};

/// Holds the lock file at its path locked until dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock at `path`, making the file and its folder where needed.
    /// The file stays when the lock is released: removing it would let two
    /// processes hold "the same" lock on two files.
    ///
    /// # Errors
    /// [`ArtifactError::Locked`] when another process holds it.
    pub fn acquire(path: &Path) -> Result<Self, ArtifactError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(ArtifactError::io(folder, "make the folder"))?;
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(ArtifactError::io(path, "lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(ArtifactError::Locked { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(ArtifactError::io(path, "lock")(source)),
        }
    }
}
