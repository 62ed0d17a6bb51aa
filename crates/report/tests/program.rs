//! The program: what goes to which stream, and its exit status.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use assert_cmd::Command;
use common::{Scene, make};

fn report() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin!("report"))
}

#[test]
fn prints_the_path_of_the_page_and_a_table_beside_it() {
    let made = make(&Scene::default());
    let output = report().arg("--artifacts").arg(made.artifacts()).assert().success();
    let output = output.get_output();
    let path = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(std::path::Path::new(path.trim_end()), made.run.report().join("index.html"));
    let table = String::from_utf8(output.stderr.clone()).unwrap();
    for line in [
        "val   accuracy 89.5 %  (95 % interval 80.6 % to 94.6 %; 68 of 76 images)",
        "best epoch 17, train 94.8 % (loss 0.1259)",
        "adidas              0.89    0.89  0.89       38",
        "macro average       0.89    0.89  0.89       76",
    ] {
        assert!(table.contains(line), "{line:?} is not in\n{table}");
    }
}

#[test]
fn json_is_the_file_that_was_written() {
    let made = make(&Scene::default());
    let output = report().arg("--json").arg("--artifacts").arg(made.artifacts()).assert().success();
    let printed: serde_json::Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    assert_eq!(printed, made.json());
}

#[test]
fn a_run_can_be_named_by_path_or_by_name() {
    let made = make(&Scene::default());
    let name = std::path::PathBuf::from(made.run.name());
    for run in [made.run.path(), &name] {
        report().arg(run).arg("--artifacts").arg(made.artifacts()).assert().success();
    }
}

#[test]
fn a_missing_run_is_one_line_and_status_1() {
    let folder = tempfile::tempdir().unwrap();
    let output = report().arg("--artifacts").arg(folder.path()).assert().code(1);
    let said = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("error: "), "{said}");
}

#[test]
fn an_unknown_option_is_status_2() {
    report().arg("--colour").assert().code(2);
}

#[test]
fn help_has_an_example() {
    let output = report().arg("--help").assert().success();
    assert!(String::from_utf8_lossy(&output.get_output().stdout).contains("Example:\n  report "));
}

#[test]
fn a_folder_that_cannot_be_written_is_one_line_that_says_its_cause_once() {
    let made = make(&Scene::default());
    // A folder where the lock's file should be cannot be opened, by root either.
    std::fs::create_dir(made.run.path().join(".report.lock")).unwrap();
    let output = report().arg("--artifacts").arg(made.artifacts()).assert().code(1);
    let said = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(said.matches("os error").count(), 1, "{said}");
    assert!(!made.run.report().exists());
}
