//! `evaluate RUN`: the best weights of a run on a split of its cache.

mod args;

use args::Args;
use clap::Parser;
use shoebox_artifact::console::{answer, tell};
use shoebox_train::{EvaluateOptions, TrainError, calibration_notes, evaluate_run, figures};
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
        calibrate: args.calibrate,
        precision: args.precision,
    };
    let evaluated = evaluate_run(&options)?;
    for evaluation in &evaluated.evaluations {
        match args.json {
            true => answer(serde_json::to_string(evaluation)?)?,
            false => answer(figures(evaluation))?,
        }
    }
    if args.calibrate {
        for note in calibration_notes(evaluated.calibration.as_ref(), true, args.precision) {
            tell(format_args!("note: {note}"));
        }
    }
    if evaluated.other_views {
        tell(
            "note: temperature and threshold were fitted to other views; --calibrate fits them to these",
        );
    }
    for evaluation in &evaluated.evaluations {
        let path = evaluated.run.predictions(&evaluation.split);
        tell(format_args!("predictions in {}", path.display()));
    }
    Ok(())
}
