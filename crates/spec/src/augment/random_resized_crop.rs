use super::range::Range;
use crate::keys::Problem;
use serde::{Deserialize, Serialize};

/// Parameters of `random_resized_crop`, torchvision's `RandomResizedCrop`
/// (Szegedy et al., arXiv:1409.4842).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map such as {area: [0.5, 1]}")]
pub struct RandomResizedCrop {
    /// The part's share of the picture, above 0 to 1.
    pub area: Range,
    /// The part's width by its height, in pixels; ratios are drawn by their logarithm.
    pub aspect: Range,
}

impl Default for RandomResizedCrop {
    fn default() -> Self {
        Self { area: Range([0.08, 1.0]), aspect: Range([3.0 / 4.0, 4.0 / 3.0]) }
    }
}

impl RandomResizedCrop {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        self.area.validate(&format!("{place}.area"), 1e-4, 1.0)?;
        self.aspect.validate(&format!("{place}.aspect"), 0.01, 100.0)
    }
}
