//! From values to places on an axis, and where its ticks are.

/// A range of values with round ends, divided by round steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    /// The smallest range with round ends that holds `low` to `high`, in about
    /// `steps` steps: P. S. Heckbert, "Nice numbers for graph labels", Graphics
    /// Gems (1990). A range of one value, or none that is finite, is widened.
    pub fn nice(low: f64, high: f64, steps: u32) -> Self {
        let (low, high) = match high - low {
            width if !width.is_finite() => (0.0, 1.0),
            width if width <= 0.0 => (low - low.abs() * 0.5, high + high.abs().max(1e-9) * 0.5),
            _ => (low, high),
        };
        let step = round_step((high - low) / f64::from(steps.max(1)));
        // 2.9999999 steps are 3: rounding must not add an empty one.
        let (down, up) = ((low / step + 1e-9).floor(), (high / step - 1e-9).ceil());
        Self { low: down * step, high: up * step, step }
    }

    /// Whole numbers from `first` to `last`, in about `steps` steps. The ends
    /// stay as they are.
    pub fn whole(first: u32, last: u32, steps: u32) -> Self {
        let (low, high) = (f64::from(first), f64::from(last));
        let step = round_step((high - low) / f64::from(steps.max(1))).max(1.0);
        match first == last {
            true => Self { low: low - 0.5, high: high + 0.5, step },
            false => Self { low, high, step },
        }
    }

    /// The values that get a tick, ascending.
    pub fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step - 1e-9).ceil() as i64;
        let last = (self.high / self.step + 1e-9).floor() as i64;
        (first..=last).map(|multiple| multiple as f64 * self.step).collect()
    }

    /// Where `value` is: 0 at the low end, 1 at the high end.
    pub fn position(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

/// The 1, 2 or 5 times a power of ten that is nearest to `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    match step / power {
        f if f < 1.5 => power,
        f if f < 3.0 => 2.0 * power,
        f if f < 7.0 => 5.0 * power,
        _ => 10.0 * power,
    }
}

#[cfg(test)]
mod tests {
    use super::Scale;
    use proptest::prelude::*;

    #[test]
    fn ends_and_steps_are_round() {
        let ticks = Scale::nice(0.0, 0.68, 5).ticks();
        assert_eq!(ticks.len(), 8);
        assert!((ticks[7] - 0.7).abs() < 1e-12);
        assert_eq!(Scale::nice(0.0, 1e-4, 5).ticks().len(), 6);
        assert_eq!(
            Scale::nice(0.5, 1.0, 5).ticks(),
            [0.5, 0.6, 0.7, 0.8, 0.9, 1.0].map(|x: f64| (x * 10.0).round() * 0.1)
        );
    }

    #[test]
    fn epochs_are_whole_even_if_there_is_one() {
        assert_eq!(Scale::whole(1, 23, 6).ticks(), [5.0, 10.0, 15.0, 20.0]);
        assert_eq!(Scale::whole(1, 3, 6).ticks(), [1.0, 2.0, 3.0]);
        assert_eq!(Scale::whole(1, 1, 6).ticks(), [1.0]);
        assert_eq!(Scale::whole(1, 1, 6).position(1.0), 0.5);
    }

    #[test]
    fn one_value_and_values_that_are_none_still_make_a_range() {
        for (low, high) in [(1e-3, 1e-3), (0.0, 0.0), (f64::NAN, 1.0), (0.0, f64::INFINITY)] {
            let ticks = Scale::nice(low, high, 5).ticks();
            assert!((2..=12).contains(&ticks.len()), "{low} to {high}: {ticks:?}");
        }
    }

    proptest! {
        #[test]
        fn holds_every_value_between(low in -1e6..1e6f64, width in 1e-6..1e6f64, share in 0.0..=1.0f64) {
            let scale = Scale::nice(low, low + width, 5);
            let position = scale.position(low + share * width);
            prop_assert!((-1e-6..=1.0 + 1e-6).contains(&position));
            prop_assert!((2..=15).contains(&scale.ticks().len()));
        }
    }
}
