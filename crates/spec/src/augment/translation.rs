use crate::{bounds::between, keys::Problem};
use serde::{Deserialize, Serialize};

/// Parameters of `translation`, Keras's `RandomTranslation`: whole pixels are
/// not kept to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map such as {height: 0.1, width: 0.1}")]
pub struct Translation {
    /// The furthest up and down, as a share of the height, 0–1.
    pub height: f64,
    /// The furthest left and right, as a share of the width, 0–1.
    pub width: f64,
}

impl Translation {
    pub(super) fn validate(&self, place: &str) -> Result<(), Problem> {
        between(&format!("{place}.height"), self.height, 0.0, 1.0)?;
        between(&format!("{place}.width"), self.width, 0.0, 1.0)
    }
}
