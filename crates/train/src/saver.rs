//! Checkpoints that go to the disk while training goes on.

use crate::{TrainError, loop_state::LoopState};
use shoebox_artifact::{
    ArtifactError, RunDir,
    atomic::{AtomicFile, Publication, publish_in_order},
};
use shoebox_model::{Checkpoint, ModelCard, NamedTensor, Network};

/// Writes the checkpoints of one run. At any time, `last` tells of no best
/// epoch whose checkpoint is not in its place.
#[derive(Debug)]
pub(crate) struct Saver<'a> {
    run: &'a RunDir,
    network: &'a Network,
    /// What checkpoints say about themselves; `epoch` and `loop_state` are filled in.
    card: ModelCard,
    /// The best epoch's, which goes before the next `last`.
    best: Option<AtomicFile>,
    /// Files on their way to the disk.
    under_way: Option<Publication>,
}

impl<'a> Saver<'a> {
    /// For the checkpoints of `network`, which say `card` about themselves.
    pub fn new(run: &'a RunDir, network: &'a Network, card: ModelCard) -> Self {
        Self { run, network, card, best: None, under_way: None }
    }

    /// Takes the weights of `epoch` as the best so far. They go to the disk
    /// with the next [`Saver::save_last`].
    pub fn take_best(&mut self, epoch: u32) -> Result<(), TrainError> {
        let card = ModelCard { epoch, ..self.card.clone() };
        let path = self.run.best_checkpoint();
        self.best = Some(Checkpoint::write(&path, &card, &self.weights())?);
        Ok(())
    }

    /// Writes the weights as they are, during or after `epoch`, and all that
    /// training needs to go on.
    pub fn save_last(
        &mut self,
        epoch: u32,
        state: &LoopState,
        more: Vec<NamedTensor>,
    ) -> Result<(), TrainError> {
        let path = self.run.last_checkpoint();
        let state = serde_json::to_value(state)
            .map_err(|error| ArtifactError::io(&path, "write")(error.into()))?;
        let card = ModelCard { epoch, loop_state: Some(state), ..self.card.clone() };
        let mut tensors = self.weights();
        tensors.extend(more);
        let last = Checkpoint::write(&path, &card, &tensors);
        self.finish()?;
        // Where there is no room for this one, the best one still gets its place.
        let (last, written) = match last {
            Ok(last) => (Some(last), Ok(())),
            Err(error) => (None, Err(error.into())),
        };
        let files = self.best.take().into_iter().chain(last).collect();
        self.under_way = Some(publish_in_order(files));
        written
    }

    /// Whether the disk has not yet taken what was saved last.
    pub fn is_busy(&self) -> bool {
        self.under_way.as_ref().is_some_and(|publication| !publication.is_done())
    }

    /// Waits until everything saved so far is in its place.
    pub fn finish(&mut self) -> Result<(), TrainError> {
        Ok(self.under_way.take().map_or(Ok(()), Publication::wait)?)
    }

    fn weights(&self) -> Vec<NamedTensor> {
        let parameters = self.network.parameters().iter();
        parameters.map(|one| (one.name.clone(), one.tensor.shallow_clone())).collect()
    }
}
