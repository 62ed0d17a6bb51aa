//! The head alone, trained on a backbone's features before the first epoch.

use crate::{
    TrainError,
    accumulate::Groups,
    chance::{Phase, seed_batch},
    evaluate::count_correct,
    loader::Loader,
    loss::Loss,
    observer::{HeadEpoch, Means, Observer},
    optimizer::Optimizer,
    order::{Order, training_order},
    schedule::Schedule,
    tally::Tally,
};
use shoebox_artifact::records::HeadRecord;
use shoebox_model::{Mode, Network};
use shoebox_spec::{HeadFirst, PipelineSpec};
use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};
use tch::{Tensor, no_grad};

/// What training the head works on.
pub(crate) struct Head<'a> {
    pub spec: &'a PipelineSpec,
    pub network: &'a Network,
    pub train: &'a Loader<'a>,
    pub groups: Groups,
    pub loss: &'a Loss,
    pub interrupt: &'a AtomicBool,
}

impl Head<'_> {
    /// Trains what follows the backbone, on features that are computed once.
    /// `None` when it was interrupted.
    pub fn run(
        &self,
        head: &HeadFirst,
        observer: &mut dyn Observer,
    ) -> Result<Option<HeadRecord>, TrainError> {
        let started = Instant::now();
        let Some(features) = self.features(observer)? else { return Ok(None) };
        let features_seconds = started.elapsed().as_secs_f64();
        let device = self.network.device();
        let labels = Tensor::f_from_slice(self.train.labels())?.f_to_device(device)?;
        let samples = [features, labels];
        let train = &self.spec.train;
        let mut optimizer =
            Optimizer::of_head(&train.optimizer, self.network)?.with(1.0, train.clip_norm);
        let steps = self.train.len().div_ceil(self.groups.batch) as u64;
        let schedule = Schedule::new(&head.learning_rate, steps, head.epochs);
        let mut last = Means { loss: 0.0, accuracy: 0.0 };
        for epoch in 1..=head.epochs {
            if self.interrupt.load(Ordering::Relaxed) {
                return Ok(None);
            }
            last = self.epoch(epoch, &samples, &mut optimizer, &schedule)?;
            observer.head_epoch(&HeadEpoch { epoch, epochs: head.epochs, means: last });
        }
        Ok(Some(HeadRecord {
            epochs: head.epochs,
            loss: last.loss,
            accuracy: last.accuracy,
            features_seconds,
            seconds: started.elapsed().as_secs_f64(),
        }))
    }

    /// One pass over features and labels `samples`.
    fn epoch(
        &self,
        epoch: u32,
        samples: &[Tensor; 2],
        optimizer: &mut Optimizer,
        schedule: &Schedule,
    ) -> Result<Means, TrainError> {
        let order = training_order(&self.spec.train, self.spec.seed, epoch, self.train.labels());
        let device = self.network.device();
        let mut tally = Tally::new(device)?;
        for (batch, rows) in order.rows.chunks(self.groups.batch).enumerate() {
            seed_batch(self.spec.seed, Phase::Head, epoch, batch);
            let rows: Vec<i64> = rows.iter().map(|&row| row as i64).collect();
            let rows = Tensor::f_from_slice(&rows)?.f_to_device(device)?;
            let [features, labels] = samples;
            let logits = self.network.classify(&features.f_index_select(0, &rows)?, Mode::Train)?;
            let labels = labels.f_index_select(0, &rows)?;
            let loss = self.loss.of(&logits, &labels)?;
            tally.add(epoch, &loss, &count_correct(&logits, &labels)?, labels.numel())?;
            optimizer.step(&loss, schedule.rate(optimizer.steps()))?;
        }
        tally.read(epoch)
    }

    /// The features of every training picture, in their order, on the device.
    /// `None` when it was interrupted.
    fn features(&self, observer: &mut dyn Observer) -> Result<Option<Tensor>, TrainError> {
        let (all, mut done) = (self.train.len(), 0);
        let mut features: Option<Tensor> = None;
        let mut interrupted = false;
        self.train.for_each_batch(&Order::as_stored(all), self.groups.batch, |batch| {
            interrupted = self.interrupt.load(Ordering::Relaxed);
            if interrupted {
                return Ok(ControlFlow::Break(()));
            }
            let batch = batch.resized(self.spec.training_size())?;
            let found = self.network.features(&batch.images)?;
            let place = match &features {
                Some(place) => place,
                None => features.insert(room(&found, all)?),
            };
            no_grad(|| place.f_narrow(0, done as i64, batch.len() as i64)?.f_copy_(&found))?;
            done += batch.len();
            observer.features(done, all);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(features.filter(|_| !interrupted))
    }
}

/// A tensor for `rows` samples that are as those of `sample`.
fn room(sample: &Tensor, rows: usize) -> Result<Tensor, TrainError> {
    let mut shape = sample.size();
    shape[0] = rows as i64;
    Ok(Tensor::f_empty(shape, (sample.kind(), sample.device()))?)
}
