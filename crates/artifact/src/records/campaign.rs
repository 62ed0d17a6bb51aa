//! What several trainings that belong together write about themselves.

use super::{Evaluation, Interval, RunStatus};
use crate::ArtifactError;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `campaign.json`: which runs were made, and what they come to together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignRecord {
    /// Changes when an older reader would misread the campaign.
    pub format_version: u32,
    /// What sets its runs apart.
    pub kind: CampaignKind,
    /// The spec with every default resolved, as JSON; a run may have another seed.
    pub spec: serde_json::Value,
    /// The fingerprint of the cache that every run reads.
    pub cache_fingerprint: String,
    /// Sorted; a label is a position in this list.
    pub class_names: Vec<String>,
    /// UTC, RFC 3339.
    pub started: String,
    /// From the start of the program to its end, or to that of its latest run, in seconds.
    pub seconds: f64,
    /// How it stands: as its runs do.
    pub status: RunStatus,
    /// The runs that have ended, in their order.
    pub members: Vec<Member>,
    /// Mean and spread over the runs that went to their end.
    pub figures: Vec<Figure>,
    /// All folds together: each picture by the network that has not seen it.
    #[serde(default)]
    pub pooled: Vec<Pooled>,
}

/// What sets the runs of a campaign apart, and how many there are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignKind {
    /// The seed alone.
    Seeds(u32),
    /// Which part of the pictures is measured on.
    Folds(u32),
}

impl CampaignRecord {
    /// Whether a run keeps another epoch than its last, which was then chosen
    /// by the figures on what it is measured on.
    pub fn chose_epochs(&self) -> bool {
        self.members.iter().any(|one| one.best_epoch.is_some_and(|best| best != one.epochs))
    }
}

impl CampaignKind {
    /// How many runs there are to be.
    pub fn count(self) -> u32 {
        match self {
            Self::Seeds(count) | Self::Folds(count) => count,
        }
    }

    /// What tells one run from another: `seed` or `fold`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Seeds(_) => "seed",
            Self::Folds(_) => "fold",
        }
    }
}

/// One run of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The run's name: its folder's, below `runs`.
    pub run: String,
    /// Its seed.
    pub seed: u64,
    /// The part of the pictures that is measured on, from 1, where there are folds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fold: Option<u32>,
    /// How it ended.
    pub status: RunStatus,
    /// How many epochs it had.
    pub epochs: u32,
    /// The epoch of its `best.safetensors`, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub best_epoch: Option<u32>,
    /// From its start to its end.
    pub seconds: f64,
    /// The best weights on val and test.
    pub evaluations: Vec<Evaluation>,
    /// The last epoch's weights on val.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub last: Option<Evaluation>,
}

/// Which weights of a run are measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weights {
    /// Those of `best.safetensors`.
    Best,
    /// Those of the last epoch.
    Last,
}

/// Mean and spread of what the runs were measured to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// `val` or `test`.
    pub split: String,
    /// Which weights.
    pub weights: Weights,
    /// How many runs.
    pub runs: u32,
    /// Share of correct samples, 0–1.
    pub accuracy: Spread,
    /// Mean cross-entropy per sample, in nats.
    pub loss: Spread,
}

/// A mean, and how far single values are from it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The arithmetic mean.
    pub mean: f64,
    /// The sample standard deviation, with n − 1 in its denominator; nothing
    /// for a single value.
    pub sd: Option<f64>,
}

impl Spread {
    /// Mean and deviation of `values`; nothing where there are none.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = values.len() as f64;
        let mean = (!values.is_empty()).then(|| values.iter().sum::<f64>() / count)?;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let sd = (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt());
        Some(Self { mean, sd })
    }
}

/// The pictures of all folds, each measured once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pooled {
    /// Which weights of each fold's run.
    pub weights: Weights,
    /// Samples.
    pub count: u64,
    /// Samples whose largest logit is the true class's.
    pub correct: u64,
    /// The accuracy's Wilson 95 % interval.
    pub interval_95: Interval,
    /// Mean cross-entropy per sample, in nats.
    pub loss: f64,
}

impl Pooled {
    /// All of `evaluations` together; nothing where there are no samples.
    pub fn of(weights: Weights, evaluations: &[&Evaluation]) -> Option<Self> {
        let sum = |figure: fn(&Evaluation) -> u64| evaluations.iter().map(|one| figure(one)).sum();
        let (count, correct): (u64, u64) = (sum(|one| one.count), sum(|one| one.correct));
        let losses = evaluations.iter().map(|one| one.loss * one.count as f64).sum::<f64>();
        (count > 0).then(|| Self {
            weights,
            count,
            correct,
            interval_95: Interval::wilson_95(correct, count),
            loss: losses / count as f64,
        })
    }

    /// Share of correct samples, 0–1.
    pub fn accuracy(&self) -> f64 {
        self.correct as f64 / self.count as f64
    }
}

impl CampaignRecord {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 1;
    const REMEDY: &'static str = "use the Shoebox that wrote it, or train again";

    /// Reads the record at `path`, a campaign's `campaign.json`.
    ///
    /// # Errors
    /// As [`super::read_versioned`].
    pub fn read(path: &Path) -> Result<Self, ArtifactError> {
        super::read_versioned(path, Self::FORMAT_VERSION, Self::REMEDY)
    }

    /// Mean and spread of these weights on `split`, where any run was measured so.
    pub fn figure(&self, split: &str, weights: Weights) -> Option<&Figure> {
        self.figures.iter().find(|one| one.split == split && one.weights == weights)
    }

    /// Computes figures from the members as they are.
    pub fn summarise(&mut self) {
        let figures = [("val", Weights::Best), ("val", Weights::Last), ("test", Weights::Best)];
        let figures = figures.map(|(split, weights)| figure(&self.members, split, weights));
        self.figures = figures.into_iter().flatten().collect();
        if let CampaignKind::Folds(_) = self.kind {
            let pooled = [Weights::Best, Weights::Last].map(|weights| {
                let measured = measured(&self.members, "val", weights);
                Pooled::of(weights, &measured)
            });
            self.pooled = pooled.into_iter().flatten().collect();
        }
    }
}

/// What was measured of the runs that went to their end.
fn measured<'a>(members: &'a [Member], split: &str, weights: Weights) -> Vec<&'a Evaluation> {
    let ended = |one: &&Member| matches!(one.status, RunStatus::Finished | RunStatus::StoppedEarly);
    let of_member = |one: &'a Member| match weights {
        Weights::Best => one.evaluations.iter().find(|found| found.split == split),
        Weights::Last => one.last.as_ref().filter(|found| found.split == split),
    };
    members.iter().filter(ended).filter_map(of_member).collect()
}

fn figure(members: &[Member], split: &str, weights: Weights) -> Option<Figure> {
    let measured = measured(members, split, weights);
    let accuracies: Vec<f64> = measured.iter().map(|one| one.accuracy()).collect();
    let losses: Vec<f64> = measured.iter().map(|one| one.loss).collect();
    Some(Figure {
        split: split.to_owned(),
        weights,
        runs: measured.len() as u32,
        accuracy: Spread::of(&accuracies)?,
        loss: Spread::of(&losses)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(status: RunStatus, count: u64, correct: u64, loss: f64) -> Member {
        let evaluation =
            Evaluation { split: "val".to_owned(), count, correct, loss, ..Evaluation::default() };
        Member {
            run: "x".to_owned(),
            seed: 1,
            fold: Some(1),
            status,
            epochs: 3,
            best_epoch: Some(2),
            seconds: 1.0,
            evaluations: vec![evaluation],
            last: None,
        }
    }

    fn record(kind: CampaignKind, members: Vec<Member>) -> CampaignRecord {
        CampaignRecord {
            format_version: CampaignRecord::FORMAT_VERSION,
            kind,
            spec: serde_json::json!({}),
            cache_fingerprint: String::new(),
            class_names: Vec::new(),
            started: String::new(),
            seconds: 0.0,
            status: RunStatus::Finished,
            members,
            figures: Vec::new(),
            pooled: Vec::new(),
        }
    }

    #[test]
    fn mean_and_deviation_by_hand() {
        // Deviations −0.2, 0, 0.2: √(0.08 / 2).
        let spread = Spread::of(&[0.5, 0.7, 0.9]).unwrap();
        assert!((spread.mean - 0.7).abs() < 1e-12 && (spread.sd.unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(Spread::of(&[0.5]), Some(Spread { mean: 0.5, sd: None }));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn folds_are_pooled_by_pictures_and_averaged_by_runs() {
        let members = vec![
            member(RunStatus::Finished, 10, 9, 0.2),
            member(RunStatus::StoppedEarly, 30, 21, 0.6),
            member(RunStatus::Interrupted, 30, 0, 9.0),
        ];
        let mut record = record(CampaignKind::Folds(3), members);
        record.summarise();
        let pooled = record.pooled[0];
        assert_eq!((pooled.count, pooled.correct, pooled.accuracy()), (40, 30, 0.75));
        assert!((pooled.loss - 0.5).abs() < 1e-12);
        assert_eq!(pooled.interval_95, Interval::wilson_95(30, 40));
        let figure = record.figure("val", Weights::Best).unwrap();
        assert_eq!(figure.runs, 2);
        assert!((figure.accuracy.mean - 0.8).abs() < 1e-12);
        // Both 0.1 from their mean: √(0.02 / 1).
        assert!((figure.accuracy.sd.unwrap() - 0.02f64.sqrt()).abs() < 1e-12);
        assert_eq!((record.pooled.len(), record.figures.len()), (1, 1));
    }

    #[test]
    fn seeds_are_not_pooled() {
        let members = vec![member(RunStatus::Finished, 10, 9, 0.2)];
        let mut record = record(CampaignKind::Seeds(2), members);
        record.summarise();
        assert_eq!((record.pooled.len(), record.figures.len()), (0, 1));
    }
}
