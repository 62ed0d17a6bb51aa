//! The weights that early stopping may want back.

use shoebox_model::{Checkpoint, ModelError, NamedTensor, Network};
use tch::{TchError, Tensor, no_grad};

/// A copy of everything a network has learned at its best epoch.
#[derive(Debug)]
pub(crate) struct Aside<'a> {
    network: &'a Network,
    /// Parallel to the network's; empty until something was kept. While they
    /// are [`Aside::swap`]ped, the weights that training ended with.
    weights: Vec<Tensor>,
    /// Whether the network has the best epoch's weights, and training's are here.
    swapped: bool,
}

impl<'a> Aside<'a> {
    const PREFIX: &'static str = "restore.";

    /// Nothing kept yet.
    pub fn new(network: &'a Network) -> Self {
        Self { network, weights: Vec::new(), swapped: false }
    }

    /// Keeps the weights as they are now, instead of any before.
    pub fn keep(&mut self) -> Result<(), TchError> {
        let parameters = self.network.parameters().iter();
        let copies = parameters.map(|one| Ok(one.tensor.f_detach()?.copy()));
        self.weights = copies.collect::<Result<_, TchError>>()?;
        Ok(())
    }

    /// Changes the network's weights for those that were kept, or back;
    /// nothing where none were.
    pub fn swap(&mut self) -> Result<(), TchError> {
        self.swapped = !self.swapped && !self.weights.is_empty();
        no_grad(|| {
            for (parameter, kept) in self.network.parameters().iter().zip(&mut self.weights) {
                let own = parameter.tensor.copy();
                parameter.tensor.shallow_clone().f_copy_(kept)?;
                kept.f_copy_(&own)?;
            }
            Ok(())
        })
    }

    /// Whether the network has the best epoch's weights, and training's are here.
    pub fn is_swapped(&self) -> bool {
        self.swapped
    }

    /// Goes on from what `checkpoint` holds, whose weights are in the network:
    /// with training's own in it again, where they were `swapped`.
    pub fn restore(&mut self, checkpoint: &Checkpoint, swapped: bool) -> Result<(), ModelError> {
        if checkpoint.tensors.keys().any(|name| name.starts_with(Self::PREFIX)) {
            self.keep()?;
            checkpoint.copy_to(&self.state(), Self::PREFIX)?;
        }
        self.swapped = swapped;
        if swapped { Ok(self.swap()?) } else { Ok(()) }
    }

    /// What was kept as `restore.<layer>.<tensor>`, sharing its storage.
    pub fn state(&self) -> Vec<NamedTensor> {
        let parameters = self.network.parameters().iter();
        let name =
            |name: &str| format!("{}{}", Self::PREFIX, name.strip_prefix("model.").unwrap_or(name));
        parameters
            .zip(&self.weights)
            .map(|(one, kept)| (name(&one.name), kept.shallow_clone()))
            .collect()
    }
}
