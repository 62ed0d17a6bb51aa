//! A network's figures on a split.

use crate::{TrainError, loader::Loader, material::Exam, order::Order};
use shoebox_artifact::{
    ArtifactError, Artifacts, RunDir,
    records::{Evaluation, Prediction, RunRecord, write_predictions},
};
use shoebox_cache::TensorCache;
use shoebox_model::{Checkpoint, Mode, ModelCard, Network, choose_device};
use shoebox_spec::{Device, Residency};
use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
};
use tch::{Kind, Reduction, Tensor, no_grad};

/// A network on a whole split.
#[derive(Debug)]
pub struct SplitResult {
    /// Mean cross-entropy per sample, in nats.
    pub loss: f64,
    /// Samples whose largest logit is the true class's.
    pub correct: u64,
    /// A row of class probabilities per sample, in the order of the split.
    pub probabilities: Vec<Vec<f32>>,
}

impl SplitResult {
    /// Samples.
    pub fn count(&self) -> u64 {
        self.probabilities.len() as u64
    }

    /// Share of correct samples, 0–1.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.count() as f64
    }
}

/// Runs `network` over every sample of a split, dropout off.
///
/// # Errors
/// What libtorch refuses, or a damaged cache.
pub fn evaluate(
    network: &Network,
    loader: &Loader,
    batch_size: usize,
) -> Result<SplitResult, TrainError> {
    let device = network.device();
    let mut loss = Tensor::f_zeros([], (Kind::Double, device))?;
    let mut correct = Tensor::f_zeros([], (Kind::Int64, device))?;
    let mut probabilities = Vec::new();
    loader.for_each_batch(&Order::as_stored(loader.len()), batch_size, |batch| {
        let logits = no_grad(|| network.forward(&batch.images, Mode::Evaluate))?;
        let (labels, none) = (&batch.labels, None::<&Tensor>);
        let sum = logits.f_cross_entropy_loss(labels, none, Reduction::Sum, -100, 0.0)?;
        let _ = loss.f_add_(&sum.f_to_kind(Kind::Double)?)?;
        let _ = correct.f_add_(&count_correct(&logits, labels)?)?;
        probabilities.push(logits.f_softmax(-1, Kind::Float)?);
        Ok(ControlFlow::Continue(()))
    })?;
    // The device is waited for here, and not after each batch.
    Ok(SplitResult {
        loss: loss.f_double_value(&[])? / loader.len() as f64,
        correct: correct.f_int64_value(&[])? as u64,
        probabilities: Vec::try_from(Tensor::f_cat(&probabilities, 0)?)?,
    })
}

/// How many rows of `logits` `[B,K]` are largest at their label `[B]`: an
/// i64 scalar on the same device.
pub(crate) fn count_correct(logits: &Tensor, labels: &Tensor) -> Result<Tensor, tch::TchError> {
    logits.f_argmax(-1, false)?.f_eq_tensor(labels)?.f_sum(Kind::Int64)
}

/// Evaluates `network` on the pictures of `exam`, which have these classes,
/// and writes its predictions into `run`.
pub(crate) fn evaluate_exam(
    network: &Network,
    exam: &Exam,
    run: &RunDir,
    class_names: &[String],
    batch_size: usize,
) -> Result<Evaluation, TrainError> {
    let loader = Loader::new(exam.view.clone(), network.device(), Residency::Host)?;
    let result = evaluate(network, &loader, batch_size)?;
    let predictions = predictions(exam, class_names, &result);
    write_predictions(&run.predictions(&exam.name), class_names, &predictions)?;
    let (count, correct, loss) = (result.count(), result.correct, result.loss);
    Ok(Evaluation { split: exam.name.clone(), count, correct, loss })
}

fn predictions(exam: &Exam, class_names: &[String], result: &SplitResult) -> Vec<Prediction> {
    let rows = exam.paths.iter().zip(exam.view.labels()).zip(&result.probabilities);
    rows.map(|((path, &label), probabilities)| Prediction {
        path: path.clone(),
        label: class_names[label as usize].clone(),
        predicted: class_names[argmax(probabilities)].clone(),
        probabilities: probabilities.clone(),
    })
    .collect()
}

/// The position of the largest value, the first of equals.
fn argmax(values: &[f32]) -> usize {
    let larger =
        |best: usize, index: usize| if values[index] > values[best] { index } else { best };
    (0..values.len()).fold(0, larger)
}

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
}

/// Evaluates a run's best weights on a split of its cache, and writes the
/// predictions into the run.
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
    let class_names = &cache.manifest().class_names;
    let evaluation = evaluate_exam(&network, &exam, &run, class_names, EVALUATION_BATCH)?;
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

/// Samples per batch where no spec says: the result does not depend on it.
const EVALUATION_BATCH: usize = 32;

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
