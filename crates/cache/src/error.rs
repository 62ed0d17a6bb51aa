use shoebox_artifact::ArtifactError;
use std::path::PathBuf;

/// Why a cache cannot be written or trusted.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// Reading or writing a file failed.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// There is no cache for this pipeline.
    #[error(
        "{path}: there is no cache for this pipeline's data; run `prep` with the same pipeline and --set options"
    )]
    Missing {
        /// The artifacts folder, or the cache's.
        path: PathBuf,
    },
    /// The pictures are not those that the cache was made of.
    #[error("{path}: {fact} since the cache was made; run `prep` again")]
    Changed {
        /// The file or folder.
        path: PathBuf,
        /// What happened to it.
        fact: String,
    },
    /// The file's bytes are not what the manifest says.
    #[error("{path}: the cache is damaged: {fact}; remove its folder and run `prep` again")]
    Damaged {
        /// The split's file.
        path: PathBuf,
        /// What is wrong.
        fact: String,
    },
    /// A row that does not fit into the file being written.
    #[error("{path}: {fact}")]
    BadRow {
        /// The split's file.
        path: PathBuf,
        /// What does not fit.
        fact: String,
    },
}
