use shoebox_artifact::ArtifactError;
use shoebox_chart::ChartError;
use std::path::PathBuf;

/// Why there is no report. Whatever the reason, a report that was there before is still there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file or folder is missing, malformed, of another version, or cannot be written.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The run is at work and has measured nothing yet.
    #[error("{path}: no epoch has ended yet; run `report` again once the first one has")]
    NoEpochYet {
        /// The run's `metrics.jsonl`.
        path: PathBuf,
    },
    /// The run ended without having measured anything.
    #[error("{path}: the run ended before its first epoch did; train again")]
    NoEpochEver {
        /// The run's `metrics.jsonl`.
        path: PathBuf,
    },
    /// The campaign is at work and none of its runs has ended yet.
    #[error(
        "{path}: no run of the campaign has ended yet; run `report` again once the first one has"
    )]
    NoRunYet {
        /// The campaign's `campaign.json`.
        path: PathBuf,
    },
    /// A run that is to be compared with itself.
    #[error("{path}: the run is named twice; name each run once")]
    SameRun {
        /// The run's folder.
        path: PathBuf,
    },
    /// A predictions file of other classes than the run's.
    #[error(
        "{path}: its columns are the classes {found}, run.json has {expected}; run `evaluate` again"
    )]
    Classes {
        /// The predictions file.
        path: PathBuf,
        /// Its class columns.
        found: String,
        /// The run's class names.
        expected: String,
    },
    /// A line of a predictions file that cannot be.
    #[error("{path}: row {row}: {fact}; run `evaluate` again")]
    Row {
        /// The predictions file.
        path: PathBuf,
        /// The row, from 1, the header not counted.
        row: usize,
        /// What is wrong with it.
        fact: String,
    },
    /// A picture could not be compressed.
    #[error("{path}: cannot compress the picture: {source}")]
    Encode {
        /// The picture's file.
        path: PathBuf,
        /// The encoder's reason.
        source: image::ImageError,
    },
    /// A chart could not be turned into pixels.
    #[error("{path}: {source}; its SVG file is drawn by any browser")]
    Draw {
        /// The PNG file.
        path: PathBuf,
        /// The renderer's reason.
        source: ChartError,
    },
}
