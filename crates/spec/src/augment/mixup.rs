use crate::{
    bounds::{between, positive},
    keys::Problem,
};
use serde::{Deserialize, Serialize};

/// Parameters of `mixup` (Zhang et al., arXiv:1710.09412).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map such as {alpha: 0.2}")]
pub struct MixUp {
    /// Shares of each picture are drawn from Beta(alpha, alpha).
    pub alpha: f64,
    /// How likely a picture is mixed, 0–1.
    pub probability: f64,
}

impl Default for MixUp {
    fn default() -> Self {
        Self { alpha: 0.2, probability: 1.0 }
    }
}

impl MixUp {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        positive(&format!("{place}.alpha"), self.alpha)?;
        between(&format!("{place}.probability"), self.probability, 0.0, 1.0)
    }
}
