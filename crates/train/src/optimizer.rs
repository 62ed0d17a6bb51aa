//! How gradients become steps. One optimizer, one file.

mod adam;
mod rmsprop;
mod sgd;

use crate::TrainError;
use shoebox_kernels::{clear_gradients, clip_gradients};
use shoebox_model::{Checkpoint, ModelError, NamedTensor, Network, Parameter};
use std::ops::Range;
use tch::{Tensor, no_grad};

/// One step for some of the parameters.
#[derive(Debug, Clone)]
struct Step {
    /// Which of them.
    range: Range<usize>,
    /// Counts from 1.
    number: u64,
    learning_rate: f64,
    /// Whether they decay, where the rule has weights decay.
    decays: bool,
}

/// The rule of one optimizer.
trait Rule: std::fmt::Debug {
    /// Changes some of the parameters in place by one step along their gradients.
    fn apply(&mut self, parameters: &mut [Tensor], step: &Step) -> Result<(), TrainError>;

    /// The rule's memory, one list per kind, each parallel to the parameters.
    fn state(&self) -> Vec<(&'static str, &[Tensor])>;
}

/// Parameters that are treated alike, as a stretch of the list of them.
#[derive(Debug)]
struct Part {
    range: Range<usize>,
    decays: bool,
    /// Of a backbone, whose rate is a multiple of its own.
    is_backbone: bool,
}

/// An optimizer with its memory, for trainable parameters of one network.
#[derive(Debug)]
pub struct Optimizer {
    names: Vec<String>,
    parameters: Vec<Tensor>,
    parts: Vec<Part>,
    rule: Box<dyn Rule>,
    steps: u64,
    /// Whether gradients of this step are there already.
    has_gradients: bool,
    backbone_rate: f64,
    clip_norm: Option<f64>,
}

impl Optimizer {
    /// An optimizer that has not made a step, for all that is trained.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn new(spec: &shoebox_spec::Optimizer, network: &Network) -> Result<Self, TrainError> {
        Self::of(spec, network.parameters().iter())
    }

    /// The same for what follows a backbone.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn of_head(spec: &shoebox_spec::Optimizer, network: &Network) -> Result<Self, TrainError> {
        Self::of(spec, network.parameters().iter().filter(|one| !is_backbone(one)))
    }

    fn of<'a>(
        spec: &shoebox_spec::Optimizer,
        parameters: impl Iterator<Item = &'a Parameter>,
    ) -> Result<Self, TrainError> {
        let mut trainable: Vec<_> = parameters.filter(|one| one.trainable).collect();
        trainable.sort_by_key(|one| (decays(one), is_backbone(one)));
        let parts = trainable
            .chunk_by(|one, next| {
                (decays(one), is_backbone(one)) == (decays(next), is_backbone(next))
            })
            .scan(0, |start, part| {
                let range = *start..*start + part.len();
                *start = range.end;
                Some(Part { range, decays: decays(part[0]), is_backbone: is_backbone(part[0]) })
            })
            .collect();
        let names = trainable.iter().map(|one| one.name.clone()).collect();
        let parameters: Vec<_> = trainable.iter().map(|one| one.tensor.shallow_clone()).collect();
        let rule: Box<dyn Rule> = match spec {
            shoebox_spec::Optimizer::Adam(spec) => Box::new(adam::Adam::new(spec, &parameters)?),
            shoebox_spec::Optimizer::AdamW(spec) => {
                Box::new(adam::Adam::decaying(spec, &parameters)?)
            }
            shoebox_spec::Optimizer::Sgd(spec) => Box::new(sgd::Sgd::new(spec, &parameters)?),
            shoebox_spec::Optimizer::Rmsprop(spec) => {
                Box::new(rmsprop::Rmsprop::new(spec, &parameters)?)
            }
        };
        Ok(Self {
            names,
            parameters,
            parts,
            rule,
            steps: 0,
            has_gradients: false,
            backbone_rate: 1.0,
            clip_norm: None,
        })
    }

    /// With `rate` times the learning rate for a backbone, and gradients
    /// shortened to a 2-norm of `clip_norm`.
    pub fn with(self, backbone_rate: f64, clip_norm: Option<f64>) -> Self {
        Self { backbone_rate, clip_norm, ..self }
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Computes the gradients of `loss` and makes one step along them and
    /// those added before.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn step(&mut self, loss: &Tensor, learning_rate: f64) -> Result<(), TrainError> {
        self.add_gradients(loss)?;
        self.has_gradients = false;
        if let Some(most) = self.clip_norm {
            clip_gradients(&mut self.parameters, most)?;
        }
        self.steps += 1;
        for part in &self.parts {
            let factor = if part.is_backbone { self.backbone_rate } else { 1.0 };
            let step = Step {
                range: part.range.clone(),
                number: self.steps,
                learning_rate: learning_rate * factor,
                decays: part.decays,
            };
            self.rule.apply(&mut self.parameters, &step)?;
        }
        Ok(())
    }

    /// Computes the gradients of `loss`, for the next step.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn add_gradients(&mut self, loss: &Tensor) -> Result<(), TrainError> {
        if !self.has_gradients {
            clear_gradients(&mut self.parameters)?;
        }
        self.has_gradients = true;
        Ok(loss.f_backward()?)
    }

    /// Goes on from the memory after so many `steps` that `checkpoint` holds.
    pub(crate) fn restore(
        &mut self,
        checkpoint: &Checkpoint,
        steps: u64,
    ) -> Result<(), ModelError> {
        self.steps = steps;
        checkpoint.copy_to(&self.state(), "optimizer.")
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

fn is_backbone(parameter: &Parameter) -> bool {
    parameter.name.starts_with(Network::BACKBONE_PREFIX)
}

/// Biases and the parameters of norms, which have one dimension, don't decay.
fn decays(parameter: &Parameter) -> bool {
    parameter.tensor.dim() > 1
}

/// A zero for every value of every parameter.
fn zeros_like(parameters: &[Tensor]) -> Result<Vec<Tensor>, TrainError> {
    let zeros = |parameter: &Tensor| Ok(parameter.f_detach()?.f_zeros_like()?);
    parameters.iter().map(zeros).collect()
}

/// Takes `learning_rate · weight_decay` of each of the parameters, if they decay.
fn decay(parameters: &mut [Tensor], step: &Step, weight_decay: f64) -> Result<(), TrainError> {
    if !step.decays || weight_decay == 0.0 {
        return Ok(());
    }
    let rest = 1.0 - step.learning_rate * weight_decay;
    no_grad(|| {
        parameters[step.range.clone()]
            .iter_mut()
            .try_for_each(|parameter| parameter.f_mul_scalar_(rest).map(drop))
    })?;
    Ok(())
}
