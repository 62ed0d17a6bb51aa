//! Checkpoints that go to the disk while training goes on.

use crate::TrainError;
use shoebox_artifact::{RunDir, atomic::Publication};
use shoebox_model::{Checkpoint, ModelCard, NamedTensor, Network};

/// Writes the checkpoints of one run.
#[derive(Debug)]
pub(crate) struct Saver<'a> {
    run: &'a RunDir,
    network: &'a Network,
    /// What checkpoints say about themselves; `epoch` and `loop_state` are filled in.
    card: ModelCard,
    /// Files on their way to the disk.
    under_way: Vec<Publication>,
}

impl<'a> Saver<'a> {
    /// For the checkpoints of `network`, which say `card` about themselves.
    pub fn new(run: &'a RunDir, network: &'a Network, card: ModelCard) -> Self {
        Self { run, network, card, under_way: Vec::new() }
    }

    /// The weights of `epoch`, as the best so far.
    pub fn save_best(&mut self, epoch: u32) -> Result<(), TrainError> {
        let card = ModelCard { epoch, ..self.card.clone() };
        self.under_way.push(Checkpoint::write(
            &self.run.best_checkpoint(),
            &card,
            &self.weights(),
        )?);
        Ok(())
    }

    /// The weights of `epoch` and all that training needs to go on.
    pub fn save_last(
        &mut self,
        epoch: u32,
        loop_state: serde_json::Value,
        more: Vec<NamedTensor>,
    ) -> Result<(), TrainError> {
        let card = ModelCard { epoch, loop_state: Some(loop_state), ..self.card.clone() };
        let mut tensors = self.weights();
        tensors.extend(more);
        self.under_way.push(Checkpoint::write(&self.run.last_checkpoint(), &card, &tensors)?);
        Ok(())
    }

    /// Waits until everything saved so far is in its place.
    pub fn finish(&mut self) -> Result<(), TrainError> {
        Ok(self.under_way.drain(..).try_for_each(Publication::wait)?)
    }

    fn weights(&self) -> Vec<NamedTensor> {
        let parameters = self.network.parameters().iter();
        parameters.map(|one| (one.name.clone(), one.tensor.shallow_clone())).collect()
    }
}
