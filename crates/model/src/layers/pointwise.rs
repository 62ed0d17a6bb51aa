//! Layers that change no value's neighbourhood and hold no weights.

use super::{ChannelStatistics, Module};
use crate::network::Mode;
use shoebox_spec as spec;
use tch::{Device, TchError, Tensor};

/// `x · scale + offset`.
#[derive(Debug)]
pub(super) struct Rescale {
    scale: f64,
    offset: f64,
}

impl Rescale {
    pub fn new(spec: &spec::Rescale) -> Self {
        Self { scale: spec.scale, offset: spec.offset }
    }
}

impl Module for Rescale {
    fn forward(&self, input: &Tensor, _mode: Mode) -> Result<Tensor, TchError> {
        let scaled = input.f_mul_scalar(self.scale)?;
        if self.offset == 0.0 { Ok(scaled) } else { scaled.f_add_scalar(self.offset) }
    }
}

/// `(x / 255 − mean) / std` per channel.
#[derive(Debug)]
pub(super) struct Normalize {
    /// `[1,3,1,1]`: `1 / (255 · std)`.
    scale: Tensor,
    /// `[1,3,1,1]`: `−mean / std`.
    offset: Tensor,
}

/// Keeps a channel that never changes from dividing by zero.
const SMALLEST_STD: f64 = 1e-6;

impl Normalize {
    pub fn new(statistics: ChannelStatistics, device: Device) -> Result<Self, TchError> {
        let std = statistics.std.map(|std| std.max(SMALLEST_STD));
        let (mut scale, mut offset) = ([0.0f32; 3], [0.0f32; 3]);
        for channel in 0..3 {
            scale[channel] = (1.0 / (255.0 * std[channel])) as f32;
            offset[channel] = (-statistics.mean[channel] / std[channel]) as f32;
        }
        let per_channel = |values: &[f32; 3]| {
            Tensor::f_from_slice(values)?.f_view([1, 3, 1, 1])?.f_to_device(device)
        };
        Ok(Self { scale: per_channel(&scale)?, offset: per_channel(&offset)? })
    }
}

impl Module for Normalize {
    fn forward(&self, input: &Tensor, _mode: Mode) -> Result<Tensor, TchError> {
        input.f_mul(&self.scale)?.f_add(&self.offset)
    }
}

/// Zeroes a share of the values while training (Srivastava et al., 2014).
#[derive(Debug)]
pub(super) struct Dropout {
    rate: f64,
}

impl Dropout {
    pub fn new(spec: &spec::Dropout) -> Self {
        Self { rate: spec.rate }
    }
}

impl Module for Dropout {
    fn forward(&self, input: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        match mode {
            Mode::Train if self.rate > 0.0 => input.f_dropout(self.rate, true),
            _ => Ok(input.shallow_clone()),
        }
    }
}

/// `[B,C,H,W]` to `[B,H·W·C]` in Keras's order; no copy in channels-last memory.
#[derive(Debug)]
pub(super) struct Flatten;

impl Module for Flatten {
    fn forward(&self, input: &Tensor, _mode: Mode) -> Result<Tensor, TchError> {
        match input.dim() {
            4 => input.f_permute([0, 2, 3, 1])?.f_flatten(1, -1),
            _ => input.f_flatten(1, -1),
        }
    }
}
