//! The whole spec.

use crate::{
    backbone::Backbone,
    data::DataSpec,
    evaluate::EvaluateSpec,
    keys::Problem,
    layer::Layer,
    plan::{LayerPlan, Plan, plan},
    scalar::Pair,
    shape::Shape,
    train::TrainSpec,
};
use serde::{Deserialize, Serialize};

/// A pipeline: what to prepare, what to build, how to train it. Loading one
/// with [`crate::load()`] has validated it and resolved every default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineSpec {
    /// Names the runs: letters, digits, `-` and `_`.
    pub name: String,
    /// The seed of weights, shuffling and dropout.
    #[serde(default)]
    pub seed: u64,
    /// The pictures.
    pub data: DataSpec,
    /// The network.
    pub model: ModelSpec,
    /// How it learns.
    #[serde(default)]
    pub train: TrainSpec,
    /// How it is measured and used.
    #[serde(default)]
    pub evaluate: EvaluateSpec,
}

/// The network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Layers in the order in which data passes through them. The last one
    /// gives the logits, one per class, without an activation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// Instead of `layers`: a network that is known by name, up to its last
    /// feature map.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backbone: Option<Backbone>,
    /// The layers after the backbone, as in `layers`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub head: Vec<Layer>,
}

impl ModelSpec {
    /// The layers after the backbone, or all where there is none.
    pub fn own_layers(&self) -> &[Layer] {
        if self.backbone.is_some() { &self.head } else { &self.layers }
    }

    fn validate(&self) -> Result<(), Problem> {
        let both = "cannot stand beside model.backbone; write the layers after it as `head`";
        let alone = "needs a model.backbone before it; write a network of your own as `layers`";
        match (&self.backbone, self.layers.is_empty(), self.head.is_empty()) {
            (Some(_), false, _) => Err(Problem::new("model.layers", both)),
            (None, _, false) => Err(Problem::new("model.head", alone)),
            _ => Ok(()),
        }
    }
}

impl PipelineSpec {
    /// Checks what types alone cannot say.
    ///
    /// # Errors
    /// The first [`Problem`], with its place.
    pub fn validate(&self) -> Result<(), Problem> {
        validate_name(&self.name)?;
        self.data.validate()?;
        self.train.validate()?;
        self.evaluate.validate()?;
        self.model.validate()?;
        if self.train.head_first.is_some() && self.model.backbone.is_none() {
            let message =
                "there is no model.backbone whose head could be trained first; leave it out";
            return Err(Problem::new("train.head_first", message));
        }
        self.validate_training_size(&self.plan_for(self.data.image_size, None)?)
    }

    /// Names, shapes and parameter counts of the layers for `classes` classes.
    ///
    /// # Errors
    /// The first layer that cannot be, or a last layer that does not give one
    /// logit per class.
    pub fn plan(&self, classes: u32) -> Result<Plan, Problem> {
        self.plan_for(self.data.image_size, Some(classes))
    }

    /// Height and width of the pictures in training, in pixels.
    pub fn training_size(&self) -> Pair {
        self.train.image_size.unwrap_or(self.data.image_size)
    }

    fn plan_for(&self, size: Pair, classes: Option<u32>) -> Result<Plan, Problem> {
        let model = &self.model;
        let input = Shape::Image { height: size.height(), width: size.width(), channels: 3 };
        plan(model.backbone.as_ref(), model.own_layers(), input, classes)
    }

    /// The weights that `train.image_size` makes must be those of `prepared`,
    /// the network for pictures as they are prepared.
    fn validate_training_size(&self, prepared: &Plan) -> Result<(), Problem> {
        let Some(size) = self.train.image_size else { return Ok(()) };
        let problem = |message: String| Problem::new("train.image_size", message);
        let larger = |(side, prepared): (&u32, &u32)| side > prepared;
        if size.0.contains(&0) || size.0.iter().zip(&self.data.image_size.0).any(larger) {
            let most = self.data.image_size;
            return Err(problem(format!(
                "{size} is impossible; pictures of data.image_size {most} are made smaller for training, so give each side 1 up to that"
            )));
        }
        let trained = self.plan_for(size, None).map_err(|error| {
            problem(format!("{size} is too small: {}: {}", error.key, error.message))
        })?;
        let weights = |layer: &LayerPlan| (layer.trainable_params, layer.fixed_params);
        let mut pairs = trained.layers.iter().zip(&prepared.layers);
        match pairs.find(|(one, other)| weights(one) != weights(other)) {
            None => Ok(()),
            Some((layer, _)) => Err(problem(format!(
                "`{}` has other weights for pictures of another size; leave the key out, or use global_average_pool2d in the place of flatten",
                layer.name
            ))),
        }
    }
}

fn validate_name(name: &str) -> Result<(), Problem> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.is_empty() && name.chars().all(allowed) {
        return Ok(());
    }
    Err(Problem::new(
        "name",
        format!("`{name}` cannot name a run; use letters, digits, `-` and `_`"),
    ))
}
