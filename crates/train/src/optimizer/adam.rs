use super::{Rule, Step, zeros_like};
use crate::TrainError;
use shoebox_kernels::{AdamRates, adam_step};
use shoebox_spec::AdamW;
use tch::Tensor;

/// Adam (Kingma and Ba, arXiv:1412.6980), algorithm 1 in the form with
/// "epsilon hat" that Keras uses:
/// `p −= lr · √(1 − β₂ᵗ) / (1 − β₁ᵗ) · m / (√v + ε)`; with weight decay
/// (Loshchilov and Hutter, arXiv:1711.05101) after `p −= lr · decay · p`.
#[derive(Debug)]
pub(super) struct Adam {
    spec: AdamW,
    first_moments: Vec<Tensor>,
    second_moments: Vec<Tensor>,
}

impl Adam {
    pub fn new(spec: &shoebox_spec::Adam, parameters: &[Tensor]) -> Result<Self, TrainError> {
        let shoebox_spec::Adam { beta_1, beta_2, epsilon } = *spec;
        Self::decaying(&AdamW { beta_1, beta_2, epsilon, weight_decay: 0.0 }, parameters)
    }

    pub fn decaying(spec: &AdamW, parameters: &[Tensor]) -> Result<Self, TrainError> {
        let (first_moments, second_moments) = (zeros_like(parameters)?, zeros_like(parameters)?);
        Ok(Self { spec: spec.clone(), first_moments, second_moments })
    }
}

impl Rule for Adam {
    fn apply(&mut self, parameters: &mut [Tensor], step: &Step) -> Result<(), TrainError> {
        let AdamW { beta_1, beta_2, epsilon, weight_decay } = self.spec;
        // libtorch adds its epsilon after the bias correction of √v; dividing
        // Keras's by the same correction makes the two the same formula.
        let correction = (1.0 - beta_2.powf(step.number as f64)).sqrt();
        let rates = AdamRates {
            step: step.number,
            learning_rate: step.learning_rate,
            beta_1,
            beta_2,
            epsilon: epsilon / correction,
            weight_decay: if step.decays { weight_decay } else { 0.0 },
        };
        let range = || step.range.clone();
        Ok(adam_step(
            &mut parameters[range()],
            &mut self.first_moments[range()],
            &mut self.second_moments[range()],
            rates,
        )?)
    }

    fn state(&self) -> Vec<(&'static str, &[Tensor])> {
        vec![("first_moment", &self.first_moments), ("second_moment", &self.second_moments)]
    }
}
