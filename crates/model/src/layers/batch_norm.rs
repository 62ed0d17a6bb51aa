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
    trains: bool,
    momentum: f64,
    epsilon: f64,
}

impl BatchNorm {
    pub fn of_layer(spec: &Spec, input: Shape, device: Device) -> Result<Self, TchError> {
        let channels = match input {
            Shape::Image { channels, .. } => i64::from(channels),
            Shape::Flat { features } => features as i64,
        };
        Self::new(spec, channels, true, device)
    }

    /// For so many channels; `trains` says whether the optimizer changes it.
    pub fn new(spec: &Spec, channels: i64, trains: bool, device: Device) -> Result<Self, TchError> {
        let affine = if trains { initial::constant } else { initial::fixed };
        Ok(Self {
            gamma: affine(channels, 1.0, device)?,
            beta: affine(channels, 0.0, device)?,
            trains,
            moving_mean: initial::fixed(channels, 0.0, device)?,
            moving_variance: initial::fixed(channels, 1.0, device)?,
            momentum: spec.momentum,
            epsilon: spec.epsilon,
        })
    }

    /// What it does by its moving statistics: a factor and an offset per channel.
    pub fn folded(&self) -> Result<(Tensor, Tensor), TchError> {
        let inverse_std = self.moving_variance.f_add_scalar(self.epsilon)?.f_rsqrt()?;
        let factor = self.gamma.f_mul(&inverse_std)?;
        let offset = self.beta.f_sub(&self.moving_mean.f_mul(&factor)?)?;
        Ok((factor, offset))
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

    fn tensors(&self) -> Vec<(String, Tensor, bool)> {
        let named =
            |name: &str, tensor: &Tensor, trains| (name.to_owned(), tensor.shallow_clone(), trains);
        vec![
            named("weight", &self.gamma, self.trains),
            named("bias", &self.beta, self.trains),
            named("running_mean", &self.moving_mean, false),
            named("running_var", &self.moving_variance, false),
        ]
    }
}
