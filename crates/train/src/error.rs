use shoebox_artifact::ArtifactError;
use shoebox_cache::CacheError;
use shoebox_chart::ChartError;
use shoebox_kernels::KernelError;
use shoebox_model::ModelError;
use shoebox_spec::SpecError;
use std::{io, path::PathBuf};
use tch::TchError;

/// Why training or evaluation ended without its result.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// The pipeline is not usable.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The cache is not there, not true or not whole.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// Reading or writing a file failed.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// A chart for TensorBoard.
    #[error("TensorBoard's confusion matrix: {0}; set train.tensorboard to false")]
    Chart(#[from] ChartError),
    /// There is no room for what training writes.
    #[error(
        "{path}: the disk is full ({source}); make room, and go on with --resume: no earlier checkpoint has changed"
    )]
    DiskFull {
        /// The file that could not be written.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The artifacts folder cannot be written to.
    #[error("{0}; pass --artifacts with a folder that can be written to")]
    Unwritable(#[source] ArtifactError),
    /// The network, its device or a checkpoint.
    #[error("{}", .0.brief())]
    Model(#[from] ModelError),
    /// An optimizer step.
    #[error("optimizer: {0}")]
    Kernel(#[from] KernelError),
    /// The loss is no longer a number, so no later step can be right.
    #[error(
        "the loss became {loss} at epoch {epoch}, step {step}; lower train.learning_rate, or look at the data with `report`"
    )]
    BadLoss {
        /// `NaN` or `inf`.
        loss: f64,
        /// From 1.
        epoch: u32,
        /// Within the epoch, from 1.
        step: usize,
    },
    /// The run has no such split.
    #[error("{path}: the cache has no split `{split}`; it has {have}")]
    NoSplit {
        /// The cache's folder.
        path: PathBuf,
        /// The split asked for.
        split: String,
        /// The splits there are.
        have: String,
    },
    /// There is nothing to train on, or to measure on.
    #[error(
        "{path}: the {split} split has no picture; give it some in the pipeline's data section, and run `prep` again"
    )]
    EmptySplit {
        /// The cache.
        path: PathBuf,
        /// `train`, `val` or `test`.
        split: String,
    },
    /// The pictures cannot be divided into so many folds.
    #[error("{path}: {fact}; {remedy}, or ask for fewer folds")]
    Folds {
        /// The cache, or its audit.
        path: PathBuf,
        /// What is in the way.
        fact: String,
        /// What else can be done.
        remedy: &'static str,
    },
    /// The run's own val and train are not those of the cache.
    #[error(
        "{path}: this run is fold {number} of a campaign, and has learned from pictures of the cache's {split}; what it says of those it has not seen is in its predictions/val.csv already, and --split test may be asked for"
    )]
    OfFold {
        /// The run's folder.
        path: PathBuf,
        /// From 1.
        number: u32,
        /// The split asked for.
        split: String,
    },
    /// The device has no room for a step.
    #[error("out of memory with batches of {batch_size}; {remedy}")]
    OutOfMemory {
        /// Samples of the step.
        batch_size: u32,
        /// Which batch size would fit.
        remedy: String,
    },
    /// A run that cannot go on with another pipeline than it began with.
    #[error(
        "{path}: the pipeline is not what this began with:\n  {}\nchange that back (its pipeline.yaml is as it was), or train anew without --resume; what may change: {free}",
        .differences.join("\n  ")
    )]
    OtherSpec {
        /// The run.
        path: PathBuf,
        /// Each key with both values.
        differences: Vec<String>,
        /// The keys that may change.
        free: String,
    },
    /// A run that cannot go on with other pictures than it began with.
    #[error(
        "{path}: this was trained on cache {earlier}, the pipeline's is now {now}; put the pictures back as they were and run `prep {pipeline}`, or train anew without --resume"
    )]
    OtherCache {
        /// The run.
        path: PathBuf,
        /// Short fingerprint of the run's cache.
        earlier: String,
        /// Short fingerprint of the pipeline's.
        now: String,
        /// The pipeline file.
        pipeline: String,
    },
    /// A run of several that are one.
    #[error(
        "{path}: this run is a part of campaign {campaign}; pass --resume {campaign}, which goes on with all of it"
    )]
    PartOfCampaign {
        /// The run.
        path: PathBuf,
        /// The campaign's name.
        campaign: String,
    },
    /// Fewer epochs than a run has begun.
    #[error(
        "{path}: this run has begun epoch {begun}, but train.epochs is {epochs}; give {begun} or more"
    )]
    TooFewEpochs {
        /// The run.
        path: PathBuf,
        /// From 1.
        begun: u32,
        /// Those that were asked for.
        epochs: u32,
    },
    /// A run and a checkpoint that don't belong together.
    #[error("{path}: {fact}; restore the file, or train again")]
    Mismatch {
        /// The checkpoint.
        path: PathBuf,
        /// Both sides of what differs.
        fact: String,
    },
}

impl From<TchError> for TrainError {
    fn from(error: TchError) -> Self {
        Self::Model(error.into())
    }
}

impl TrainError {
    /// 2 for a spec that cannot be, 1 for everything else.
    pub fn exit_status(&self) -> u8 {
        match self {
            Self::Spec(_) | Self::OtherSpec { .. } | Self::TooFewEpochs { .. } => 2,
            _ => 1,
        }
    }

    /// Whether memory ran out, on any device. libtorch says so in words alone.
    pub(crate) fn is_out_of_memory(&self) -> bool {
        let text = match self {
            Self::Model(error) => error.to_string(),
            Self::Kernel(error) => error.to_string(),
            _ => return false,
        };
        ["out of memory", "can't allocate memory"].iter().any(|words| text.contains(words))
    }

    /// Memory that ran out in a step of `batch_size` samples, with the batch
    /// size that should fit: what a step needs grows with it.
    pub(crate) fn explain_memory(self, batch_size: u32) -> Self {
        if !self.is_out_of_memory() {
            return self;
        }
        let remedy = match batch_size / 2 {
            0 => "make the pictures smaller, or the network".to_owned(),
            half => format!("set train.batch_size to {half}, which needs about half"),
        };
        Self::OutOfMemory { batch_size, remedy }
    }

    /// A failed write with the remedy that fits it.
    pub(crate) fn explain_write(self) -> Self {
        match self {
            Self::Artifact(ArtifactError::Io { path, source, .. })
            | Self::Model(ModelError::Artifact(ArtifactError::Io { path, source, .. }))
                if is_full(&source) =>
            {
                Self::DiskFull { path, source }
            }
            other => other,
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), FileTooLarge | QuotaExceeded | StorageFull)
}
