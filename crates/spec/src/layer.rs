//! The layers of a sequential image network, with Keras's meaning and defaults.

use crate::{
    backbone::Block,
    scalar::{Pair, Units},
};
use serde::{Deserialize, Serialize};

/// One layer. Images are `[batch, height, width, channels]` in this text, as
/// in Keras; see `shoebox-model` for how they lie in memory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Layer {
    /// `x · scale + offset`.
    Rescale(Rescale),
    /// `(x / 255 − mean) / std` per channel, with the training split's statistics.
    Normalize(Nothing),
    /// A 2-D convolution (cross-correlation, as everywhere in the field).
    Conv2d(Conv2d),
    /// The mean of each window; `same` padding does not count as values.
    AveragePool2d(Pool2d),
    /// The largest value of each window.
    MaxPool2d(Pool2d),
    /// The mean of each channel over height and width.
    GlobalAveragePool2d(Nothing),
    /// Batch normalisation over all but the channels.
    BatchNorm(BatchNorm),
    /// Zeroes values at random while training, and scales the rest by `1 / (1 − rate)`.
    Dropout(Dropout),
    /// `[h, w, c]` to `[h·w·c]`, the channel changing fastest, as in Keras.
    Flatten(Nothing),
    /// A fully connected layer.
    Dense(Dense),
    /// An activation on its own.
    Activation(Activation),
    /// A part of a backbone, which [`plan()`](crate::plan()) alone puts into a network.
    #[serde(skip)]
    Block(Box<Block>),
}

impl Layer {
    /// The layer's key in the spec, which is also its name in the network.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rescale(_) => "rescale",
            Self::Normalize(_) => "normalize",
            Self::Conv2d(_) => "conv2d",
            Self::AveragePool2d(_) => "average_pool2d",
            Self::MaxPool2d(_) => "max_pool2d",
            Self::GlobalAveragePool2d(_) => "global_average_pool2d",
            Self::BatchNorm(_) => "batch_norm",
            Self::Dropout(_) => "dropout",
            Self::Flatten(_) => "flatten",
            Self::Dense(_) => "dense",
            Self::Activation(_) => "activation",
            Self::Block(_) => "block",
        }
    }
}

/// The parameters of a layer that has none: write `{}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Parameters of `rescale`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rescale {
    /// The factor; `0.00392156862745098` (1/255) brings bytes to 0–1.
    pub scale: f64,
    /// Added after scaling.
    #[serde(default)]
    pub offset: f64,
}

/// Parameters of `conv2d`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conv2d {
    /// The number of output channels.
    pub filters: u32,
    /// Height and width of the kernel.
    pub kernel: Pair,
    /// Steps between windows.
    #[serde(default = "one")]
    pub strides: Pair,
    /// Whether the edges are padded with zeros.
    #[serde(default)]
    pub padding: Padding,
    /// Applied to the output.
    #[serde(default)]
    pub activation: Activation,
    /// Whether a bias per channel is added.
    #[serde(default = "yes")]
    pub use_bias: bool,
}

/// Parameters of `average_pool2d` and `max_pool2d`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pool2d {
    /// Height and width of the window.
    #[serde(default = "two")]
    pub size: Pair,
    /// Steps between windows; the window's size when not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strides: Option<Pair>,
    /// Whether windows may hang over the edges.
    #[serde(default)]
    pub padding: Padding,
}

impl Pool2d {
    /// The steps between windows, with the default resolved.
    pub fn steps(&self) -> Pair {
        self.strides.unwrap_or(self.size)
    }
}

/// Parameters of `batch_norm`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BatchNorm {
    /// How much of the moving statistics is kept at each step (Keras's sense).
    pub momentum: f64,
    /// Added to the variance.
    pub epsilon: f64,
}

impl Default for BatchNorm {
    fn default() -> Self {
        Self { momentum: 0.99, epsilon: 1e-3 }
    }
}

/// Parameters of `dropout`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropout {
    /// The share of values that is zeroed, 0 up to but not including 1.
    pub rate: f64,
}

/// Parameters of `dense`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dense {
    /// The number of outputs: a number, or `classes`.
    pub units: Units,
    /// Applied to the output.
    #[serde(default)]
    pub activation: Activation,
    /// Whether a bias per output is added.
    #[serde(default = "yes")]
    pub use_bias: bool,
}

/// What windows do at the edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Padding {
    /// Windows stay inside: output `⌊(n − k) / s⌋ + 1`.
    #[default]
    Valid,
    /// Output `⌈n / s⌉`; an odd pixel of padding goes to the bottom and the
    /// right, as in TensorFlow.
    Same,
}

/// An element-wise function, with Keras's constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// The value itself.
    #[default]
    Linear,
    /// `max(x, 0)`.
    Relu,
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `x` above 0, `0.2 x` below.
    LeakyRelu,
    /// `x` above 0, `eˣ − 1` below.
    Elu,
    /// The self-normalising ELU.
    Selu,
    /// `x Φ(x)`, with the exact error function.
    Gelu,
    /// `x σ(x)`, also called swish.
    Silu,
    /// `σ(x)`.
    Sigmoid,
    /// `tanh x`.
    Tanh,
    /// `ln(1 + eˣ)`.
    Softplus,
}

fn one() -> Pair {
    Pair::square(1)
}

fn two() -> Pair {
    Pair::square(2)
}

fn yes() -> bool {
    true
}
