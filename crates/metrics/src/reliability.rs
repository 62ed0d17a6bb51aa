//! Whether a probability of 0.9 is right nine times in ten.

use crate::Answer;
use serde::Serialize;

/// Bins of equal width, as in Guo et al.
pub const BINS: usize = 15;

/// Answers by how sure they were: the reliability diagram. C. Guo et al., "On
/// calibration of modern neural networks", ICML 2017, section 2.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reliability {
    /// [`BINS`] of them, from 0 to 1; those without an answer too.
    pub bins: Vec<Bin>,
}

/// Answers whose confidence is above `low` and at most `high`; 0 belongs to the first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bin {
    /// The lower end, 0–1, which belongs to the bin below.
    pub low: f64,
    /// The upper end, 0–1.
    pub high: f64,
    /// Answers.
    pub count: u64,
    /// Right answers.
    pub correct: u64,
    /// The mean confidence of the answers, 0–1; 0 where there is none.
    pub confidence: f64,
}

impl Bin {
    /// Share of right answers, 0–1; nothing where there is no answer.
    pub fn accuracy(&self) -> Option<f64> {
        (self.count > 0).then(|| self.correct as f64 / self.count as f64)
    }
}

impl Reliability {
    /// Sorts `answers` into bins.
    pub fn new(answers: &[Answer]) -> Self {
        let side = |bin: usize| bin as f64 / BINS as f64;
        let empty = |bin| Bin {
            low: side(bin),
            high: side(bin + 1),
            count: 0,
            correct: 0,
            confidence: 0.0,
        };
        let mut bins: Vec<Bin> = (0..BINS).map(empty).collect();
        for answer in answers {
            let place = (answer.confidence * BINS as f64).ceil() as usize;
            let bin = &mut bins[place.clamp(1, BINS) - 1];
            bin.count += 1;
            bin.correct += u64::from(answer.correct);
            bin.confidence += answer.confidence;
        }
        bins.iter_mut().for_each(|bin| bin.confidence /= bin.count.max(1) as f64);
        Self { bins }
    }

    /// The expected calibration error, 0–1: the mean over answers of how far
    /// their bin's accuracy is from its confidence (M. P. Naeini, G. F. Cooper,
    /// M. Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
    /// binning", AAAI 2015). 0 where there is no answer.
    pub fn ece(&self) -> f64 {
        self.mean(|bin| (bin.accuracy().unwrap_or(0.0) - bin.confidence).abs())
    }

    /// About what [`Reliability::ece`] would be by chance alone if every
    /// confidence were true: with few pictures it is far from 0. In each bin the
    /// right answers are then binomial, with the mean absolute deviation that
    /// de Moivre found (P. Diaconis, S. Zabell, "Closed form summation for
    /// classical distributions", Statistical Science 6 (1991), 284–302).
    pub fn ece_by_chance(&self) -> f64 {
        self.mean(|bin| binomial_deviation(bin.count, bin.confidence) / bin.count as f64)
    }

    /// The mean of a bin's `figure` over the answers.
    fn mean(&self, figure: impl Fn(&Bin) -> f64) -> f64 {
        let filled = || self.bins.iter().filter(|bin| bin.count > 0);
        let count: u64 = filled().map(|bin| bin.count).sum();
        filled().map(|bin| bin.count as f64 * figure(bin)).sum::<f64>() / count.max(1) as f64
    }
}

/// E|X − np| of X, binomial with `n` draws of probability `p`: with m = ⌊np⌋,
/// `2 (m + 1) C(n, m + 1) p^(m + 1) (1 − p)^(n − m)`.
fn binomial_deviation(n: u64, p: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return 0.0;
    }
    let m = (n as f64 * p) as u64;
    // (m + 1) C(n, m + 1) = n C(n − 1, m)
    let choose: f64 = (1..=m).map(|i| ((n - i) as f64 / i as f64).ln()).sum();
    let (draws, rest) = (m as f64 + 1.0, (n - m) as f64);
    2.0 * ((n as f64).ln() + choose + draws * p.ln() + rest * (1.0 - p).ln()).exp()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answers(list: &[(f64, bool)]) -> Vec<Answer> {
        list.iter().map(|&(confidence, correct)| Answer { confidence, correct }).collect()
    }

    #[test]
    fn equals_a_table_by_hand() {
        let reliability = Reliability::new(&answers(&[
            (0.95, true), // the last of fifteen bins: above 14/15
            (0.97, true),
            (0.99, false),
            (0.61, true), // above 9/15, at most 10/15
            (0.65, false),
        ]));
        let counts: Vec<_> = reliability.bins.iter().map(|bin| (bin.count, bin.correct)).collect();
        assert_eq!((counts[14], counts[9], counts.len()), ((3, 2), (2, 1), 15));
        // 3/5 · |2/3 − 0.97| + 2/5 · |1/2 − 0.63|
        assert!((reliability.ece() - (0.6 * (0.97 - 2.0 / 3.0) + 0.4 * 0.13)).abs() < 1e-12);
    }

    #[test]
    fn a_bin_has_its_upper_end_and_not_its_lower_one() {
        let reliability = Reliability::new(&answers(&[(0.2, true), (0.0, false), (1.0, true)]));
        let filled: Vec<usize> = (0..BINS).filter(|&bin| reliability.bins[bin].count > 0).collect();
        assert_eq!(filled, [0, 2, 14]);
    }

    #[test]
    fn nothing_measured_has_no_error() {
        let reliability = Reliability::new(&[]);
        assert_eq!((reliability.ece(), reliability.ece_by_chance()), (0.0, 0.0));
    }

    /// E|X − np| summed over all outcomes.
    fn deviation_by_definition(n: u64, p: f64) -> f64 {
        let mut chance = (1.0 - p).powi(n as i32);
        let mut sum = 0.0;
        for right in 0..=n {
            sum += chance * (right as f64 - n as f64 * p).abs();
            chance *= (n - right) as f64 / (right + 1) as f64 * p / (1.0 - p);
        }
        sum
    }

    #[test]
    fn ten_true_confidences_of_a_half_are_off_by_an_eighth() {
        let half: Vec<_> = (0..10).map(|number| (0.5, number % 2 == 0)).collect();
        let reliability = Reliability::new(&answers(&half));
        assert_eq!(reliability.ece(), 0.0);
        // C(10, 5) · 10 / 2^11 / 10 = 252 / 2048
        assert!((reliability.ece_by_chance() - 252.0 / 2048.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn chance_is_what_its_definition_says(n in 1u64..60, p in 0.01..0.99f64) {
            let (found, wanted) = (binomial_deviation(n, p), deviation_by_definition(n, p));
            prop_assert!((found - wanted).abs() < 1e-9 * wanted.max(1.0), "{found} {wanted}");
        }
    }
}
