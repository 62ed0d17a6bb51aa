//! What tells, without reading it, that a file is as it was.

use serde::{Deserialize, Serialize};
use std::{
    fs::{self, Metadata},
    io,
    os::unix::fs::MetadataExt,
    path::Path,
};

/// A file's length, times and number. Equal stamps mean the same content: who
/// writes to a file, or puts another in its place, can set the time of the
/// last change back, but not the time of that. Unequal ones mean nothing but
/// that the content has to be looked at, since copies and links have them too.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// Length in bytes.
    pub bytes: u64,
    /// Time of the last change of its content, in nanoseconds since 1970 (UTC).
    pub modified_ns: i64,
    /// Time of the last change of anything about it, in nanoseconds since 1970
    /// (UTC); the system's own note, which no program sets.
    pub changed_ns: i64,
    /// Its number in its file system.
    pub inode: u64,
}

impl Stamp {
    /// The stamp of the file at `path`, or of what a link there leads to.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|found| Self::from(&found))
    }

    /// The later of its times.
    pub fn latest_ns(&self) -> i64 {
        self.modified_ns.max(self.changed_ns)
    }
}

impl From<&Metadata> for Stamp {
    fn from(found: &Metadata) -> Self {
        let since_1970_ns =
            |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
        Self {
            bytes: found.len(),
            modified_ns: since_1970_ns(found.mtime(), found.mtime_nsec()),
            changed_ns: since_1970_ns(found.ctime(), found.ctime_nsec()),
            inode: found.ino(),
        }
    }
}
