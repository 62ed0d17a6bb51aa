//! The command line of `report`.

use clap::Parser;
use shoebox_report::{CompareOptions, Options};
use std::path::PathBuf;

/// Write the report of a training run: curves, confusion matrix, mistakes; or of
/// a campaign: all its runs, and labels that may be wrong.
///
/// Writes RUN/report/index.html, a page that needs no network, with the same
/// charts as SVG and PNG files and all numbers as report.json. Prints the
/// path of the page; a short table goes to stderr. A comparison is written to
/// ARTIFACTS/comparisons.
#[derive(Debug, Parser)]
#[command(
    name = "report",
    version,
    after_help = "Example:\n  report artifacts/runs/sneakers-20261124T044000Z-1f3a\n  report --compare sneakers-20261124T044000Z-1f3a sneakers-20261124T050000Z-9b0c"
)]
pub struct Args {
    /// The folder of a run or campaign, or its name below the artifacts folder [default: the newest run]
    #[arg(value_name = "RUN")]
    run: Option<PathBuf>,

    /// Lay several runs beside each other instead: curves, figures, what
    /// their specs do not share, and a paired test on the same images
    #[arg(long, value_name = "RUN", num_args = 2.., conflicts_with = "run")]
    compare: Vec<PathBuf>,

    /// The folder that holds runs and caches
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    artifacts: PathBuf,

    /// Print report.json instead of the page's path
    #[arg(long)]
    pub json: bool,
}

/// What is asked for.
#[derive(Debug)]
pub enum Task {
    /// The report of one run.
    Report(Options),
    /// Several runs beside each other.
    Compare(CompareOptions),
}

impl From<Args> for Task {
    fn from(args: Args) -> Self {
        let Args { run, compare: runs, artifacts, .. } = args;
        match runs.is_empty() {
            true => Self::Report(Options { run, artifacts }),
            false => Self::Compare(CompareOptions { runs, artifacts }),
        }
    }
}
