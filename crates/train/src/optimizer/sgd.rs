use super::{Rule, Step, decay, zeros_like};
use crate::TrainError;
use tch::{TchError, Tensor, no_grad};

/// Stochastic gradient descent with Keras's momentum, in which the learning
/// rate of each step stays in the velocity: `v = m·v − lr·g`, then `p += v`,
/// or `p += m·v − lr·g` with Nesterov's.
#[derive(Debug)]
pub(super) struct Sgd {
    spec: shoebox_spec::Sgd,
    /// Empty without momentum.
    velocities: Vec<Tensor>,
}

impl Sgd {
    pub fn new(spec: &shoebox_spec::Sgd, parameters: &[Tensor]) -> Result<Self, TrainError> {
        let velocities = if spec.momentum == 0.0 { Vec::new() } else { zeros_like(parameters)? };
        Ok(Self { spec: spec.clone(), velocities })
    }

    fn move_with_velocity(
        &mut self,
        index: usize,
        parameter: &mut Tensor,
        descent: &Tensor,
    ) -> Result<(), TchError> {
        let momentum = self.spec.momentum;
        let velocity = &mut self.velocities[index];
        let _ = velocity.f_mul_scalar_(momentum)?.f_add_(descent)?;
        let step = if self.spec.nesterov {
            velocity.f_mul_scalar(momentum)?.f_add(descent)?
        } else {
            velocity.shallow_clone()
        };
        parameter.f_add_(&step).map(drop)
    }
}

impl Rule for Sgd {
    fn apply(&mut self, parameters: &mut [Tensor], step: &Step) -> Result<(), TrainError> {
        decay(parameters, step, self.spec.weight_decay)?;
        no_grad(|| {
            for index in step.range.clone() {
                let parameter = &mut parameters[index];
                let descent = parameter.f_grad()?.f_mul_scalar(-step.learning_rate)?;
                if self.velocities.is_empty() {
                    let _ = parameter.f_add_(&descent)?;
                } else {
                    self.move_with_velocity(index, parameter, &descent)?;
                }
            }
            Ok(())
        })
    }

    fn state(&self) -> Vec<(&'static str, &[Tensor])> {
        if self.velocities.is_empty() { Vec::new() } else { vec![("velocity", &self.velocities)] }
    }
}
