use shoebox_artifact::ArtifactError;
use std::path::PathBuf;
use tch::TchError;

/// Why a network cannot be built, loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// Reading or writing a file failed.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// libtorch refused an operation (out of memory, for instance).
    #[error("libtorch: {0}")]
    Torch(#[from] TchError),
    /// The spec asks for a device that is not usable.
    #[error("train.device {asked}: {fact}; {remedy}, or use cpu")]
    Device {
        /// The device as the spec names it.
        asked: String,
        /// Why it cannot be used.
        fact: String,
        /// What to do.
        remedy: &'static str,
    },
    /// TF32 on a device that does not have it.
    #[error(
        "train.precision tf32: only CUDA devices have it; use float32 or bfloat16, or a CUDA device"
    )]
    Precision,
    /// A split that is to be held on a device, and does not fit there.
    #[error(
        "data.residency device: the split needs {needed}, but the device has {free} free, of which {reserve} are left to the network; use auto or host"
    )]
    NoRoom {
        /// Bytes of the split, as text.
        needed: String,
        /// Bytes that nobody has taken, as text.
        free: String,
        /// Bytes that are not for data, as text.
        reserve: String,
    },
    /// A setting of the device was refused.
    #[error("libtorch: {0}")]
    Kernel(#[from] shoebox_kernels::KernelError),
    /// The spec's layers do not fit together.
    #[error("{0}")]
    Layers(String),
    /// The file is no checkpoint of ours, or a damaged one.
    #[error("{path}: {fact}; train again, or pass another checkpoint")]
    BadCheckpoint {
        /// The checkpoint.
        path: PathBuf,
        /// What is wrong with it.
        fact: String,
    },
    /// There is no file with the weights that the spec asks for.
    #[error("{path}: there are no such weights; {remedy}")]
    NoWeights {
        /// Where they were looked for.
        path: PathBuf,
        /// What to do.
        remedy: String,
    },
    /// A file with a backbone's weights that cannot be read.
    #[error("{path}: {fact}; make it again, or use another file")]
    BadWeights {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fact: String,
    },
    /// The weights are those of another network.
    #[error("{path}: these are not the weights of {backbone}: {}; use a file with its published tensors", .differences.join(", "))]
    OtherWeights {
        /// The file.
        path: PathBuf,
        /// The backbone as the spec names it.
        backbone: &'static str,
        /// Every missing, extra or misshapen tensor.
        differences: Vec<String>,
    },
    /// The tensors are those of another network.
    #[error("{path}: a checkpoint of another network: {}; use the pipeline it was trained with", .differences.join(", "))]
    OtherNetwork {
        /// The checkpoint.
        path: PathBuf,
        /// Every missing, extra or misshapen tensor.
        differences: Vec<String>,
    },
}

impl ModelError {
    /// A libtorch error without the C++ backtrace it may carry, which tells a
    /// user nothing.
    pub fn brief(&self) -> String {
        let text = self.to_string();
        text.split("\nException raised from").next().unwrap_or(&text).to_owned()
    }
}
