//! A sequential network at work.

use crate::{
    ModelError,
    fusion::{Group, groups},
    layers::{self, ChannelStatistics, Module},
    tensors::fill,
};
use shoebox_spec::{Backbone, Kernels, Layer, LayerPlan, Plan};
use tch::{Device, Kind, TchError, Tensor, no_grad};

/// Whether dropout and batch statistics are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Dropout drops, batch normalisation uses and follows the batch.
    Train,
    /// The network as it predicts.
    Evaluate,
}

/// A tensor of a network.
#[derive(Debug)]
pub struct Parameter {
    /// `model.<layer>.<tensor>` or `model.backbone.<published name>`, as in
    /// checkpoints.
    pub name: String,
    /// Shares its storage with the layer.
    pub tensor: Tensor,
    /// Whether the optimizer changes it.
    pub trainable: bool,
}

/// A network with its weights.
#[derive(Debug)]
pub struct Network {
    modules: Vec<Box<dyn Module>>,
    groups: Vec<Group>,
    parameters: Vec<Parameter>,
    device: Device,
    /// Modules from the first that belong to [`Network::features`].
    fixed: usize,
}

impl Network {
    /// What the names of a backbone's tensors begin with.
    pub const BACKBONE_PREFIX: &str = "model.backbone.";

    /// Builds `plan` on `device` with weights drawn from
    /// libtorch's generator (seed it with `tch::manual_seed`). `mean` and
    /// `std` are the training pictures' per channel, 0–1, for `normalize`.
    /// Weights and meaning are the same whatever the `kernels`.
    ///
    /// # Errors
    /// [`ModelError::Torch`], out of memory for instance.
    pub fn new(
        plan: &[LayerPlan],
        mean: [f64; 3],
        std: [f64; 3],
        device: Device,
        kernels: Kernels,
    ) -> Result<Self, ModelError> {
        let statistics = ChannelStatistics { mean, std };
        let groups = groups(plan, kernels, device);
        let (mut modules, mut parameters) = (Vec::new(), Vec::new());
        for group in &groups {
            let module = layers::build(plan, group, statistics, device, kernels)?;
            // Of the layers of a group one has tensors, at most.
            let layers = &plan[group.layers.clone()];
            let owner = layers.iter().find(|layer| layer.trainable_params > 0);
            let name = owner.unwrap_or(&layers[0]).tensor_prefix();
            parameters.extend(module.tensors().into_iter().map(
                |(tensor_name, tensor, trainable)| Parameter {
                    name: format!("model.{name}.{tensor_name}"),
                    tensor,
                    trainable,
                },
            ));
            modules.push(module);
        }
        let fixed = fixed_groups(plan, &groups);
        Ok(Self { modules, groups, parameters, device, fixed })
    }

    /// The logits `[B,K]` f32 of `images` `[B,H,W,3]` u8, which are moved to
    /// the network's device.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn forward(&self, images: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut values = images.f_to_device(self.device)?;
        // A fused first layer reads the bytes themselves.
        if !self.groups.first().is_some_and(|group| group.fused) {
            values = values.f_to_kind(Kind::Float)?.f_permute([0, 3, 1, 2])?;
        }
        run(&self.modules, values, mode)
    }

    /// What the backbone, as it predicts, and what follows it without weights or
    /// chance (pools, say) make of `images` `[B,H,W,3]` u8: `[B,…]` f32, without
    /// gradients.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn features(&self, images: &Tensor) -> Result<Tensor, TchError> {
        let images = images.f_to_device(self.device)?.f_to_kind(Kind::Float)?;
        let values = images.f_permute([0, 3, 1, 2])?;
        no_grad(|| run(&self.modules[..self.fixed], values, Mode::Evaluate))
    }

    /// The logits `[B,K]` f32 of `features` `[B,…]`, as [`Network::features`]
    /// gives them.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn classify(&self, features: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        run(&self.modules[self.fixed..], features.shallow_clone(), mode)
    }

    /// How the layers of the plan are computed, in order.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Every tensor of the network, in the order of the layers.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The tensors that the optimizer changes; they share their storage with
    /// the network.
    pub fn trainable(&self) -> Vec<Tensor> {
        let trainable = self.parameters.iter().filter(|parameter| parameter.trainable);
        trainable.map(|parameter| parameter.tensor.shallow_clone()).collect()
    }

    /// The device that the weights are on.
    pub fn device(&self) -> Device {
        self.device
    }

    /// Copies `find(name)` into every tensor. Nothing is copied unless all fit.
    ///
    /// # Errors
    /// Every tensor that is missing or has another shape, as text.
    pub fn copy_from<'a>(
        &self,
        find: impl Fn(&str) -> Option<&'a Tensor>,
    ) -> Result<(), Vec<String>> {
        let own = self.tensors_below("");
        let found = own.iter().filter_map(|&(name, _)| Some((name, find(name)?))).collect();
        fill(&own, &found)
    }

    /// The tensors whose name starts with `prefix`, by what follows it.
    pub(crate) fn tensors_below(&self, prefix: &str) -> Vec<(&str, &Tensor)> {
        let parameters = self.parameters.iter();
        parameters
            .filter_map(|parameter| Some((parameter.name.strip_prefix(prefix)?, &parameter.tensor)))
            .collect()
    }
}

fn run(modules: &[Box<dyn Module>], values: Tensor, mode: Mode) -> Result<Tensor, TchError> {
    modules.iter().try_fold(values, |values, module| module.forward(&values, mode))
}

/// The groups from the first that are a backbone's blocks, or follow one and
/// have neither weights nor chance. None where there is no backbone.
fn fixed_groups(plan: &[LayerPlan], groups: &[Group]) -> usize {
    let is_fixed = |layer: &LayerPlan| match layer.layer {
        Layer::Block(_)
        | Layer::Flatten(_)
        | Layer::Activation(_)
        | Layer::AveragePool2d(_)
        | Layer::MaxPool2d(_)
        | Layer::GlobalAveragePool2d(_) => true,
        Layer::Rescale(_)
        | Layer::Normalize(_)
        | Layer::Conv2d(_)
        | Layer::BatchNorm(_)
        | Layer::Dropout(_)
        | Layer::Dense(_) => false,
    };
    if !plan.first().is_some_and(|first| matches!(first.layer, Layer::Block(_))) {
        return 0;
    }
    let fixed = |group: &&Group| plan[group.layers.clone()].iter().all(is_fixed);
    groups.iter().take_while(fixed).count()
}

/// The plan of a network that is no longer in a pipeline file: the backbone,
/// layers, image size and number of classes of a checkpoint.
pub(crate) fn plan(
    backbone: Option<&Backbone>,
    layers: &[Layer],
    image_size: [u32; 2],
    classes: usize,
) -> Result<Plan, ModelError> {
    let [height, width] = image_size;
    let input = shoebox_spec::Shape::Image { height, width, channels: 3 };
    let classes = u32::try_from(classes).ok();
    shoebox_spec::plan(backbone, layers, input, classes)
        .map_err(|problem| ModelError::Layers(format!("{}: {}", problem.key, problem.message)))
}
