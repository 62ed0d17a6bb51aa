//! The command line of `demo`.

use std::path::PathBuf;

use clap::Parser;
use shoebox_demo::Options;

/// Draw the demo data: two classes of shoe, from a seed.
///
/// Writes OUT/train/{adidas,nike}/NNN.jpg and OUT/test/{adidas,nike}/NNN.jpg,
/// as many pictures of either class. A set that is there already is kept.
#[derive(Debug, Parser)]
#[command(name = "demo", version, after_help = "Example:\n  demo --out data/sneakers --seed 123")]
pub struct Args {
    /// Folder to make
    #[arg(long, value_name = "DIR", default_value = "data/sneakers")]
    out: PathBuf,

    /// Seed that every picture follows from
    #[arg(long, value_name = "N", default_value_t = 123)]
    seed: u64,

    /// Training pictures, both classes together
    #[arg(long, value_name = "N", default_value_t = 502)]
    train: usize,

    /// Test pictures, both classes together
    #[arg(long, value_name = "N", default_value_t = 76)]
    test: usize,

    /// Replace demo data made with other options
    #[arg(long)]
    force: bool,
}

impl From<Args> for Options {
    fn from(args: Args) -> Self {
        let Args { out, seed, train, test, force } = args;
        Self { out, seed, train, test, force }
    }
}
