use shoebox_artifact::{ArtifactError, records::Finding};
use shoebox_cache::CacheError;
use shoebox_spec::SpecError;
use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub enum PrepError {
    /// The pipeline cannot be used.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A record cannot be read or written, or another `prep` is at work.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The cache cannot be written, or is not what it was.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The artifacts folder cannot be written to.
    #[error("{0}; pass --artifacts with a folder that can be written to")]
    Unwritable(#[source] ArtifactError),
    /// There is no room for the cache.
    #[error(
        "{path}: the disk is full ({source}); the cache takes about {:.1} MB: make room, or pass --artifacts with a folder on another disk",
        *.bytes as f64 / 1e6
    )]
    DiskFull {
        /// The artifacts folder.
        path: PathBuf,
        /// The size that the cache would have had.
        bytes: u64,
        /// What the operating system said.
        source: io::Error,
    },
    /// A split's folder is not there.
    #[error(
        "{path}: there is no such folder (data.{split}); correct the pipeline, or pass --set data.{split}=FOLDER"
    )]
    MissingFolder {
        /// The folder.
        path: PathBuf,
        /// `train`, `val` or `test`.
        split: String,
    },
    /// There is something else where a split's folder should be.
    #[error(
        "{path}: this is a file, but data.{split} must be a folder with a sub-folder for each class"
    )]
    NotAFolder {
        /// The file.
        path: PathBuf,
        /// `train`, `val` or `test`.
        split: String,
    },
    /// A folder that the operating system does not list.
    #[error("{path}: cannot list the folder: {source}; check that you may read it")]
    List {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A name that cannot be recorded.
    #[error("{path}: the name is not valid UTF-8; rename it")]
    BadName {
        /// The file or folder.
        path: PathBuf,
    },
    /// A split's folder without class folders.
    #[error(
        "{path}: {fact}; put the pictures of each class into a sub-folder that is named after it"
    )]
    NoClasses {
        /// The folder.
        path: PathBuf,
        /// What is in it instead.
        fact: String,
    },
    /// A train folder with a single class.
    #[error(
        "{path}: there is only one class, `{class}`; a classifier needs at least two class folders"
    )]
    OneClass {
        /// The folder.
        path: PathBuf,
        /// The one class.
        class: String,
    },
    /// Classes that only another split has.
    #[error(
        "{path}: {} not among the training classes ({}); add training pictures of it, or take the folder away",
        classes(.strays), .known.join(", ")
    )]
    StrayClasses {
        /// The split's folder.
        path: PathBuf,
        /// The class folders without a namesake in train.
        strays: Vec<String>,
        /// The class folders of train.
        known: Vec<String>,
    },
    /// A class folder that gives no picture.
    #[error("{path}: {fact}; add pictures to it, or take the folder away")]
    EmptyClass {
        /// The class folder.
        path: String,
        /// Whether there were no pictures, or none that can be decoded.
        fact: String,
    },
    /// Files that cannot be decoded, every one of them.
    #[error("{}", UnreadableList(.0))]
    Unreadable(Vec<Finding>),
    /// A file that was rewritten between the two times it was read.
    #[error("{path}: the file changed while `prep` was at work; run `prep` again")]
    Changed {
        /// The file.
        path: String,
    },
    /// The contact sheet cannot be drawn.
    #[error("{path}: cannot draw the contact sheet: {source}")]
    Sheet {
        /// The picture.
        path: PathBuf,
        /// What the PNG encoder said.
        source: image::ImageError,
    },
}

impl PrepError {
    /// A failed write of a cache of about `bytes` below `artifacts`, with the
    /// remedy that fits it.
    pub(crate) fn explain_write(self, artifacts: &Path, bytes: u64) -> Self {
        let io = match self {
            Self::Artifact(error) | Self::Cache(CacheError::Artifact(error)) => error,
            other => return other,
        };
        match io {
            ArtifactError::Io { source, .. } if is_full(&source) => {
                Self::DiskFull { path: artifacts.to_owned(), bytes, source }
            }
            error @ ArtifactError::Io { .. } => Self::Unwritable(error),
            other => other.into(),
        }
    }

    /// Whether the command line or the pipeline is at fault, rather than the
    /// data or the disk.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Spec(_))
    }
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), FileTooLarge | QuotaExceeded | StorageFull)
}

fn classes(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    let (noun, verb) = if names.len() == 1 { ("class", "is") } else { ("classes", "are") };
    format!("{noun} {} {verb}", quoted.join(", "))
}

/// One line a file, and what can be done.
struct UnreadableList<'a>(&'a [Finding]);

impl fmt::Display for UnreadableList<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = if self.0.len() == 1 { "1 file" } else { &format!("{} files", self.0.len()) };
        writeln!(out, "{files} cannot be used as pictures:")?;
        for finding in self.0 {
            writeln!(out, "  {}: {}", finding.path, finding.fact)?;
        }
        write!(
            out,
            "repair or remove them, or leave them out with --set data.unreadable=skip; nothing was written"
        )
    }
}
