//! How many pictures of a class each part should have.

use shoebox_spec::SplitSpec;

/// Pictures of one class in train, val and test, in the order of `Part`.
pub(super) type Quota = [u64; 3];

/// The whole numbers nearest to the shares of `count` pictures: of those that
/// are rounded up or down, the ones with the least sum of squared differences,
/// which is what the largest remainders get; of equals, the most for train. No part with a share is left
/// empty while there are pictures for it: val comes before test, and train
/// before both.
pub(super) fn quota(count: u64, split: SplitSpec) -> Quota {
    let least_test = u64::from(split.test > 0.0 && count >= 3);
    let least_val = u64::from(count >= 2);
    let most_val = count.saturating_sub(1 + least_test);
    let mut best = [count, 0, 0];
    let mut least = f64::INFINITY;
    for val in around(split.val * count as f64, least_val, most_val) {
        let most_test = if least_test == 0 { 0 } else { count - 1 - val };
        for test in around(split.test * count as f64, least_test, most_test) {
            let candidate = [count - val - test, val, test];
            let distance = distance(candidate, exact(count, split));
            // A hair's difference is the noise of floating point, not a reason.
            if distance < least - 1e-9 {
                (best, least) = (candidate, distance);
            }
        }
    }
    best
}

/// The shares of `count` pictures, in the order of `Part`.
pub(super) fn exact(count: u64, split: SplitSpec) -> [f64; 3] {
    let [val, test] = [split.val, split.test].map(|share| share * count as f64);
    [count as f64 - val - test, val, test]
}

/// Both whole numbers around `exact`, moved into the bounds.
fn around(exact: f64, least: u64, most: u64) -> [u64; 2] {
    [exact.floor(), exact.ceil()].map(|whole| (whole as u64).clamp(least, most.max(least)))
}

fn distance(candidate: Quota, exact: [f64; 3]) -> f64 {
    candidate.iter().zip(exact).map(|(whole, exact)| (*whole as f64 - exact).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPLIT: SplitSpec = SplitSpec { val: 0.2, test: 0.1, seed: 0 };

    #[test]
    fn the_largest_remainders_are_rounded_up() {
        assert_eq!(quota(100, SPLIT), [70, 20, 10]);
        // 5.6, 1.6, 0.8: of equal remainders, train's counts.
        assert_eq!(quota(8, SPLIT), [6, 1, 1]);
        // 9.1, 2.6, 1.3
        assert_eq!(quota(13, SPLIT), [9, 3, 1]);
        assert_eq!(quota(50, SplitSpec { test: 0.0, ..SPLIT }), [40, 10, 0]);
    }

    #[test]
    fn no_part_is_empty_while_there_are_pictures_for_it() {
        let counts = (0..5).map(|count| quota(count, SPLIT));
        assert_eq!(
            counts.collect::<Vec<_>>(),
            [[0, 0, 0], [1, 0, 0], [1, 1, 0], [1, 1, 1], [2, 1, 1]]
        );
        let greedy = SplitSpec { val: 0.9, test: 0.0, seed: 0 };
        assert_eq!(quota(3, greedy), [1, 2, 0]);
    }
}
