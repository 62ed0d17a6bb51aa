//! The command line of `prep`.

use clap::Parser;
use std::path::PathBuf;

/// Where everything goes unless told otherwise.
pub const ARTIFACTS: &str = "artifacts";

/// Turns folders of photographs into a tensor cache
///
/// The pipeline's `data` section says where the pictures are and how they
/// become rows. Files that have not changed are not read again, and nothing is
/// written when the cache is up to date.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub struct Args {
    /// The pipeline
    #[arg(default_value = "pipelines/sneakers.yaml")]
    pub pipeline: PathBuf,
    /// Where the cache goes
    #[arg(long, value_name = "DIR", default_value = ARTIFACTS)]
    pub artifacts: PathBuf,
    /// Overrides a value of the pipeline; may be repeated
    #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
    pub assignments: Vec<String>,
    /// Says what would be built, how large and how long, and writes nothing
    #[arg(long, conflicts_with_all = ["verify", "prune"])]
    pub check: bool,
    /// Reads every byte of the cache and compares its checksums instead
    #[arg(long, conflicts_with = "prune")]
    pub verify: bool,
    /// Removes the caches that no pipeline and no run uses any more instead
    #[arg(long)]
    pub prune: bool,
    /// Prints the summary of the cache as JSON on stdout
    #[arg(long, conflicts_with_all = ["check", "verify", "prune"])]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  prep
  prep pipelines/sneakers.yaml --set data.image_size=128 --set data.unreadable=skip
  prep --check
  prep --verify
  prep --prune

Exit status: 0 done, 1 the data or the disk is at fault (--check: a run would end so), 2 the command line or the pipeline is";
