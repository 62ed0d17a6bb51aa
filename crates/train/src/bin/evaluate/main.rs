//! `evaluate RUN`: the best weights of a run on a split of its cache.

mod args;

use args::Args;
use clap::Parser;
use shoebox_artifact::console::{answer, tell};
use shoebox_train::{EvaluateOptions, TrainError, evaluate_run};
use std::process::ExitCode;

fn main() -> ExitCode {
    shoebox_kernels::allocator::keep_pages();
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Its causes are part of each error's text.
            tell(format_args!("error: {error}"));
            let status = error.downcast_ref::<TrainError>().map_or(1, TrainError::exit_status);
            ExitCode::from(status)
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    let options = EvaluateOptions {
        run: args.run.clone(),
        artifacts: args.artifacts.clone(),
        split: args.split.clone(),
        device: args.device,
        tta: args.tta,
    };
    let (run, evaluation) = evaluate_run(&options)?;
    if args.json {
        answer(serde_json::to_string(&evaluation)?)?;
    } else {
        let (correct, count) = (evaluation.correct, evaluation.count);
        answer(format_args!(
            "{}: accuracy {:.4} ({correct} of {count}), loss {:.4}",
            evaluation.split,
            evaluation.accuracy(),
            evaluation.loss
        ))?;
    }
    tell(format_args!("predictions in {}", run.predictions(&args.split).display()));
    Ok(())
}
