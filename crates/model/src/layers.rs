//! One layer kind, one file; a new one is a new file and a line in [`build_layer`].

mod activation;
mod batch_norm;
mod block;
mod conv2d;
mod conv_block;
mod conv_norm;
mod dense;
mod pointwise;
mod pool2d;
mod window;

use crate::{
    fusion::{Group, find_block},
    network::Mode,
};
use shoebox_spec::{Kernels, Layer, LayerPlan};
use tch::{Device, TchError, Tensor};

/// A layer at work, or several as one. Images are `[B,C,H,W]` f32 in
/// channels-last memory, flat samples `[B,F]` f32.
pub(crate) trait Module: std::fmt::Debug {
    /// The layer's output for a batch.
    fn forward(&self, input: &Tensor, mode: Mode) -> Result<Tensor, TchError>;

    /// The layer's tensors by their name within the layer, and whether the
    /// optimizer changes them.
    fn tensors(&self) -> Vec<(String, Tensor, bool)> {
        Vec::new()
    }
}

/// Mean and standard deviation of each channel of the training pictures, 0–1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ChannelStatistics {
    pub mean: [f64; 3],
    pub std: [f64; 3],
}

/// Builds a group of layers of `plan` with freshly drawn weights.
pub(crate) fn build(
    plan: &[LayerPlan],
    group: &Group,
    statistics: ChannelStatistics,
    device: Device,
    kernels: Kernels,
) -> Result<Box<dyn Module>, TchError> {
    let start = group.layers.start;
    match find_block(&plan[start..], start == 0) {
        Some(block) if group.fused => {
            Ok(Box::new(conv_block::ConvBlock::new(&block, statistics, device)?))
        }
        _ => build_layer(&plan[start], group, statistics, device, kernels),
    }
}

fn build_layer(
    plan: &LayerPlan,
    group: &Group,
    statistics: ChannelStatistics,
    device: Device,
    kernels: Kernels,
) -> Result<Box<dyn Module>, TchError> {
    Ok(match &plan.layer {
        Layer::Rescale(spec) => Box::new(pointwise::Rescale::new(spec)),
        Layer::Normalize(_) => Box::new(pointwise::Normalize::new(statistics, device)?),
        Layer::Conv2d(spec) => Box::new(conv2d::Conv2d::new(spec, plan.input, device)?),
        Layer::AveragePool2d(spec) => Box::new(pool2d::AveragePool::new(spec)),
        Layer::MaxPool2d(spec) => Box::new(pool2d::MaxPool::new(spec)),
        Layer::GlobalAveragePool2d(_) => Box::new(pool2d::GlobalAveragePool),
        Layer::BatchNorm(spec) => {
            Box::new(batch_norm::BatchNorm::of_layer(spec, plan.input, device)?)
        }
        Layer::Dropout(spec) => Box::new(pointwise::Dropout::new(spec, kernels)),
        Layer::Flatten(_) => Box::new(pointwise::Flatten),
        Layer::Dense(spec) => {
            Box::new(dense::Dense::new(spec, plan.input, plan.output, device, group.by_onednn)?)
        }
        Layer::Activation(activation) => Box::new(activation::Activated(*activation)),
        Layer::Block(block) => Box::new(block::Block::new(block, device)?),
    })
}
