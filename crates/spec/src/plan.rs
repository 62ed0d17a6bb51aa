//! The rows of a network: each layer with its name, shapes and parameters. The
//! network itself is built from the same [`Plan`].

use crate::{
    backbone::{Backbone, Block},
    keys::Problem,
    layer::{Activation, Layer},
    shape::{Shape, check_values, count_params, output_shape},
};
use std::collections::HashMap;

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
/// `layers` as in [`infer`], the last of which gives one logit per class.
/// Without `classes` (before any data has been seen) two are assumed where the
/// spec says `units: classes`, and a fixed number of units is taken as it is.
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
