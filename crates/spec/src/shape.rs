//! What one layer makes of the shape of its input, and how many parameters it holds.

use crate::{
    layer::{Conv2d, Dense, Layer, Padding, Pool2d},
    scalar::{Pair, Units},
};
use std::fmt;

/// The shape of one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `[height, width, channels]`.
    Image {
        /// Rows.
        height: u32,
        /// Columns.
        width: u32,
        /// Values per pixel.
        channels: u32,
    },
    /// `[features]`.
    Flat {
        /// Values per sample.
        features: u64,
    },
}

impl fmt::Display for Shape {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Image { height, width, channels } => {
                write!(out, "(None, {height}, {width}, {channels})")
            }
            Self::Flat { features } => write!(out, "(None, {features})"),
        }
    }
}

/// Whether the values of a layer can be, whatever its input; the error is the
/// fact and the remedy.
pub(crate) fn check_values(layer: &Layer) -> Result<(), String> {
    let rate_fits = |rate: f64| (0.0..1.0).contains(&rate);
    match layer {
        Layer::Dropout(dropout) if !rate_fits(dropout.rate) => {
            Err(format!("rate {} is impossible; give 0 up to, but not including, 1", dropout.rate))
        }
        Layer::BatchNorm(norm) if !rate_fits(norm.momentum) => Err(format!(
            "momentum {} is impossible; give 0 up to, but not including, 1",
            norm.momentum
        )),
        Layer::BatchNorm(norm) if !(norm.epsilon.is_finite() && norm.epsilon > 0.0) => {
            Err(format!("epsilon {} is impossible; give a number above 0", norm.epsilon))
        }
        Layer::Rescale(rescale) if !(rescale.scale.is_finite() && rescale.offset.is_finite()) => {
            Err("scale and offset must be finite numbers".to_owned())
        }
        Layer::Conv2d(Conv2d { filters: 0, .. })
        | Layer::Dense(Dense { units: Units::Count(0), .. }) => {
            Err("0 outputs are impossible; give 1 or more".to_owned())
        }
        _ => Ok(()),
    }
}

/// One sample's shape after the layer; the error is the fact and the remedy.
pub(crate) fn output_shape(
    layer: &Layer,
    input: Shape,
    classes: Option<u32>,
) -> Result<Shape, String> {
    match layer {
        Layer::Conv2d(conv) => {
            window(input, conv.kernel, conv.strides, conv.padding, Some(conv.filters))
        }
        Layer::AveragePool2d(pool) | Layer::MaxPool2d(pool) => pooled(input, pool),
        Layer::GlobalAveragePool2d(_) => match input {
            Shape::Image { channels, .. } => Ok(Shape::Flat { features: channels.into() }),
            Shape::Flat { .. } => Err(needs_image(input)),
        },
        Layer::Flatten(_) => Ok(Shape::Flat { features: size(input) }),
        Layer::Dense(dense) => match (input, dense.units) {
            (Shape::Image { .. }, _) => Err(format!(
                "a dense layer needs a flat input, not {input}; put `flatten: {{}}` before it"
            )),
            (_, Units::Classes) => Ok(Shape::Flat { features: classes.unwrap_or(2).into() }),
            (_, Units::Count(count)) => Ok(Shape::Flat { features: count.into() }),
        },
        Layer::Normalize(_) => match input {
            Shape::Image { channels: 3, .. } => Ok(input),
            _ => Err(format!(
                "normalize needs the 3 channels of the picture, not {input}; make it the first layer"
            )),
        },
        Layer::Block(block) => Ok(block.output(input)),
        Layer::Rescale(_) | Layer::BatchNorm(_) | Layer::Dropout(_) | Layer::Activation(_) => {
            Ok(input)
        }
    }
}

fn pooled(input: Shape, pool: &Pool2d) -> Result<Shape, String> {
    window(input, pool.size, pool.steps(), pool.padding, None)
}

/// What windows of size `kernel` make of an image; `filters` replaces the channels.
fn window(
    input: Shape,
    kernel: Pair,
    strides: Pair,
    padding: Padding,
    filters: Option<u32>,
) -> Result<Shape, String> {
    let Shape::Image { height, width, channels } = input else {
        return Err(needs_image(input));
    };
    if kernel.0.contains(&0) || strides.0.contains(&0) {
        return Err("a window or stride of 0 is impossible; give 1 or more".to_owned());
    }
    let side = |pixels, kernel, stride| {
        window_output(pixels, kernel, stride, padding).ok_or_else(|| {
            format!("a window of {kernel} pixels does not fit into {input}; make the picture larger or the network less deep, or pad with `padding: same`")
        })
    };
    Ok(Shape::Image {
        height: side(height, kernel.height(), strides.height())?,
        width: side(width, kernel.width(), strides.width())?,
        channels: filters.unwrap_or(channels),
    })
}

/// The number of windows of `kernel` pixels along `pixels`, `stride` apart;
/// `None` when not even one fits. All three in pixels, 1 or more.
pub fn window_output(pixels: u32, kernel: u32, stride: u32, padding: Padding) -> Option<u32> {
    match padding {
        Padding::Same => Some(pixels.div_ceil(stride)),
        Padding::Valid => pixels.checked_sub(kernel).map(|room| room / stride + 1),
    }
}

fn needs_image(input: Shape) -> String {
    format!("needs an image, not {input}; it must stand before `flatten`")
}

fn size(shape: Shape) -> u64 {
    match shape {
        Shape::Image { height, width, channels } => {
            u64::from(height) * u64::from(width) * u64::from(channels)
        }
        Shape::Flat { features } => features,
    }
}

/// Trainable and fixed parameters.
pub(crate) fn count_params(layer: &Layer, input: Shape, output: Shape) -> (u64, u64) {
    match layer {
        Layer::Conv2d(conv) => {
            let kernel = u64::from(conv.kernel.height()) * u64::from(conv.kernel.width());
            let filters = u64::from(conv.filters);
            (kernel * last_axis(input) * filters + if conv.use_bias { filters } else { 0 }, 0)
        }
        Layer::Dense(dense) => {
            let units = size(output);
            (size(input) * units + if dense.use_bias { units } else { 0 }, 0)
        }
        Layer::Block(block) => block.params(),
        Layer::BatchNorm(_) => (2 * last_axis(input), 2 * last_axis(input)),
        _ => (0, 0),
    }
}

fn last_axis(shape: Shape) -> u64 {
    match shape {
        Shape::Image { channels, .. } => channels.into(),
        Shape::Flat { features } => features,
    }
}
