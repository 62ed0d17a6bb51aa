//! The command line of `report`.

use clap::Parser;
use shoebox_report::Options;
use std::path::PathBuf;

/// Write the report of a training run: curves, confusion matrix, mistakes; or of
/// a campaign: all its runs, and labels that may be wrong.
///
/// Writes RUN/report/index.html, a page that needs no network, with the same
/// charts as SVG and PNG files and all numbers as report.json. Prints the
/// path of the page; a short table goes to stderr.
#[derive(Debug, Parser)]
#[command(
    name = "report",
    version,
    after_help = "Example:\n  report artifacts/runs/sneakers-20261124T044000Z-1f3a"
)]
pub struct Args {
    /// The folder of a run or campaign, or its name below the artifacts folder [default: the newest run]
    #[arg(value_name = "RUN")]
    run: Option<PathBuf>,

    /// The folder that holds runs and caches
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    artifacts: PathBuf,

    /// Print report.json instead of the page's path
    #[arg(long)]
    pub json: bool,
}

impl From<Args> for Options {
    fn from(args: Args) -> Self {
        Self { run: args.run, artifacts: args.artifacts }
    }
}
