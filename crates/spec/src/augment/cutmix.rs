use crate::{
    bounds::{between, positive},
    keys::Problem,
};
use serde::{Deserialize, Serialize};

/// Parameters of `cutmix` (Yun et al., arXiv:1905.04899).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map such as {alpha: 1}")]
pub struct CutMix {
    /// Shares of the area are drawn from Beta(alpha, alpha).
    pub alpha: f64,
    /// How likely a picture is mixed, 0–1.
    pub probability: f64,
}

impl Default for CutMix {
    fn default() -> Self {
        Self { alpha: 1.0, probability: 1.0 }
    }
}

impl CutMix {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        positive(&format!("{place}.alpha"), self.alpha)?;
        between(&format!("{place}.probability"), self.probability, 0.0, 1.0)
    }
}
