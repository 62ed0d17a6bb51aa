use crate::{bounds::between, keys::Problem};
use serde::{Deserialize, Serialize};

/// Parameters of `hue`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map such as {amount: 0.05}")]
pub struct Hue {
    /// The furthest to either side, as a share of the circle, 0–0.5.
    pub amount: f64,
}

impl Hue {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        between(&format!("{place}.amount"), self.amount, 0.0, 0.5)
    }
}
