//! Running the programs in a project.

use shoebox_tests::{Project, Said, assert_documented, contents};
use std::process::{Command, Output};

/// `train` on the project's pipeline.
pub fn train_command(project: &Project, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
    command.arg(project.pipeline()).arg("--artifacts").arg(project.path("artifacts")).args(args);
    command
}

/// Runs `train` on the project's pipeline.
pub fn train(project: &Project, args: &[&str]) -> Output {
    train_command(project, args).output().unwrap()
}

/// Runs `evaluate` on a run of the project.
pub fn evaluate(project: &Project, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_evaluate"));
    command.args(args).arg("--artifacts").arg(project.path("artifacts")).output().unwrap()
}

/// Asserts that `train` refuses with `status`, says all of `parts` and what
/// the guide documents for `case`, and changes no file.
pub fn train_refuses(case: &str, project: &Project, args: &[&str], status: i32, parts: &[&str]) {
    let before = contents(&project.path("artifacts"));
    let output = train(project, args);
    refused(case, "train", project, &output, status, parts);
    assert_eq!(contents(&project.path("artifacts")), before, "no file may change");
}

/// The same for `evaluate`, which fails with status 1.
pub fn evaluate_refuses(case: &str, project: &Project, args: &[&str], parts: &[&str]) {
    let before = contents(&project.path("artifacts"));
    let output = evaluate(project, args);
    refused(case, "evaluate", project, &output, 1, parts);
    assert_eq!(contents(&project.path("artifacts")), before, "no file may change");
}

/// Asserts what `program` said when it refused.
pub fn refused(
    case: &str,
    program: &'static str,
    project: &Project,
    output: &Output,
    status: i32,
    parts: &[&str],
) {
    let said = Said::from_output(program, project, output);
    said.assert_says(parts);
    assert_eq!(said.status, status, "{}", said.message);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "stdout is for results");
    assert_documented(case, &said);
}
