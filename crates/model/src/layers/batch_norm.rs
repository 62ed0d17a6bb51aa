use super::Module;
use crate::{initial, network::Mode};
use shoebox_spec::{BatchNorm as Spec, Shape};
use tch::{Device, TchError, Tensor, no_grad};

/// Batch normalisation (Ioffe and Szegedy, arXiv:1502.03167) over all axes but
/// the channels. As in Keras, the moving variance follows the *population*
/// variance of each batch; libtorch's own update would follow the sample variance.
#[derive(Debug)]
pub(super) struct BatchNorm {
    gamma: Tensor,
    beta: Tensor,
    moving_mean: Tensor,
    moving_variance: Tensor,
    momentum: f64,
    epsilon: f64,
}

impl BatchNorm {
    pub fn new(spec: &Spec, input: Shape, device: Device) -> Result<Self, TchError> {
        let channels = match input {
            Shape::Image { channels, .. } => i64::from(channels),
            Shape::Flat { features } => features as i64,
        };
        Ok(Self {
            gamma: initial::constant(channels, 1.0, device)?,
            beta: initial::constant(channels, 0.0, device)?,
            moving_mean: initial::fixed(channels, 0.0, device)?,
            moving_variance: initial::fixed(channels, 1.0, device)?,
            momentum: spec.momentum,
            epsilon: spec.epsilon,
        })
    }

    /// Moves the statistics towards those of a batch, given as libtorch
    /// returns them: the mean, and `1 / √(variance + ε)`.
    fn follow(&self, mean: &Tensor, inverse_std: &Tensor) -> Result<(), TchError> {
        no_grad(|| {
            let variance = inverse_std.f_pow_tensor_scalar(-2.0)?.f_sub_scalar(self.epsilon)?;
            let weight = 1.0 - self.momentum;
            let _ = self.moving_mean.shallow_clone().f_lerp_(mean, weight)?;
            let _ = self.moving_variance.shallow_clone().f_lerp_(&variance, weight)?;
            Ok(())
        })
    }
}

impl Module for BatchNorm {
    fn forward(&self, input: &Tensor, mode: Mode) -> Result<Tensor, TchError> {
        let (gamma, beta) = (Some(&self.gamma), Some(&self.beta));
        match mode {
            Mode::Evaluate => {
                let (mean, variance) = (Some(&self.moving_mean), Some(&self.moving_variance));
                input.f_batch_norm(gamma, beta, mean, variance, false, 0.0, self.epsilon, true)
            }
            Mode::Train => {
                let none = None::<&Tensor>;
                let (output, mean, inverse_std) =
                    input.f_native_batch_norm(gamma, beta, none, none, true, 0.0, self.epsilon)?;
                self.follow(&mean, &inverse_std)?;
                Ok(output)
            }
        }
    }

    fn tensors(&self) -> Vec<(&'static str, Tensor, bool)> {
        vec![
            ("weight", self.gamma.shallow_clone(), true),
            ("bias", self.beta.shallow_clone(), true),
            ("running_mean", self.moving_mean.shallow_clone(), false),
            ("running_var", self.moving_variance.shallow_clone(), false),
        ]
    }
}
