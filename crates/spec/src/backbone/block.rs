//! The one form that the blocks of every family have.

use crate::{
    layer::{Activation, BatchNorm},
    shape::Shape,
};
use std::iter;

/// What all blocks of a family have in common.
#[derive(Debug, PartialEq)]
pub struct Family {
    /// Where the padding of strided convolutions goes.
    pub edges: Edges,
    /// The constants of every batch norm.
    pub norm: BatchNorm,
    /// Subtracted from the picture's bytes, per channel, 0–255.
    pub pixel_mean: [f64; 3],
    /// What is left of the bytes is divided by this, per channel.
    pub pixel_std: [f64; 3],
    /// The layer of the published file that the head stands for: `fc`.
    pub classifier: &'static str,
}

/// Where zeros are put so that a window of odd size `k` and stride `s` gives `⌈n / s⌉`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// `⌊k / 2⌋` on every side, as in torchvision.
    Even,
    /// As few as there must be, an odd one at the bottom and right: TensorFlow's `SAME`.
    Tensorflow,
}

/// A convolution without bias, its batch norm and an activation.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvNorm {
    /// The convolution's published name; its tensor is `<name>.weight`.
    pub conv: String,
    /// The batch norm's published name; its tensors are `<name>.weight`,
    /// `.bias`, `.running_mean` and `.running_var`.
    pub norm: String,
    /// Channels before.
    pub inputs: u32,
    /// Channels after.
    pub filters: u32,
    /// Height and width of the kernel, an odd number.
    pub kernel: u32,
    /// Steps between windows, in pixels.
    pub stride: u32,
    /// Whether each channel is convolved on its own.
    pub depthwise: bool,
    /// Applied to what the batch norm gives.
    pub activation: Activation,
    /// Whether the optimizer changes the convolution.
    pub trains_conv: bool,
    /// Whether it changes the batch norm's weight and bias.
    pub trains_norm: bool,
    /// Whether the batch norm goes by the batch while training, and follows it.
    pub moves_statistics: bool,
}

impl ConvNorm {
    /// A convolution of stride 1 with its names.
    pub(super) fn new(
        [conv, norm]: [String; 2],
        [inputs, filters]: [u32; 2],
        kernel: u32,
        activation: Activation,
    ) -> Self {
        Self {
            conv,
            norm,
            inputs,
            filters,
            kernel,
            stride: 1,
            depthwise: false,
            activation,
            trains_conv: true,
            trains_norm: true,
            moves_statistics: true,
        }
    }

    /// The same with another stride.
    pub(super) fn stride(self, stride: u32) -> Self {
        Self { stride, ..self }
    }

    /// The shape of its weight, `[out, in, h, w]`.
    pub fn weight_shape(&self) -> [u32; 4] {
        let inputs = if self.depthwise { 1 } else { self.inputs };
        [self.filters, inputs, self.kernel, self.kernel]
    }

    /// Trainable and fixed parameters.
    fn params(&self) -> [u64; 2] {
        let conv = self.weight_shape().into_iter().map(u64::from).product();
        let affine = 2 * u64::from(self.filters);
        let trained = [(self.trains_conv, conv), (self.trains_norm, affine)];
        let trained = trained.iter().filter(|(trains, _)| *trains).map(|(_, count)| count).sum();
        [trained, conv + 2 * affine - trained]
    }
}

/// What is added to a block's result.
#[derive(Debug, Clone, PartialEq)]
pub enum Shortcut {
    /// Nothing.
    None,
    /// The block's input.
    Identity,
    /// The block's input, brought to the result's shape.
    Projection(Box<ConvNorm>),
}

/// A part of a backbone: convolutions in a row, and a shortcut around them.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The published name.
    pub name: String,
    /// The number of its first layer, convolutions and batch norms counted.
    pub first_layer: usize,
    /// Whether its input is the picture's bytes, to be normalised.
    pub of_pixels: bool,
    /// In the order in which data passes through them.
    pub units: Vec<ConvNorm>,
    /// What is added to what the units give.
    pub shortcut: Shortcut,
    /// Applied to the sum.
    pub activation: Activation,
    /// Whether a 3×3 max pool of stride 2 follows.
    pub pools: bool,
    /// The padding, constants and pixels of its family.
    pub family: &'static Family,
}

impl Block {
    /// Convolutions in a row, with nothing around them.
    pub(super) fn new(name: String, units: Vec<ConvNorm>, family: &'static Family) -> Self {
        Self {
            name,
            first_layer: 0,
            of_pixels: false,
            units,
            shortcut: Shortcut::None,
            activation: Activation::Linear,
            pools: false,
            family,
        }
    }

    /// The same with its input added to its result, where that has the same shape.
    pub(super) fn with_identity(self) -> Self {
        let channels = (self.units.first(), self.units.last());
        let keeps_channels =
            matches!(channels, (Some(first), Some(last)) if first.inputs == last.filters);
        let keeps_size = self.units.iter().all(|unit| unit.stride == 1);
        let shortcut =
            if keeps_channels && keeps_size { Shortcut::Identity } else { Shortcut::None };
        Self { shortcut, ..self }
    }

    /// The convolutions with their batch norms, the shortcut's last, as in
    /// the published files.
    pub fn conv_norms(&self) -> impl Iterator<Item = &ConvNorm> {
        let projection = match &self.shortcut {
            Shortcut::Projection(projection) => Some(&**projection),
            _ => None,
        };
        self.units.iter().chain(projection)
    }

    pub(super) fn conv_norms_mut(&mut self) -> impl Iterator<Item = &mut ConvNorm> {
        let projection = match &mut self.shortcut {
            Shortcut::Projection(projection) => Some(&mut **projection),
            _ => None,
        };
        self.units.iter_mut().chain(projection)
    }

    /// Its convolutions and batch norms, counted together.
    pub fn layers(&self) -> usize {
        2 * self.conv_norms().count()
    }

    /// Trainable and fixed parameters.
    pub(crate) fn params(&self) -> (u64, u64) {
        let counts = self.conv_norms().map(ConvNorm::params);
        counts.fold((0, 0), |sum, [trained, fixed]| (sum.0 + trained, sum.1 + fixed))
    }

    /// One sample's shape after the block: each stride gives `⌈n / s⌉`.
    pub(crate) fn output(&self, input: Shape) -> Shape {
        let Shape::Image { height, width, channels } = input else { return input };
        let pool = self.pools.then_some(2);
        let strides = self.units.iter().map(|unit| unit.stride).chain(pool);
        let [height, width] =
            strides.fold([height, width], |sides, stride| sides.map(|side| side.div_ceil(stride)));
        let channels = self.units.last().map_or(channels, |last| last.filters);
        Shape::Image { height, width, channels }
    }
}

/// The convolutions of an inverted residual: where `expansion` names one, a
/// pointwise one to `expand` times the channels; then a depthwise one, and a
/// pointwise one without activation, as `names` calls them.
pub(super) fn inverted_residual(
    expansion: Option<[String; 2]>,
    names: [[String; 2]; 2],
    [inputs, filters]: [u32; 2],
    expand: u32,
    kernel: u32,
    stride: u32,
) -> Vec<ConvNorm> {
    let [middle, last] = names;
    let wide = inputs * expand;
    let expansion =
        expansion.map(|names| ConvNorm::new(names, [inputs, wide], 1, Activation::Relu6));
    let depthwise = ConvNorm::new(middle, [wide, wide], kernel, Activation::Relu6).stride(stride);
    let depthwise = ConvNorm { depthwise: true, ..depthwise };
    let projection = ConvNorm::new(last, [wide, filters], 1, Activation::Linear);
    expansion.into_iter().chain(iter::once(depthwise)).chain(iter::once(projection)).collect()
}
