//! Every number of the report: what `report.json` holds and the page shows.

use crate::{
    audit::AuditReport,
    cautions,
    inputs::{Epoch, Inputs},
    stats::{ClassScore, Interval, MacroAverage},
    trust::{Answered, Calibration, TopK},
    verdicts::{SplitPredictions, Verdict},
};
use serde::Serialize;
use shoebox_artifact::records::{Manifest, RunRecord};
use shoebox_chart::{Cell, ConfusionMatrix};
use shoebox_metrics::Selection;

/// The numbers of one run's report.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Changes when an older reader would misread `report.json`.
    pub format_version: u32,
    /// The run's name: its folder's.
    pub name: String,
    /// What was run and how it stands.
    pub run: RunRecord,
    /// Per epoch, in the order of their numbers.
    pub epochs: Vec<Epoch>,
    /// The best weights on each split that was evaluated: val, test, train.
    pub splits: Vec<SplitReport>,
    /// What the cache holds, where it is still there.
    pub cache: Option<Manifest>,
    /// What was noticed about the pictures, where the cache is still there.
    pub audit: Option<AuditReport>,
    /// What to keep in mind when reading the numbers, in plain words.
    pub cautions: Vec<String>,
}

/// The best weights on one split.
#[derive(Debug, Serialize)]
pub struct SplitReport {
    /// `val`, `test` or `train`.
    pub split: String,
    /// Images.
    pub count: u64,
    /// Images whose class was predicted.
    pub correct: u64,
    /// `correct / count`, 0–1; nothing for a split without images.
    pub accuracy: Option<f64>,
    /// The accuracy's Wilson 95 % interval.
    pub accuracy_interval_95: Interval,
    /// The accuracy of always guessing the class with the most images, 0–1.
    pub baseline_accuracy: f64,
    /// The views whose probabilities were averaged, where pictures were not
    /// taken as they are.
    pub tta: Option<String>,
    /// Mean cross-entropy per image, in nats, where the run recorded it; of the
    /// probabilities as the network gave them.
    pub loss: Option<f64>,
    /// Images whose class is among the likeliest ones, with three classes or more.
    pub top_k: Vec<TopK>,
    /// Whether the network is right as often as it is sure.
    pub calibration: Calibration,
    /// What is answered when unsure images are unknown, where they are.
    pub answered: Option<Answered>,
    /// Every threshold there may be, the surest first.
    #[serde(skip)]
    pub selections: Vec<Selection>,
    /// Images by true and predicted class, in the order of the class names.
    pub confusion_matrix: ConfusionMatrix,
    /// Precision, recall, F1 and support, in the order of the class names.
    pub classes: Vec<ClassScore>,
    /// The mean over classes.
    pub macro_average: MacroAverage,
    /// Mistakes by pair of classes, the most frequent first.
    pub confused: Vec<Confused>,
    /// Every image whose class was not predicted, the most confident first.
    pub misclassified: Vec<Mistake>,
}

/// A pair of classes that are mistaken for each other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confused {
    /// The true class.
    pub truth: String,
    /// What it was taken for.
    pub predicted: String,
    /// Images.
    pub count: u64,
    /// Images of the true class.
    pub support: u64,
}

/// An image whose class was not predicted.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mistake {
    /// The image's file.
    pub path: String,
    /// The true class.
    pub truth: String,
    /// What it was taken for.
    pub predicted: String,
    /// The predicted class's probability, 0–1.
    pub confidence: f32,
    /// The true class's probability, 0–1.
    pub truth_probability: f32,
}

impl Report {
    /// The version that this build writes.
    pub const FORMAT_VERSION: u32 = 2;

    /// Computes every number from what the run left behind.
    pub fn new(inputs: &Inputs) -> Self {
        let mut report = Self {
            format_version: Self::FORMAT_VERSION,
            name: inputs.run.name(),
            run: inputs.record.clone(),
            epochs: inputs.epochs.clone(),
            splits: inputs
                .predictions
                .iter()
                .map(|split| SplitReport::of_run(split, &inputs.record))
                .collect(),
            cache: inputs.pictures.manifest().cloned(),
            audit: inputs.pictures.audit().map(AuditReport::new),
            cautions: Vec::new(),
        };
        report.cautions = cautions::all(&report, inputs);
        report
    }

    /// The epoch of the best weights, where its figures are known.
    pub fn best_epoch(&self) -> Option<&Epoch> {
        let best = self.run.best_epoch?;
        self.epochs.iter().find(|epoch| epoch.epoch == best)
    }
}

impl SplitReport {
    fn of_run(predictions: &SplitPredictions, run: &RunRecord) -> Self {
        let evaluation = run.evaluation(&predictions.split);
        let loss = evaluation.map(|evaluation| evaluation.loss);
        Self {
            tta: evaluation.and_then(|evaluation| evaluation.tta.clone()),
            calibration: Calibration::new(predictions, evaluation),
            answered: Answered::new(run, evaluation),
            ..Self::new(predictions, &run.class_names, loss)
        }
    }

    /// What follows from predictions of classes with these names, and the loss
    /// where it is known.
    pub(crate) fn new(predictions: &SplitPredictions, names: &[String], loss: Option<f64>) -> Self {
        let SplitPredictions { split, verdicts } = predictions;
        let pairs = verdicts.iter().map(|verdict| (verdict.truth, verdict.predicted));
        let matrix = ConfusionMatrix::count(names.len(), pairs);
        let classes = ClassScore::all(&matrix, names);
        let (count, correct) = (matrix.total(), matrix.correct());
        let largest = classes.iter().map(|class| class.support).max().unwrap_or(0);
        Self {
            split: split.clone(),
            count,
            correct,
            accuracy: (count > 0).then(|| correct as f64 / count as f64),
            accuracy_interval_95: Interval::wilson_95(correct, count),
            baseline_accuracy: largest as f64 / count.max(1) as f64,
            tta: None,
            loss,
            top_k: TopK::all(verdicts, names.len()),
            calibration: Calibration::new(predictions, None),
            answered: None,
            selections: Selection::all(&predictions.answers()),
            macro_average: MacroAverage::of(&classes),
            confused: confused(&matrix, names),
            misclassified: mistakes(verdicts, names),
            confusion_matrix: matrix,
            classes,
        }
    }
}

fn confused(matrix: &ConfusionMatrix, names: &[String]) -> Vec<Confused> {
    let named = |cell: Cell| Confused {
        truth: names[cell.truth].clone(),
        predicted: names[cell.predicted].clone(),
        count: cell.count,
        support: matrix.support(cell.truth),
    };
    matrix.confused().into_iter().map(named).collect()
}

fn mistakes(verdicts: &[Verdict], names: &[String]) -> Vec<Mistake> {
    let mut wrong: Vec<&Verdict> =
        verdicts.iter().filter(|verdict| verdict.truth != verdict.predicted).collect();
    wrong.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let named = |verdict: &Verdict| Mistake {
        path: verdict.path.clone(),
        truth: names[verdict.truth].clone(),
        predicted: names[verdict.predicted].clone(),
        confidence: verdict.confidence,
        truth_probability: verdict.truth_probability,
    };
    wrong.into_iter().map(named).collect()
}
