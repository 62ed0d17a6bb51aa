//! The report of a run: curves, confusion matrix, scores, and the pictures it
//! got wrong, as a page that opens anywhere.
//!
//! Owns the numbers ([`Report`]), their arithmetic ([`stats`]) and the page;
//! `shoebox_chart` draws. Reads what `train` and `evaluate` left in the
//! run's folder, and pictures from the cache; knows neither libtorch nor how
//! pictures were prepared. Refuses a run that has measured nothing yet, and
//! files that are malformed; a missing cache only costs the pictures.
//!
//! ```text
//! <run>/report/                       appears as a whole
//!     index.html                      self-contained: no network, no scripts, light and dark
//!     report.json                     every number
//!     loss|accuracy|learning_rate     .svg (light and dark) and .png (light)
//!     confusion_matrix_<split>        .svg and .png
//!     reliability|coverage_<split>    .svg and .png
//! ```

mod audit;
mod campaign;
mod cautions;
mod charts;
mod compare;
mod error;
mod folder;
mod gallery;
mod inputs;
mod page;
mod pictures;
mod report;
pub mod stats;
mod terminal;
mod trust;
mod verdicts;

use shoebox_chart::format;

pub use audit::AuditReport;
pub use campaign::{CampaignOutcome, CampaignReport, RunCurves, Suspect, run_campaign};
pub use compare::{
    CompareOptions, CompareOutcome, Comparison, Contender, Difference, PairTest, SplitTest,
    compare, comparison_table,
};
pub use error::ReportError;
pub use inputs::{Epoch, EpochFigures};
pub use report::{Confused, Mistake, Report, SplitReport};
pub use terminal::{campaign_table, table};
pub use trust::{Answered, Calibration, TopK};

use inputs::Inputs;
use shoebox_artifact::Artifacts;
use std::path::PathBuf;

/// What to report on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The folder of a run or campaign, or its name below `artifacts`; the
    /// newest run when not given.
    pub run: Option<PathBuf>,
    /// The artifacts folder, which holds runs and caches.
    pub artifacts: PathBuf,
}

/// What [`run`] did.
#[derive(Debug)]
pub struct Outcome {
    /// The numbers.
    pub report: Report,
    /// The page that was written.
    pub index: PathBuf,
}

/// Writes the report of a run into its folder, in the place of an older one.
///
/// # Errors
/// [`ReportError`] when there is no such run, when it has measured nothing
/// yet, when one of its files is malformed, or when the disk cannot be
/// written. An older report is then still there.
pub fn run(options: &Options) -> Result<Outcome, ReportError> {
    let artifacts = Artifacts::new(&options.artifacts);
    let run = match &options.run {
        Some(name) => artifacts.find_run(name)?,
        None => artifacts.newest_run()?,
    };
    let inputs = Inputs::read(&artifacts, run)?;
    let report = Report::new(&inputs);
    let index = folder::write(&inputs, &report)?;
    Ok(Outcome { report, index })
}
