//! One pass over the training split, which another process may have begun.

use crate::{
    TrainError, exact::Exact, loader::Batch, loop_state::PartOfEpoch, observer::Means, tally::Tally,
};
use std::time::Instant;
use tch::{Device, Tensor};

/// How far an epoch has come.
#[derive(Debug)]
pub(crate) struct Pass {
    /// From 1.
    pub epoch: u32,
    /// Batches done.
    pub batches: usize,
    tally: Tally,
    started: Instant,
    /// Spent before `started`.
    seconds_before: f64,
    waited_seconds: f64,
    /// When the latest batch was done.
    free_since: Instant,
}

impl Pass {
    /// The pass of `epoch` on `device`, from where `begun` has left it.
    pub fn new(epoch: u32, begun: Option<PartOfEpoch>, device: Device) -> Result<Self, TrainError> {
        let now = Instant::now();
        Ok(Self {
            epoch,
            batches: begun.map_or(0, |part| part.batches),
            tally: match begun {
                Some(part) => Tally::from_sums(part.sums, device)?,
                None => Tally::new(device)?,
            },
            started: now,
            seconds_before: begun.map_or(0.0, |part| part.seconds.0),
            waited_seconds: begun.map_or(0.0, |part| part.waited_seconds.0),
            free_since: now,
        })
    }

    /// To be called when a batch has come: it was waited for until now.
    pub fn has_batch(&mut self) {
        self.waited_seconds += self.free_since.elapsed().as_secs_f64();
    }

    /// To be called when all is done with a batch.
    pub fn is_free(&mut self) {
        self.free_since = Instant::now();
    }

    /// Adds the `loss` and `logits` of the next batch. The means so far, where
    /// reading costs nothing.
    ///
    /// # Errors
    /// As [`Tally::add`].
    pub fn add(
        &mut self,
        batch: &Batch,
        loss: &Tensor,
        logits: &Tensor,
    ) -> Result<Option<Means>, TrainError> {
        let means = self.tally.add(self.epoch, loss, &batch.correct(logits)?, batch.len())?;
        self.batches += 1;
        Ok(means)
    }

    /// The means so far. Waits for the device.
    ///
    /// # Errors
    /// As [`Tally::read`].
    pub fn means(&self) -> Result<Means, TrainError> {
        self.tally.read(self.epoch)
    }

    /// Spent on it so far.
    pub fn seconds(&self) -> f64 {
        self.seconds_before + self.started.elapsed().as_secs_f64()
    }

    /// The share of the time in which a step waited for its batch, 0–1.
    pub fn data_wait(&self) -> f64 {
        self.waited_seconds / self.seconds()
    }

    /// What another process needs to go on; `None` where nothing was done.
    ///
    /// # Errors
    /// As [`Tally::read`].
    pub fn part(&self) -> Result<Option<PartOfEpoch>, TrainError> {
        if self.batches == 0 {
            return Ok(None);
        }
        Ok(Some(PartOfEpoch {
            batches: self.batches,
            sums: self.tally.sums(self.epoch)?,
            seconds: Exact(self.seconds()),
            waited_seconds: Exact(self.waited_seconds),
        }))
    }
}
