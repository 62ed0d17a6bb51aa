//! The mean of all weights so far.

use shoebox_model::{Checkpoint, ModelError, NamedTensor, Network};
use tch::{TchError, Tensor, no_grad};

/// An exponential moving average of everything a network learns, running
/// statistics included.
#[derive(Debug)]
pub(crate) struct Ema {
    decay: f64,
    updates: u64,
    names: Vec<String>,
    /// The mean, or, while [`Ema::swap`]ped, the weights themselves.
    means: Vec<Tensor>,
    weights: Vec<Tensor>,
}

impl Ema {
    /// The mean of nothing but the weights as they are.
    pub fn new(decay: f64, network: &Network) -> Result<Self, TchError> {
        let parameters = network.parameters().iter();
        let weights: Vec<Tensor> =
            parameters.clone().map(|one| one.tensor.f_detach()).collect::<Result<_, _>>()?;
        let means = weights.iter().map(Tensor::copy).collect();
        let names = parameters.map(|one| one.name.clone()).collect();
        Ok(Self { decay, updates: 0, names, means, weights })
    }

    /// Takes the weights after a step. In the beginning the mean follows them
    /// faster, so that it does not remember what the weights began with.
    pub fn update(&mut self) -> Result<(), TchError> {
        self.updates += 1;
        let steps = self.updates as f64;
        let decay = self.decay.min((1.0 + steps) / (10.0 + steps));
        no_grad(|| {
            for (mean, weight) in self.means.iter_mut().zip(&self.weights) {
                let _ = mean.f_lerp_(weight, 1.0 - decay)?;
            }
            Ok(())
        })
    }

    /// Changes the network's weights for the mean, or back.
    pub fn swap(&mut self) -> Result<(), TchError> {
        no_grad(|| {
            for (mean, weight) in self.means.iter_mut().zip(&mut self.weights) {
                let kept = weight.copy();
                weight.f_copy_(mean)?;
                mean.f_copy_(&kept)?;
            }
            Ok(())
        })
    }

    /// Goes on from the mean after so many `steps` that `checkpoint` holds.
    pub fn restore(&mut self, checkpoint: &Checkpoint, steps: u64) -> Result<(), ModelError> {
        self.updates = steps;
        checkpoint.copy_to(&self.state(), "ema.")
    }

    /// The mean as `ema.<layer>.<tensor>`, sharing its storage.
    pub fn state(&self) -> Vec<NamedTensor> {
        let name = |name: &String| format!("ema.{}", name.strip_prefix("model.").unwrap_or(name));
        self.names.iter().map(name).zip(self.means.iter().map(Tensor::shallow_clone)).collect()
    }
}
