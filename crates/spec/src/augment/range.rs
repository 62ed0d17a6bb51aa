use crate::{bounds::between, keys::Problem};
use serde::{Deserialize, Serialize};

/// `[low, high]`: every number in it is as likely as any other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Range(pub [f64; 2]);

impl Range {
    /// The smallest number.
    pub fn low(self) -> f64 {
        self.0[0]
    }

    /// The largest number.
    pub fn high(self) -> f64 {
        self.0[1]
    }

    /// Requires `low ≤ high`, both from `least` to `most`.
    pub(super) fn validate(self, key: &str, least: f64, most: f64) -> Result<(), Problem> {
        between(key, self.low(), least, most)?;
        between(key, self.high(), least, most)?;
        if self.low() <= self.high() {
            return Ok(());
        }
        let message =
            format!("{} is more than {}; give the smaller one first", self.low(), self.high());
        Err(Problem::new(key, message))
    }
}
