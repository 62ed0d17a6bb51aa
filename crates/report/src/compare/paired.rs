//! The paired test: of the images of a split, which run is right for which.

use crate::{
    inputs::Inputs,
    stats::{Interval, PairedCounts, holm},
    verdicts::{SplitPredictions, Verdict},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// The tests on one split.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SplitTest {
    /// `val`, `test` or `train`.
    pub split: String,
    /// Every pair of runs that were measured on the same images.
    pub pairs: Vec<PairTest>,
    /// Why others were not tested, in plain words.
    pub untested: Vec<String>,
}

/// Two runs on the same images.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairTest {
    /// The places of A and B among the runs.
    pub runs: [usize; 2],
    /// Images by who is right.
    pub counts: PairedCounts,
    /// The accuracy of A less that of B, −1 to 1.
    pub difference: f64,
    /// Its 95 % interval, by Newcombe's method 10.
    pub difference_interval_95: Interval,
    /// The exact two-sided p of McNemar's test.
    pub p: f64,
    /// The same after Holm's correction for all pairs of the split.
    pub p_holm: f64,
}

/// The tests on each split that at least two runs were measured on.
pub fn all(inputs: &[Inputs]) -> Vec<SplitTest> {
    ["val", "test", "train"].into_iter().filter_map(|split| on_split(split, inputs)).collect()
}

fn on_split(split: &str, inputs: &[Inputs]) -> Option<SplitTest> {
    let measured: Vec<_> = inputs.iter().map(|inputs| predictions(inputs, split)).collect();
    let (mut pairs, mut untested) = (Vec::new(), Vec::new());
    for a in 0..inputs.len() {
        for b in a + 1..inputs.len() {
            let (Some(of_a), Some(of_b)) = (measured[a], measured[b]) else { continue };
            match matched([&inputs[a], &inputs[b]], [of_a, of_b]) {
                Ok(counts) => pairs.push(test([a, b], counts)),
                Err(fact) => {
                    let [a, b] = [a, b].map(super::letter);
                    untested.push(format!("{a} and {b}: {fact}"));
                }
            }
        }
    }
    let p_values: Vec<_> = pairs.iter().map(|pair| pair.p).collect();
    for (pair, corrected) in pairs.iter_mut().zip(holm(&p_values)) {
        pair.p_holm = corrected;
    }
    let any = !pairs.is_empty() || !untested.is_empty();
    any.then(|| SplitTest { split: split.to_owned(), pairs, untested })
}

/// What the best weights of a run said of `split`, where they were asked.
pub fn predictions<'a>(inputs: &'a Inputs, split: &str) -> Option<&'a SplitPredictions> {
    inputs.predictions.iter().find(|predictions| predictions.split == split)
}

fn test(runs: [usize; 2], counts: PairedCounts) -> PairTest {
    let (difference, p) = (counts.difference(), counts.exact_p());
    let difference_interval_95 = counts.interval_95();
    PairTest { runs, counts, difference, difference_interval_95, p, p_holm: p }
}

/// Counts over the images of a split, which must be the same for both runs:
/// the same paths, and the same contents, and the same classes. The error says
/// what is not.
fn matched(
    inputs: [&Inputs; 2],
    predictions: [&SplitPredictions; 2],
) -> Result<PairedCounts, String> {
    let split = &predictions[0].split;
    let [of_a, of_b] = predictions.map(by_path);
    let common = of_a.keys().filter(|path| of_b.contains_key(*path)).count();
    if common < of_a.len() || common < of_b.len() {
        return Err(format!(
            "their {split} splits are not the same images ({} and {}, {common} of them in both)",
            of_a.len(),
            of_b.len()
        ));
    }
    same_contents(inputs, of_a.keys().copied())?;
    let right = |verdict: &Verdict| verdict.truth == verdict.predicted;
    let mut pairs = Vec::with_capacity(common);
    for (path, a) in &of_a {
        let b = of_b[path];
        let names = [a.truth, b.truth].into_iter().zip(inputs);
        let names: Vec<_> =
            names.map(|(class, inputs)| &inputs.record.class_names[class]).collect();
        if names[0] != names[1] {
            return Err(format!(
                "{path} is of {} for one and of {} for the other",
                names[0], names[1]
            ));
        }
        pairs.push((right(a), right(b)));
    }
    Ok(PairedCounts::count(pairs))
}

fn by_path(predictions: &SplitPredictions) -> BTreeMap<&str, &Verdict> {
    predictions.verdicts.iter().map(|verdict| (verdict.path.as_str(), verdict)).collect()
}

/// Whether the images behind `paths` are equal: those of one cache are; those
/// of two have the same digest.
fn same_contents<'a>(
    inputs: [&Inputs; 2],
    mut paths: impl Iterator<Item = &'a str>,
) -> Result<(), String> {
    if inputs[0].record.cache_fingerprint == inputs[1].record.cache_fingerprint {
        return Ok(());
    }
    if let Some(absence) = inputs.iter().find_map(|inputs| inputs.pictures.absence()) {
        return Err(format!(
            "they read different caches, and whether the images are the same cannot be told: {absence}"
        ));
    }
    let differs = |path: &&str| {
        let [one, other] = inputs.map(|inputs| inputs.pictures.digest(path));
        one.is_none() || one != other
    };
    match paths.find(differs) {
        Some(path) => Err(format!("{path} is another image in the cache of one than of the other")),
        None => Ok(()),
    }
}
