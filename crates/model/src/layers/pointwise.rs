//! Layers that change no value's neighbourhood and hold no weights.

use super::{ChannelStatistics, Module, conv_block::in_torchs_words};
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
        let (scale, offset) = normalization(statistics);
        let per_channel = |values: &[f32; 3]| {
            Tensor::f_from_slice(values)?.f_view([1, 3, 1, 1])?.f_to_device(device)
        };
        Ok(Self { scale: per_channel(&scale)?, offset: per_channel(&offset)? })
    }
}

/// What a byte of each channel is multiplied by, and what is added then.
pub(super) fn normalization(statistics: ChannelStatistics) -> ([f32; 3], [f32; 3]) {
    let std = statistics.std.map(|std| std.max(SMALLEST_STD));
    let scale = std.map(|std| (1.0 / (255.0 * std)) as f32);
    let offset = [0, 1, 2].map(|channel| (-statistics.mean[channel] / std[channel]) as f32);
    (scale, offset)
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
    kernels: spec::Kernels,
}

impl Dropout {
    pub fn new(spec: &spec::Dropout, kernels: spec::Kernels) -> Self {
        Self { rate: spec.rate, kernels }
    }
}

impl Module for Dropout {
    fn forward(&self, input: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        match mode {
            Mode::Train if self.rate > 0.0 => {
                if self.kernels == spec::Kernels::Auto && input.device() == Device::Cpu {
                    shoebox_kernels::dropout(input, self.rate).map_err(in_torchs_words)
                } else {
                    input.f_dropout(self.rate, true)
                }
            }
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
