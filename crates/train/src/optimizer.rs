//! How gradients become steps. One optimizer, one file.

mod adam;
mod sgd;

use crate::TrainError;
use shoebox_kernels::clear_gradients;
use shoebox_model::{NamedTensor, Network};
use tch::Tensor;

/// The rule of one optimizer.
trait Rule: std::fmt::Debug {
    /// Changes the parameters in place by one step (from 1) along their gradients.
    fn apply(
        &mut self,
        parameters: &mut [Tensor],
        step: u64,
        learning_rate: f64,
    ) -> Result<(), TrainError>;

    /// The rule's memory, one list per kind, each parallel to the parameters.
    fn state(&self) -> Vec<(&'static str, &[Tensor])>;
}

/// An optimizer with its memory, for the trainable parameters of one network.
#[derive(Debug)]
pub struct Optimizer {
    names: Vec<String>,
    parameters: Vec<Tensor>,
    rule: Box<dyn Rule>,
    steps: u64,
}

impl Optimizer {
    /// An optimizer that has not made a step.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn new(spec: &shoebox_spec::Optimizer, network: &Network) -> Result<Self, TrainError> {
        let parameters = network.trainable();
        let trainable = network.parameters().iter().filter(|parameter| parameter.trainable);
        let names = trainable.map(|parameter| parameter.name.clone()).collect();
        let rule: Box<dyn Rule> = match spec {
            shoebox_spec::Optimizer::Adam(spec) => Box::new(adam::Adam::new(spec, &parameters)?),
            shoebox_spec::Optimizer::Sgd(spec) => Box::new(sgd::Sgd::new(spec, &parameters)?),
        };
        Ok(Self { names, parameters, rule, steps: 0 })
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Computes the gradients of `loss` and makes one step along them.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn step(&mut self, loss: &Tensor, learning_rate: f64) -> Result<(), TrainError> {
        clear_gradients(&mut self.parameters)?;
        loss.f_backward()?;
        self.steps += 1;
        self.rule.apply(&mut self.parameters, self.steps, learning_rate)
    }

    /// The memory as `optimizer.<kind>.<layer>.<tensor>`, sharing its storage.
    pub fn state(&self) -> Vec<NamedTensor> {
        let kinds = self.rule.state().into_iter();
        kinds
            .flat_map(|(kind, tensors)| {
                self.names.iter().zip(tensors).map(move |(name, tensor)| {
                    let name = name.strip_prefix("model.").unwrap_or(name);
                    (format!("optimizer.{kind}.{name}"), tensor.shallow_clone())
                })
            })
            .collect()
    }
}

/// A zero for every value of every parameter.
fn zeros_like(parameters: &[Tensor]) -> Result<Vec<Tensor>, TrainError> {
    let zeros = |parameter: &Tensor| Ok(parameter.f_detach()?.f_zeros_like()?);
    parameters.iter().map(zeros).collect()
}
