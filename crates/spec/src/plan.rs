//! Shape arithmetic: what each layer makes of its input, and how many
//! parameters it holds. The network itself is built from the same [`Plan`].

use crate::{
    backbone::{Backbone, Block},
    keys::Problem,
    layer::{Activation, Conv2d, Dense, Layer, Padding, Pool2d},
    scalar::{Pair, Units},
};
use std::{collections::HashMap, fmt};

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

/// One layer with everything that building it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerPlan {
    /// Unique in the network, numbered as Keras does: `conv2d`, `conv2d_1`, …;
    /// a block's published name.
    pub name: String,
    /// The layer as the spec gives it.
    pub layer: Layer,
    /// One sample's shape before the layer.
    pub input: Shape,
    /// One sample's shape after the layer.
    pub output: Shape,
    /// Parameters that the optimizer changes.
    pub trainable_params: u64,
    /// Parameters that it doesn't: moving statistics.
    pub fixed_params: u64,
}

impl LayerPlan {
    /// What the names of its tensors start with: blocks have published names
    /// within the backbone, a layer's tensors are named in the layer.
    pub fn tensor_prefix(&self) -> &str {
        if matches!(self.layer, Layer::Block(_)) { "backbone" } else { &self.name }
    }
}

/// The layers of a network, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// In the order of the spec.
    pub layers: Vec<LayerPlan>,
    /// The number of logits.
    pub classes: u32,
}

impl Plan {
    /// All parameters, trainable or not.
    pub fn params(&self) -> u64 {
        self.trainable_params() + self.layers.iter().map(|layer| layer.fixed_params).sum::<u64>()
    }

    /// The parameters that the optimizer changes.
    pub fn trainable_params(&self) -> u64 {
        self.layers.iter().map(|layer| layer.trainable_params).sum()
    }
}

/// The plan of a classifier: the blocks of the backbone, if there is one, then
/// `layers` as in [`infer`], the last of which gives one logit per class. Without `classes` (before any data has been seen) two are
/// assumed where the spec says `units: classes`, and a fixed number of units
/// is taken as it is.
///
/// # Errors
/// The first layer that cannot be, a `train_from` that the backbone does not have.
pub fn plan(
    backbone: Option<&Backbone>,
    layers: &[Layer],
    input: Shape,
    classes: Option<u32>,
) -> Result<Plan, Problem> {
    let mut planned = backbone.map_or(Ok(Vec::new()), |backbone| infer_blocks(backbone, input))?;
    let last = |planned: &[LayerPlan]| planned.last().map_or(input, |last| last.output);
    let list = if backbone.is_some() { HEAD } else { LAYERS };
    planned.extend(infer_list(list, layers, last(&planned), classes)?);
    let classes = check_logits(list, layers, last(&planned), classes)?;
    let plan = Plan { layers: planned, classes };
    match plan.trainable_params() {
        0 => Err(Problem::new(list, "nothing in the network is trained; add a `dense` layer")),
        _ => Ok(plan),
    }
}

/// The lists of layers that a spec may have.
const LAYERS: &str = "model.layers";
const HEAD: &str = "model.head";

fn infer_blocks(backbone: &Backbone, input: Shape) -> Result<Vec<LayerPlan>, Problem> {
    let mut shape = input;
    let plan = |block: Block| {
        let (trainable_params, fixed_params) = block.params();
        let (name, input) = (block.name.clone(), shape);
        shape = block.output(input);
        let layer = Layer::Block(Box::new(block));
        LayerPlan { name, layer, input, output: shape, trainable_params, fixed_params }
    };
    Ok(backbone.blocks()?.into_iter().map(plan).collect())
}

/// Infers names, shapes and parameter counts of `layers` for samples of shape
/// `input`; `units: classes` means `classes`, or two when not given.
///
/// # Errors
/// The first layer that cannot be.
pub fn infer(
    layers: &[Layer],
    input: Shape,
    classes: Option<u32>,
) -> Result<Vec<LayerPlan>, Problem> {
    infer_list(LAYERS, layers, input, classes)
}

/// [`infer`] for the layers that stand at `list` in the spec.
fn infer_list(
    list: &str,
    layers: &[Layer],
    input: Shape,
    classes: Option<u32>,
) -> Result<Vec<LayerPlan>, Problem> {
    let mut shape = input;
    let mut used = HashMap::new();
    let mut planned = Vec::with_capacity(layers.len());
    for (index, layer) in layers.iter().enumerate() {
        let problem =
            |fact: String| Problem::layer(list, index, format!("{}: {fact}", layer.kind()));
        check_values(layer).map_err(problem)?;
        let output = output_shape(layer, shape, classes).map_err(problem)?;
        let (trainable_params, fixed_params) = count_params(layer, shape, output);
        let (name, layer) = (number(layer.kind(), &mut used), layer.clone());
        planned.push(LayerPlan {
            name,
            layer,
            input: shape,
            output,
            trainable_params,
            fixed_params,
        });
        shape = output;
    }
    Ok(planned)
}

/// `conv2d`, then `conv2d_1`, `conv2d_2`, …
fn number(kind: &str, used: &mut HashMap<String, u32>) -> String {
    let count = used.entry(kind.to_owned()).or_insert(0);
    let name = if *count == 0 { kind.to_owned() } else { format!("{kind}_{count}") };
    *count += 1;
    name
}

/// The network must end in one logit per class. Returns their number.
fn check_logits(
    list: &str,
    layers: &[Layer],
    shape: Shape,
    classes: Option<u32>,
) -> Result<u32, Problem> {
    let Some(last) = layers.len().checked_sub(1) else {
        return Err(Problem::new(
            list,
            "there are none; the last one must be `dense: {units: classes}`",
        ));
    };
    let problem = |message: String| Problem::layer(list, last, message);
    let activation = match &layers[last] {
        Layer::Dense(dense) => dense.activation,
        Layer::Conv2d(conv) => conv.activation,
        Layer::Activation(activation) => *activation,
        _ => Activation::Linear,
    };
    if activation != Activation::Linear {
        return Err(problem("the last layer has an activation, but must give logits (the loss applies the softmax itself); remove it".to_owned()));
    }
    let Shape::Flat { features } = shape else {
        return Err(problem(format!(
            "the last layer gives {shape}, but one logit per class is needed; end with `flatten: {{}}` and `dense: {{units: classes}}`"
        )));
    };
    let wanted = classes.map(u64::from);
    if features < 2 || wanted.is_some_and(|wanted| wanted != features) {
        let wanted = wanted.map_or("2 or more".to_owned(), |wanted| wanted.to_string());
        return Err(problem(format!(
            "the last layer gives {features} logits, but {wanted} are needed; write `units: classes`"
        )));
    }
    u32::try_from(features).map_err(|_| problem(format!("{features} logits are too many")))
}

fn check_values(layer: &Layer) -> Result<(), String> {
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

fn output_shape(layer: &Layer, input: Shape, classes: Option<u32>) -> Result<Shape, String> {
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
fn count_params(layer: &Layer, input: Shape, output: Shape) -> (u64, u64) {
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
