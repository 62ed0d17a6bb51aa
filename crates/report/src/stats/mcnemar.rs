//! Whether two networks that looked at the same images differ.

use super::Interval;
use serde::Serialize;

/// Images by which of two networks, A and B, is right for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PairedCounts {
    /// Both are right.
    pub both: u64,
    /// A alone is right.
    pub only_a: u64,
    /// B alone is right.
    pub only_b: u64,
    /// Neither is right.
    pub neither: u64,
}

impl PairedCounts {
    /// Counts pairs of "A is right" and "B is right".
    pub fn count(pairs: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut counts = Self::default();
        for pair in pairs {
            *match pair {
                (true, true) => &mut counts.both,
                (true, false) => &mut counts.only_a,
                (false, true) => &mut counts.only_b,
                (false, false) => &mut counts.neither,
            } += 1;
        }
        counts
    }

    /// All images.
    pub fn total(&self) -> u64 {
        self.both + self.only_a + self.only_b + self.neither
    }

    /// The accuracy of A less that of B, −1 to 1.
    pub fn difference(&self) -> f64 {
        (self.only_a as f64 - self.only_b as f64) / self.total().max(1) as f64
    }

    /// The exact two-sided p of McNemar's test: Q. McNemar, "Note on the
    /// sampling error of the difference between correlated proportions or
    /// percentages", Psychometrika 12 (1947), 153–157, with the binomial
    /// distribution in place of its normal approximation.
    ///
    /// Were the two equally good, an image that one of them alone gets right
    /// would fall to either with probability ½. With `n` such images, of which
    /// the luckier network has `n − m`, p is twice `P(X ≤ m)`, `X` ~ Binomial(n, ½),
    /// and 1 at most.
    pub fn exact_p(&self) -> f64 {
        let (n, m) = (self.only_a + self.only_b, self.only_a.min(self.only_b));
        // ln of C(n, m) / 2ⁿ: the largest term, which every other is a share of.
        let ln_largest = (1..=m).map(|i| ((n - m + i) as f64 / i as f64).ln()).sum::<f64>()
            - n as f64 * std::f64::consts::LN_2;
        let (mut term, mut sum) = (1.0, 1.0);
        for k in (1..=m).rev() {
            term *= k as f64 / (n - k + 1) as f64;
            sum += term;
        }
        (2.0 * sum * ln_largest.exp()).min(1.0)
    }

    /// The 95 % interval of [`PairedCounts::difference`], −1 to 1: method 10 of
    /// R. G. Newcombe, "Improved confidence intervals for the difference
    /// between binomial proportions based on paired data", Statistics in
    /// Medicine 17 (1998), 2635–2650. It joins the two Wilson intervals with
    /// the correlation of being right. Nothing measured is anywhere.
    pub fn interval_95(&self) -> Interval {
        let n = self.total();
        if n == 0 {
            return Interval { low: -1.0, high: 1.0 };
        }
        let ends = |correct: u64| {
            let (share, wilson) = (correct as f64 / n as f64, Interval::wilson_95(correct, n));
            (share - wilson.low, wilson.high - share)
        };
        let (below_a, above_a) = ends(self.both + self.only_a);
        let (below_b, above_b) = ends(self.both + self.only_b);
        let phi = self.correlation();
        let joined = |one: f64, other: f64| {
            (one * one - 2.0 * phi * one * other + other * other).max(0.0).sqrt()
        };
        let difference = self.difference();
        Interval {
            low: difference - joined(below_a, above_b),
            high: difference + joined(above_a, below_b),
        }
    }

    /// Of being right, with Newcombe's correction; 0 where one of the two is
    /// always right, or always wrong.
    fn correlation(&self) -> f64 {
        let [both, a, b, neither] =
            [self.both, self.only_a, self.only_b, self.neither].map(|count| count as f64);
        let spread = ((both + a) * (neither + b) * (both + b) * (neither + a)).sqrt();
        let product = both * neither - a * b;
        let half = (both + a + b + neither) / 2.0;
        let corrected = if product > 0.0 { (product - half).max(0.0) } else { product };
        if spread > 0.0 { corrected / spread } else { 0.0 }
    }
}

/// S. Holm's correction of several p-values ("A simple sequentially rejective
/// multiple test procedure", Scand. J. Statist. 6 (1979), 65–70), in their
/// order: the smallest of m times m, the next times m − 1, and so on, none
/// smaller than one before it, and none above 1.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&one, &other| p_values[one].total_cmp(&p_values[other]));
    let (mut corrected, mut largest) = (vec![0.0; p_values.len()], 0.0f64);
    for (rank, place) in order.into_iter().enumerate() {
        largest = largest.max(p_values[place] * (p_values.len() - rank) as f64).min(1.0);
        corrected[place] = largest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn discordant(only_a: u64, only_b: u64) -> PairedCounts {
        PairedCounts { both: 10, only_a, only_b, neither: 5 }
    }

    /// `mcnemar(table, exact=True)` of statsmodels 0.15.0: `benches/paired_reference.py`.
    #[test]
    fn p_is_that_of_statsmodels() {
        let expected = [
            (7, 3, 0.34375),
            (3, 7, 0.34375),
            (0, 0, 1.0),
            (5, 5, 1.0),
            (1, 0, 1.0),
            (6, 0, 0.03125),
            (12, 2, 0.012939453125),
            (30, 50, 0.03299261842647619),
            (400, 350, 0.07350777405843484),
            (10, 100, 8.009521189255448e-20),
        ];
        for (only_a, only_b, p) in expected {
            let found = discordant(only_a, only_b).exact_p();
            assert!((found / p - 1.0).abs() < 1e-9, "{only_a}, {only_b}: {found}, not {p}");
        }
    }

    /// The first as printed by Newcombe (table II, 36 12 2 0), the second by
    /// M. W. Fagerland, S. Lydersen, P. Laake, "Statistical Analysis of
    /// Contingency Tables" (2017), ch. 8 (1 1 7 12); all by
    /// `benches/paired_reference.py`, with the Wilson intervals of statsmodels.
    #[test]
    fn interval_is_newcombes() {
        let expected = [
            ([36, 12, 2, 0], 0.0569296, 0.3404276),
            ([1, 1, 7, 12], -0.5069202, -0.0255591),
            ([14, 5, 0, 22], 0.0114832, 0.2264927),
            ([65, 7, 3, 1], -0.0374183, 0.1466844),
            ([70, 0, 0, 6], -0.0476936, 0.0476936),
            ([50, 0, 0, 0], -0.0713476, 0.0713476),
        ];
        for ([both, only_a, only_b, neither], low, high) in expected {
            let found = PairedCounts { both, only_a, only_b, neither }.interval_95();
            assert!((found.low - low).abs() < 1e-6, "{found:?}, not {low}");
            assert!((found.high - high).abs() < 1e-6, "{found:?}, not {high}");
        }
    }

    /// `multipletests(…, method="holm")` of statsmodels 0.15.0.
    #[test]
    fn holms_correction_is_that_of_statsmodels() {
        let found = holm(&[0.01, 0.04, 0.03, 0.5]);
        for (found, expected) in found.iter().zip([0.04, 0.09, 0.09, 0.5]) {
            assert!((found - expected).abs() < 1e-12, "{found}, not {expected}");
        }
        assert_eq!(holm(&[0.9, 0.8]), [1.0, 1.0]);
        assert!(holm(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn changing_sides_changes_the_sign_and_nothing_else(
            both in 0u64..200, only_a in 0u64..200, only_b in 0u64..200, neither in 0u64..200,
        ) {
            let one = PairedCounts { both, only_a, only_b, neither };
            let other = PairedCounts { only_a: only_b, only_b: only_a, ..one };
            prop_assert_eq!(one.exact_p(), other.exact_p());
            let (here, there) = (one.interval_95(), other.interval_95());
            prop_assert!((here.low + there.high).abs() < 1e-12);
            prop_assert!(here.low - 1e-12 <= one.difference() && one.difference() <= here.high + 1e-12);
            prop_assert!((0.0..=1.0).contains(&one.exact_p()));
        }
    }
}
