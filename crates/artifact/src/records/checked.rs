//! `cache/checked.json`: files of rows that are known to be right. It lies
//! beside the caches, since a link more or less to a file changes its stamp.

use super::Stamp;
use crate::ArtifactError;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, path::Path};

/// The files of rows whose every byte was what their records say when `prep`
/// wrote or last read them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checked {
    /// Changes when an older reader would misread this file.
    pub format_version: u32,
    /// As long as a file has this stamp, nobody has written to it.
    pub files: BTreeSet<CheckedFile>,
}

/// A file of rows, whatever its name: caches share files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckedFile {
    /// [`super::ShardRecord::checksum`].
    pub checksum: String,
    /// What the file looked like.
    pub stamp: Stamp,
}

impl Checked {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 1;

    /// Reads the record at `path`.
    ///
    /// # Errors
    /// As [`super::read_versioned`].
    pub fn read(path: &Path) -> Result<Self, ArtifactError> {
        super::read_versioned(path, Self::FORMAT_VERSION, "remove it, and run `prep` again")
    }
}
