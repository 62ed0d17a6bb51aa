use super::{ChannelStatistics, Module, activation::activate, conv2d::Conv2d, pointwise};
use crate::{fusion::FusedBlock, network::Mode};
use shoebox_kernels as kernels;
use shoebox_spec::{Activation, Layer, Padding};
use tch::{Device, TchError, Tensor};

/// A convolution and the layers around it as one operation of
/// `shoebox-kernels`, on the CPU. A block of pixels takes bytes `[B,H,W,3]`.
#[derive(Debug)]
pub(super) struct ConvBlock {
    conv: Conv2d,
    block: kernels::ConvBlock,
    /// Applied to what the operation gives; `relu` is part of it.
    activation: Activation,
}

impl ConvBlock {
    pub fn new(
        fused: &FusedBlock,
        statistics: ChannelStatistics,
        device: Device,
    ) -> Result<Self, TchError> {
        let (spec, input) = fused.conv;
        let (pixel_scale, pixel_offset) = match fused.pixels {
            Some(Layer::Rescale(spec)) => ([spec.scale as f32; 3], [spec.offset as f32; 3]),
            Some(Layer::Normalize(_)) => pointwise::normalization(statistics),
            _ => ([1.0; 3], [0.0; 3]),
        };
        let [height, width] = spec.kernel.0.map(i64::from);
        let padding = match spec.padding {
            Padding::Valid => [0; 4],
            // Of an even kernel's odd zeros, the one left over goes to the end.
            Padding::Same => [(height - 1) / 2, height / 2, (width - 1) / 2, width / 2],
        };
        let relu = spec.activation == Activation::Relu;
        Ok(Self {
            conv: Conv2d::new(spec, input, device)?,
            block: kernels::ConvBlock {
                pixel_scale,
                pixel_offset,
                padding,
                pool: fused.pool,
                relu,
                dropout: fused.dropout.unwrap_or(0.0),
            },
            activation: if relu { Activation::Linear } else { spec.activation },
        })
    }
}

impl Module for ConvBlock {
    fn forward(&self, input: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut block = self.block;
        if mode == Mode::Evaluate {
            block.dropout = 0.0;
        }
        let (weight, bias) = self.conv.weights();
        let output = kernels::conv_block(input, weight, bias, &block).map_err(in_torchs_words)?;
        activate(output, self.activation)
    }

    fn tensors(&self) -> Vec<(String, Tensor, bool)> {
        self.conv.tensors()
    }
}

/// A kernel's error as libtorch's, which is what it mostly is.
pub(super) fn in_torchs_words(error: kernels::KernelError) -> TchError {
    TchError::Torch(error.to_string())
}
