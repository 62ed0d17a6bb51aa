//! Where a training stands: kept in `last.safetensors`, and taken up again.

use crate::{
    TrainError, ema::Ema, fit::Fit, loop_state::LoopState, pass::Pass, watch::EarlyStopping,
};
use shoebox_model::Checkpoint;

impl Fit<'_> {
    /// Writes all that training needs to go on from here.
    pub(crate) fn save_last(&mut self) -> Result<(), TrainError> {
        let mut tensors = self.optimizer.state();
        tensors.extend(self.ema.iter().flat_map(Ema::state));
        tensors.extend(self.aside.state());
        let epoch = self.epoch + u32::from(self.under_way.is_some());
        self.saved_step = self.optimizer.steps();
        self.saver.save_last(epoch, &self.state(), tensors)
    }

    /// The same in the middle of an epoch, where the spec asks for it. While the
    /// disk is still at work, it waits for a later step.
    pub(crate) fn save_if_due(&mut self, pass: &Pass) -> Result<(), TrainError> {
        let Some(every) = self.spec.train.checkpoint.every_steps else { return Ok(()) };
        let is_due = self.optimizer.steps() - self.saved_step >= every.into();
        // After the last batch the epoch's own checkpoint is near.
        if !is_due || pass.batches == self.groups.batches() || self.saver.is_busy() {
            return Ok(());
        }
        self.under_way = pass.part()?;
        self.save_last()
    }

    fn state(&self) -> LoopState {
        LoopState {
            epoch: self.epoch,
            step: self.optimizer.steps(),
            under_way: self.under_way,
            best: self.best.memory(),
            plateau: self.schedule.memory(),
            early_stopping: self.stopping.as_ref().map(EarlyStopping::memory),
            restored: self.aside.is_swapped(),
            circumstances: self.circumstances.clone(),
        }
    }

    /// Goes on from the `state` of `checkpoint`, whose weights are in the network.
    pub(crate) fn go_on_from(
        &mut self,
        checkpoint: &Checkpoint,
        state: &LoopState,
    ) -> Result<(), TrainError> {
        self.optimizer.restore(checkpoint, state.step)?;
        if let Some(ema) = &mut self.ema {
            ema.restore(checkpoint, state.step)?;
        }
        self.aside.restore(checkpoint, state.restored)?;
        self.best.remember(state.best);
        self.schedule.remember(state.plateau);
        if let (Some(stopping), Some(memory)) = (&mut self.stopping, state.early_stopping) {
            stopping.remember(memory);
        }
        self.epoch = state.epoch;
        self.under_way = state.under_way;
        self.saved_step = state.step;
        Ok(())
    }
}
