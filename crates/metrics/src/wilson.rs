//! How far a share measured on a few images can be trusted.

use serde::{Deserialize, Serialize};

/// The 0.975 quantile of the standard normal distribution: 95 % lie within ± this.
const Z: f64 = 1.959_963_984_540_054;

/// A 95 % confidence interval of a share, both ends 0–1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// The score interval of `correct` out of `count`, without continuity
    /// correction: E. B. Wilson, "Probable inference, the law of succession,
    /// and statistical inference", J. Am. Stat. Assoc. 22 (1927), 209–212.
    ///
    /// With `p = correct / count` and `z` = 1.96 its ends are
    /// `(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)`. Unlike the textbook
    /// `p ± z √(p(1−p)/n)` it stays within 0–1 and holds for few images and
    /// for shares near 0 and 1. Nothing measured (`count` 0) is anywhere in 0–1.
    pub fn wilson_95(correct: u64, count: u64) -> Self {
        if count == 0 {
            return Self { low: 0.0, high: 1.0 };
        }
        let n = count as f64;
        let p = correct as f64 / n;
        let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let centre = p + Z * Z / (2.0 * n);
        let end = |end: f64| (end / (1.0 + Z * Z / n)).clamp(0.0, 1.0);
        // Rounding must not exclude a share of exactly 0 or 1 from its own interval.
        Self { low: end(centre - spread).min(p), high: end(centre + spread).max(p) }
    }

    /// The distance between the ends.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

#[cfg(test)]
mod tests {
    use super::Interval;
    use proptest::prelude::*;

    /// R. G. Newcombe, Statistics in Medicine 17 (1998), 857–872, table I,
    /// method 3 (the score method without continuity correction).
    #[test]
    fn equals_newcombes_published_intervals() {
        let published = [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0000, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ];
        for (correct, count, low, high) in published {
            let interval = Interval::wilson_95(correct, count);
            assert!((interval.low - low).abs() < 5e-5, "{correct}/{count}: {interval:?}");
            assert!((interval.high - high).abs() < 5e-5, "{correct}/{count}: {interval:?}");
        }
    }

    #[test]
    fn nothing_measured_says_nothing() {
        assert_eq!(Interval::wilson_95(0, 0), Interval { low: 0.0, high: 1.0 });
    }

    proptest! {
        #[test]
        fn holds_the_share_and_stays_within_0_and_1(count in 1u64..100_000, share in 0.0..=1.0f64) {
            let correct = (count as f64 * share) as u64;
            let Interval { low, high } = Interval::wilson_95(correct, count);
            let p = correct as f64 / count as f64;
            prop_assert!(0.0 <= low && low <= p && p <= high && high <= 1.0);
        }

        #[test]
        fn mirrors_when_correct_and_wrong_change_places(count in 1u64..10_000, share in 0.0..=1.0f64) {
            let correct = (count as f64 * share) as u64;
            let (one, other) = (Interval::wilson_95(correct, count), Interval::wilson_95(count - correct, count));
            prop_assert!((one.low - (1.0 - other.high)).abs() < 1e-9);
        }
    }
}
