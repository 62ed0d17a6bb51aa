//! Evaluating a run again, on any split of its cache.

use crate::{
    TrainError,
    material::{Exam, Material},
    measure::Measure,
};
use shoebox_artifact::{
    Artifacts, RunDir, atomic,
    records::{Calibration, Evaluation, RunRecord},
};
use shoebox_cache::TensorCache;
use shoebox_model::{Checkpoint, ModelCard, choose_device};
use shoebox_spec::{Device, EvaluateSpec, Reject, Tta};
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
    /// Whether what the checkpoint has of a temperature and a threshold is
    /// fitted again on val, for these views.
    pub calibrate: bool,
    /// The precision that the threshold is to reach; without one there is no
    /// threshold afterwards. Used with `calibrate` alone.
    pub precision: Option<f64>,
}

/// Samples per batch where no spec says: the result does not depend on it.
const EVALUATION_BATCH: usize = 32;

/// What [`evaluate_run`] did.
#[derive(Debug)]
pub struct Evaluated {
    /// The run's folder.
    pub run: RunDir,
    /// The figures of each split that was measured.
    pub evaluations: Vec<Evaluation>,
    /// What the checkpoint has now.
    pub calibration: Option<Calibration>,
    /// Whether the checkpoint's calibration was fitted to other views than these.
    pub other_views: bool,
}

/// Evaluates a run's best weights on a split of its cache, and writes the
/// predictions and the figures into the run, in the place of earlier ones. To
/// calibrate is to evaluate val, and test where there is one, as well.
///
/// # Errors
/// A run, cache or checkpoint that is not there or does not fit the others.
pub fn evaluate_run(options: &EvaluateOptions) -> Result<Evaluated, TrainError> {
    let artifacts = Artifacts::new(&options.artifacts);
    let run = artifacts.find_run(&options.run)?;
    let record = RunRecord::read(&run.record())?;
    check_split(&run, &record, &options.split)?;
    if options.calibrate {
        check_split(&run, &record, "val")?;
    }
    // Before the checkpoint is read: who trains may be about to write a better one.
    let _lock = run.lock()?;
    let mut checkpoint = best_checkpoint(&run, &record)?;
    let cache = TensorCache::open(&artifacts.cache(&record.cache_fingerprint))?;
    let exam = Exam::of(&cache, &options.split)?;
    let network = checkpoint.network(choose_device(options.device)?)?;
    let card = &checkpoint.card;
    let mut measure = Measure {
        network: &network,
        run: &run,
        class_names: &cache.manifest().class_names,
        batch_size: EVALUATION_BATCH,
        tta: options.tta.unwrap_or(card.tta),
        calibration: card.calibration.clone(),
    };
    let evaluations = if options.calibrate {
        let (val, others) = exams_to_calibrate(&cache, exam)?;
        measure.calibrated(
            &wanted_calibration(options, &measure),
            &mut checkpoint,
            &val,
            &others,
        )?
    } else {
        vec![measure.exam(&exam)?]
    };
    // Whoever wrote to the record before the lock was ours is heard.
    let mut record = RunRecord::read(&run.record())?;
    record.calibration.clone_from(&measure.calibration);
    evaluations.iter().for_each(|evaluation| record.put_evaluation(evaluation.clone()));
    atomic::write_json(&run.record(), &record)?;
    let other_views = measure.calibration.is_some() && measure.tta != checkpoint.card.tta;
    Ok(Evaluated { calibration: measure.calibration, other_views, evaluations, run })
}

/// Val, and what is measured after calibrating: test, where there is one, and
/// the `exam` that was asked for.
fn exams_to_calibrate<'a>(
    cache: &'a TensorCache,
    exam: Exam<'a>,
) -> Result<(Exam<'a>, Vec<Exam<'a>>), TrainError> {
    let Material { val, test, .. } = Material::of(cache)?;
    let others = test.into_iter().chain((exam.name == "train").then_some(exam));
    Ok((val, others.collect()))
}

/// What `--calibrate` asks for.
fn wanted_calibration(options: &EvaluateOptions, measure: &Measure) -> EvaluateSpec {
    let reject = options.precision.map(|precision| Reject { precision });
    EvaluateSpec { tta: measure.tta, temperature: true, reject }
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
    let path = run.find_best_checkpoint()?;
    let checkpoint = Checkpoint::read(&path)?;
    check_origin(&path, &checkpoint.card, record)?;
    Ok(checkpoint)
}

/// That a checkpoint comes from the cache of the run.
pub(crate) fn check_origin(
    path: &Path,
    card: &ModelCard,
    record: &RunRecord,
) -> Result<(), TrainError> {
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
