//! The `train:` section: how the network learns.

use crate::{
    keys::Problem,
    scalar::{BatchSize, Device},
};
use serde::{Deserialize, Serialize};

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
    /// The order in which samples are seen.
    pub shuffle: Shuffle,
    /// Samples per step; the last batch of an epoch may be smaller.
    pub batch_size: BatchSize,
    /// The most epochs to train for.
    pub epochs: u32,
    /// How gradients become steps.
    pub optimizer: Optimizer,
    /// The learning rate of each step.
    pub learning_rate: LearningRate,
    /// When to end before `epochs`; never when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<EarlyStopping>,
    /// Which epoch's weights are the best.
    pub checkpoint: CheckpointSpec,
}

impl Default for TrainSpec {
    fn default() -> Self {
        Self {
            device: Device::Auto,
            kernels: Kernels::Auto,
            precision: Precision::Float32,
            threads: None,
            shuffle: Shuffle::Full,
            batch_size: BatchSize::Count(32),
            epochs: 20,
            optimizer: Optimizer::Adam(Adam::default()),
            learning_rate: LearningRate::Constant(1e-3),
            early_stopping: None,
            checkpoint: CheckpointSpec::default(),
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
        self.optimizer.validate()?;
        self.learning_rate.validate()?;
        self.early_stopping.as_ref().map_or(Ok(()), EarlyStopping::validate)
    }
}

fn at_least_one(key: &str, value: u32) -> Result<(), Problem> {
    match value {
        0 => Err(Problem::new(key, "0 is impossible; give 1 or more")),
        _ => Ok(()),
    }
}

/// Requires `low ≤ value < high`.
fn within(key: &str, value: f64, low: f64, high: f64) -> Result<(), Problem> {
    if (low..high).contains(&value) {
        return Ok(());
    }
    Err(Problem::new(
        key,
        format!("{value} is impossible; give {low} up to, but not including, {high}"),
    ))
}

/// Requires a finite number above 0.
fn positive(key: &str, value: f64) -> Result<(), Problem> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(Problem::new(key, format!("{value} is impossible; give a number above 0")))
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

/// How gradients become steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Optimizer {
    /// Kingma and Ba, arXiv:1412.6980, with Keras's placement of epsilon.
    Adam(Adam),
    /// Stochastic gradient descent.
    Sgd(Sgd),
}

impl Optimizer {
    fn validate(&self) -> Result<(), Problem> {
        match self {
            Self::Adam(adam) => {
                within("train.optimizer.adam.beta_1", adam.beta_1, 0.0, 1.0)?;
                within("train.optimizer.adam.beta_2", adam.beta_2, 0.0, 1.0)?;
                positive("train.optimizer.adam.epsilon", adam.epsilon)
            }
            Self::Sgd(sgd) => {
                within("train.optimizer.sgd.momentum", sgd.momentum, 0.0, 1.0)?;
                if sgd.nesterov && sgd.momentum == 0.0 {
                    let message = "needs a momentum above 0; give one, or set nesterov: false";
                    return Err(Problem::new("train.optimizer.sgd.nesterov", message));
                }
                Ok(())
            }
        }
    }
}

/// Parameters of Adam.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adam {
    /// Decay of the first moment.
    pub beta_1: f64,
    /// Decay of the second moment.
    pub beta_2: f64,
    /// Added to the root of the second moment *before* its bias is corrected
    /// (the paper's "epsilon hat", and Keras's).
    pub epsilon: f64,
}

impl Default for Adam {
    fn default() -> Self {
        Self { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }
    }
}

/// Parameters of stochastic gradient descent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Sgd {
    /// The share of the last step that is added to this one.
    pub momentum: f64,
    /// Whether the gradient is taken one momentum step ahead.
    pub nesterov: bool,
}

/// The learning rate as a function of the step, which counts from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LearningRate {
    /// The same at every step.
    Constant(f64),
    /// `initial · decay_rate ^ (step / decay_steps)`.
    ExponentialDecay(ExponentialDecay),
}

impl LearningRate {
    fn validate(&self) -> Result<(), Problem> {
        match self {
            Self::Constant(rate) => positive("train.learning_rate.constant", *rate),
            Self::ExponentialDecay(decay) => {
                let key = |field: &str| format!("train.learning_rate.exponential_decay.{field}");
                positive(&key("initial"), decay.initial)?;
                positive(&key("decay_rate"), decay.decay_rate)?;
                at_least_one(&key("decay_steps"), decay.decay_steps)
            }
        }
    }
}

/// Parameters of `exponential_decay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExponentialDecay {
    /// The rate at step 0.
    pub initial: f64,
    /// Steps (not epochs) for one factor of `decay_rate`.
    pub decay_steps: u32,
    /// The factor.
    pub decay_rate: f64,
    /// Whether the exponent is rounded down, so that the rate falls in steps.
    #[serde(default)]
    pub staircase: bool,
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
    /// The figure to watch.
    pub monitor: Monitor,
    /// Whether less or more is better.
    pub mode: Mode,
}
