//! How far the network's own word can be taken on one split.

use crate::verdicts::{SplitPredictions, Verdict};
use serde::Serialize;
use shoebox_artifact::records::{Evaluation, RunRecord};
use shoebox_metrics::{Interval, Reliability, Selection, top_k_choices};

/// Whether the right class is among the likeliest ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TopK {
    /// How many of the likeliest classes.
    pub k: usize,
    /// Images whose class is among them.
    pub correct: u64,
    /// `correct / count`, 0–1.
    pub share: f64,
    /// The share's Wilson 95 % interval.
    pub interval_95: Interval,
}

impl TopK {
    /// For each `k` that says something about so many classes.
    pub fn all(verdicts: &[Verdict], classes: usize) -> Vec<Self> {
        let count = verdicts.len() as u64;
        let of = |k: usize| {
            let correct = verdicts.iter().filter(|verdict| verdict.rank < k).count() as u64;
            let share = correct as f64 / count.max(1) as f64;
            Self { k, correct, share, interval_95: Interval::wilson_95(correct, count) }
        };
        top_k_choices(classes).map(of).collect()
    }
}

/// Whether the network is right as often as it is sure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// What the logarithms of the probabilities were divided by, where they were.
    pub temperature: Option<f64>,
    /// The expected calibration error, 0–1.
    pub ece: f64,
    /// About what that would be by chance if every confidence were true.
    pub ece_by_chance: f64,
    /// The expected calibration error without the temperature.
    pub ece_before: Option<f64>,
    /// Mean cross-entropy per image at the temperature, in nats.
    pub loss: Option<f64>,
    /// The mean confidence, 0–1.
    pub confidence: f64,
    /// Images by confidence.
    pub reliability: Reliability,
    /// The same without the temperature.
    #[serde(skip)]
    pub before: Option<Reliability>,
}

impl Calibration {
    /// From what was said of the images and what the run recorded.
    pub fn new(predictions: &SplitPredictions, evaluation: Option<&Evaluation>) -> Self {
        let calibrated = evaluation.and_then(|evaluation| evaluation.calibrated.as_ref());
        let answers = predictions.answers();
        let reliability = Reliability::new(&answers);
        let before = calibrated.map(|_| Reliability::new(&predictions.answers_before()));
        let sum: f64 = answers.iter().map(|answer| answer.confidence).sum();
        Self {
            temperature: calibrated.map(|calibrated| calibrated.temperature),
            ece: reliability.ece(),
            ece_by_chance: reliability.ece_by_chance(),
            ece_before: before.as_ref().map(Reliability::ece),
            loss: calibrated.map(|calibrated| calibrated.loss),
            confidence: sum / answers.len().max(1) as f64,
            reliability,
            before,
        }
    }
}

/// What is answered when unsure images are unknown.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answered {
    /// The precision that the threshold was chosen for on val, 0–1.
    pub wanted_precision: f64,
    /// The selection of this split at the threshold.
    pub selection: Selection,
    /// Share of images that are answered, 0–1.
    pub coverage: f64,
    /// The coverage's Wilson 95 % interval.
    pub coverage_interval_95: Interval,
    /// Share of right answers, 0–1; nothing where none is given.
    pub precision: Option<f64>,
    /// The precision's Wilson 95 % interval.
    pub precision_interval_95: Interval,
}

impl Answered {
    /// As the run recorded it: a probability of the table is rounded, and the
    /// threshold lies just below one of them.
    pub fn new(run: &RunRecord, evaluation: Option<&Evaluation>) -> Option<Self> {
        let evaluation = evaluation?;
        let recorded = evaluation.answered.as_ref()?;
        let wanted = run.calibration.as_ref()?.reject.as_ref()?;
        let (threshold, accepted, correct) = (recorded.threshold, recorded.count, recorded.correct);
        let selection = Selection { threshold, accepted, correct };
        Some(Self {
            wanted_precision: wanted.precision,
            selection,
            coverage: accepted as f64 / evaluation.count.max(1) as f64,
            coverage_interval_95: Interval::wilson_95(accepted, evaluation.count),
            precision: selection.precision(),
            precision_interval_95: Interval::wilson_95(correct, accepted),
        })
    }
}
