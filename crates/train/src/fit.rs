//! The fit loop: epochs of steps, watched by early stopping and checkpoints.

use crate::{
    TrainError,
    accumulate::Groups,
    aside::Aside,
    augment::Augmentation,
    board::Board,
    chance::{Phase, seed_batch},
    ema::Ema,
    evaluate::evaluate,
    loader::{Batch, Loader},
    loop_state::{Circumstances, PartOfEpoch},
    loss::Loss,
    observer::{EpochSummary, Means, Observer, StepProgress},
    optimizer::Optimizer,
    order::training_order,
    pass::Pass,
    saver::Saver,
    schedule::Schedule,
    step::forward,
    watch::{BestEpoch, EarlyStopping, Verdict},
};
use shoebox_artifact::{
    RunDir, jsonl,
    records::{MetricRow, write_metrics_table},
};
use shoebox_model::Network;
use shoebox_spec::{Monitor, PipelineSpec, Tta};
use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

/// Everything that one training works on, and where it stands.
pub(crate) struct Fit<'a> {
    pub spec: &'a PipelineSpec,
    pub run: &'a RunDir,
    pub network: &'a Network,
    pub optimizer: Optimizer,
    pub loss: Loss,
    pub ema: Option<Ema>,
    pub schedule: Schedule,
    pub augmentation: Augmentation,
    pub train: &'a Loader<'a>,
    pub val: Loader<'a>,
    /// How the training rows become batches and steps.
    pub groups: Groups,
    pub saver: Saver<'a>,
    /// Where TensorBoard is to be shown the run.
    pub board: Option<Board>,
    /// Set from outside to end training after the current step.
    pub interrupt: &'a AtomicBool,
    pub best: BestEpoch,
    pub stopping: Option<EarlyStopping>,
    pub aside: Aside<'a>,
    pub circumstances: Circumstances,
    /// Epochs that have ended.
    pub epoch: u32,
    /// The one after them, as far as it is to be kept.
    pub under_way: Option<PartOfEpoch>,
    /// The step at which all of this was saved last.
    pub saved_step: u64,
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
    seconds: f64,
    data_wait: f64,
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
        let ended = self.all_epochs(observer, &mut after_epoch);
        let saved = self.saver.finish().and_then(|()| after_epoch(self.best.epoch()));
        let ended = ended?;
        saved?;
        Ok(ended)
    }

    fn all_epochs(
        &mut self,
        observer: &mut dyn Observer,
        after_epoch: &mut impl FnMut(Option<u32>) -> Result<(), TrainError>,
    ) -> Result<Ended, TrainError> {
        let epochs = self.spec.train.epochs;
        while self.epoch < epochs && !self.has_stopped() {
            let epoch = self.epoch + 1;
            let summary = self.epoch(epoch, observer)?;
            // What the epoch before has left has had all of this one's time.
            self.saver.finish()?;
            after_epoch(self.best.epoch())?;
            let Some(mut summary) = summary else {
                self.save_last()?;
                return Ok(Ended::Interrupted);
            };
            summary.is_best = self.judge(&summary)?;
            self.watch(&summary)?;
            (self.epoch, self.under_way) = (epoch, None);
            self.swap_mean()?;
            if epoch == epochs || self.has_stopped() {
                self.aside.swap()?;
            }
            self.save_last()?;
            observer.epoch(&summary);
        }
        Ok(if self.has_stopped() { Ended::Early } else { Ended::AllEpochs })
    }

    /// Whether early stopping has ended training.
    fn has_stopped(&self) -> bool {
        self.stopping.as_ref().is_some_and(EarlyStopping::has_stopped)
    }

    /// Tells the schedule of the epoch, and keeps the weights if they are the
    /// best so far; whether they are.
    fn judge(&mut self, summary: &EpochSummary) -> Result<bool, TrainError> {
        if let Some(monitor) = self.schedule.monitor() {
            self.schedule.after_epoch(monitored(summary, monitor));
        }
        let monitor = self.spec.train.checkpoint.monitor;
        let is_best = self.best.update(summary.epoch, monitored(summary, monitor));
        if is_best {
            self.saver.take_best(summary.epoch)?;
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
        let Some(figures) = self.train_epoch(epoch, observer)? else { return Ok(None) };
        let started = Instant::now();
        self.swap_mean()?;
        let val = evaluate(self.network, &self.val, self.groups.batch, Tta::None)?;
        let val_seconds = started.elapsed().as_secs_f64();
        let summary = EpochSummary {
            epoch,
            epochs: self.spec.train.epochs,
            loss: figures.means.loss,
            accuracy: figures.means.accuracy,
            val_loss: val.log_loss(1.0),
            val_accuracy: val.accuracy(),
            learning_rate: figures.learning_rate,
            seconds: figures.seconds + val_seconds,
            images_per_second: self.train.len() as f64 / figures.seconds,
            data_wait: figures.data_wait,
            is_best: false,
        };
        self.record(&summary, figures.seconds)?;
        if let Some(board) = &mut self.board {
            board.epoch(&summary, figures.seconds, &val)?;
        }
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
        let (spec, groups, train) = (self.spec, self.groups, self.train);
        let mut pass = Pass::new(epoch, self.under_way.take(), self.network.device())?;
        let order = training_order(&spec.train, spec.seed, epoch, train.labels());
        let order = self.augmentation.order(epoch, order, groups.batch);
        let rows = self.augmentation.rows(groups.batch);
        let order = order.skip(pass.batches * rows);
        let size = spec.training_size();
        let mut interrupted = false;
        train.for_each_batch(&order, rows, |batch| {
            pass.has_batch();
            interrupted = groups.is_first(pass.batches) && self.interrupt.load(Ordering::Relaxed);
            if interrupted {
                return Ok(ControlFlow::Break(()));
            }
            let batch = self.augmentation.apply(epoch, batch)?.resized(size)?;
            self.train_batch(&batch, &mut pass, observer)?;
            pass.is_free();
            Ok(ControlFlow::Continue(()))
        })?;
        if interrupted {
            self.under_way = pass.part()?;
            return Ok(None);
        }
        Ok(Some(TrainFigures {
            means: pass.means()?,
            learning_rate: self.schedule.rate(self.optimizer.steps().saturating_sub(1)),
            seconds: pass.seconds(),
            data_wait: pass.data_wait(),
        }))
    }

    /// One batch, and the step that it completes, if it does.
    fn train_batch(
        &mut self,
        batch: &Batch,
        pass: &mut Pass,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        let (groups, number) = (self.groups, pass.batches);
        seed_batch(self.spec.seed, Phase::All, pass.epoch, number);
        let (logits, loss) = forward(self.network, batch, self.spec.train.precision, &self.loss)?;
        // Before the step: on the CPU a loss that is no number changes no weight.
        let means = pass.add(batch, &loss, &logits)?;
        let loss = groups.share(&loss, number)?;
        if !groups.is_last(number) {
            return self.optimizer.add_gradients(&loss);
        }
        let rate = self.schedule.rate(self.optimizer.steps());
        self.optimizer.step(&loss, rate)?;
        self.ema.as_mut().map_or(Ok(()), Ema::update)?;
        let (epoch, step, steps) = (pass.epoch, number / groups.of + 1, groups.steps());
        observer.step(&StepProgress { epoch, step, steps, means });
        self.save_if_due(pass)
    }

    /// Appends the epoch's two lines to the metrics, and writes their table anew.
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
        jsonl::append(&self.run.metrics(), &val)?;
        Ok(write_metrics_table(&self.run.metrics(), &self.run.metrics_table())?)
    }

    /// Asks early stopping about the epoch, and keeps a copy of the weights
    /// that it may want back.
    fn watch(&mut self, summary: &EpochSummary) -> Result<(), TrainError> {
        let (Some(stopping), Some(spec)) = (&mut self.stopping, &self.spec.train.early_stopping)
        else {
            return Ok(());
        };
        let verdict = stopping.update(summary.epoch, monitored(summary, spec.monitor));
        if verdict == Verdict::Improved && spec.restore_best {
            self.aside.keep()?;
        }
        Ok(())
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
