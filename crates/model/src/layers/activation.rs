use super::Module;
use crate::network::Mode;
use shoebox_spec::Activation;
use tch::{TchError, Tensor};

/// Keras's slope of `leaky_relu` below zero.
const LEAKY_SLOPE: f64 = 0.2;

/// Applies an activation element by element, with Keras's constants. The
/// input may be reused: nothing else must need it.
pub(super) fn activate(mut input: Tensor, activation: Activation) -> Result<Tensor, TchError> {
    match activation {
        Activation::Linear => Ok(input),
        Activation::Relu => input.f_relu_(),
        Activation::Relu6 => input.f_relu6_(),
        Activation::LeakyRelu => input.f_maximum(&input.f_mul_scalar(LEAKY_SLOPE)?),
        Activation::Elu => input.f_elu(),
        Activation::Selu => input.f_selu(),
        Activation::Gelu => input.f_gelu("none"),
        Activation::Silu => input.f_silu(),
        Activation::Sigmoid => input.f_sigmoid(),
        Activation::Tanh => input.f_tanh(),
        Activation::Softplus => input.f_softplus(),
    }
}

/// An activation as a layer of its own.
#[derive(Debug)]
pub(super) struct Activated(pub Activation);

impl Module for Activated {
    fn forward(&self, input: &Tensor, _mode: Mode) -> Result<Tensor, TchError> {
        // The layer before may still need its output for its gradient.
        match self.0 {
            Activation::Relu => input.f_relu(),
            Activation::Relu6 => input.f_relu6(),
            other => activate(input.shallow_clone(), other),
        }
    }
}
