//! What a range test of learning rates leaves.

use super::{RunStatus, prediction::open_csv};
use crate::{ArtifactError, atomic};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// `find_lr.json`: what was tried, and what follows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RangeTestRecord {
    /// Changes when an older reader would misread the test.
    pub format_version: u32,
    /// The spec with every default resolved, as JSON; its schedule was not used.
    pub spec: serde_json::Value,
    /// The fingerprint of the cache.
    pub cache_fingerprint: String,
    /// UTC, RFC 3339.
    pub started: String,
    /// All of it took this long.
    pub seconds: f64,
    /// `finished`, or `interrupted` by Ctrl-C.
    pub status: RunStatus,
    /// Whether the loss grew beyond bounds, which ended the test.
    pub diverged: bool,
    /// What follows, where anything does.
    pub suggestion: Option<RateSuggestion>,
}

/// Two rates that a range test suggests.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSuggestion {
    /// Where the smoothed loss falls the fastest, over the logarithm of the rate.
    pub steepest: f64,
    /// A tenth of the rate at which the smoothed loss is the least.
    pub minimum_tenth: f64,
}

/// A line of `find_lr.csv`: one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RatePoint {
    /// From 1.
    pub step: u32,
    /// The step's.
    pub learning_rate: f64,
    /// Mean loss per sample before the step, in nats.
    pub loss: f64,
    /// The mean of it and those before, the latest counting most.
    pub smoothed_loss: f64,
}

impl RangeTestRecord {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 1;
    const REMEDY: &'static str = "use the Shoebox that wrote it, or run `train --find-lr` again";

    /// Reads the record at `path`, a test's `find_lr.json`.
    ///
    /// # Errors
    /// As [`super::read_versioned`].
    pub fn read(path: &Path) -> Result<Self, ArtifactError> {
        super::read_versioned(path, Self::FORMAT_VERSION, Self::REMEDY)
    }
}

/// Writes `find_lr.csv`.
///
/// # Errors
/// [`ArtifactError::Io`].
pub fn write_rate_points(path: &Path, points: &[RatePoint]) -> Result<(), ArtifactError> {
    let fail = |error: csv::Error| ArtifactError::io(path, "write")(error.into());
    let mut writer = csv::Writer::from_writer(Vec::new());
    points.iter().try_for_each(|point| writer.serialize(point)).map_err(fail)?;
    let bytes = writer
        .into_inner()
        .map_err(|error| ArtifactError::io(path, "write")(error.into_error()))?;
    atomic::write(path, &bytes)
}

/// Reads what [`write_rate_points`] wrote.
///
/// # Errors
/// [`ArtifactError::Io`] or [`ArtifactError::Malformed`].
pub fn read_rate_points(path: &Path) -> Result<Vec<RatePoint>, ArtifactError> {
    let rows = open_csv(path)?.into_deserialize().collect::<Result<_, csv::Error>>();
    rows.map_err(|error| ArtifactError::Malformed {
        path: path.to_owned(),
        fact: error.to_string(),
        remedy: RangeTestRecord::REMEDY,
    })
}
