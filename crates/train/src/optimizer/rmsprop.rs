use super::{Rule, Step, decay, zeros_like};
use crate::TrainError;
use tch::{TchError, Tensor, no_grad};

/// RMSprop as Keras has it: `s = ρ·s + (1 − ρ)·g²`, then the step
/// `lr · g / √(s + ε)`; centred, `s` less the square of the mean gradient;
/// with momentum `b = m·b + lr · g / √(s + ε)` is the step.
#[derive(Debug)]
pub(super) struct Rmsprop {
    spec: shoebox_spec::Rmsprop,
    mean_squares: Vec<Tensor>,
    /// Empty unless centred.
    mean_gradients: Vec<Tensor>,
    /// Empty without momentum.
    velocities: Vec<Tensor>,
}

impl Rmsprop {
    pub fn new(spec: &shoebox_spec::Rmsprop, parameters: &[Tensor]) -> Result<Self, TrainError> {
        let zeros_if = |wanted| if wanted { zeros_like(parameters) } else { Ok(Vec::new()) };
        Ok(Self {
            spec: spec.clone(),
            mean_squares: zeros_like(parameters)?,
            mean_gradients: zeros_if(spec.centered)?,
            velocities: zeros_if(spec.momentum > 0.0)?,
        })
    }

    /// What is under the root: the mean square, less the square of the mean.
    fn follow(&mut self, index: usize, gradient: &Tensor) -> Result<Tensor, TchError> {
        let rho = self.spec.rho;
        let mut mean_square = self.mean_squares[index].f_mul_scalar_(rho)?;
        let _ = mean_square.f_addcmul_(&gradient.f_mul_scalar(1.0 - rho)?, gradient)?;
        let Some(mean) = self.mean_gradients.get_mut(index) else { return Ok(mean_square) };
        let mut mean = mean.f_mul_scalar_(rho)?;
        let _ = mean.f_add_(&gradient.f_mul_scalar(1.0 - rho)?)?;
        mean_square.f_sub(&mean.f_square()?)
    }

    fn move_one(
        &mut self,
        index: usize,
        parameter: &mut Tensor,
        learning_rate: f64,
    ) -> Result<(), TchError> {
        let gradient = parameter.f_grad()?;
        let root = self.follow(index, &gradient)?.f_add_scalar(self.spec.epsilon)?.f_sqrt()?;
        let mut change = gradient.f_mul_scalar(learning_rate)?.f_div(&root)?;
        if let Some(velocity) = self.velocities.get_mut(index) {
            change = velocity.f_mul_scalar_(self.spec.momentum)?.f_add_(&change)?;
        }
        parameter.f_sub_(&change).map(drop)
    }
}

impl Rule for Rmsprop {
    fn apply(&mut self, parameters: &mut [Tensor], step: &Step) -> Result<(), TrainError> {
        decay(parameters, step, self.spec.weight_decay)?;
        no_grad(|| {
            for index in step.range.clone() {
                self.move_one(index, &mut parameters[index], step.learning_rate)?;
            }
            Ok(())
        })
    }

    fn state(&self) -> Vec<(&'static str, &[Tensor])> {
        let kinds = [
            ("mean_square", &self.mean_squares),
            ("mean_gradient", &self.mean_gradients),
            ("velocity", &self.velocities),
        ];
        kinds
            .into_iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(k, l)| (k, l.as_slice()))
            .collect()
    }
}
