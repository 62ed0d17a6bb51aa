//! One number that makes probabilities as sure as they deserve.

use crate::Scored;

/// The logarithms of a picture's class probabilities at `temperature`:
/// `row / temperature`, normalized. 1 leaves them as they are, more makes them
/// less sure, less surer; which class is likelier than which stays. C. Guo, G.
/// Pleiss, Y. Sun, K. Q. Weinberger, "On calibration of modern neural
/// networks", ICML 2017, section 4.2: dividing these logarithms is dividing
/// the logits, since the two differ by a constant a picture.
pub fn temper(row: &[f32], temperature: f64) -> Vec<f64> {
    let scaled: Vec<f64> = row.iter().map(|&value| f64::from(value) / temperature).collect();
    let largest = scaled.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = scaled.iter().map(|value| (value - largest).exp()).sum();
    let log_sum = largest + sum.ln();
    scaled.into_iter().map(|value| value - log_sum).collect()
}

/// Temperatures that are looked at: from 1/20 to 20.
const LARGEST: f64 = 20.0;
/// Steps at most; each halves what is left, or does better.
const STEPS: usize = 60;

impl Scored {
    /// The temperature at which these pictures' [`Scored::log_loss`] is the
    /// least. `None` where that is no temperature from 1/20 to 20: where every
    /// picture is right, say, nothing tells how sure is too sure.
    ///
    /// The loss is convex in 1 / temperature, so its slope has one zero, which
    /// Newton's method finds, kept within bounds by bisection.
    pub fn fit_temperature(&self) -> Option<f64> {
        let (mut low, mut high) = (1.0 / LARGEST, LARGEST);
        let falls = |inverse| self.slope(inverse).0 < 0.0;
        // Also where a slope is no number, or there is no picture.
        if !falls(low) || falls(high) || self.slope(high).0.is_nan() {
            return None;
        }
        let mut inverse = 1.0;
        for _ in 0..STEPS {
            let (slope, curvature) = self.slope(inverse);
            if slope < 0.0 {
                low = inverse
            } else {
                high = inverse
            }
            let newton = inverse - slope / curvature;
            let next = if newton > low && newton < high { newton } else { (low + high) / 2.0 };
            if (next - inverse).abs() <= f64::EPSILON * inverse {
                break;
            }
            inverse = next;
        }
        Some(1.0 / inverse)
    }

    /// The first and second derivative of the loss by 1 / temperature: with the
    /// probabilities of that temperature, the sums over pictures of
    /// `mean(row) − row[label]` and of `row`'s variance.
    fn slope(&self, inverse: f64) -> (f64, f64) {
        self.rows().fold((0.0, 0.0), |(slope, curvature), (row, label)| {
            let probabilities = temper(row, 1.0 / inverse).into_iter().map(f64::exp);
            // A class that cannot be adds nothing.
            let possible = probabilities.zip(row).filter(|(p, _)| *p > 0.0);
            let (mean, square) = possible.fold((0.0, 0.0), |(mean, square), (p, &value)| {
                let value = f64::from(value);
                (mean + p * value, square + p * value * value)
            });
            let variance = (square - mean * mean).max(0.0);
            (slope + mean - f64::from(row[label]), curvature + variance)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{argmax, scored::tests::scored};
    use proptest::prelude::*;

    /// Of two classes with odds of 9 to 1, and three of four right, the
    /// temperature makes odds of 3 to 1: 1/T = ln 3 / ln 9 = 1/2.
    #[test]
    fn odds_that_are_too_sure_by_a_square_have_temperature_2() {
        let sure = [0.9, 0.1];
        let scored = scored(&[(sure, 0), (sure, 0), (sure, 0), (sure, 1)]);
        let temperature = scored.fit_temperature().unwrap();
        assert!((temperature - 2.0).abs() < 1e-6, "{temperature}");
        let probability = temper(&scored.log_probabilities[0], temperature)[0].exp();
        assert!((probability - 0.75).abs() < 1e-6, "{probability}");
    }

    #[test]
    fn nothing_is_fitted_where_every_picture_is_right_or_there_is_none() {
        assert_eq!(scored(&[([0.9, 0.1], 0), ([0.2, 0.8], 1)]).fit_temperature(), None);
        assert_eq!(scored(&[([0.9, 0.1], 1), ([0.2, 0.8], 0)]).fit_temperature(), None);
        assert_eq!(scored::<2>(&[]).fit_temperature(), None);
    }

    fn rows() -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec(-30f32..0.0, 2..7)
    }

    proptest! {
        #[test]
        fn a_temperature_keeps_order_and_class(row in rows(), temperature in 0.05..20f64) {
            let tempered = temper(&row, temperature);
            let sum: f64 = tempered.iter().map(|value| value.exp()).sum();
            prop_assert!((sum - 1.0).abs() < 1e-9);
            let best = argmax(&row);
            for (value, other) in tempered.iter().zip(&row) {
                prop_assert!(*value <= tempered[best]);
                prop_assert_eq!(*other < row[best], *value < tempered[best]);
            }
        }

        #[test]
        fn no_other_temperature_has_a_lower_loss(
            pictures in prop::collection::vec(([0.01..0.99f64, 0.01..0.99f64, 0.01..0.99f64], 0usize..3), 5..40)
        ) {
            let scored = scored(&pictures.iter().map(|(row, label)| {
                let sum: f64 = row.iter().sum();
                (row.map(|value| value / sum), *label)
            }).collect::<Vec<_>>());
            if let Some(temperature) = scored.fit_temperature() {
                let least = scored.log_loss(temperature);
                for other in [0.05, 0.9 * temperature, 1.0, 1.1 * temperature, 20.0] {
                    prop_assert!(scored.log_loss(other) >= least - 1e-9, "{} at {other}, {least} at {temperature}", scored.log_loss(other));
                }
            }
        }
    }
}
