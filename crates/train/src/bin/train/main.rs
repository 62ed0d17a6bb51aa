//! `train PIPELINE`: trains the network of a pipeline on its cache.

mod args;
mod campaign;
mod find_lr;
mod progress;
mod signals;

use args::{Args, resuming_command};
use clap::Parser;
use progress::Screen;
use shoebox_artifact::{
    console::{answer, tell},
    records::{RunRecord, RunStatus},
};
use shoebox_model::describe_devices;
use shoebox_train::{
    Outcome, TrainError, TrainOptions, calibration_notes, figures, find_learning_rate,
    model_summary, resume_campaign, train, train_campaign,
};
use signals::Interrupts;
use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    shoebox_kernels::allocator::keep_pages();
    let args = Args::parse();
    match run(&args) {
        Ok(code) => code,
        Err(error) => {
            // Its causes are part of each error's text.
            tell(format_args!("error: {error}"));
            let status = error.downcast_ref::<TrainError>().map_or(1, TrainError::exit_status);
            ExitCode::from(status)
        }
    }
}

fn run(args: &Args) -> anyhow::Result<ExitCode> {
    if args.devices {
        answer(describe_devices())?;
        return Ok(ExitCode::SUCCESS);
    }
    // Without `--devices` clap has seen to it that there is one.
    let pipeline = args.pipeline.as_deref().unwrap_or(Path::new(""));
    if args.summary {
        answer(model_summary(pipeline, &args.artifacts, &args.assignments)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let interrupts = Interrupts::listen()?;
    let options = TrainOptions {
        pipeline: pipeline.to_owned(),
        artifacts: args.artifacts.clone(),
        assignments: args.assignments.clone(),
        verify: args.verify,
        resume: args.resume(),
        interrupt: interrupts.flag.clone(),
    };
    let mut screen = Screen::new();
    if args.find_lr {
        let test = find_learning_rate(&options, &mut screen);
        screen.finish();
        return find_lr::conclude(&test?);
    }
    if let Some(kind) = args.campaign() {
        let outcome = train_campaign(&options, kind, &mut screen);
        screen.finish();
        return campaign::conclude(&outcome?, &interrupts);
    }
    if let Some(folder) = args.resumed_campaign() {
        let outcome = resume_campaign(&options, folder, &mut screen);
        screen.finish();
        return campaign::conclude(&outcome?, &interrupts);
    }
    let outcome = train(&options, &mut screen);
    screen.finish();
    conclude(&outcome?, &interrupts)
}

/// Says how training ended. An interrupted one is not a success.
fn conclude(outcome: &Outcome, interrupts: &Interrupts) -> anyhow::Result<ExitCode> {
    let Outcome { run, record, had_ended } = outcome;
    match had_ended {
        true => tell(nothing_left(record, &run.name())),
        false => tell(ending(record, run.last_checkpoint().is_file())),
    }
    record.evaluations.iter().for_each(|evaluation| tell(figures(evaluation)));
    let asked = |key| record.spec.pointer(key);
    let temperature = asked("/evaluate/temperature").and_then(serde_json::Value::as_bool);
    let precision = asked("/evaluate/reject/precision").and_then(serde_json::Value::as_f64);
    let calibration = record.calibration.as_ref();
    for note in calibration_notes(calibration, temperature.unwrap_or(false), precision) {
        tell(format_args!("note: {note}"));
    }
    let is_interrupted = record.status == RunStatus::Interrupted;
    if is_interrupted {
        tell(format_args!("to go on: {}", resuming_command(&run.name())));
    }
    answer(run.path().display())?;
    Ok(ExitCode::from(if is_interrupted { interrupts.status() } else { 0 }))
}

/// What there is to say of a run that cannot go on because nothing is left.
fn nothing_left(record: &RunRecord, run: &str) -> String {
    match record.status {
        RunStatus::StoppedEarly => format!(
            "nothing is left to train: {run} was ended by early stopping; to go on, give more of train.early_stopping.patience"
        ),
        _ => format!(
            "nothing is left to train: {run} went through all of its {} epochs; to go on, give more of train.epochs",
            record.spec["train"]["epochs"]
        ),
    }
}

fn ending(record: &RunRecord, has_last: bool) -> String {
    let how = match (record.status, record.best_epoch) {
        (RunStatus::StoppedEarly, _) => "ended by early stopping",
        (RunStatus::Interrupted, Some(_)) => "interrupted; both checkpoints are kept",
        (RunStatus::Interrupted, None) if has_last => "interrupted; the last checkpoint is kept",
        (RunStatus::Interrupted, None) => {
            "interrupted before the first step of all that is trained; there is no checkpoint"
        }
        _ => "finished",
    };
    let best = record
        .best_epoch
        .map_or("no epoch has ended".to_owned(), |epoch| format!("best epoch {epoch}"));
    format!("{how} after {:.0} s; {best}", record.seconds)
}
