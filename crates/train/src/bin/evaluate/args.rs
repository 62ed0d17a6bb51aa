use clap::Parser;
use std::path::PathBuf;

/// Evaluates the best weights of a run on a split of its cache.
#[derive(Debug, Parser)]
#[command(
    name = "evaluate",
    version,
    after_help = "Example:\n  evaluate sneakers-20261124T044000Z-1f3a --split test\n\nWrites predictions/<split>.csv and the figures into the run."
)]
pub struct Args {
    /// The run: its folder, or its name below artifacts/runs
    pub run: PathBuf,
    /// The split: train, val or test
    #[arg(long, default_value = "val")]
    pub split: String,
    /// The device: auto, cpu, cuda or cuda:1
    #[arg(long, default_value = "auto", value_parser = parse_device)]
    pub device: shoebox_spec::Device,
    /// The views of a picture whose probabilities are averaged: none, flip or
    /// ten_crop; those of the checkpoint when not given
    #[arg(long, value_name = "VIEWS")]
    pub tta: Option<shoebox_spec::Tta>,
    /// Where caches and runs are
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    pub artifacts: PathBuf,
    /// Print the figures as JSON to stdout
    #[arg(long)]
    pub json: bool,
}

fn parse_device(text: &str) -> Result<shoebox_spec::Device, String> {
    text.parse()
}
