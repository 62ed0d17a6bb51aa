//! What is tried in a range test, and what follows from the losses.

use shoebox_artifact::records::{RatePoint, RateSuggestion};

/// Learning rates from the first to the last, and when to give up.
///
/// L. N. Smith, “Cyclical learning rates for training neural networks” (2015,
/// arXiv:1506.01186), section 3.3, with an exponential ramp, smoothing and
/// bounds as in fastai's `lr_find`.
#[derive(Debug, Clone)]
pub(super) struct Ramp {
    points: Vec<RatePoint>,
    mean: f64,
    least: f64,
    diverged: bool,
}

/// Steps from the first rate to the last.
pub(super) const STEPS: u32 = 100;
const FIRST: f64 = 1e-7;
const LAST: f64 = 10.0;
/// What the smoothed loss keeps of itself at each step.
const KEPT: f64 = 0.98;
/// The test ends when the smoothed loss is this many times its least.
const DIVERGED: f64 = 4.0;
/// Of the steps, the first tenth does not count for suggestions: the mean
/// still has too few losses in it. Nor do the last few, which diverge.
const LEFT_OUT: (usize, usize) = (STEPS as usize / 10, 5);

impl Ramp {
    pub(super) fn new() -> Self {
        Self { points: Vec::new(), mean: 0.0, least: f64::INFINITY, diverged: false }
    }

    /// The rate of the next step; none at the end, or once the loss has diverged.
    pub(super) fn next_rate(&self) -> Option<f64> {
        let step = self.points.len() as u32;
        let share = f64::from(step) / f64::from(STEPS - 1);
        (step < STEPS && !self.diverged).then(|| FIRST * (LAST / FIRST).powf(share))
    }

    /// Takes the loss of the step with the next rate.
    pub(super) fn add(&mut self, loss: f64) {
        let Some(learning_rate) = self.next_rate() else { return };
        if !loss.is_finite() {
            self.diverged = true;
            return;
        }
        let step = self.points.len() as u32 + 1;
        self.mean = KEPT * self.mean + (1.0 - KEPT) * loss;
        let smoothed_loss = self.mean / (1.0 - KEPT.powi(step as i32));
        self.points.push(RatePoint { step, learning_rate, loss, smoothed_loss });
        self.least = self.least.min(smoothed_loss);
        self.diverged = smoothed_loss > DIVERGED * self.least;
    }

    pub(super) fn points(&self) -> &[RatePoint] {
        &self.points
    }

    pub(super) fn diverged(&self) -> bool {
        self.diverged
    }

    /// What follows; nothing from too few steps, or from a loss that never fell.
    pub(super) fn suggestion(&self) -> Option<RateSuggestion> {
        let end = self.points.len().saturating_sub(LEFT_OUT.1);
        let counted = self.points.get(LEFT_OUT.0..end).filter(|points| points.len() > 1)?;
        let least = counted.iter().min_by(|a, b| a.smoothed_loss.total_cmp(&b.smoothed_loss))?;
        // The rates are even in their logarithm, so differences do for slopes.
        let fall = |pair: &[RatePoint]| pair[0].smoothed_loss - pair[1].smoothed_loss;
        let steepest = counted.windows(2).max_by(|a, b| fall(a).total_cmp(&fall(b)))?;
        // What rounding makes of a loss that stays is no fall.
        let is_fall = fall(steepest) > 1e-9 * steepest[0].smoothed_loss.abs();
        is_fall.then(|| RateSuggestion {
            steepest: steepest[0].learning_rate,
            minimum_tenth: least.learning_rate / 10.0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(loss: impl Fn(f64) -> f64) -> Ramp {
        let mut ramp = Ramp::new();
        while let Some(rate) = ramp.next_rate() {
            let loss = loss(rate);
            ramp.add(loss);
            if !loss.is_finite() {
                break;
            }
        }
        ramp
    }

    #[test]
    fn the_ramp_goes_from_first_to_last_by_equal_factors() {
        let ramp = ramp(|_| 1.0);
        let rates: Vec<f64> = ramp.points().iter().map(|point| point.learning_rate).collect();
        assert_eq!(rates.len(), 100);
        assert!((rates[0] - 1e-7).abs() < 1e-19 && (rates[99] - 10.0).abs() < 1e-9);
        assert!((rates[1] / rates[0] - rates[51] / rates[50]).abs() < 1e-9);
        assert!(!ramp.diverged() && ramp.suggestion().is_none(), "it never fell");
    }

    #[test]
    fn smoothing_by_hand() {
        let mut ramp = Ramp::new();
        [1.0, 2.0].into_iter().for_each(|loss| ramp.add(loss));
        // (0.98 · 0.02 · 1 + 0.02 · 2) / (1 − 0.98²)
        assert!((ramp.points()[0].smoothed_loss - 1.0).abs() < 1e-12);
        assert!((ramp.points()[1].smoothed_loss - 0.0596 / 0.0396).abs() < 1e-12);
    }

    #[test]
    fn a_fall_in_a_known_region_is_what_is_suggested() {
        // Falls from 2 to 1 around 1e-3, grows beyond 0.1.
        let loss = |rate: f64| {
            let fall = 1.0 / (1.0 + (rate / 1e-3).powi(2));
            1.0 + fall + (rate / 0.1).powi(3)
        };
        let ramp = ramp(loss);
        let found = ramp.suggestion().unwrap();
        assert!((3e-4..1e-2).contains(&found.steepest), "{found:?}");
        assert!((3e-3..3e-2).contains(&found.minimum_tenth), "{found:?}");
        assert!(ramp.diverged() && ramp.points().len() < 100);
    }

    #[test]
    fn a_loss_that_is_no_number_ends_it() {
        let ramp = ramp(|rate| if rate > 1e-3 { f64::NAN } else { 1.0 });
        assert!(ramp.diverged());
        assert!(ramp.points().iter().all(|point| point.loss.is_finite()));
        assert_eq!(ramp.next_rate(), None);
    }
}
