use super::{Module, activation::activate, window::Window};
use crate::{initial, network::Mode};
use shoebox_spec::{Activation, Conv2d as Spec, Shape};
use tch::{Device, TchError, Tensor};

/// A 2-D convolution with Keras's padding and its activation.
#[derive(Debug)]
pub(super) struct Conv2d {
    /// `[out, in, h, w]`.
    weight: Tensor,
    bias: Option<Tensor>,
    window: Window,
    activation: Activation,
}

impl Conv2d {
    pub fn new(spec: &Spec, input: Shape, device: Device) -> Result<Self, TchError> {
        let channels = match input {
            Shape::Image { channels, .. } => i64::from(channels),
            Shape::Flat { features } => features as i64,
        };
        let (filters, [height, width]) = (i64::from(spec.filters), spec.kernel.0.map(i64::from));
        let area = height * width;
        let weight = initial::glorot_uniform(
            &[filters, channels, height, width],
            area * channels,
            area * filters,
            device,
        )?;
        let bias = spec.use_bias.then(|| initial::constant(filters, 0.0, device)).transpose()?;
        let window = Window::new(spec.kernel, spec.strides, spec.padding);
        Ok(Self { weight, bias, window, activation: spec.activation })
    }
}

impl Conv2d {
    /// `[out, in, h, w]` and, where there is one, the bias `[out]`.
    pub fn weights(&self) -> (&Tensor, Option<&Tensor>) {
        (&self.weight, self.bias.as_ref())
    }
}

impl Module for Conv2d {
    fn forward(&self, input: &Tensor, _mode: Mode) -> Result<Tensor, TchError> {
        let (input, padding) = self.window.pad(input, 0.0)?;
        let output = input.f_conv2d(
            &self.weight,
            self.bias.as_ref(),
            self.window.strides,
            padding,
            [1, 1],
            1,
        )?;
        activate(output, self.activation)
    }

    fn tensors(&self) -> Vec<(String, Tensor, bool)> {
        let weight = ("weight".to_owned(), self.weight.shallow_clone(), true);
        let bias = self.bias.iter().map(|bias| ("bias".to_owned(), bias.shallow_clone(), true));
        std::iter::once(weight).chain(bias).collect()
    }
}
