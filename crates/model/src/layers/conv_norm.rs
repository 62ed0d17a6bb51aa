use super::{Module, activation::activate, batch_norm::BatchNorm, window::Window};
use crate::{initial, network::Mode};
use shoebox_spec::{Activation, ConvNorm as Spec, Edges, Family, Padding, Pair};
use tch::{Device, TchError, Tensor};

/// A convolution without bias, its batch norm and an activation.
#[derive(Debug)]
pub(super) struct ConvNorm {
    /// Published names of the convolution and of the batch norm.
    names: [String; 2],
    /// `[out, in, h, w]`, `[channels, 1, h, w]` where each channel is on its own.
    weight: Tensor,
    trains_weight: bool,
    norm: BatchNorm,
    moves_statistics: bool,
    window: Window,
    edges: Edges,
    groups: i64,
    activation: Activation,
}

impl ConvNorm {
    pub fn new(spec: &Spec, family: &Family, device: Device) -> Result<Self, TchError> {
        let shape = spec.weight_shape().map(i64::from);
        let [filters, inputs, height, width] = shape;
        let groups = if spec.depthwise { filters } else { 1 };
        let area = height * width;
        let (fan_in, fan_out) = (area * inputs, area * filters / groups);
        let weight = initial::glorot_uniform(&shape, fan_in, fan_out, device)?;
        let (kernel, strides) = (Pair::square(spec.kernel), Pair::square(spec.stride));
        Ok(Self {
            names: [spec.conv.clone(), spec.norm.clone()],
            weight: weight.f_set_requires_grad(spec.trains_conv)?,
            trains_weight: spec.trains_conv,
            norm: BatchNorm::new(&family.norm, filters, spec.trains_norm, device)?,
            moves_statistics: spec.moves_statistics,
            window: Window::new(kernel, strides, Padding::Same),
            edges: family.edges,
            groups,
            activation: spec.activation,
        })
    }

    /// `[B,C,H,W]` to `[B,filters,⌈H / stride⌉,⌈W / stride⌉]`. Statistics that
    /// stay are folded into the convolution, which saves a pass over its output.
    pub fn forward(&self, input: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let output = if mode == Mode::Train && self.moves_statistics {
            self.norm.forward(&self.convolve(input, &self.weight, None)?, mode)?
        } else {
            let (factor, offset) = self.norm.folded()?;
            let weight = self.weight.f_mul(&factor.f_view([-1, 1, 1, 1])?)?;
            self.convolve(input, &weight, Some(&offset))?
        };
        activate(output, self.activation)
    }

    fn convolve(
        &self,
        input: &Tensor,
        weight: &Tensor,
        bias: Option<&Tensor>,
    ) -> Result<Tensor, TchError> {
        let (input, padding) = match self.edges {
            Edges::Even => (input.shallow_clone(), self.window.size.map(|side| side / 2)),
            Edges::Tensorflow => self.window.pad(input, 0.0)?,
        };
        input.f_conv2d(weight, bias, self.window.strides, padding, [1, 1], self.groups)
    }

    /// Its tensors by their published names, and whether the optimizer changes them.
    pub fn tensors(&self) -> impl Iterator<Item = (String, Tensor, bool)> {
        let [conv, norm] = &self.names;
        let weight = (format!("{conv}.weight"), self.weight.shallow_clone(), self.trains_weight);
        let norm = self
            .norm
            .tensors()
            .into_iter()
            .map(move |(name, tensor, trains)| (format!("{norm}.{name}"), tensor, trains));
        std::iter::once(weight).chain(norm)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoebox_spec::{Backbone, Block};
    use tch::{Kind, no_grad};

    /// The depthwise convolution of stride 2 in EfficientNet-Lite0's second block.
    fn conv_norm() -> (Spec, &'static Family) {
        let spec = r#"{"efficientnet_lite0": {"weights": "imagenet", "train_from": 0}}"#;
        let blocks = serde_json::from_str::<Backbone>(spec).unwrap().blocks().unwrap();
        let Block { units, family, .. } = &blocks[2];
        (units[1].clone(), family)
    }

    #[test]
    fn folded_statistics_have_the_values_and_gradients_of_a_batch_norm() {
        let (spec, family) = conv_norm();
        let unit = ConvNorm::new(&spec, family, Device::Cpu).unwrap();
        let tensors: Vec<Tensor> = unit.tensors().map(|(_, tensor, _)| tensor).collect();
        let [weight, gamma, beta, mean, variance] = &tensors[..] else { panic!("{tensors:?}") };
        let options = (Kind::Float, Device::Cpu);
        no_grad(|| {
            let _ = gamma.shallow_clone().uniform_(0.5, 1.5);
            let _ = beta.shallow_clone().uniform_(-1.0, 1.0);
            let _ = mean.shallow_clone().uniform_(-1.0, 1.0);
            let _ = variance.shallow_clone().uniform_(0.5, 1.5);
        });
        let input = Tensor::randn([2, i64::from(spec.inputs), 8, 8], options);
        let output = unit.forward(&input, Mode::Train).unwrap();
        let padded = input.constant_pad_nd([0, 1, 0, 1]);
        let groups = i64::from(spec.inputs);
        let convolved = padded.conv2d(weight, None::<&Tensor>, [2, 2], [0, 0], [1, 1], groups);
        let (mean, variance) = (Some(mean), Some(variance));
        let expected = convolved
            .batch_norm(Some(gamma), Some(beta), mean, variance, false, 0.0, 1e-3, true)
            .clamp(0.0, 6.0);
        let largest = |tensor: Tensor| tensor.abs().max().double_value(&[]);
        assert!(largest(&output - &expected) < 1e-5);
        let parameters = [weight, gamma, beta];
        let gradients = |output: &Tensor| {
            Tensor::run_backward(&[output.square().sum(Kind::Float)], &parameters, false, false)
        };
        for (found, expected) in gradients(&output).iter().zip(gradients(&expected)) {
            assert!(largest(found - &expected) < 1e-3 * largest(expected.shallow_clone()));
        }
    }
}
