//! What a run left behind, read and checked before anything is drawn.

use crate::{ReportError, pictures::Pictures, verdicts::SplitPredictions};
use serde::Serialize;
use shoebox_artifact::{
    Artifacts, RunDir, jsonl,
    records::{MetricRow, RunRecord, RunStatus},
};
use std::{collections::BTreeMap, fs, path::Path};

/// Everything a report is made of.
#[derive(Debug)]
pub struct Inputs {
    /// The run's folder.
    pub run: RunDir,
    /// What was run and how it stands.
    pub record: RunRecord,
    /// The pipeline as the user gave it, where its file is still there.
    pub pipeline: Option<String>,
    /// At least one, in the order of their numbers.
    pub epochs: Vec<Epoch>,
    /// The splits that were evaluated, in the order val, test, train.
    pub predictions: Vec<SplitPredictions>,
    /// The prepared pictures, where the cache is still there.
    pub pictures: Pictures,
}

/// One epoch's figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Epoch {
    /// From 1.
    pub epoch: u32,
    /// Of the epoch's last step.
    pub learning_rate: f64,
    /// Over the epoch's batches, dropout on.
    pub train: Option<EpochFigures>,
    /// After the epoch.
    pub val: Option<EpochFigures>,
}

/// One split in one epoch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EpochFigures {
    /// Mean cross-entropy per sample, in nats.
    pub loss: f64,
    /// Share of correct samples, 0–1.
    pub accuracy: f64,
    /// Spent on the split in this epoch.
    pub seconds: f64,
    /// Samples per second.
    pub images_per_second: f64,
}

impl Inputs {
    /// Reads the run in `run` and opens its cache below `artifacts`.
    ///
    /// # Errors
    /// [`ReportError`] for a run without a finished epoch and for a file that
    /// is malformed. A cache that is missing or damaged is no error: numbers
    /// don't need it, and the report says what it lacks.
    pub fn read(artifacts: &Artifacts, run: RunDir) -> Result<Self, ReportError> {
        let record = RunRecord::read(&run.record())?;
        let epochs = read_epochs(&run.metrics(), record.status)?;
        let predictions = ["val", "test", "train"]
            .into_iter()
            .filter(|split| run.predictions(split).is_file())
            .map(|split| {
                let evaluation = record.evaluation(split);
                let calibrated = evaluation.and_then(|found| found.calibrated.as_ref());
                let temperature = calibrated.map_or(1.0, |calibrated| calibrated.temperature);
                let path = run.predictions(split);
                SplitPredictions::read(split, &path, &record.class_names, temperature)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            pipeline: fs::read_to_string(run.pipeline()).ok(),
            pictures: Pictures::open(artifacts, &record.cache_fingerprint),
            run,
            record,
            epochs,
            predictions,
        })
    }
}

/// The figures of each epoch of a run that stands so.
///
/// # Errors
/// [`ReportError`] without any, and for a file that is malformed.
pub(crate) fn read_epochs(path: &Path, status: RunStatus) -> Result<Vec<Epoch>, ReportError> {
    let rows: Vec<MetricRow> = if path.is_file() { jsonl::read(path)? } else { Vec::new() };
    if rows.is_empty() {
        let path = path.to_owned();
        return Err(match status {
            RunStatus::Running => ReportError::NoEpochYet { path },
            _ => ReportError::NoEpochEver { path },
        });
    }
    let mut epochs = BTreeMap::new();
    for row in rows {
        add_row(&mut epochs, row);
    }
    Ok(epochs.into_values().collect())
}

/// A later row of the same epoch and split takes the earlier one's place.
fn add_row(epochs: &mut BTreeMap<u32, Epoch>, row: MetricRow) {
    let MetricRow {
        epoch, split, loss, accuracy, learning_rate, seconds, images_per_second, ..
    } = row;
    let figures = EpochFigures { loss, accuracy, seconds, images_per_second };
    let entry =
        epochs.entry(epoch).or_insert(Epoch { epoch, learning_rate, train: None, val: None });
    entry.learning_rate = learning_rate;
    match split.as_str() {
        "train" => entry.train = Some(figures),
        _ => entry.val = Some(figures),
    }
}
