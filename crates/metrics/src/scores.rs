//! Precision, recall and F1: C. J. van Rijsbergen, "Information Retrieval", 2nd ed. (1979), ch. 7.

use crate::ConfusionMatrix;
use serde::Serialize;

/// How well one class is told from the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassScore {
    /// The class's name.
    pub class: String,
    /// Images of the class.
    pub support: u64,
    /// Images taken for the class.
    pub predicted: u64,
    /// Images of the class taken for it.
    pub correct: u64,
    /// `correct / predicted`, 0–1; nothing when no image was taken for the class.
    pub precision: Option<f64>,
    /// `correct / support`, 0–1; nothing when the class has no image.
    pub recall: Option<f64>,
    /// `2 · correct / (predicted + support)`, 0–1: the harmonic mean of
    /// precision and recall; nothing when both counts are 0.
    pub f1: Option<f64>,
}

impl ClassScore {
    /// The scores of every class of `matrix`, in the order of `class_names`.
    pub fn all(matrix: &ConfusionMatrix, class_names: &[String]) -> Vec<Self> {
        let score = |(class, name): (usize, &String)| {
            Self::new(
                name,
                matrix.get(class, class),
                matrix.predicted(class),
                matrix.support(class),
            )
        };
        class_names.iter().enumerate().map(score).collect()
    }

    fn new(class: &str, correct: u64, predicted: u64, support: u64) -> Self {
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        Self {
            class: class.to_owned(),
            support,
            predicted,
            correct,
            precision: share(correct, predicted),
            recall: share(correct, support),
            f1: share(2 * correct, predicted + support),
        }
    }
}

/// The mean over classes, each counting the same however many images it has.
///
/// As scikit-learn's `classification_report` has it: over the classes that
/// have an image or were predicted; a score that cannot be computed counts as 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MacroAverage {
    /// Mean precision, 0–1.
    pub precision: f64,
    /// Mean recall, 0–1.
    pub recall: f64,
    /// Mean of the classes' F1, 0–1.
    pub f1: f64,
}

impl MacroAverage {
    /// Averages `scores`; zeros when no class has an image.
    pub fn of(scores: &[ClassScore]) -> Self {
        let seen = || scores.iter().filter(|score| score.support + score.predicted > 0);
        let classes = seen().count().max(1) as f64;
        let mean = |figure: fn(&ClassScore) -> Option<f64>| {
            seen().filter_map(figure).sum::<f64>() / classes
        };
        Self {
            precision: mean(|score| score.precision),
            recall: mean(|score| score.recall),
            f1: mean(|score| score.f1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ClassScore, MacroAverage};
    use crate::ConfusionMatrix;

    fn scores(classes: usize, pairs: &[(usize, usize)]) -> Vec<ClassScore> {
        let names: Vec<_> = (0..classes).map(|class| class.to_string()).collect();
        ClassScore::all(&ConfusionMatrix::count(classes, pairs.iter().copied()), &names)
    }

    /// The example of scikit-learn's documentation of `classification_report`:
    /// y_true = [0, 1, 2, 2, 2], y_pred = [0, 0, 2, 2, 1], whose printed table is
    /// 0.50 1.00 0.67 / 0.00 0.00 0.00 / 1.00 0.67 0.80, macro 0.50 0.56 0.49.
    #[test]
    fn equals_the_example_of_scikit_learn() {
        let scores = scores(3, &[(0, 0), (1, 0), (2, 2), (2, 2), (2, 1)]);
        let expected = [(0.5, 1.0, 2.0 / 3.0), (0.0, 0.0, 0.0), (1.0, 2.0 / 3.0, 0.8)];
        for (score, (precision, recall, f1)) in scores.iter().zip(expected) {
            assert_eq!(score.precision, Some(precision));
            assert_eq!(score.recall, Some(recall));
            assert!((score.f1.unwrap() - f1).abs() < 1e-12);
        }
        let average = MacroAverage::of(&scores);
        let printed = [average.precision, average.recall, average.f1].map(|x| format!("{x:.2}"));
        assert_eq!(printed, ["0.50", "0.56", "0.49"]);
    }

    #[test]
    fn a_class_that_is_never_predicted_has_no_precision_and_counts_as_zero() {
        let scores = scores(2, &[(0, 0), (1, 0)]);
        assert_eq!(
            (scores[1].precision, scores[1].recall, scores[1].f1),
            (None, Some(0.0), Some(0.0))
        );
        assert_eq!(MacroAverage::of(&scores).precision, 0.25);
    }

    #[test]
    fn a_class_without_images_or_predictions_is_left_out_of_the_average() {
        let scores = scores(3, &[(0, 0), (1, 1)]);
        assert_eq!((scores[2].precision, scores[2].recall, scores[2].f1), (None, None, None));
        assert_eq!(
            MacroAverage::of(&scores),
            MacroAverage { precision: 1.0, recall: 1.0, f1: 1.0 }
        );
    }
}
