//! The records that one program writes and another reads.

mod audit;
mod cache;
mod calibration;
mod campaign;
mod checked;
mod metrics_table;
mod prediction;
mod prepared;
mod range_test;
mod run;
mod sample;
mod sources;
mod stamp;

pub use audit::{Audit, Finding, Severity};
pub use cache::{Manifest, ShardRecord, SplitRecord};
pub use calibration::{Calibration, Rejection};
pub use campaign::{CampaignKind, CampaignRecord, Figure, Member, Pooled, Spread, Weights};
pub use checked::{Checked, CheckedFile};
pub use metrics_table::write_metrics_table;
pub use prediction::{Prediction, read_predictions, write_predictions};
pub use prepared::Prepared;
pub use range_test::{
    RangeTestRecord, RatePoint, RateSuggestion, read_rate_points, write_rate_points,
};
pub use run::{
    Answered, Calibrated, CampaignPart, Evaluation, HeadRecord, MetricRow, RunRecord, RunStatus,
    RunVersions,
};
pub use sample::{Sample, SampleWriter, read_samples, samples, write_samples};
pub use shoebox_metrics::Interval;
pub use sources::{FilesReader, Folder, Source, Sources, SourcesReader};
pub use stamp::Stamp;

use crate::ArtifactError;
use serde::de::DeserializeOwned;
use std::{fs, path::Path};

/// Reads the JSON record at `path`; `remedy` says what to do when it is not one.
///
/// # Errors
/// [`ArtifactError::Io`] or [`ArtifactError::Malformed`].
pub fn read_json<T: DeserializeOwned>(
    path: &Path,
    remedy: &'static str,
) -> Result<T, ArtifactError> {
    let text = fs::read(path).map_err(ArtifactError::io(path, "read"))?;
    serde_json::from_slice(&text).map_err(|error| ArtifactError::Malformed {
        path: path.to_owned(),
        fact: format!("not the record it should be: {error}"),
        remedy,
    })
}

/// Like [`read_json`] for a record with a `format_version`, which is looked at
/// before anything else: a newer record need not have this build's fields.
///
/// # Errors
/// [`ArtifactError::Version`] for another version than `expected`, otherwise
/// as [`read_json`].
pub fn read_versioned<T: DeserializeOwned>(
    path: &Path,
    expected: u32,
    remedy: &'static str,
) -> Result<T, ArtifactError> {
    let text = fs::read(path).map_err(ArtifactError::io(path, "read"))?;
    parse_versioned(path, &text, expected, remedy)
}

/// Like [`read_versioned`] for text that was found inside the file at `path`.
///
/// # Errors
/// As [`read_versioned`], but for reading.
pub fn parse_versioned<T: DeserializeOwned>(
    path: &Path,
    text: &[u8],
    expected: u32,
    remedy: &'static str,
) -> Result<T, ArtifactError> {
    let malformed = |error: serde_json::Error| ArtifactError::Malformed {
        path: path.to_owned(),
        fact: format!("not the record it should be: {error}"),
        remedy,
    };
    let value: serde_json::Value = serde_json::from_slice(text).map_err(malformed)?;
    match value["format_version"].as_u64() {
        Some(found) if found != u64::from(expected) => {
            Err(ArtifactError::Version { path: path.to_owned(), found, expected, remedy })
        }
        _ => serde_json::from_value(value).map_err(malformed),
    }
}
