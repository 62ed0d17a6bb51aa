//! What can go wrong while the demo data is made.

use shoebox_artifact::ArtifactError;
use std::path::PathBuf;

/// Why [`crate::run`] made nothing. Whatever the reason, the output folder is
/// as it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// A count of pictures that two classes can't share equally.
    #[error(
        "{option}: {count} pictures cannot be shared by two classes; give an even number, 2 or more"
    )]
    BadCount {
        /// The option's name on the command line.
        option: &'static str,
        /// The count it was given.
        count: usize,
    },

    /// The output path names no folder of its own, such as `/` or `..`.
    #[error("{}: cannot be replaced as a whole; name a folder inside it", out.display())]
    NoName {
        /// The output path.
        out: PathBuf,
    },

    /// The output path holds something that is not demo data.
    #[error("{}: holds something other than demo data (no demo.json in it); move it away, or choose another --out", out.display())]
    Foreign {
        /// The output path.
        out: PathBuf,
    },

    /// The output folder holds demo data, and a file that is not part of it.
    #[error("{}: is not part of the demo data around it, so it is not replaced; move it away, or choose another --out", path.display())]
    Stray {
        /// The file or folder that does not belong there.
        path: PathBuf,
    },

    /// The output folder holds demo data of other options, or part of a set.
    #[error("{}: holds demo data that is incomplete or was made with other options; --force replaces it", out.display())]
    Outdated {
        /// The output path.
        out: PathBuf,
    },

    /// A picture could not be compressed.
    #[error("{}: the picture cannot be written as a JPEG: {source}", path.display())]
    Encode {
        /// The picture's path inside the output folder.
        path: PathBuf,
        /// The encoder's own reason.
        source: image::ImageError,
    },

    /// A file or folder could not be read or written.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

impl DemoError {
    /// Whether the options are at fault rather than the disk: exit status 2.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::BadCount { .. } | Self::NoName { .. })
    }
}
