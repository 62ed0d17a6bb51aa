//! The images that some of the runs get right and others do not.

use super::{Comparison, paired::predictions};
use crate::{ReportError, inputs::Inputs, pictures::Inline, verdicts::Verdict};
use std::collections::BTreeMap;

/// How many images the page shows.
pub const MAX_SHOWN: usize = 60;

/// The images of one split on which tested runs differ.
#[derive(Debug)]
pub struct Gallery {
    /// The split, test if there is one, else val.
    pub split: String,
    /// Those first on which the runs are furthest apart.
    pub shown: Vec<Exhibit>,
    /// How many more there are.
    pub more: usize,
}

/// One image.
#[derive(Debug)]
pub struct Exhibit {
    /// The image's file.
    pub path: String,
    /// Its class.
    pub truth: String,
    /// Where a cache has it.
    pub picture: Option<Inline>,
    /// What each tested run said, in their order.
    pub opinions: Vec<Opinion>,
}

/// What a run said of an image.
#[derive(Debug)]
pub struct Opinion {
    /// The run's place.
    pub run: usize,
    /// The class that it took the image for.
    pub predicted: String,
    /// Its probability, 0–1.
    pub confidence: f64,
    /// Whether that is the image's class.
    pub right: bool,
}

impl Gallery {
    /// Finds the images, and fetches the pictures of those that are shown.
    ///
    /// # Errors
    /// [`ReportError::Encode`].
    pub fn new(comparison: &Comparison, inputs: &[Inputs]) -> Result<Option<Self>, ReportError> {
        let tested = |split: &&str| {
            comparison.tests.iter().any(|test| test.split == **split && !test.pairs.is_empty())
        };
        let Some(split) = ["test", "val", "train"].into_iter().find(tested) else {
            return Ok(None);
        };
        let pairs = comparison.tests.iter().filter(|test| test.split == split);
        let mut runs: Vec<_> =
            pairs.flat_map(|test| &test.pairs).flat_map(|pair| pair.runs).collect();
        runs.sort_unstable();
        runs.dedup();
        let mut disputed = disputed(split, &runs, inputs);
        disputed.sort_by(|one, other| spread(other).total_cmp(&spread(one)));
        let more = disputed.len().saturating_sub(MAX_SHOWN);
        let shown = disputed.into_iter().take(MAX_SHOWN);
        let shown = shown.map(|verdicts| exhibit(verdicts, inputs)).collect::<Result<_, _>>()?;
        Ok(Some(Self { split: split.to_owned(), shown, more }))
    }
}

type Verdicts<'a> = Vec<(usize, &'a Verdict)>;

fn disputed<'a>(split: &str, runs: &[usize], inputs: &'a [Inputs]) -> Vec<Verdicts<'a>> {
    let mut by_path: BTreeMap<&str, Verdicts<'a>> = BTreeMap::new();
    for &run in runs {
        let found = predictions(&inputs[run], split).into_iter();
        for verdict in found.flat_map(|predictions| &predictions.verdicts) {
            by_path.entry(&verdict.path).or_default().push((run, verdict));
        }
    }
    let right = |(_, verdict): &(usize, &Verdict)| verdict.truth == verdict.predicted;
    let differ =
        |verdicts: &Verdicts<'_>| verdicts.iter().any(right) && !verdicts.iter().all(right);
    by_path.into_values().filter(differ).collect()
}

/// How far apart the probabilities of the true class are.
fn spread(verdicts: &Verdicts<'_>) -> f32 {
    let shares = verdicts.iter().map(|(_, verdict)| verdict.truth_probability);
    shares.clone().fold(0.0, f32::max) - shares.fold(1.0, f32::min)
}

fn exhibit(verdicts: Verdicts<'_>, inputs: &[Inputs]) -> Result<Exhibit, ReportError> {
    let name = |run: usize, class: usize| inputs[run].record.class_names[class].clone();
    let (first, verdict) = verdicts[0];
    let mut picture = None;
    for (run, _) in &verdicts {
        if picture.is_none() {
            picture = inputs[*run].pictures.find_thumbnail(&verdict.path)?;
        }
    }
    let opinion = |&(run, verdict): &(usize, &Verdict)| Opinion {
        run,
        predicted: name(run, verdict.predicted),
        confidence: verdict.confidence.into(),
        right: verdict.truth == verdict.predicted,
    };
    Ok(Exhibit {
        path: verdict.path.clone(),
        truth: name(first, verdict.truth),
        picture,
        opinions: verdicts.iter().map(opinion).collect(),
    })
}
