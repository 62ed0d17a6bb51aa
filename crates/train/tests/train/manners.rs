//! Arguments, streams, exit status.

use crate::programs::{evaluate, train, train_command};
use shoebox_artifact::records::{RunRecord, RunStatus};
use shoebox_tests::Project;
use std::process::{Command, Output};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn with(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().unwrap()
}

const PROGRAMS: [&str; 2] = [env!("CARGO_BIN_EXE_train"), env!("CARGO_BIN_EXE_evaluate")];

#[test]
fn help_has_an_example_and_goes_to_stdout() {
    for program in PROGRAMS {
        let output = with(program, &["--help"]);
        assert!(output.status.success() && output.stderr.is_empty());
        let help = text(&output.stdout);
        assert!(help.contains("Example:\n  "), "{help}");
        assert!(
            help.contains("--artifacts <DIR>") && help.contains("[default: artifacts]"),
            "{help}"
        );
    }
}

#[test]
fn a_bad_command_line_is_status_2() {
    for program in PROGRAMS {
        for args in [&[][..], &["x", "--no-such-option"]] {
            let output = with(program, args);
            assert_eq!(output.status.code(), Some(2), "{program} {args:?}");
            assert!(output.stdout.is_empty() && text(&output.stderr).starts_with("error: "));
        }
    }
    let output = with(PROGRAMS[1], &["run", "--device", "gpu"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`gpu` is no device"), "{}", text(&output.stderr));
}

#[test]
fn training_goes_on_when_nobody_reads_what_it_says() {
    let project = Project::prepared();
    let (reader, stderr) = std::io::pipe().unwrap();
    drop(reader);
    let (reader, stdout) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = train_command(&project, &["--set", "train.epochs=2"]);
    let status = command.stderr(stderr).stdout(stdout).status().unwrap();
    assert_eq!(status.code(), Some(0));
    let record = RunRecord::read(&project.runs()[0].join("run.json")).unwrap();
    assert_eq!(record.status, RunStatus::Finished);
}

#[test]
fn train_prints_the_runs_folder_to_stdout_and_all_else_to_stderr() {
    let project = Project::prepared();
    let output = train(&project, &["--set", "train.epochs=2"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let runs = project.runs();
    assert_eq!(text(&output.stdout), format!("{}\n", runs[0].display()));
    let said = text(&output.stderr);
    for line in [
        "dropout       (None, 4, 4, 8)             0\n",
        "48 training and 20 val pictures; cpu with 1 threads\n",
        "epoch   1/2  loss ",
        "epoch   2/2  loss ",
        " images/s  data wait ",
        "finished after ",
        "val: accuracy ",
        "test: accuracy ",
    ] {
        assert!(said.contains(line), "no {line:?} in:\n{said}");
    }
    assert!(!said.contains(['\r', '\u{1b}']), "no progress bar without a terminal");
}

#[test]
fn summary_prints_the_table_to_stdout_and_writes_nothing() {
    let project = Project::new();
    let output = train(&project, &["--summary"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(
        text(&output.stdout).contains("1,066 parameters, 1,066 trainable"),
        "{}",
        text(&output.stdout)
    );
    assert!(output.stderr.is_empty());
    assert!(!project.path("artifacts").exists());
}

#[test]
fn evaluate_prints_a_line_or_one_json_object_to_stdout() {
    let project = Project::prepared();
    let run = project.short_run().path().display().to_string();
    let plain = evaluate(&project, &[&run]);
    assert_eq!(plain.status.code(), Some(0), "{}", text(&plain.stderr));
    assert!(text(&plain.stdout).starts_with("val: accuracy "), "{}", text(&plain.stdout));
    assert!(text(&plain.stderr).contains("predictions/val.csv"));
    let json = evaluate(&project, &[&run, "--split", "test", "--json"]);
    let value: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&value["split"], &value["count"]), (&"test".into(), &12.into()));
    assert!(project.runs()[0].join("predictions/test.csv").is_file());
}

#[test]
fn evaluate_finds_a_run_by_its_name() {
    let project = Project::prepared();
    let name = project.short_run().name();
    assert_eq!(evaluate(&project, &[&name]).status.code(), Some(0));
}
