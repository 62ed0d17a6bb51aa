//! What was fitted on val after training.

use serde::{Deserialize, Serialize};

/// What makes a classifier's own word worth more, fitted on val with the best
/// weights: in their checkpoint and in `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Pictures of val.
    pub images: u64,
    /// What the logarithms of the class probabilities are divided by; nothing
    /// where none was asked for, or val could not tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub temperature: Option<f64>,
    /// When `predict` says “unknown”; nothing where nobody asked for it, or no
    /// threshold reaches the precision.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reject: Option<Rejection>,
}

/// A picture is “unknown” when its likeliest class is less probable than a threshold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    /// The share of right answers that was asked for, 0–1.
    pub precision: f64,
    /// The lowest threshold at which val has it, 0–1; of the probability at the
    /// temperature.
    pub threshold: f64,
    /// Pictures of val that are answered.
    pub accepted: u64,
    /// Those of them that are right.
    pub correct: u64,
}

impl Calibration {
    /// The temperature; 1, which changes nothing, where there is none.
    pub fn temperature(&self) -> f64 {
        self.temperature.unwrap_or(1.0)
    }
}
