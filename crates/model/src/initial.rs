//! Weights before training, as Keras draws them.

use tch::{Device, Kind, TchError, Tensor};

/// Glorot-uniform weights: `U(−l, l)` with `l = √(6 / (fan_in + fan_out))`
/// (Glorot and Bengio, 2010; Keras's default). Drawn on the CPU from
/// libtorch's generator, so that a seed gives the same weights on any device.
pub(crate) fn glorot_uniform(
    shape: &[i64],
    fan_in: i64,
    fan_out: i64,
    device: Device,
) -> Result<Tensor, TchError> {
    let limit = (6.0 / (fan_in + fan_out) as f64).sqrt();
    let mut weights = Tensor::f_empty(shape, (Kind::Float, Device::Cpu))?;
    let _ = weights.f_uniform_(-limit, limit)?;
    weights.f_to_device(device)?.f_set_requires_grad(true)
}

/// A trainable tensor of one repeated value.
pub(crate) fn constant(length: i64, value: f64, device: Device) -> Result<Tensor, TchError> {
    Tensor::f_full([length], value, (Kind::Float, device))?.f_set_requires_grad(true)
}

/// A tensor of one repeated value that the optimizer leaves alone.
pub(crate) fn fixed(length: i64, value: f64, device: Device) -> Result<Tensor, TchError> {
    Tensor::f_full([length], value, (Kind::Float, device))
}
