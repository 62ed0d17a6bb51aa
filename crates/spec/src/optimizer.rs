//! How gradients become steps, with Keras's meaning and defaults.

use crate::{
    bounds::{not_negative, positive, within},
    keys::Problem,
};
use serde::{Deserialize, Serialize};

/// How gradients become steps. Weight decay takes `rate · weight_decay` of
/// each weight at each step, beside the gradient's step (decoupled, as in
/// AdamW); biases and the parameters of norms are spared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Optimizer {
    /// Kingma and Ba, arXiv:1412.6980, with Keras's placement of epsilon.
    Adam(Adam),
    /// Adam with weight decay: Loshchilov and Hutter, arXiv:1711.05101.
    #[serde(rename = "adamw")]
    AdamW(AdamW),
    /// Stochastic gradient descent.
    Sgd(Sgd),
    /// Steps by the root of the mean square of the gradients (Hinton's lecture 6e).
    Rmsprop(Rmsprop),
}

impl Optimizer {
    pub(crate) fn validate(&self) -> Result<(), Problem> {
        match self {
            Self::Adam(Adam { beta_1, beta_2, epsilon }) => {
                moments("adam", *beta_1, *beta_2, *epsilon)
            }
            Self::AdamW(AdamW { beta_1, beta_2, epsilon, weight_decay }) => {
                moments("adamw", *beta_1, *beta_2, *epsilon)?;
                not_negative("train.optimizer.adamw.weight_decay", *weight_decay)
            }
            Self::Sgd(sgd) => sgd.validate(),
            Self::Rmsprop(rmsprop) => rmsprop.validate(),
        }
    }
}

fn moments(name: &str, beta_1: f64, beta_2: f64, epsilon: f64) -> Result<(), Problem> {
    let key = |field: &str| format!("train.optimizer.{name}.{field}");
    within(&key("beta_1"), beta_1, 0.0, 1.0)?;
    within(&key("beta_2"), beta_2, 0.0, 1.0)?;
    positive(&key("epsilon"), epsilon)
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

/// Parameters of AdamW.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdamW {
    /// Decay of the first moment.
    pub beta_1: f64,
    /// Decay of the second moment.
    pub beta_2: f64,
    /// As of [`Adam`].
    pub epsilon: f64,
    /// What is taken of each weight at each step, as a share of the rate.
    pub weight_decay: f64,
}

impl Default for AdamW {
    fn default() -> Self {
        Self { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, weight_decay: 0.004 }
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
    /// As of [`AdamW`].
    pub weight_decay: f64,
}

impl Sgd {
    fn validate(&self) -> Result<(), Problem> {
        within("train.optimizer.sgd.momentum", self.momentum, 0.0, 1.0)?;
        not_negative("train.optimizer.sgd.weight_decay", self.weight_decay)?;
        if self.nesterov && self.momentum == 0.0 {
            let message = "needs a momentum above 0; give one, or set nesterov: false";
            return Err(Problem::new("train.optimizer.sgd.nesterov", message));
        }
        Ok(())
    }
}

/// Parameters of RMSprop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rmsprop {
    /// Decay of the mean square.
    pub rho: f64,
    /// The share of the last step that is added to this one.
    pub momentum: f64,
    /// Added to the mean square, under the root.
    pub epsilon: f64,
    /// Whether the square of the mean gradient is taken off the mean square.
    pub centered: bool,
    /// As of [`AdamW`].
    pub weight_decay: f64,
}

impl Default for Rmsprop {
    fn default() -> Self {
        Self { rho: 0.9, momentum: 0.0, epsilon: 1e-7, centered: false, weight_decay: 0.0 }
    }
}

impl Rmsprop {
    fn validate(&self) -> Result<(), Problem> {
        within("train.optimizer.rmsprop.rho", self.rho, 0.0, 1.0)?;
        within("train.optimizer.rmsprop.momentum", self.momentum, 0.0, 1.0)?;
        positive("train.optimizer.rmsprop.epsilon", self.epsilon)?;
        not_negative("train.optimizer.rmsprop.weight_decay", self.weight_decay)
    }
}
