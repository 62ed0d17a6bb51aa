use clap::Parser;
use std::path::PathBuf;

/// Says what is on pictures.
#[derive(Debug, Parser)]
#[command(
    name = "predict",
    version,
    after_help = "Example:\n  predict sneakers-20261124T044000Z-1f3a photo.jpg holiday/\n  predict best.safetensors photo.jpg --json\n\nThe checkpoint file is all that is needed: it carries class names and recipe."
)]
pub struct Args {
    /// A run (its folder, or its name below artifacts/runs), or a checkpoint file
    #[arg(value_name = "RUN_OR_CHECKPOINT")]
    pub model: PathBuf,
    /// Pictures, and folders of pictures
    #[arg(value_name = "IMAGE|FOLDER", required = true)]
    pub pictures: Vec<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    pub json: bool,
    /// The device: auto, cpu, cuda or cuda:1
    #[arg(long, default_value = "auto", value_parser = parse_device)]
    pub device: shoebox_spec::Device,
    /// The views of a picture whose probabilities are averaged: none, flip or
    /// ten_crop; those of the checkpoint when not given
    #[arg(long, value_name = "VIEWS")]
    pub tta: Option<shoebox_spec::Tta>,
    /// Answer however unsure: take no picture for unknown
    #[arg(long)]
    pub no_reject: bool,
    /// Where runs are
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    pub artifacts: PathBuf,
}

fn parse_device(text: &str) -> Result<shoebox_spec::Device, String> {
    text.parse()
}
