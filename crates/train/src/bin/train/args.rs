use clap::{Parser, value_parser};
use shoebox_artifact::{Artifacts, CampaignDir, records::CampaignKind};
use shoebox_train::Resume;
use std::{env, path::PathBuf};

/// Trains the network of a pipeline on the cache that `prep` made.
#[derive(Debug, Parser)]
#[command(
    name = "train",
    version,
    after_help = "Example:\n  train pipelines/sneakers.yaml --set train.epochs=10 --set seed=7\n  train pipelines/sneakers.yaml --resume latest\n\nCtrl-C, SIGTERM and SIGUSR1 end training after the current step and keep both\ncheckpoints; a second one ends the program at once. Exit status 75, after SIGTERM\nor SIGUSR1, says that --resume goes on (not with --find-lr).\nThe folder of the run, the campaign or the range test is printed to stdout."
)]
pub struct Args {
    /// The pipeline file
    #[arg(required_unless_present = "devices")]
    pub pipeline: Option<PathBuf>,
    /// Where caches are read and runs are written
    #[arg(long, value_name = "DIR", default_value = "artifacts")]
    pub artifacts: PathBuf,
    /// Overrides a value of the pipeline; may be repeated
    #[arg(long = "set", value_name = "KEY.PATH=VALUE")]
    pub assignments: Vec<String>,
    /// Train so often, with the seeds from the pipeline's on; mean and spread are printed
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(2..))]
    pub seeds: Option<u32>,
    /// Divide train and val into so many folds, and measure each by a network that
    /// learned from the others
    #[arg(long, value_name = "K", conflicts_with = "seeds", value_parser = value_parser!(u32).range(2..))]
    pub folds: Option<u32>,
    /// Go on with a run, exactly where it stood: its folder or name, or `latest`; or
    /// with a campaign
    #[arg(long, value_name = "RUN", conflicts_with_all = ["seeds", "folds"])]
    pub resume: Option<PathBuf>,
    /// Find the learning rates that the network learns at, and suggest one; no weights are kept
    #[arg(long, conflicts_with_all = ["seeds", "folds", "resume"])]
    pub find_lr: bool,
    /// Print the table of layers, shapes and parameters, and do nothing else
    #[arg(long)]
    pub summary: bool,
    /// Print the devices that are here, or why one is not usable, and do nothing else
    #[arg(long)]
    pub devices: bool,
    /// Read every checksum of the cache before training
    #[arg(long)]
    pub verify: bool,
}

impl Args {
    /// What sets several trainings apart, where there are to be several.
    pub fn campaign(&self) -> Option<CampaignKind> {
        self.seeds.map(CampaignKind::Seeds).or(self.folds.map(CampaignKind::Folds))
    }

    /// The campaign that is to go on.
    pub fn resumed_campaign(&self) -> Option<CampaignDir> {
        Artifacts::new(&self.artifacts).find_campaign(self.resume.as_ref()?)
    }

    /// The run that is to go on.
    pub fn resume(&self) -> Option<Resume> {
        let run = self.resume.as_ref()?;
        Some(if run.as_os_str() == "latest" { Resume::Latest } else { Resume::Run(run.clone()) })
    }
}

/// The command that goes on with a run or campaign: this program's own, as the
/// shell reads it, but for another `--resume`, and what begins a campaign.
pub fn resuming_command(run: &str) -> String {
    let mut words = Vec::new();
    let mut given = env::args();
    while let Some(word) = given.next() {
        let (flag, value) =
            word.split_once('=').map_or((word.as_str(), None), |(flag, value)| (flag, Some(value)));
        match (["--resume", "--seeds", "--folds"].contains(&flag), value) {
            (true, None) => drop(given.next()),
            (true, Some(_)) => {}
            (false, _) => words.push(word),
        }
    }
    words.extend(["--resume", run].map(str::to_owned));
    let quoted = words.iter().map(|word| shlex::try_quote(word).unwrap_or(word.into()));
    quoted.collect::<Vec<_>>().join(" ")
}
