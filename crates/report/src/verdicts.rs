//! What the best weights said of each image.

use crate::ReportError;
use shoebox_artifact::records::{Prediction, read_predictions};
use shoebox_metrics::{Answer, rank, temper};
use std::{collections::HashMap, path::Path};

/// What the best weights said of a split's images.
#[derive(Debug)]
pub struct SplitPredictions {
    /// `val`, `test` or `train`.
    pub split: String,
    /// In the order of the split's rows.
    pub verdicts: Vec<Verdict>,
}

impl SplitPredictions {
    /// How sure each verdict was, and whether it was right.
    pub fn answers(&self) -> Vec<Answer> {
        self.answers_by(|verdict| f64::from(verdict.confidence))
    }

    /// The same with the confidences that the network itself gave.
    pub fn answers_before(&self) -> Vec<Answer> {
        self.answers_by(|verdict| verdict.confidence_before)
    }

    fn answers_by(&self, confidence: fn(&Verdict) -> f64) -> Vec<Answer> {
        let answer = |verdict: &Verdict| Answer {
            confidence: confidence(verdict),
            correct: verdict.truth == verdict.predicted,
        };
        self.verdicts.iter().map(answer).collect()
    }
}

/// What the best weights said of one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The image's file.
    pub path: String,
    /// A position in the class names.
    pub truth: usize,
    /// A position in the class names.
    pub predicted: usize,
    /// The predicted class's probability, 0–1.
    pub confidence: f32,
    /// The same without the temperature.
    pub confidence_before: f64,
    /// How many classes were likelier than the true one.
    pub rank: usize,
    /// The true class's probability, 0–1.
    pub truth_probability: f32,
}

impl SplitPredictions {
    /// Reads `predictions/<split>.csv` of a run with these `classes`, whose
    /// probabilities are those at `temperature`.
    ///
    /// # Errors
    /// [`ReportError::Classes`] and [`ReportError::Row`] for a file of other
    /// classes, [`ReportError::Artifact`] for one that is no such file.
    pub fn read(
        split: &str,
        path: &Path,
        classes: &[String],
        temperature: f64,
    ) -> Result<Self, ReportError> {
        let (columns, rows) = read_predictions(path)?;
        if columns != classes {
            return Err(ReportError::Classes {
                path: path.to_owned(),
                found: columns.join(", "),
                expected: classes.join(", "),
            });
        }
        let positions = classes.iter().enumerate();
        let positions = positions.map(|(position, name)| (name.as_str(), position)).collect();
        let read =
            |(row, prediction)| {
                Verdict::read(prediction, &positions, temperature)
                    .map_err(|fact| ReportError::Row { path: path.to_owned(), row: row + 1, fact })
            };
        let verdicts = rows.into_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Self { split: split.to_owned(), verdicts })
    }
}

impl Verdict {
    /// The error is the fact that makes the row impossible.
    fn read(
        prediction: Prediction,
        positions: &HashMap<&str, usize>,
        temperature: f64,
    ) -> Result<Self, String> {
        let class = |name: &str| {
            let position = positions.get(name).copied();
            position.ok_or_else(|| format!("`{name}` is not one of the run's classes"))
        };
        let probability = |class: usize| match prediction.probabilities.get(class).copied() {
            Some(probability) if (0.0..=1.001).contains(&probability) => Ok(probability),
            Some(other) => Err(format!("{other} is no probability")),
            None => Err("a probability is missing".to_owned()),
        };
        let (truth, predicted) = (class(&prediction.label)?, class(&prediction.predicted)?);
        let (confidence, truth_probability) = (probability(predicted)?, probability(truth)?);
        // The temperature that undoes a temperature is one over it.
        let logs: Vec<f32> = prediction.probabilities.iter().map(|one| one.ln()).collect();
        Ok(Self {
            truth,
            predicted,
            confidence,
            confidence_before: temper(&logs, 1.0 / temperature)[predicted].exp(),
            rank: rank(&prediction.probabilities, truth),
            truth_probability,
            path: prediction.path,
        })
    }
}
