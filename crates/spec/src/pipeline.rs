//! The whole spec.

use crate::{
    backbone::Backbone,
    data::DataSpec,
    keys::Problem,
    layer::Layer,
    plan::{Plan, plan},
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
        self.model.validate()?;
        if self.train.head_first.is_some() && self.model.backbone.is_none() {
            let message =
                "there is no model.backbone whose head could be trained first; leave it out";
            return Err(Problem::new("train.head_first", message));
        }
        self.plan_for(None).map(drop)
    }

    /// Names, shapes and parameter counts of the layers for `classes` classes.
    ///
    /// # Errors
    /// The first layer that cannot be, or a last layer that does not give one
    /// logit per class.
    pub fn plan(&self, classes: u32) -> Result<Plan, Problem> {
        self.plan_for(Some(classes))
    }

    fn plan_for(&self, classes: Option<u32>) -> Result<Plan, Problem> {
        let model = &self.model;
        plan(model.backbone.as_ref(), model.own_layers(), self.input_shape(), classes)
    }

    fn input_shape(&self) -> Shape {
        let size = self.data.image_size;
        Shape::Image { height: size.height(), width: size.width(), channels: 3 }
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
