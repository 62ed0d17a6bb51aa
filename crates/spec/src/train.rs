//! The `train:` section: how the network learns.

use crate::{
    augment::{self, Augment},
    bounds::{at_least_one, positive, within},
    head_first::HeadFirst,
    keys::Problem,
    learning_rate::LearningRate,
    optimizer::{Adam, Optimizer},
    scalar::{BatchSize, Device, Pair},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the network learns, with Keras's meaning and defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TrainSpec {
    /// Where the numbers are computed.
    pub device: Device,
    /// What computes the layers.
    pub kernels: Kernels,
    /// The numbers that layers compute in.
    pub precision: Precision,
    /// CPU threads; all of them when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threads: Option<u32>,
    /// Height and width of the pictures in training, in pixels: those of
    /// `data.image_size` are made smaller. The same when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_size: Option<Pair>,
    /// The order in which samples are seen.
    pub shuffle: Shuffle,
    /// Samples per step; the last batch of an epoch may be smaller.
    pub batch_size: BatchSize,
    /// Batches whose gradients make one step together.
    pub accumulate: u32,
    /// How often the classes are seen.
    pub sampling: Sampling,
    /// What trains the head alone, before the first epoch; nothing when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head_first: Option<HeadFirst>,
    /// How pictures are changed each time they are seen; not at all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub augment: Vec<Augment>,
    /// The most epochs to train for.
    pub epochs: u32,
    /// How gradients become steps.
    pub optimizer: Optimizer,
    /// The learning rate of each step.
    pub learning_rate: LearningRate,
    /// The learning rate of a backbone, as a multiple of the head's.
    pub backbone_rate: f64,
    /// The most that all gradients together may be long (their 2-norm); longer
    /// ones are shortened. No limit when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,
    /// What is measured between logits and labels.
    pub loss: LossSpec,
    /// The decay of the mean of all weights so far, with which the network is
    /// measured and kept; without one, the weights themselves are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ema: Option<f64>,
    /// When to end before `epochs`; never when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// Which epoch's weights are the best.
    pub checkpoint: CheckpointSpec,
    /// Whether event files for TensorBoard are written.
    pub tensorboard: bool,
}

impl Default for TrainSpec {
    fn default() -> Self {
        Self {
            device: Device::Auto,
            kernels: Kernels::Auto,
            precision: Precision::Float32,
            threads: None,
            image_size: None,
            shuffle: Shuffle::Full,
            batch_size: BatchSize::Count(32),
            accumulate: 1,
            sampling: Sampling::Natural,
            head_first: None,
            augment: Vec::new(),
            epochs: 20,
            optimizer: Optimizer::Adam(Adam::default()),
            learning_rate: LearningRate::Constant(1e-3),
            backbone_rate: 1.0,
            clip_norm: None,
            loss: LossSpec::default(),
            ema: None,
            early_stopping: None,
            checkpoint: CheckpointSpec::default(),
            tensorboard: false,
        }
    }
}

impl TrainSpec {
    pub(crate) fn validate(&self) -> Result<(), Problem> {
        if let BatchSize::Count(count) = self.batch_size {
            at_least_one("train.batch_size", count)?;
        }
        at_least_one("train.epochs", self.epochs)?;
        if let Shuffle::Blocks(rows) = self.shuffle {
            at_least_one("train.shuffle.blocks", rows)?;
        }
        if let Some(threads) = self.threads {
            at_least_one("train.threads", threads)?;
        }
        at_least_one("train.accumulate", self.accumulate)?;
        if self.sampling == Sampling::Balanced && self.shuffle != Shuffle::Full {
            let message = "balanced needs every row at hand; use shuffle: full with it";
            return Err(Problem::new("train.sampling", message));
        }
        augment::validate(&self.augment)?;
        if self.augment.iter().any(Augment::mixes) && self.shuffle != Shuffle::Full {
            let message = "mixup and cutmix need every row at hand; use shuffle: full with them";
            return Err(Problem::new("train.augment", message));
        }
        self.optimizer.validate()?;
        positive("train.backbone_rate", self.backbone_rate)?;
        self.clip_norm.map_or(Ok(()), |norm| positive("train.clip_norm", norm))?;
        self.loss.validate()?;
        self.ema.map_or(Ok(()), |decay| within("train.ema", decay, 0.0, 1.0))?;
        self.head_first.as_ref().map_or(Ok(()), HeadFirst::validate)?;
        self.learning_rate.validate("train.learning_rate")?;
        self.early_stopping.as_ref().map_or(Ok(()), EarlyStopping::validate)?;
        self.checkpoint.validate(self.early_stopping.as_ref())
    }
}

/// What computes the layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kernels {
    /// Fused layers wherever some match and the device is the CPU.
    #[default]
    Auto,
    /// libtorch's own operations, layer by layer.
    Plain,
}

/// The numbers that layers compute in. Weights are always f32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// f32 throughout.
    #[default]
    Float32,
    /// f32, whose products a CUDA device rounds to 10 bits of mantissa first.
    Tf32,
    /// bfloat16 in convolutions and dense layers, by libtorch's autocast.
    Bfloat16,
}

/// The order in which samples are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shuffle {
    /// Any order is as likely as any other.
    #[default]
    Full,
    /// Blocks of this many neighbouring rows, some of which are mixed at a
    /// time: a slow disk is read in long stretches.
    Blocks(u32),
}

/// How often the classes are seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// Each picture once an epoch.
    #[default]
    Natural,
    /// Each class equally often: pictures of small ones come several times an
    /// epoch, of large ones not each time. An epoch has as many as before.
    Balanced,
}

/// Cross-entropy, and what is changed about it. Val and test are measured
/// without either.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LossSpec {
    /// The share of each label that is spread over all classes (Szegedy et
    /// al., arXiv:1512.00567).
    pub label_smoothing: f64,
    /// What a sample of a class counts.
    pub class_weights: ClassWeights,
}

impl LossSpec {
    fn validate(&self) -> Result<(), Problem> {
        within("train.loss.label_smoothing", self.label_smoothing, 0.0, 1.0)?;
        self.weights().try_for_each(|(_, &weight)| positive(WEIGHTS, weight))
    }

    /// Checks that every class with a weight is one of `class_names`.
    ///
    /// # Errors
    /// The first one that is not.
    pub fn check_classes(&self, class_names: &[String]) -> Result<(), Problem> {
        let Some((name, _)) = self.weights().find(|(name, _)| !class_names.contains(name)) else {
            return Ok(());
        };
        let have = class_names.join(", ");
        Err(Problem::new(WEIGHTS, format!("there is no class `{name}`; the classes are {have}")))
    }

    fn weights(&self) -> impl Iterator<Item = (&String, &f64)> {
        let by_name = match &self.class_weights {
            ClassWeights::ByName(weights) => Some(weights),
            ClassWeights::Equal | ClassWeights::Balanced => None,
        };
        by_name.into_iter().flatten()
    }
}

/// Where the weights stand. Names of classes, which may hold dots, are no keys.
const WEIGHTS: &str = "train.loss.class_weights.by_name";

/// What a sample of each class counts in the loss.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    /// The same.
    #[default]
    Equal,
    /// The more, the fewer the class has: samples / (classes · samples of the class).
    Balanced,
    /// By the class's name; 1 where there is none.
    ByName(BTreeMap<String, f64>),
}

/// A figure that is measured once an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Monitor {
    /// Mean loss over the training batches of the epoch, dropout on.
    Loss,
    /// Accuracy over the training batches of the epoch, dropout on.
    Accuracy,
    /// Mean loss over the val split.
    ValLoss,
    /// Accuracy over the val split.
    #[default]
    ValAccuracy,
}

/// Whether less or more of a monitored figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// More for accuracies, less for losses.
    #[default]
    Auto,
    /// Less is better.
    Min,
    /// More is better.
    Max,
}

impl Mode {
    /// Whether more of `monitor` is better.
    pub fn more_is_better(self, monitor: Monitor) -> bool {
        match self {
            Self::Min => false,
            Self::Max => true,
            Self::Auto => matches!(monitor, Monitor::Accuracy | Monitor::ValAccuracy),
        }
    }
}

/// Parameters of early stopping, as Keras's `EarlyStopping` documents them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EarlyStopping {
    /// The figure to watch.
    pub monitor: Monitor,
    /// An improvement must be larger than this.
    pub min_delta: f64,
    /// Epochs without improvement before training ends.
    pub patience: u32,
    /// Whether less or more is better.
    pub mode: Mode,
    /// Epochs that don't beat this figure count as no improvement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub baseline: Option<f64>,
    /// Whether training ends with the weights of the best epoch.
    pub restore_best: bool,
    /// Epochs to wait before watching.
    pub start_from_epoch: u32,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        Self {
            monitor: Monitor::ValLoss,
            min_delta: 0.0,
            patience: 10,
            mode: Mode::Auto,
            baseline: None,
            restore_best: false,
            start_from_epoch: 0,
        }
    }
}

impl EarlyStopping {
    fn validate(&self) -> Result<(), Problem> {
        if self.min_delta.is_finite() && self.min_delta >= 0.0 {
            return Ok(());
        }
        let message = format!("{} is impossible; give 0 or more", self.min_delta);
        Err(Problem::new("train.early_stopping.min_delta", message))
    }
}

/// Which epoch's weights are kept as `best.safetensors`; a tie keeps the first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CheckpointSpec {
    /// The best epoch's, or the last one's.
    pub keep: Keep,
    /// The figure to watch.
    pub monitor: Monitor,
    /// Whether less or more is better.
    pub mode: Mode,
    /// Steps after which `last.safetensors` is written within an epoch, too;
    /// at the ends of epochs alone when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every_steps: Option<u32>,
}

impl CheckpointSpec {
    fn validate(&self, stopping: Option<&EarlyStopping>) -> Result<(), Problem> {
        if let Some(steps) = self.every_steps {
            at_least_one("train.checkpoint.every_steps", steps)?;
        }
        if self.keep == Keep::Last && stopping.is_some_and(|stopping| stopping.restore_best) {
            let message =
                "last and train.early_stopping.restore_best cannot both be; leave one out";
            return Err(Problem::new("train.checkpoint.keep", message));
        }
        Ok(())
    }
}

/// Which epoch's weights are kept as `best.safetensors`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// The epoch with the best figure.
    #[default]
    Best,
    /// The last epoch, whatever its figures: choosing none on val keeps val's
    /// figures honest.
    Last,
}
