//! What a training has come to, without what differs from one to the next: the
//! run's name and how long things took.

use safetensors::SafeTensors;
use shoebox_artifact::{
    RunDir, jsonl,
    records::{Evaluation, MetricRow, RunRecord, RunStatus},
};
use shoebox_model::Checkpoint;
use std::{collections::BTreeMap, fs, path::Path};

/// All that two trainings of the same pipeline must have in common.
#[derive(Debug, PartialEq)]
struct Result {
    status: RunStatus,
    best_epoch: Option<u32>,
    evaluations: Vec<Evaluation>,
    /// Epoch, split, loss, accuracy, learning rate; figures by their bits.
    metrics: Vec<(u32, String, [u64; 3])>,
    /// Of `best` and `last`: the epoch and the loop's state.
    cards: Vec<(u32, Option<serde_json::Value>)>,
    /// By name.
    predictions: BTreeMap<String, String>,
}

impl Result {
    fn of(run: &RunDir) -> Self {
        let record = RunRecord::read(&run.record()).expect("a record");
        let figures = |row: MetricRow| {
            let bits = [row.loss, row.accuracy, row.learning_rate].map(f64::to_bits);
            (row.epoch, row.split, bits)
        };
        let metrics: Vec<MetricRow> = jsonl::read(&run.metrics()).expect("metrics");
        let card = |path| {
            let card = Checkpoint::read(path).expect("a checkpoint").card;
            (card.epoch, card.loop_state)
        };
        let predictions = fs::read_dir(run.path().join("predictions")).expect("predictions");
        let predictions = predictions.flatten().map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("text");
            (entry.file_name().to_string_lossy().into_owned(), text)
        });
        Self {
            status: record.status,
            best_epoch: record.best_epoch,
            evaluations: record.evaluations,
            metrics: metrics.into_iter().map(figures).collect(),
            cards: [run.best_checkpoint(), run.last_checkpoint()].iter().map(|p| card(p)).collect(),
            predictions: predictions.collect(),
        }
    }
}

/// The bytes of every tensor of a safetensors file.
///
/// # Panics
/// When it is none.
pub fn tensors(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let bytes = fs::read(path).expect("the file is there");
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");
    file.tensors().into_iter().map(|(name, view)| (name, view.data().to_vec())).collect()
}

/// Asserts that two trainings have come to the same, bit for bit: every tensor
/// of both checkpoints, figures, predictions, and how it ended.
///
/// # Panics
/// When they have not, naming what differs.
pub fn assert_same_training(found: &RunDir, wanted: &RunDir, case: &str) {
    assert_eq!(Result::of(found), Result::of(wanted), "{case}");
    for path in [RunDir::best_checkpoint, RunDir::last_checkpoint] {
        let (found, wanted) = (tensors(&path(found)), tensors(&path(wanted)));
        assert!(found.keys().eq(wanted.keys()), "{case}: {:?}", found.keys());
        let differs = |(name, bytes): &(&String, &Vec<u8>)| wanted[*name] != **bytes;
        let different: Vec<_> = found.iter().filter(differs).map(|(name, _)| name).collect();
        assert!(different.is_empty(), "{case}: these tensors differ: {different:?}");
    }
}
