//! The learning rate over a training.

use crate::{
    bounds::{at_least_one, not_negative, positive, within},
    keys::Problem,
    train::{Mode, Monitor},
};
use serde::{Deserialize, Serialize};

/// The learning rate as a function of the step, which counts from 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LearningRate {
    /// The same at every step.
    Constant(f64),
    /// `initial · decay_rate ^ (step / decay_steps)`.
    ExponentialDecay(ExponentialDecay),
    /// Half a cosine from `peak` to `end` over all of `train.epochs`, after a
    /// straight rise (Loshchilov and Hutter, arXiv:1608.03983, without restarts).
    Cosine(Cosine),
    /// One rise and one fall, both half a cosine, over all of `train.epochs`
    /// (Smith and Topin, arXiv:1708.07120; PyTorch's form and defaults).
    OneCycle(OneCycle),
    /// A fall by a factor every so many epochs.
    Step(StepDecay),
    /// A fall by a factor whenever a figure stops improving, as Keras's
    /// `ReduceLROnPlateau` documents it.
    ReduceOnPlateau(ReduceOnPlateau),
}

impl LearningRate {
    /// Checks the numbers of the schedule that stands at `place` in the spec.
    pub(crate) fn validate(&self, place: &str) -> Result<(), Problem> {
        let key = |field: &str| format!("{place}.{field}");
        match self {
            Self::Constant(rate) => positive(&key("constant"), *rate),
            Self::ExponentialDecay(decay) => {
                positive(&key("exponential_decay.initial"), decay.initial)?;
                positive(&key("exponential_decay.decay_rate"), decay.decay_rate)?;
                at_least_one(&key("exponential_decay.decay_steps"), decay.decay_steps)
            }
            Self::Cosine(cosine) => {
                positive(&key("cosine.peak"), cosine.peak)?;
                not_negative(&key("cosine.end"), cosine.end)?;
                not_negative(&key("cosine.warmup_epochs"), cosine.warmup_epochs)
            }
            Self::OneCycle(cycle) => {
                positive(&key("one_cycle.peak"), cycle.peak)?;
                within(&key("one_cycle.warmup_share"), cycle.warmup_share, 0.0, 1.0)?;
                positive(&key("one_cycle.start_divisor"), cycle.start_divisor)?;
                positive(&key("one_cycle.end_divisor"), cycle.end_divisor)
            }
            Self::Step(step) => {
                positive(&key("step.initial"), step.initial)?;
                positive(&key("step.factor"), step.factor)?;
                at_least_one(&key("step.epochs"), step.epochs)
            }
            Self::ReduceOnPlateau(plateau) => {
                positive(&key("reduce_on_plateau.initial"), plateau.initial)?;
                within(&key("reduce_on_plateau.factor"), plateau.factor, 0.0, 1.0)?;
                not_negative(&key("reduce_on_plateau.min_delta"), plateau.min_delta)?;
                not_negative(&key("reduce_on_plateau.minimum"), plateau.minimum)
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

/// Parameters of `cosine`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cosine {
    /// The highest rate.
    pub peak: f64,
    /// Epochs of a straight rise to it.
    #[serde(default)]
    pub warmup_epochs: f64,
    /// The rate that the last step comes near to.
    #[serde(default)]
    pub end: f64,
}

/// Parameters of `one_cycle`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneCycle {
    /// The highest rate.
    pub peak: f64,
    /// The share of all steps after which it is reached.
    #[serde(default = "warmup_share")]
    pub warmup_share: f64,
    /// The first rate is the peak divided by this.
    #[serde(default = "start_divisor")]
    pub start_divisor: f64,
    /// The last rate is the first one divided by this.
    #[serde(default = "end_divisor")]
    pub end_divisor: f64,
}

fn warmup_share() -> f64 {
    0.3
}

fn start_divisor() -> f64 {
    25.0
}

fn end_divisor() -> f64 {
    1e4
}

/// Parameters of `step`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepDecay {
    /// The rate of the first epochs.
    pub initial: f64,
    /// Epochs between two falls.
    pub epochs: u32,
    /// What is left at each.
    #[serde(default = "tenth")]
    pub factor: f64,
}

fn tenth() -> f64 {
    0.1
}

/// Parameters of `reduce_on_plateau`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReduceOnPlateau {
    /// The rate of the first epochs.
    pub initial: f64,
    /// The figure to watch.
    #[serde(default = "val_loss")]
    pub monitor: Monitor,
    /// Whether less or more is better.
    #[serde(default)]
    pub mode: Mode,
    /// What is left at each fall.
    #[serde(default = "tenth")]
    pub factor: f64,
    /// Epochs without improvement before a fall.
    #[serde(default = "ten")]
    pub patience: u32,
    /// An improvement must be larger than this.
    #[serde(default = "min_delta")]
    pub min_delta: f64,
    /// Epochs after a fall in which nothing is counted.
    #[serde(default)]
    pub cooldown: u32,
    /// The rate never falls below this.
    #[serde(default)]
    pub minimum: f64,
}

fn val_loss() -> Monitor {
    Monitor::ValLoss
}

fn ten() -> u32 {
    10
}

fn min_delta() -> f64 {
    1e-4
}
