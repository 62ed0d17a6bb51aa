//! What a paired test says, and what it does not.

use super::{Comparison, PairTest, SplitTest, letter};
use crate::format::{compact, counted};

/// Below this a difference is called one.
const SIGNIFICANT: f64 = 0.05;

/// `7 images only A got right, 3 only B: p = 0.344: no evidence of a difference.`
pub fn verdict(pair: &PairTest, of_many: bool) -> String {
    let [a, b] = pair.runs.map(letter);
    let counts = pair.counts;
    let (only_a, only_b) = (counts.only_a, counts.only_b);
    if only_a + only_b == 0 {
        return format!("{a} and {b} are right for the same images: nothing tells them apart.");
    }
    let p = if of_many { pair.p_holm } else { pair.p };
    let corrected = if of_many { " after Holm’s correction" } else { "" };
    let evidence = match p < SIGNIFICANT {
        true if only_a > only_b => format!("evidence that {a} is better than {b} on such images"),
        true => format!("evidence that {b} is better than {a} on such images"),
        false => "no evidence of a difference".to_owned(),
    };
    let (images, p) = (counted(only_a, "image"), compact(p));
    format!("{images} only {a} got right, {only_b} only {b}: p = {p}{corrected}: {evidence}.")
}

/// `A − B: −2.6 points, 95 % interval −9.0 to 3.5`.
pub fn difference(pair: &PairTest) -> String {
    let [a, b] = pair.runs.map(letter);
    let points = |share: f64| signed(100.0 * share);
    let interval = pair.difference_interval_95;
    format!(
        "{a} − {b}: {} points of accuracy, 95\u{202f}% interval {} to {}",
        points(pair.difference),
        points(interval.low),
        points(interval.high)
    )
}

/// With one decimal and a true minus.
fn signed(number: f64) -> String {
    let text = format!("{:.1}", number.abs());
    let sign = if number < 0.0 && text != "0.0" { "−" } else { "" };
    format!("{sign}{text}")
}

/// What to keep in mind when reading the tests of a split.
pub fn limits(test: &SplitTest, comparison: &Comparison) -> Vec<String> {
    let mut limits = Vec::new();
    if test.pairs.is_empty() {
        return limits;
    }
    if test.pairs.iter().any(|pair| pair.p_holm >= SIGNIFICANT) {
        limits.push("No evidence of a difference is no evidence that there is none: the interval says how large it may still be.".to_owned());
    }
    limits.push("The test is about these weights on such images. Whether one recipe is better than another, other seeds have to tell: each gives other weights.".to_owned());
    let chosen = comparison.runs.iter().any(|run| {
        let monitor = run.report.run.spec.pointer("/train/checkpoint/monitor");
        monitor.and_then(|monitor| monitor.as_str()).is_some_and(|m| m.starts_with("val_"))
    });
    if test.split == "val" && chosen {
        limits.push("Each run’s best epoch was chosen on val, which flatters all of them; a run with more epochs had more to choose from. Test is the fair split.".to_owned());
    }
    limits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::PairedCounts;

    fn pair(only_a: u64, only_b: u64) -> PairTest {
        let counts = PairedCounts { both: 60, only_a, only_b, neither: 6 };
        let p = counts.exact_p();
        PairTest {
            runs: [0, 1],
            counts,
            difference: counts.difference(),
            difference_interval_95: counts.interval_95(),
            p,
            p_holm: p,
        }
    }

    #[test]
    fn a_verdict_says_the_counts_and_what_follows() {
        assert_eq!(
            verdict(&pair(7, 3), false),
            "7 images only A got right, 3 only B: p = 0.344: no evidence of a difference."
        );
        assert_eq!(
            verdict(&pair(1, 12), true),
            "1 image only A got right, 12 only B: p = 0.00342 after Holm’s correction: evidence that B is better than A on such images."
        );
        assert!(verdict(&pair(0, 0), false).contains("nothing tells them apart"));
    }

    #[test]
    fn a_difference_is_in_points_with_its_sign() {
        assert_eq!(
            difference(&pair(3, 7)),
            "A − B: −5.3 points of accuracy, 95\u{202f}% interval −14.4 to 3.5"
        );
        assert_eq!(signed(-0.04), "0.0");
    }
}
