use super::{
    ChannelStatistics, Module, activation::activate, conv_norm::ConvNorm, pointwise::Normalize,
};
use crate::network::Mode;
use shoebox_spec::{self as spec, Activation};
use tch::{Device, TchError, Tensor};

/// A block of a backbone, of whatever family.
#[derive(Debug)]
pub(super) struct Block {
    pixels: Option<Normalize>,
    units: Vec<ConvNorm>,
    shortcut: Shortcut,
    /// Of the sum of result and shortcut.
    activation: Activation,
    pools: bool,
}

#[derive(Debug)]
enum Shortcut {
    None,
    Identity,
    Projection(ConvNorm),
}

impl Block {
    pub fn new(block: &spec::Block, device: Device) -> Result<Self, TchError> {
        let family = block.family;
        let conv_norm = |unit: &spec::ConvNorm| ConvNorm::new(unit, family, device);
        let statistics = ChannelStatistics {
            mean: family.pixel_mean.map(|mean| mean / 255.0),
            std: family.pixel_std.map(|std| std / 255.0),
        };
        let pixels = block.of_pixels.then(|| Normalize::new(statistics, device)).transpose()?;
        Ok(Self {
            pixels,
            units: block.units.iter().map(conv_norm).collect::<Result<_, _>>()?,
            shortcut: match &block.shortcut {
                spec::Shortcut::None => Shortcut::None,
                spec::Shortcut::Identity => Shortcut::Identity,
                spec::Shortcut::Projection(unit) => Shortcut::Projection(conv_norm(unit)?),
            },
            activation: block.activation,
            pools: block.pools,
        })
    }

    /// What the units make of `input`, with the shortcut added.
    fn sum(&self, input: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let mut output = input.shallow_clone();
        for unit in &self.units {
            output = unit.forward(&output, mode)?;
        }
        // Nobody else needs what the last unit gives, so the sum may be in its place.
        match &self.shortcut {
            Shortcut::None => Ok(output),
            Shortcut::Identity => output.f_add_(input),
            Shortcut::Projection(projection) => output.f_add_(&projection.forward(input, mode)?),
        }
    }
}

impl Module for Block {
    fn forward(&self, input: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let input = match &self.pixels {
            Some(pixels) => pixels.forward(input, mode)?,
            None => input.shallow_clone(),
        };
        let output = activate(self.sum(&input, mode)?, self.activation)?;
        match self.pools {
            true => output.f_max_pool2d([3, 3], [2, 2], [1, 1], [1, 1], false),
            false => Ok(output),
        }
    }

    fn tensors(&self) -> Vec<(String, Tensor, bool)> {
        let projection = match &self.shortcut {
            Shortcut::Projection(projection) => Some(projection),
            Shortcut::None | Shortcut::Identity => None,
        };
        self.units.iter().chain(projection).flat_map(ConvNorm::tensors).collect()
    }
}
