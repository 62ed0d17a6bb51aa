use super::{Rule, zeros_like};
use crate::TrainError;
use shoebox_kernels::{AdamRates, adam_step};
use tch::Tensor;

/// Adam (Kingma and Ba, arXiv:1412.6980), algorithm 1 in the form with
/// "epsilon hat" that Keras uses:
/// `p −= lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)`.
#[derive(Debug)]
pub(super) struct Adam {
    spec: shoebox_spec::Adam,
    first_moments: Vec<Tensor>,
    second_moments: Vec<Tensor>,
}

impl Adam {
    pub fn new(spec: &shoebox_spec::Adam, parameters: &[Tensor]) -> Result<Self, TrainError> {
        let (first_moments, second_moments) = (zeros_like(parameters)?, zeros_like(parameters)?);
        Ok(Self { spec: spec.clone(), first_moments, second_moments })
    }
}

impl Rule for Adam {
    fn apply(
        &mut self,
        parameters: &mut [Tensor],
        step: u64,
        learning_rate: f64,
    ) -> Result<(), TrainError> {
        let shoebox_spec::Adam { beta_1, beta_2, epsilon } = self.spec;
        // libtorch adds its epsilon after the bias correction of √v; dividing
        // Keras's by the same correction makes the two the same formula.
        let correction = (1.0 - beta_2.powf(step as f64)).sqrt();
        let rates =
            AdamRates { step, learning_rate, beta_1, beta_2, epsilon: epsilon / correction };
        Ok(adam_step(parameters, &mut self.first_moments, &mut self.second_moments, rates)?)
    }

    fn state(&self) -> Vec<(&'static str, &[Tensor])> {
        vec![("first_moment", &self.first_moments), ("second_moment", &self.second_moments)]
    }
}
