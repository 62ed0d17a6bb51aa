use crate::words;
use shoebox_artifact::{ArtifactError, console::one_line, records::Finding};
use shoebox_cache::CacheError;
use shoebox_spec::SpecError;
use std::{
    io,
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
    /// A file of ours, or the table, cannot be read.
    #[error("{0}; check that you may read it")]
    Unreadable(#[source] ArtifactError),
    /// There is no room for the cache.
    #[error(
        "{path}: the disk is full ({source}); about {:.1} MB are needed until the cache is done: make room, or pass --artifacts with a folder on another disk",
        *.bytes as f64 / 1e6
    )]
    DiskFull {
        /// The artifacts folder.
        path: PathBuf,
        /// What the cache takes while it is built.
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
        classes(.strays), one_line(&.known.join(", "))
    )]
    StrayClasses {
        /// The split's folder.
        path: PathBuf,
        /// The class folders without a namesake in train.
        strays: Vec<String>,
        /// The class folders of train.
        known: Vec<String>,
    },
    /// A class that the pipeline selects and the data lacks.
    #[error("{path}: there is no class `{class}`, which data.classes names; {remedy}")]
    NoSuchClass {
        /// The folder or table.
        path: PathBuf,
        /// The class that is not there.
        class: String,
        /// The nearest class, and those that there are.
        remedy: String,
    },
    /// A table that cannot be used.
    #[error("{place}: {fact}; {remedy}")]
    Table {
        /// The file, and the line where there is one.
        place: String,
        /// What is wrong with it.
        fact: String,
        /// What can be done about it.
        remedy: String,
    },
    /// Faults in the data that forbid a cache, every one of them, and what
    /// else was noticed.
    #[error("{}", words::faults(.faults, .others))]
    Faults {
        /// What must be mended.
        faults: Vec<Finding>,
        /// What would not forbid a cache.
        others: Vec<Finding>,
    },
    /// Files of a cache that are not what was written.
    #[error("{}", words::damaged(.files, .sharers))]
    Damaged {
        /// At least one.
        files: Vec<PathBuf>,
        /// Folders of other caches that have some of them too.
        sharers: Vec<PathBuf>,
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
    /// A failed write of a cache that takes about `bytes` below `artifacts`, with the
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
            error @ ArtifactError::Io { action: "read", .. } => Self::Unreadable(error),
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
    let quoted: Vec<_> = names.iter().map(|name| format!("`{}`", one_line(name))).collect();
    let (noun, verb) = if names.len() == 1 { ("class", "is") } else { ("classes", "are") };
    format!("{noun} {} {verb}", quoted.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_fits_what_failed() {
        let message = |action, kind| {
            let error = ArtifactError::io(Path::new("a/x"), action)(io::Error::from(kind));
            PrepError::from(error).explain_write(Path::new("a"), 5_000_000).to_string()
        };
        let denied = io::ErrorKind::PermissionDenied;
        let ending = "; check that you may read it";
        assert!(message("read", denied).ends_with(ending), "{}", message("read", denied));
        let written = message("write", denied);
        assert!(written.ends_with("; pass --artifacts with a folder that can be written to"));
        let full = message("write", io::ErrorKind::StorageFull);
        assert!(full.contains("about 5.0 MB are needed until the cache is done"), "{full}");
    }
}
