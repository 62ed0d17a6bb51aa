//! The fit loop: epochs of steps, watched by early stopping and checkpoints.

use crate::{
    TrainError,
    accumulate::Groups,
    augment::Augmentation,
    chance::{Phase, seed_batch},
    ema::Ema,
    evaluate::evaluate,
    loader::Loader,
    loss::Loss,
    observer::{EpochSummary, Means, Observer, StepProgress},
    optimizer::Optimizer,
    order::training_order,
    saver::Saver,
    schedule::Schedule,
    step::forward,
    tally::Tally,
    watch::{BestEpoch, EarlyStopping, Verdict},
};
use serde_json::json;
use shoebox_artifact::{RunDir, jsonl, records::MetricRow};
use shoebox_model::Network;
use shoebox_spec::{Monitor, PipelineSpec, Tta};
use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use tch::{Tensor, no_grad};

/// Everything that one training works on.
pub(crate) struct Fit<'a> {
    pub spec: &'a PipelineSpec,
    pub run: &'a RunDir,
    pub network: &'a Network,
    pub optimizer: Optimizer,
    pub loss: Loss,
    pub ema: Option<Ema>,
    pub schedule: Schedule,
    pub augmentation: Augmentation,
    pub train: Loader<'a>,
    pub val: Loader<'a>,
    /// How the training rows become batches and steps.
    pub groups: Groups,
    pub saver: Saver<'a>,
    /// Set from outside to end training after the current step.
    pub interrupt: &'a AtomicBool,
}

/// How training ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    AllEpochs,
    Early,
    Interrupted,
}

/// The figures of one pass over the training split.
struct TrainFigures {
    means: Means,
    learning_rate: f64,
    /// For batches.
    waited: Duration,
}

impl Fit<'_> {
    /// Trains until an end is reached, calling `after_epoch` with the best
    /// epoch whose checkpoint is in its place. Leaves metrics and checkpoints
    /// in the run.
    pub fn run(
        &mut self,
        observer: &mut dyn Observer,
        mut after_epoch: impl FnMut(Option<u32>) -> Result<(), TrainError>,
    ) -> Result<Ended, TrainError> {
        let mut best = BestEpoch::new(&self.spec.train.checkpoint);
        let ended = self.all_epochs(&mut best, observer, &mut after_epoch);
        let saved = self.saver.finish().and_then(|()| after_epoch(best.epoch()));
        let ended = ended?;
        saved?;
        Ok(ended)
    }

    fn all_epochs(
        &mut self,
        best: &mut BestEpoch,
        observer: &mut dyn Observer,
        after_epoch: &mut impl FnMut(Option<u32>) -> Result<(), TrainError>,
    ) -> Result<Ended, TrainError> {
        let mut stopping = self.spec.train.early_stopping.as_ref().map(EarlyStopping::new);
        let mut to_restore = None;
        for epoch in 1..=self.spec.train.epochs {
            let summary = self.epoch(epoch, observer)?;
            // What the epoch before has left has had all of this one's time.
            self.saver.finish()?;
            after_epoch(best.epoch())?;
            let Some(mut summary) = summary else {
                self.save_last(epoch)?;
                return Ok(Ended::Interrupted);
            };
            summary.is_best = self.judge(&summary, best)?;
            let verdict = self.watch(&mut stopping, &summary, &mut to_restore);
            let ends = verdict == Verdict::Stop || epoch == self.spec.train.epochs;
            self.swap_mean()?;
            if ends {
                self.restore(to_restore.take());
            }
            self.save_last(epoch)?;
            observer.epoch(&summary);
            if verdict == Verdict::Stop {
                return Ok(Ended::Early);
            }
        }
        Ok(Ended::AllEpochs)
    }

    /// Tells the schedule of the epoch, and keeps the weights if they are the
    /// best so far; whether they are.
    fn judge(&mut self, summary: &EpochSummary, best: &mut BestEpoch) -> Result<bool, TrainError> {
        if let Some(monitor) = self.schedule.monitor() {
            self.schedule.after_epoch(monitored(summary, monitor));
        }
        let monitor = self.spec.train.checkpoint.monitor;
        let is_best = best.update(summary.epoch, monitored(summary, monitor));
        if is_best {
            self.saver.save_best(summary.epoch)?;
        }
        Ok(is_best)
    }

    /// One epoch: training, evaluation and metrics. `None` when it was
    /// interrupted.
    fn epoch(
        &mut self,
        epoch: u32,
        observer: &mut dyn Observer,
    ) -> Result<Option<EpochSummary>, TrainError> {
        let started = Instant::now();
        let Some(figures) = self.train_epoch(epoch, observer)? else { return Ok(None) };
        let train_seconds = started.elapsed().as_secs_f64();
        self.swap_mean()?;
        let val = evaluate(self.network, &self.val, self.groups.batch, Tta::None)?;
        let seconds = started.elapsed().as_secs_f64();
        let summary = EpochSummary {
            epoch,
            epochs: self.spec.train.epochs,
            loss: figures.means.loss,
            accuracy: figures.means.accuracy,
            val_loss: val.log_loss(1.0),
            val_accuracy: val.accuracy(),
            learning_rate: figures.learning_rate,
            seconds,
            images_per_second: self.train.len() as f64 / train_seconds,
            data_wait: figures.waited.as_secs_f64() / train_seconds,
            is_best: false,
        };
        self.record(&summary, train_seconds)?;
        Ok(Some(summary))
    }

    /// Changes the weights for their mean, with which the network is measured
    /// and kept, or back; nothing without one.
    fn swap_mean(&mut self) -> Result<(), TrainError> {
        Ok(self.ema.as_mut().map_or(Ok(()), Ema::swap)?)
    }

    /// One pass over the training split, in the epoch's order. `None` when it
    /// was interrupted.
    fn train_epoch(
        &mut self,
        epoch: u32,
        observer: &mut dyn Observer,
    ) -> Result<Option<TrainFigures>, TrainError> {
        let train = &self.spec.train;
        let order = training_order(train, self.spec.seed, epoch, self.train.labels());
        let (groups, steps) = (self.groups, self.groups.steps());
        let size = self.spec.training_size();
        let order = self.augmentation.order(epoch, order, groups.batch);
        let rows = self.augmentation.rows(groups.batch);
        let mut tally = Tally::new(self.network.device())?;
        let (mut batches, mut rate, mut interrupted) = (0, 0.0, false);
        let waited = self.train.for_each_batch(&order, rows, |batch| {
            interrupted = self.interrupt.load(Ordering::Relaxed);
            if interrupted {
                return Ok(ControlFlow::Break(()));
            }
            let batch = self.augmentation.apply(epoch, batch)?.resized(size)?;
            seed_batch(self.spec.seed, Phase::All, epoch, batches);
            let (logits, loss) = forward(self.network, &batch, train.precision, &self.loss)?;
            // Before the step: on the CPU a loss that is no number changes no weight.
            let means = tally.add(epoch, &loss, &batch.correct(&logits)?, batch.len())?;
            let number = batches;
            batches += 1;
            let loss = groups.share(&loss, number)?;
            if !groups.is_last(number) {
                self.optimizer.add_gradients(&loss)?;
                return Ok(ControlFlow::Continue(()));
            }
            rate = self.schedule.rate(self.optimizer.steps());
            self.optimizer.step(&loss, rate)?;
            self.ema.as_mut().map_or(Ok(()), Ema::update)?;
            let step = number / groups.of + 1;
            observer.step(&StepProgress { epoch, step, steps, means });
            Ok(ControlFlow::Continue(()))
        })?;
        if interrupted {
            return Ok(None);
        }
        let means = tally.read(epoch)?;
        Ok(Some(TrainFigures { means, learning_rate: rate, waited }))
    }

    /// Appends the epoch's two lines to the metrics.
    fn record(&self, summary: &EpochSummary, train_seconds: f64) -> Result<(), TrainError> {
        let row =
            |split: &str, loss, accuracy, seconds: f64, samples: usize, data_wait| MetricRow {
                epoch: summary.epoch,
                split: split.to_owned(),
                loss,
                accuracy,
                learning_rate: summary.learning_rate,
                seconds,
                images_per_second: samples as f64 / seconds,
                data_wait,
            };
        let val_seconds = summary.seconds - train_seconds;
        let (loss, accuracy, samples) = (summary.loss, summary.accuracy, self.train.len());
        let waited = Some(summary.data_wait);
        let train = row("train", loss, accuracy, train_seconds, samples, waited);
        let (loss, accuracy, samples) = (summary.val_loss, summary.val_accuracy, self.val.len());
        let val = row("val", loss, accuracy, val_seconds, samples, None);
        jsonl::append(&self.run.metrics(), &train)?;
        Ok(jsonl::append(&self.run.metrics(), &val)?)
    }

    /// Asks early stopping about the epoch, and keeps a copy of the weights
    /// that it may want back.
    fn watch(
        &self,
        stopping: &mut Option<EarlyStopping>,
        summary: &EpochSummary,
        to_restore: &mut Option<Vec<Tensor>>,
    ) -> Verdict {
        let (Some(stopping), Some(spec)) = (stopping, &self.spec.train.early_stopping) else {
            return Verdict::Wait;
        };
        let verdict = stopping.update(summary.epoch, monitored(summary, spec.monitor));
        if verdict == Verdict::Improved && spec.restore_best {
            let weights = self.network.parameters().iter();
            *to_restore = Some(weights.map(|parameter| parameter.tensor.detach().copy()).collect());
        }
        verdict
    }

    fn restore(&self, weights: Option<Vec<Tensor>>) {
        no_grad(|| {
            for (parameter, best) in self.network.parameters().iter().zip(weights.iter().flatten())
            {
                parameter.tensor.shallow_clone().copy_(best);
            }
        });
    }

    fn save_last(&mut self, epoch: u32) -> Result<(), TrainError> {
        let state = json!({"epoch": epoch, "step": self.optimizer.steps()});
        let mut tensors = self.optimizer.state();
        tensors.extend(self.ema.iter().flat_map(Ema::state));
        self.saver.save_last(epoch, state, tensors)
    }
}

fn monitored(summary: &EpochSummary, monitor: Monitor) -> f64 {
    match monitor {
        Monitor::Loss => summary.loss,
        Monitor::Accuracy => summary.accuracy,
        Monitor::ValLoss => summary.val_loss,
        Monitor::ValAccuracy => summary.val_accuracy,
    }
}
