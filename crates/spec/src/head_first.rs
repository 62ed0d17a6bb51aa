//! Training a head before the backbone.

use crate::{bounds::at_least_one, keys::Problem, learning_rate::LearningRate};
use serde::{Deserialize, Serialize};

/// Epochs that train the head alone, before the first of `train.epochs`. The
/// backbone's features are computed once, so that these epochs take seconds;
/// pictures are taken as they are, without augmentation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadFirst {
    /// How many.
    pub epochs: u32,
    /// The learning rate of each step, where schedules take these epochs for all there are.
    #[serde(default = "usual_rate")]
    pub learning_rate: LearningRate,
}

fn usual_rate() -> LearningRate {
    LearningRate::Constant(1e-3)
}

impl HeadFirst {
    pub(crate) fn validate(&self) -> Result<(), Problem> {
        at_least_one("train.head_first.epochs", self.epochs)?;
        self.learning_rate.validate("train.head_first.learning_rate")?;
        match self.learning_rate {
            LearningRate::ReduceOnPlateau(_) => Err(Problem::new(
                "train.head_first.learning_rate",
                "reduce_on_plateau watches figures that are not measured between these epochs; give another schedule",
            )),
            _ => Ok(()),
        }
    }
}
