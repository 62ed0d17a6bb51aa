//! Answering only when sure enough.

use crate::Answer;
use serde::Serialize;
use std::collections::BTreeMap;

/// The answers that are as sure as a threshold, or surer; the others are
/// “unknown”. R. El-Yaniv, Y. Wiener, "On the foundations of noise-free
/// selective classification", JMLR 11 (2010), 1605–1641; with the likeliest
/// class's probability as the measure, Y. Geifman, R. El-Yaniv, "Selective
/// classification for deep neural networks", NeurIPS 2017.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Selection {
    /// Answers below this confidence, 0–1, are not given.
    pub threshold: f64,
    /// Answers that are given.
    pub accepted: u64,
    /// Those of them that are right.
    pub correct: u64,
}

/// Thresholds have six decimals: what is printed is what is meant.
const UNITS: f64 = 1e6;

impl Selection {
    /// Of `answers`, those that `threshold` lets pass.
    pub fn at(threshold: f64, answers: &[Answer]) -> Self {
        let given = || answers.iter().filter(|answer| answer.confidence >= threshold);
        let correct = given().filter(|answer| answer.correct).count() as u64;
        Self { threshold, accepted: given().count() as u64, correct }
    }

    /// Every selection of `answers` that differs from the others, the surest
    /// first: each threshold is the confidence of an answer that is just given,
    /// rounded down.
    pub fn all(answers: &[Answer]) -> Vec<Self> {
        let mut by_confidence: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        for answer in answers {
            let place = by_confidence.entry(units_below(answer.confidence)).or_default();
            place.0 += 1;
            place.1 += u64::from(answer.correct);
        }
        let (mut accepted, mut correct) = (0, 0);
        let surest_first = by_confidence.into_iter().rev();
        surest_first
            .map(|(units, (count, right))| {
                accepted += count;
                correct += right;
                Self { threshold: units as f64 / UNITS, accepted, correct }
            })
            .collect()
    }

    /// The selection with the lowest threshold, so the most answers, of which
    /// the share `precision` is right. `None` where there is none of at least
    /// [`fewest_accepted`] answers: of fewer, that share says too little.
    pub fn choose(answers: &[Answer], precision: f64) -> Option<Self> {
        let fewest = fewest_accepted(precision);
        let is_good = |one: &Self| one.accepted >= fewest && one.precision() >= Some(precision);
        Self::all(answers).into_iter().rev().find(is_good)
    }

    /// Share of right answers among those given, 0–1; nothing where none is.
    pub fn precision(&self) -> Option<f64> {
        (self.accepted > 0).then(|| self.correct as f64 / self.accepted as f64)
    }
}

/// The largest threshold, in units, that lets `confidence` pass.
fn units_below(confidence: f64) -> u64 {
    let near = (confidence * UNITS) as u64;
    // The product may have been rounded past a whole number, either way.
    let passes = |units: &u64| *units as f64 / UNITS <= confidence;
    [near + 1, near].into_iter().find(passes).unwrap_or(near.saturating_sub(1))
}

/// How many answers it takes to speak of `precision`, 0–1 without its ends: as
/// many as leave room for one mistake, `1 / (1 − precision)`.
pub fn fewest_accepted(precision: f64) -> u64 {
    // Rounding must not ask for an eleventh answer where ten are meant.
    (1.0 / (1.0 - precision) - 1e-9).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Right ones and a wrong one, by their confidence.
    fn answers(right: &[f64], wrong: &[f64]) -> Vec<Answer> {
        let answer = |correct| move |&confidence: &f64| Answer { confidence, correct };
        right.iter().map(answer(true)).chain(wrong.iter().map(answer(false))).collect()
    }

    #[test]
    fn the_lowest_threshold_of_the_precision_is_chosen() {
        let answers = answers(&[0.99, 0.9, 0.85, 0.8, 0.6], &[0.7, 0.55]);
        // From the surest down 1 of 1, 2 of 2, 3 of 3, 4 of 4, 4 of 5, 5 of 6, 5 of 7.
        let chosen = Selection::choose(&answers, 0.8).unwrap();
        assert_eq!((chosen.threshold, chosen.accepted, chosen.correct), (0.6, 6, 5));
        assert_eq!(chosen, Selection::at(0.6, &answers));
        assert_eq!(Selection::choose(&answers, 0.75), Some(chosen), "5 of 7 are too few");
        assert_eq!(Selection::choose(&answers, 0.7).unwrap().accepted, 7);
    }

    #[test]
    fn too_few_answers_are_no_evidence() {
        assert_eq!([0.5, 0.9, 0.95, 0.99].map(fewest_accepted), [2, 10, 20, 100]);
        let nine = vec![Answer { confidence: 0.9, correct: true }; 9];
        let ten = vec![Answer { confidence: 0.9, correct: true }; 10];
        assert_eq!(Selection::choose(&nine, 0.9), None);
        assert_eq!(Selection::choose(&ten, 0.9).unwrap().accepted, 10);
        assert_eq!(Selection::choose(&[], 0.5), None);
    }

    #[test]
    fn a_threshold_lets_the_answer_pass_that_it_comes_from() {
        for units in 0..=1_000_000u64 {
            assert_eq!(units_below(units as f64 / UNITS), units);
        }
        assert_eq!(units_below(f64::from_bits(0.57f64.to_bits() - 1)), 569_999);
    }

    #[test]
    fn answers_of_one_confidence_are_given_together() {
        let all = Selection::all(&answers(&[0.9, 0.7], &[0.9, 0.9000001]));
        let counts: Vec<_> = all.iter().map(|one| (one.accepted, one.correct)).collect();
        assert_eq!(counts, [(3, 1), (4, 2)]);
    }

    proptest! {
        #[test]
        fn a_higher_threshold_gives_no_more_answers(
            list in prop::collection::vec((0.0..=1.0f64, any::<bool>()), 0..80), precision in 0.3..0.95f64
        ) {
            let answers: Vec<_> =
                list.iter().map(|&(confidence, correct)| Answer { confidence, correct }).collect();
            let all = Selection::all(&answers);
            for pair in all.windows(2) {
                prop_assert!(pair[0].threshold > pair[1].threshold);
                prop_assert!(pair[0].accepted < pair[1].accepted && pair[0].correct <= pair[1].correct);
            }
            for one in &all {
                prop_assert_eq!(*one, Selection::at(one.threshold, &answers));
            }
            let good = |one: &&Selection| {
                one.accepted >= fewest_accepted(precision) && one.correct as f64 >= precision * one.accepted as f64
            };
            let widest = all.iter().filter(good).map(|one| one.accepted).max();
            prop_assert_eq!(Selection::choose(&answers, precision).map(|one| one.accepted), widest);
        }
    }
}
