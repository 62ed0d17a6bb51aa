use crate::{bounds::between, keys::Problem};
use serde::{Deserialize, Serialize};

/// Parameters of `rotation`, torchvision's `RandomRotation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map such as {degrees: 10}")]
pub struct Rotation {
    /// The furthest to either side, 0–180.
    pub degrees: f64,
}

impl Rotation {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        between(&format!("{place}.degrees"), self.degrees, 0.0, 180.0)
    }
}
