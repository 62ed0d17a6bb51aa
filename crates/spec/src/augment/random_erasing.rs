use super::range::Range;
use crate::{bounds::between, keys::Problem};
use serde::{Deserialize, Serialize};

/// Parameters of `random_erasing`, torchvision's `RandomErasing` (Zhong et
/// al., arXiv:1708.04896).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map such as {probability: 0.5}")]
pub struct RandomErasing {
    /// How likely a picture loses a box, 0–1.
    pub probability: f64,
    /// The box's share of the picture, above 0 to 1.
    pub area: Range,
    /// The box's height by its width, in pixels; ratios are drawn by their logarithm.
    pub aspect: Range,
}

impl Default for RandomErasing {
    fn default() -> Self {
        Self { probability: 0.5, area: Range([0.02, 0.33]), aspect: Range([0.3, 3.3]) }
    }
}

impl RandomErasing {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        between(&format!("{place}.probability"), self.probability, 0.0, 1.0)?;
        self.area.validate(&format!("{place}.area"), 1e-4, 1.0)?;
        self.aspect.validate(&format!("{place}.aspect"), 0.01, 100.0)
    }
}
