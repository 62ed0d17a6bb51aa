use crate::{bounds::between, keys::Problem};
use serde::{Deserialize, Serialize};

/// Parameters of `contrast`, the `contrast` of torchvision's `ColorJitter`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map such as {amount: 0.2}")]
pub struct Contrast {
    /// The factor is drawn from `1 − amount` to `1 + amount`; 0–1.
    pub amount: f64,
}

impl Contrast {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        between(&format!("{place}.amount"), self.amount, 0.0, 1.0)
    }
}
