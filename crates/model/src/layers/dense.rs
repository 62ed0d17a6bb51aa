use super::{Module, activation::activate, conv_block::in_torchs_words};
use crate::{initial, network::Mode};
use shoebox_kernels::linear;
use shoebox_spec::{Activation, Dense as Spec, Shape};
use tch::{Device, TchError, Tensor};

/// A fully connected layer with its activation.
#[derive(Debug)]
pub(super) struct Dense {
    /// `[out, in]`.
    weight: Tensor,
    bias: Option<Tensor>,
    activation: Activation,
    /// Whether oneDNN computes it.
    by_onednn: bool,
}

impl Dense {
    pub fn new(
        spec: &Spec,
        input: Shape,
        output: Shape,
        device: Device,
        by_onednn: bool,
    ) -> Result<Self, TchError> {
        let (fan_in, fan_out) = (features(input), features(output));
        let weight = initial::glorot_uniform(&[fan_out, fan_in], fan_in, fan_out, device)?;
        let bias = spec.use_bias.then(|| initial::constant(fan_out, 0.0, device)).transpose()?;
        Ok(Self { weight, bias, activation: spec.activation, by_onednn })
    }
}

/// The plan gives a dense layer flat shapes alone.
fn features(shape: Shape) -> i64 {
    match shape {
        Shape::Flat { features } => features as i64,
        Shape::Image { channels, .. } => channels.into(),
    }
}

impl Module for Dense {
    fn forward(&self, input: &Tensor, _mode: Mode) -> Result<Tensor, TchError> {
        let output = match self.by_onednn {
            true => linear(input, &self.weight, self.bias.as_ref()).map_err(in_torchs_words)?,
            false => input.f_linear(&self.weight, self.bias.as_ref())?,
        };
        activate(output, self.activation)
    }

    fn tensors(&self) -> Vec<(String, Tensor, bool)> {
        let weight = ("weight".to_owned(), self.weight.shallow_clone(), true);
        let bias = self.bias.iter().map(|bias| ("bias".to_owned(), bias.shallow_clone(), true));
        std::iter::once(weight).chain(bias).collect()
    }
}
