//! What a training run writes about itself.

use super::{Calibration, CampaignKind};
use crate::ArtifactError;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path};

/// `run.json`: what was run, on what, and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRecord {
    /// Changes when an older reader would misread the run.
    pub format_version: u32,
    /// The spec with every default resolved, as JSON.
    pub spec: serde_json::Value,
    /// The seed of weights, shuffling and dropout.
    pub seed: u64,
    /// The fingerprint of the cache that the run reads.
    pub cache_fingerprint: String,
    /// Sorted; a label is a position in this list.
    pub class_names: Vec<String>,
    /// All parameters of the network.
    pub parameters: u64,
    /// `cpu` or `cuda:0`, as it was chosen.
    pub device: String,
    /// CPU threads.
    pub threads: u32,
    /// Of the programs that wrote the run.
    pub versions: RunVersions,
    /// UTC, RFC 3339.
    pub started: String,
    /// From the start of the program to its end, in seconds; of the latest epoch
    /// while it runs. Of a run that went on, that of all its programs, as far
    /// as they wrote it down.
    pub seconds: f64,
    /// How often it went on after it had ended or been killed.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub resumed: u32,
    /// How it stands.
    pub status: RunStatus,
    /// Of which campaign it is a part, where it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub campaign: Option<CampaignPart>,
    /// How the head was trained before the first epoch, where it was.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub head_first: Option<HeadRecord>,
    /// The epoch of `best.safetensors`, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub best_epoch: Option<u32>,
    /// What was fitted on val, with the best weights.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub calibration: Option<Calibration>,
    /// The best weights on each split that was evaluated, as they were measured last.
    #[serde(default)]
    pub evaluations: Vec<Evaluation>,
}

impl RunRecord {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 1;
    const REMEDY: &'static str = "use the Shoebox that trained it, or train again";

    /// Reads the record at `path`, a run's `run.json`.
    ///
    /// # Errors
    /// As [`super::read_versioned`].
    pub fn read(path: &Path) -> Result<Self, ArtifactError> {
        super::read_versioned(path, Self::FORMAT_VERSION, Self::REMEDY)
    }

    /// How `split` was measured last, where it was.
    pub fn evaluation(&self, split: &str) -> Option<&Evaluation> {
        self.evaluations.iter().find(|evaluation| evaluation.split == split)
    }

    /// Adds `evaluation`, in the place of an earlier one of its split.
    pub fn put_evaluation(&mut self, evaluation: Evaluation) {
        match self.evaluations.iter_mut().find(|earlier| earlier.split == evaluation.split) {
            Some(earlier) => *earlier = evaluation,
            None => self.evaluations.push(evaluation),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Of the programs that wrote a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunVersions {
    /// Of Shoebox.
    pub shoebox: String,
    /// Of libtorch.
    pub libtorch: String,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// At work, or ended without a word (killed, power cut).
    Running,
    /// Went through all its epochs.
    Finished,
    /// Ended by early stopping.
    StoppedEarly,
    /// Ended by Ctrl-C or another signal.
    Interrupted,
    /// Ended by an error, a NaN loss for instance.
    Failed,
}

/// The place of a run in a campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignPart {
    /// The campaign's name: its folder's, below `campaigns`.
    pub name: String,
    /// Which of its runs this is, from 1. With folds: the part of the
    /// pictures that is this run's val.
    pub number: u32,
    /// What sets its runs apart. With folds, train and val of the run are
    /// not those of the cache.
    pub kind: CampaignKind,
}

impl CampaignPart {
    /// Whether train and val of the run are those of the cache.
    pub fn has_splits_of_cache(&self) -> bool {
        !matches!(self.kind, CampaignKind::Folds(_))
    }
}

/// A head that was trained on a backbone's features, before the first epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadRecord {
    /// How many epochs.
    pub epochs: u32,
    /// Mean cross-entropy per training sample in the last of them, in nats, dropout on.
    pub loss: f64,
    /// Share of correct training samples in the last of them, 0–1, dropout on.
    pub accuracy: f64,
    /// Computing the features took this long.
    pub features_seconds: f64,
    /// All of it took this long.
    pub seconds: f64,
}

/// A line of `metrics.jsonl`: one split in one epoch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetricRow {
    /// From 1.
    pub epoch: u32,
    /// `train` (over the epoch's batches, dropout on) or `val` (after the epoch).
    pub split: String,
    /// Mean cross-entropy per sample, in nats.
    pub loss: f64,
    /// Share of samples whose largest logit is the true class's, 0–1.
    pub accuracy: f64,
    /// Of the epoch's last step.
    pub learning_rate: f64,
    /// Spent on this split in this epoch.
    pub seconds: f64,
    /// Samples per second.
    pub images_per_second: f64,
    /// Of `train`: the share of its time in which a step waited for its batch, 0–1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data_wait: Option<f64>,
}

/// Weights on a split.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluation {
    /// `train`, `val` or `test`.
    pub split: String,
    /// The views whose probabilities were averaged, as `evaluate.tta` names
    /// them, where pictures were not taken as they are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tta: Option<String>,
    /// Samples.
    pub count: u64,
    /// Samples whose largest logit is the true class's.
    pub correct: u64,
    /// Mean cross-entropy per sample, in nats, of the probabilities as the
    /// network gives them.
    pub loss: f64,
    /// The expected calibration error of these probabilities, 0–1, of 15 bins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ece: Option<f64>,
    /// The same at the temperature, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub calibrated: Option<Calibrated>,
    /// By k, samples whose class is among the k likeliest; k is below the
    /// number of classes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub top_k: BTreeMap<u32, u64>,
    /// The mean of the classes' F1, 0–1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub macro_f1: Option<f64>,
    /// What is answered when unsure pictures are unknown, where they are.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answered: Option<Answered>,
}

/// Figures of the probabilities at a temperature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibrated {
    /// What the logarithms of the probabilities were divided by.
    pub temperature: f64,
    /// Mean cross-entropy per sample, in nats.
    pub loss: f64,
    /// The expected calibration error, 0–1.
    pub ece: f64,
}

/// Samples whose likeliest class is as probable as a threshold, or more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The threshold, 0–1, of the probability at the temperature.
    pub threshold: f64,
    /// Samples.
    pub count: u64,
    /// Those of them that are right.
    pub correct: u64,
}

impl Evaluation {
    /// Share of correct samples, 0–1.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.count as f64
    }
}
