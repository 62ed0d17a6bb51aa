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
    /// Fit the temperature on val, and keep it in the checkpoint; measures val
    /// and test as well
    #[arg(long)]
    pub calibrate: bool,
    /// With --calibrate: fit the threshold too below which a picture is
    /// unknown, so that this share of the answers is right, such as 0.95
    #[arg(long, value_name = "SHARE", requires = "calibrate", value_parser = parse_precision)]
    pub precision: Option<f64>,
    /// Where caches and runs are
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    pub artifacts: PathBuf,
    /// Print the figures as JSON to stdout, an object a line
    #[arg(long)]
    pub json: bool,
}

fn parse_precision(text: &str) -> Result<f64, String> {
    let share = text.parse::<f64>().ok().filter(|share| *share > 0.0 && *share < 1.0);
    share.ok_or_else(|| "expected a share between 0 and 1, without either".to_owned())
}

fn parse_device(text: &str) -> Result<shoebox_spec::Device, String> {
    text.parse()
}
