use shoebox_artifact::ArtifactError;
use shoebox_model::ModelError;
use std::path::PathBuf;
use tch::TchError;

/// Why nothing could be predicted at all.
#[derive(Debug, thiserror::Error)]
pub enum InferError {
    /// Reading a file or folder failed.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The checkpoint or the device.
    #[error("{}", .0.brief())]
    Model(#[from] ModelError),
    /// A path that is not there.
    #[error("{path}: there is no such file or folder; pass pictures, or folders of pictures")]
    NoSuchPath {
        /// The path as given.
        path: PathBuf,
    },
    /// Folders that hold no pictures.
    #[error("{path}: there is no picture in this folder; pass pictures, or folders of pictures")]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
}

impl From<TchError> for InferError {
    fn from(error: TchError) -> Self {
        Self::Model(error.into())
    }
}
