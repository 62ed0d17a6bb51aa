use crate::{bounds::between, keys::Problem};
use serde::{Deserialize, Serialize};

/// Parameters of `flip`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, expecting = "a map such as {horizontal: 0.5}")]
pub struct Flip {
    /// How likely left and right are exchanged, 0–1.
    pub horizontal: f64,
    /// How likely top and bottom are exchanged, 0–1.
    pub vertical: f64,
}

impl Default for Flip {
    fn default() -> Self {
        Self { horizontal: 0.5, vertical: 0.0 }
    }
}

impl Flip {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        between(&format!("{place}.horizontal"), self.horizontal, 0.0, 1.0)?;
        between(&format!("{place}.vertical"), self.vertical, 0.0, 1.0)
    }
}
