//! Dividing one set of pictures: shares, seed, and what names a class.

use crate::keys::Problem;
use serde::{Deserialize, Serialize};

/// The shares of val and test; the rest is train. Every class is divided on
/// its own, exact to one picture, and pictures that look alike stay together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitSpec {
    /// The share of val, above 0 and below 1.
    pub val: f64,
    /// The share of test, from 0; with 0 there is no such split.
    #[serde(default)]
    pub test: f64,
    /// Another seed gives another division.
    #[serde(default)]
    pub seed: u64,
}

impl SplitSpec {
    pub(crate) fn validate(self) -> Result<(), Problem> {
        let share = |key: &str, value: f64, fact: &str| {
            Problem::new(&format!("data.split.{key}"), format!("{value} is no share; {fact}"))
        };
        if !(self.val > 0.0 && self.val < 1.0) {
            return Err(share("val", self.val, "give more than 0 and less than 1"));
        }
        if !(self.test >= 0.0 && self.test < 1.0) {
            return Err(share("test", self.test, "give 0 or more and less than 1"));
        }
        if self.val + self.test >= 1.0 {
            return Err(Problem::new(
                "data.split",
                format!(
                    "val {} and test {} leave nothing to train on; their sum must be below 1",
                    self.val, self.test
                ),
            ));
        }
        Ok(())
    }
}

/// Which of the folders above a picture names its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nesting {
    /// The folder that the picture lies in.
    Leaf,
    /// The first folder below the one that the spec names.
    Top,
}
