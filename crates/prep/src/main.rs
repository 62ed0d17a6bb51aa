//! The program `prep`.

mod args;
mod bar;

use args::Args;
use bar::Bar;
use clap::Parser;
use shoebox_artifact::{
    Artifacts,
    console::{answer, tell},
};
use shoebox_prep::{Options, PrepError, check, prune, run, verify};
use shoebox_spec::DataSpec;
use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let args = Args::parse();
    match prepare(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The messages name their causes themselves.
            tell(format_args!("error: {error}"));
            let usage = error.downcast_ref::<PrepError>().is_some_and(PrepError::is_usage);
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

fn prepare(args: &Args) -> anyhow::Result<()> {
    let spec = shoebox_spec::load(&args.pipeline, &args.assignments).map_err(PrepError::from)?;
    let artifacts = Artifacts::new(&args.artifacts);
    if args.check {
        let plan = check(&artifacts, &spec.data)?;
        tell(&plan);
        anyhow::ensure!(
            plan.faults() == 0,
            "a run would make no cache: mend what is called an error above"
        );
        anyhow::ensure!(
            plan.fits(),
            "{}: the cache does not fit; make room, or pass --artifacts with a folder on another disk",
            args.artifacts.display()
        );
    } else if args.verify {
        tell(verify(&artifacts, &spec.data)?);
    } else if args.prune {
        tell(prune(&artifacts)?);
    } else {
        return build(args, spec.data);
    }
    Ok(())
}

fn build(args: &Args, data: DataSpec) -> anyhow::Result<()> {
    let pipeline = args.pipeline.display().to_string();
    let options = Options { data, pipeline, artifacts: args.artifacts.clone() };
    let bar = Bar::default();
    let summary = run(&options, &bar)?;
    tell(&summary);
    tell(format_args!("Next: {}", next_step(args)));
    if args.json {
        answer(serde_json::to_string_pretty(&summary)?)?;
    }
    Ok(())
}

/// The command that trains from this cache: it needs the same options, since
/// they are part of what the cache is of.
fn next_step(args: &Args) -> String {
    let mut words = vec!["train".to_owned(), quoted(&args.pipeline.display().to_string())];
    if args.artifacts != Path::new(args::ARTIFACTS) {
        words.extend(["--artifacts".to_owned(), quoted(&args.artifacts.display().to_string())]);
    }
    for assignment in &args.assignments {
        words.extend(["--set".to_owned(), quoted(assignment)]);
    }
    words.join(" ")
}

/// The word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_alphanumeric() || "_-./=:,".contains(letter);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
