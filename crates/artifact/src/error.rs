use std::{
    io,
    path::{Path, PathBuf},
};

/// Why something on disk could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The operating system refused.
    #[error("{path}: cannot {action}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was attempted: `write`, `read`, …
        action: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file of ours that does not say what it should.
    #[error("{path}: {fact}; {remedy}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fact: String,
        /// What to do.
        remedy: &'static str,
    },
    /// Written by another version of Shoebox.
    #[error("{path}: format version {found}, this build reads {expected}; {remedy}")]
    Version {
        /// The file.
        path: PathBuf,
        /// The version in the file.
        found: u64,
        /// The version that this build reads.
        expected: u32,
        /// What to do.
        remedy: &'static str,
    },
    /// Another process is writing the same thing.
    #[error("{path}: another process is writing here; wait for it to end, or stop it")]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// There is nothing by that name.
    #[error("{path}: {fact}; {remedy}")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
        /// What is missing.
        fact: &'static str,
        /// What to do.
        remedy: String,
    },
}

impl ArtifactError {
    /// An [`ArtifactError::Io`] maker for `map_err`.
    pub fn io(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, action, source }
    }
}
