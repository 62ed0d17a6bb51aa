//! The learning rate of each step.

use crate::exact::Exact;
use serde::{Deserialize, Serialize};
use shoebox_spec::{Cosine, LearningRate, OneCycle, ReduceOnPlateau};
use std::f64::consts::PI;

/// A schedule at work.
#[derive(Debug, Clone)]
pub struct Schedule {
    spec: LearningRate,
    /// Steps of an epoch, and of the whole training.
    steps: [u64; 2],
    plateau: Plateau,
}

/// Where a plateau's watch stands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plateau {
    best: Option<Exact>,
    waited: u32,
    cooling: u32,
    /// What is left of the initial rate.
    share: Exact,
}

impl Schedule {
    /// The schedule of a training of `epochs` of `steps_per_epoch`.
    pub fn new(spec: &LearningRate, steps_per_epoch: u64, epochs: u32) -> Self {
        let steps = [steps_per_epoch, steps_per_epoch * u64::from(epochs)];
        let plateau = Plateau { best: None, waited: 0, cooling: 0, share: Exact(1.0) };
        Self { spec: spec.clone(), steps, plateau }
    }

    /// What it remembers of the epochs so far.
    pub(crate) fn memory(&self) -> Plateau {
        self.plateau
    }

    /// Goes on from another's memory.
    pub(crate) fn remember(&mut self, plateau: Plateau) {
        self.plateau = plateau;
    }

    /// The rate of `step`, which counts from 0 over the whole training.
    pub fn rate(&self, step: u64) -> f64 {
        let [per_epoch, all] = self.steps;
        match &self.spec {
            LearningRate::Constant(rate) => *rate,
            LearningRate::ExponentialDecay(decay) => {
                let periods = step as f64 / f64::from(decay.decay_steps);
                let exponent = if decay.staircase { periods.floor() } else { periods };
                decay.initial * decay.decay_rate.powf(exponent)
            }
            LearningRate::Cosine(cosine) => cosine_rate(cosine, step, per_epoch, all),
            LearningRate::OneCycle(cycle) => one_cycle_rate(cycle, step, all),
            LearningRate::Step(decay) => {
                let falls = step / per_epoch.max(1) / u64::from(decay.epochs);
                decay.initial * decay.factor.powf(falls as f64)
            }
            LearningRate::ReduceOnPlateau(plateau) => {
                (plateau.initial * self.plateau.share.0).max(plateau.minimum)
            }
        }
    }

    /// The figure that the schedule watches, if any.
    pub fn monitor(&self) -> Option<shoebox_spec::Monitor> {
        match &self.spec {
            LearningRate::ReduceOnPlateau(plateau) => Some(plateau.monitor),
            _ => None,
        }
    }

    /// Takes the watched figure of an epoch.
    pub fn after_epoch(&mut self, figure: f64) {
        if let LearningRate::ReduceOnPlateau(spec) = &self.spec {
            self.plateau.update(spec, figure);
        }
    }
}

impl Plateau {
    /// Keras's `ReduceLROnPlateau.on_epoch_end`.
    fn update(&mut self, spec: &ReduceOnPlateau, figure: f64) {
        if self.cooling > 0 {
            self.cooling -= 1;
            self.waited = 0;
        }
        let more = spec.mode.more_is_better(spec.monitor);
        let improves = |Exact(best): Exact| {
            if more { figure > best + spec.min_delta } else { figure < best - spec.min_delta }
        };
        if self.best.is_none_or(improves) {
            self.best = Some(Exact(figure));
            self.waited = 0;
        } else if self.cooling == 0 {
            self.waited += 1;
            if self.waited >= spec.patience {
                self.share.0 *= spec.factor;
                self.cooling = spec.cooldown;
                self.waited = 0;
            }
        }
    }
}

/// From `high` to `low` along half a cosine, at `share` of the way (0–1).
fn half_cosine(high: f64, low: f64, share: f64) -> f64 {
    low + (high - low) * (1.0 + (PI * share).cos()) / 2.0
}

fn cosine_rate(cosine: &Cosine, step: u64, per_epoch: u64, all: u64) -> f64 {
    let (step, warmup) = (step as f64, cosine.warmup_epochs * per_epoch as f64);
    if step < warmup {
        // The first step has a rate already.
        return cosine.peak * (step + 1.0) / (warmup + 1.0);
    }
    let share = (step - warmup) / (all as f64 - warmup).max(1.0);
    half_cosine(cosine.peak, cosine.end, share.min(1.0))
}

fn one_cycle_rate(cycle: &OneCycle, step: u64, all: u64) -> f64 {
    let first = cycle.peak / cycle.start_divisor;
    let (step, last) = (step as f64, all.saturating_sub(1) as f64);
    // PyTorch's OneCycleLR: the peak is at step `share · all − 1`.
    let peak = cycle.warmup_share * all as f64 - 1.0;
    if step <= peak {
        return half_cosine(first, cycle.peak, step / peak);
    }
    let share = (step - peak) / (last - peak);
    half_cosine(cycle.peak, first / cycle.end_divisor, share.min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A schedule of 5 epochs of 10 steps.
    fn schedule(yaml: &str) -> Schedule {
        Schedule::new(&serde_json::from_str(yaml).unwrap(), 10, 5)
    }

    fn assert_rates(json: &str, wanted: &[(u64, f64)]) {
        let schedule = schedule(json);
        for &(step, wanted) in wanted {
            let rate = schedule.rate(step);
            assert!((rate - wanted).abs() < 1e-9, "step {step}: {rate} instead of {wanted}");
        }
    }

    #[test]
    fn a_staircase_falls_after_each_decay_steps() {
        let json = r#"{"exponential_decay": {"initial": 1e-4, "decay_steps": 50, "decay_rate": 0.98, "staircase": true}}"#;
        assert_rates(
            json,
            &[(0, 1e-4), (49, 1e-4), (50, 0.98e-4), (99, 0.98e-4), (100, 0.9604e-4)],
        );
    }

    #[test]
    fn without_a_staircase_it_falls_at_each_step() {
        let json =
            r#"{"exponential_decay": {"initial": 1e-4, "decay_steps": 50, "decay_rate": 0.98}}"#;
        assert_rates(json, &[(25, 1e-4 * 0.98f64.sqrt())]);
    }

    #[test]
    fn a_cosine_rises_straight_and_falls_to_its_end() {
        let json = r#"{"cosine": {"peak": 1.1, "warmup_epochs": 1, "end": 0.1}}"#;
        // After 10 steps of warm-up, 40 of the fall: half way at 30.
        assert_rates(json, &[(0, 0.1), (9, 1.0), (10, 1.1), (30, 0.6), (50, 0.1), (60, 0.1)]);
    }

    #[test]
    fn one_cycle_has_pytorchs_rates() {
        // torch.optim.lr_scheduler.OneCycleLR(max_lr=0.1, total_steps=50), at these steps.
        assert_rates(
            r#"{"one_cycle": {"peak": 0.1}}"#,
            &[(0, 0.004), (7, 0.052), (14, 0.1), (49, 4e-7)],
        );
    }

    #[test]
    fn steps_fall_every_so_many_epochs() {
        let json = r#"{"step": {"initial": 1.0, "epochs": 2}}"#;
        assert_rates(json, &[(0, 1.0), (19, 1.0), (20, 0.1), (39, 0.1), (40, 0.01)]);
    }

    #[test]
    fn a_plateau_lowers_the_rate_after_its_patience_and_cools_down() {
        let json = r#"{"reduce_on_plateau": {"initial": 1.0, "factor": 0.5, "patience": 2, "cooldown": 2, "minimum": 0.3}}"#;
        let mut schedule = schedule(json);
        let fresh = schedule.clone();
        let losses = [1.0, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9];
        let rates = losses.map(|loss| {
            // Another one with its memory goes on as it would have.
            let text = serde_json::to_string(&schedule.memory()).unwrap();
            schedule = fresh.clone();
            schedule.remember(serde_json::from_str(&text).unwrap());
            schedule.after_epoch(loss);
            schedule.rate(0)
        });
        // Traced by hand through Keras's on_epoch_end.
        assert_eq!(rates, [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3]);
    }
}
