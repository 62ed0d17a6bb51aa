//! Evaluating a run again, on any split of its cache.

use crate::{TrainError, material::Exam, measure::Measure};
use shoebox_artifact::{
    ArtifactError, Artifacts, RunDir, atomic,
    records::{Evaluation, RunRecord},
};
use shoebox_cache::TensorCache;
use shoebox_model::{Checkpoint, ModelCard, choose_device};
use shoebox_spec::{Device, Tta};
use std::path::{Path, PathBuf};

/// What the `evaluate` program is asked to do.
#[derive(Debug, Clone)]
pub struct EvaluateOptions {
    /// A run's folder or name.
    pub run: PathBuf,
    /// The artifacts folder.
    pub artifacts: PathBuf,
    /// `train`, `val` or `test`.
    pub split: String,
    /// The device; the run's own choice is not binding.
    pub device: Device,
    /// The views that are classified; the checkpoint's own when not given.
    pub tta: Option<Tta>,
}

/// Samples per batch where no spec says: the result does not depend on it.
const EVALUATION_BATCH: usize = 32;

/// Evaluates a run's best weights on a split of its cache, and writes the
/// predictions and the figures into the run, in the place of earlier ones.
///
/// # Errors
/// A run, cache or checkpoint that is not there or does not fit the others.
pub fn evaluate_run(options: &EvaluateOptions) -> Result<(RunDir, Evaluation), TrainError> {
    let artifacts = Artifacts::new(&options.artifacts);
    let run = artifacts.find_run(&options.run)?;
    let record = RunRecord::read(&run.record())?;
    check_split(&run, &record, &options.split)?;
    let checkpoint = best_checkpoint(&run, &record)?;
    let cache = TensorCache::open(&artifacts.cache(&record.cache_fingerprint))?;
    let exam = Exam::of(&cache, &options.split)?;
    let network = checkpoint.network(choose_device(options.device)?)?;
    let _lock = run.lock()?;
    let measure = Measure {
        network: &network,
        run: &run,
        class_names: &cache.manifest().class_names,
        batch_size: EVALUATION_BATCH,
        tta: options.tta.unwrap_or(checkpoint.card.tta),
    };
    let evaluation = measure.exam(&exam)?;
    // Whoever wrote to the record before the lock was ours is heard.
    let mut record = RunRecord::read(&run.record())?;
    record.put_evaluation(evaluation.clone());
    atomic::write_json(&run.record(), &record)?;
    Ok((run, evaluation))
}

/// In a fold's run, pictures of the cache's train and val were learned from
/// that an ordinary run has not seen.
fn check_split(run: &RunDir, record: &RunRecord, split: &str) -> Result<(), TrainError> {
    match &record.campaign {
        Some(part) if !part.has_splits_of_cache() && split != "test" => Err(TrainError::OfFold {
            path: run.path().to_owned(),
            number: part.number,
            split: split.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// The run's best checkpoint, which must come from the cache of the run.
fn best_checkpoint(run: &RunDir, record: &RunRecord) -> Result<Checkpoint, TrainError> {
    let path = run.best_checkpoint();
    if !path.is_file() {
        let (fact, remedy) =
            ("no epoch has ended yet", "wait for the first one, or train again".to_owned());
        return Err(ArtifactError::Missing { path, fact, remedy }.into());
    }
    let checkpoint = Checkpoint::read(&path)?;
    check_origin(&path, &checkpoint.card, record)?;
    Ok(checkpoint)
}

fn check_origin(path: &Path, card: &ModelCard, record: &RunRecord) -> Result<(), TrainError> {
    if card.cache_fingerprint == record.cache_fingerprint {
        return Ok(());
    }
    Err(TrainError::Mismatch {
        path: path.to_owned(),
        fact: format!(
            "the checkpoint was trained on cache {}, the run on {}",
            shoebox_artifact::fingerprint::short(&card.cache_fingerprint),
            shoebox_artifact::fingerprint::short(&record.cache_fingerprint),
        ),
    })
}
