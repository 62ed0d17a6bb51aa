//! The learning rate of each step.

use shoebox_spec::LearningRate;

/// The learning rate of `step`, which counts from 0 over the whole training.
pub fn learning_rate(schedule: &LearningRate, step: u64) -> f64 {
    match schedule {
        LearningRate::Constant(rate) => *rate,
        LearningRate::ExponentialDecay(decay) => {
            let periods = step as f64 / f64::from(decay.decay_steps);
            let exponent = if decay.staircase { periods.floor() } else { periods };
            decay.initial * decay.decay_rate.powf(exponent)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoebox_spec::ExponentialDecay;

    fn decay(staircase: bool) -> LearningRate {
        LearningRate::ExponentialDecay(ExponentialDecay {
            initial: 1e-4,
            decay_steps: 50,
            decay_rate: 0.98,
            staircase,
        })
    }

    #[test]
    fn a_staircase_falls_after_each_decay_steps() {
        let rates = [0, 49, 50, 99, 100].map(|step| learning_rate(&decay(true), step));
        let wanted = [1e-4, 1e-4, 0.98e-4, 0.98e-4, 0.9604e-4];
        for (rate, wanted) in rates.into_iter().zip(wanted) {
            assert!((rate - wanted).abs() < 1e-12, "{rate} instead of {wanted}");
        }
    }

    #[test]
    fn without_a_staircase_it_falls_at_each_step() {
        let rate = learning_rate(&decay(false), 25);
        assert!((rate - 1e-4 * 0.98f64.sqrt()).abs() < 1e-12);
    }
}
