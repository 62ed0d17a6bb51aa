use super::range::Range;
use crate::keys::Problem;
use serde::{Deserialize, Serialize};

/// Parameters of `zoom`, the `scale` of torchvision's `RandomAffine`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map such as {scale: [0.9, 1.1]}")]
pub struct Zoom {
    /// How large things become, as a multiple, 0.5–10. Bilinear resampling,
    /// which looks at four pixels, would skip some below a half.
    pub scale: Range,
}

impl Zoom {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        self.scale.validate(&format!("{place}.scale"), 0.5, 10.0)
    }
}
