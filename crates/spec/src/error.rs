use std::{io, path::PathBuf};

/// Why a pipeline spec is not usable. Every message starts with the file (and
/// the line, where there is one).
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file cannot be read.
    #[error(
        "{path}: cannot read the pipeline: {source}; pass the path of a YAML file such as pipelines/sneakers.yaml"
    )]
    Read {
        /// The pipeline file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The text is not YAML, or not of the spec's shape.
    #[error("{place}: {message}")]
    Parse {
        /// `path:line:column`, or the path alone.
        place: String,
        /// What was found, what was expected, and the nearest valid name.
        message: String,
    },
    /// Every value has its type, but one of them cannot be.
    #[error("{place}: {key}: {message}")]
    Invalid {
        /// `path:line:column`, or the path alone.
        place: String,
        /// The value's place in the spec.
        key: String,
        /// The fact and the remedy.
        message: String,
    },
    /// A `--set` that cannot be applied.
    #[error("--set {assignment}: {message}")]
    Set {
        /// The argument as given.
        assignment: String,
        /// The fact and the remedy.
        message: String,
    },
}
