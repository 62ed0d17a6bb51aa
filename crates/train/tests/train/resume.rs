//! `--resume`: signals that ask for it, the command that does it, and what it
//! says.
#![cfg(unix)]

use crate::{interrupt::Training, killed::SETTINGS, programs::train};
use shoebox_artifact::records::{RunRecord, RunStatus};
use shoebox_tests::{Project, assert_same_training};
use std::process::{Command, Output};

fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// `--set` for each of these.
fn set<'a>(assignments: &[&'a str]) -> Vec<&'a str> {
    assignments.iter().flat_map(|assignment| ["--set", *assignment]).collect()
}

/// Ends a training by `signal`, goes on by the command that it says, and holds
/// what comes of it to `whole`.
fn ends_and_goes_on(signal: &str, status: i32) {
    let project = Project::prepared();
    let whole = project.train(&SETTINGS).unwrap();
    let mut training = Training::start(&project, &set(&SETTINGS));
    training.wait_for("epoch   1/12");
    training.send(signal);
    training.wait_for("ending after this step");
    let line = training.wait_for("to go on: ");
    assert_eq!(training.status(), Some(status));
    let run = project.artifacts().newest_run().unwrap();
    let record = RunRecord::read(&run.record()).unwrap();
    assert_eq!((record.status, record.resumed), (RunStatus::Interrupted, 0));
    let command = line.trim().strip_prefix("to go on: ").unwrap();
    assert!(command.ends_with(&format!(" --resume {}", run.name())), "{command}");
    let output = Command::new("sh").args(["-c", command]).output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    assert!(said(&output).contains("goes on after "), "{}", said(&output));
    assert!(!said(&output).contains("note: "), "{}", said(&output));
    assert_same_training(&run, &whole.run, signal);
    let after = RunRecord::read(&run.record()).unwrap();
    assert_eq!((after.resumed, &after.started), (1, &record.started));
    assert!(after.seconds > record.seconds);
}

#[test]
fn sigterm_asks_to_be_resumed() {
    ends_and_goes_on("TERM", 75);
}

#[test]
fn sigusr1_asks_to_be_resumed() {
    ends_and_goes_on("USR1", 75);
}

#[test]
fn ctrl_c_says_how_to_go_on() {
    ends_and_goes_on("INT", 1);
}

#[test]
fn a_run_that_has_ended_says_so_and_is_no_error() {
    let project = Project::prepared();
    let run = project.train(&["train.epochs=2"]).unwrap().run;
    let output = train(&project, &["--resume", "latest", "--set", "train.epochs=2"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let line = format!(
        "nothing is left to train: {} went through all of its 2 epochs; to go on, give more of train.epochs\n",
        run.name()
    );
    assert!(said(&output).starts_with(&line), "{}", said(&output));
    assert!(said(&output).contains("val: accuracy "), "{}", said(&output));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{}\n", run.path().display()));
    let stopping = "train.early_stopping={patience: 1, min_delta: 10}";
    let run = project.train(&[stopping]).unwrap().run;
    let output = train(&project, &["--resume", &run.name(), "--set", stopping]);
    let line = "was ended by early stopping; to go on, give more of train.early_stopping.patience";
    assert!(said(&output).contains(line), "{}", said(&output));
}

#[test]
fn what_has_changed_is_told() {
    let project = Project::prepared();
    project.train(&["train.epochs=2"]).unwrap();
    let more = set(&["train.epochs=3", "train.threads=2"]);
    let output = train(&project, &[&["--resume", "latest"], more.as_slice()].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    for line in [
        "goes on after epoch 2\n",
        "note: train.threads: 1 → 2\n",
        "note: train.epochs: 2 → 3\n",
        "note: threads 1 → 2; from here on, figures may differ in their last digits",
        "epoch   3/3  loss",
    ] {
        assert!(said(&output).contains(line), "no {line:?} in:\n{}", said(&output));
    }
}
