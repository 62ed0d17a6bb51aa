//! The program `predict`: manners and bad input. Its checkpoint is the golden
//! one, which knows the classes `falling` and `rising`.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::records::{Calibration, Rejection};
use shoebox_model::Checkpoint;
use shoebox_tests::{Project, Said, assert_documented, draw, workspace};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

fn golden(name: &str) -> PathBuf {
    workspace().join("tests/fixtures").join(name)
}

/// A project with the golden checkpoint as `best.safetensors`.
fn project() -> Project {
    let project = Project::new();
    fs::copy(golden("golden-checkpoint-v1.safetensors"), project.path("best.safetensors")).unwrap();
    project
}

/// Runs `predict` in the project's folder.
fn predict(project: &Project, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_predict"));
    command.current_dir(project.path("")).args(args).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn refuses(case: &str, project: &Project, args: &[&str], parts: &[&str]) {
    let output = predict(project, args);
    let said = Said::from_output("predict", project, &output);
    said.assert_says(parts);
    assert_eq!(said.status, 1, "{}", said.message);
    assert_eq!(stdout(&output), "", "stdout is for results");
    assert_documented(case, &said);
}

#[test]
fn help_has_an_example_and_goes_to_stdout() {
    let output = predict(&project(), &["--help"]);
    assert!(output.status.success() && output.stderr.is_empty());
    assert!(stdout(&output).contains("Example:\n  predict "), "{}", stdout(&output));
}

#[test]
fn a_bad_command_line_is_status_2() {
    for args in [&[][..], &["best.safetensors"], &["best.safetensors", "x.jpg", "--device", "gpu"]]
    {
        let output = predict(&project(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && stderr(&output).starts_with("error: "));
    }
}

#[test]
fn a_line_per_picture_goes_to_stdout_the_likeliest_class_first() {
    let output =
        predict(&project(), &["best.safetensors", "data/val/discs", "data/test/stripes/1.png"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(output.stderr.is_empty(), "{}", stderr(&output));
    let lines = stdout(&output);
    assert_eq!(lines.lines().count(), 11);
    assert!(lines.starts_with("data/val/discs/0.jpg: ") && lines.contains("falling 0."), "{lines}");
}

#[test]
fn json_is_an_object_per_picture_whose_probabilities_sum_to_1() {
    let args = ["best.safetensors", "data/val/discs/0.jpg", "data/val/discs/1.png", "--json"];
    let output = predict(&project(), &args);
    let lines = stdout(&output);
    for (line, path) in lines.lines().zip(&args[1..3]) {
        let object: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(object["path"], *path);
        let probabilities = object["probabilities"].as_object().unwrap();
        let sum: f64 = probabilities.values().map(|value| value.as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-6, "{line}");
        let (likeliest, _) = probabilities
            .iter()
            .max_by(|a, b| a.1.as_f64().partial_cmp(&b.1.as_f64()).unwrap())
            .unwrap();
        assert_eq!(object["class"], likeliest.as_str());
    }
    assert_eq!(lines.lines().count(), 2);
}

/// The golden checkpoint with a threshold that only sure answers reach.
fn with_threshold(project: &Project, threshold: f64) {
    let mut checkpoint = Checkpoint::read(&project.path("best.safetensors")).unwrap();
    let reject = Rejection { precision: 0.9, threshold, accepted: 20, correct: 19 };
    checkpoint.card.calibration =
        Some(Calibration { images: 20, temperature: Some(2.0), reject: Some(reject) });
    checkpoint.rewrite().unwrap();
}

#[test]
fn an_answer_below_the_threshold_is_unknown_unless_every_answer_is_wanted() {
    let project = project();
    with_threshold(&project, 0.999_999);
    let picture = "data/val/discs/0.jpg";
    let line = stdout(&predict(&project, &["best.safetensors", picture]));
    assert!(line.starts_with("data/val/discs/0.jpg: unknown (") && line.ends_with(")\n"), "{line}");
    let line = stdout(&predict(&project, &["best.safetensors", picture, "--no-reject"]));
    assert!(!line.contains("unknown"), "{line}");
    let json = |args: &[&str]| -> serde_json::Value {
        let all = [&["best.safetensors", picture, "--json"], args].concat();
        serde_json::from_str(&stdout(&predict(&project, &all))).unwrap()
    };
    let (unknown, known) = (json(&[]), json(&["--no-reject"]));
    assert_eq!(unknown["class"], serde_json::Value::Null);
    assert_eq!(unknown["best_guess"], known["class"]);
    assert_eq!(unknown["probabilities"], known["probabilities"]);
    assert_eq!(known.get("best_guess"), None);
}

#[test]
fn a_threshold_that_every_answer_reaches_changes_nothing() {
    let project = project();
    with_threshold(&project, 0.5);
    let line = stdout(&predict(&project, &["best.safetensors", "data/val/discs/0.jpg"]));
    assert!(!line.contains("unknown"), "{line}");
}

#[test]
fn more_views_give_other_probabilities_and_the_same_format() {
    let project = project();
    let ask = |tta: &str| {
        stdout(&predict(&project, &["best.safetensors", "data/val/discs/0.jpg", "--tta", tta]))
    };
    let plain = stdout(&predict(&project, &["best.safetensors", "data/val/discs/0.jpg"]));
    assert_eq!(ask("none"), plain);
    assert!(ask("ten_crop").starts_with("data/val/discs/0.jpg: "));
    let output = predict(&project, &["best.safetensors", "data/val/discs", "--tta", "mirror"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("expected `none`, `flip` or `ten_crop`"));
}

#[test]
fn a_picture_that_is_none_is_named_and_the_others_are_predicted() {
    let project = project();
    project.write("data/val/discs/3.png", b"<html>404</html>");
    let output = predict(&project, &["best.safetensors", "data/val/discs"]);
    assert_eq!(stdout(&output).lines().count(), 9, "{}", stdout(&output));
    let first = stderr(&output).lines().next().unwrap().trim_start_matches("error: ").to_owned();
    let said = Said { program: "predict", message: first, status: output.status.code().unwrap() };
    said.assert_says(&["data/val/discs/3.png: not a picture", "pass a whole JPEG, PNG"]);
    assert_eq!(said.status, 1);
    assert!(
        stderr(&output)
            .ends_with("error: 1 of the pictures could not be read; they are named above\n")
    );
    assert_documented("a file that is no picture", &said);
}

#[test]
fn a_picture_that_is_not_there_is_refused() {
    let parts = ["gone.jpg: there is no such file or folder", "pass pictures"];
    refuses("no such picture", &project(), &["best.safetensors", "gone.jpg"], &parts);
}

#[test]
fn a_folder_without_pictures_is_refused() {
    let project = project();
    fs::create_dir(project.path("empty")).unwrap();
    let parts = ["empty: there is no picture in this folder", "pass pictures"];
    refuses("a folder without pictures", &project, &["best.safetensors", "empty"], &parts);
}

#[test]
fn a_run_that_is_not_there_is_refused() {
    let parts = ["nothing.safetensors: this is no run", "pass a folder of artifacts/runs"];
    refuses("no such run or checkpoint", &project(), &["nothing.safetensors", "data/val"], &parts);
}

#[test]
fn a_file_that_is_no_checkpoint_is_refused() {
    let parts = ["0.jpg: not a whole safetensors file", "pass another checkpoint"];
    refuses("not a checkpoint at all", &project(), &["data/val/discs/0.jpg", "data/val"], &parts);
}

#[test]
fn a_truncated_checkpoint_is_refused() {
    let project = project();
    project.damage(&project.path("best.safetensors"), |bytes| bytes.truncate(bytes.len() - 1));
    let parts = ["best.safetensors: not a whole safetensors file", "pass another checkpoint"];
    refuses("a truncated checkpoint", &project, &["best.safetensors", "data/val"], &parts);
}

#[test]
fn a_newer_checkpoint_is_refused_naming_both_versions() {
    let project = project();
    project.damage(&project.path("best.safetensors"), |bytes| {
        let (from, to) = (br#"\"format_version\":1"#, br#"\"format_version\":2"#);
        let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to);
    });
    let parts = ["best.safetensors: format version 2, this build reads 1", "train again"];
    refuses("a checkpoint of a newer version", &project, &["best.safetensors", "data/val"], &parts);
}

#[test]
fn a_checkpoint_of_another_network_is_refused_naming_every_tensor() {
    let project = project();
    let path = project.path("best.safetensors");
    let Checkpoint { card, mut tensors, .. } = Checkpoint::read(&path).unwrap();
    let bias = tensors.remove("model.dense.bias").unwrap();
    tensors.insert("model.dense_1.bias".to_owned(), bias);
    Checkpoint::write(&path, &card, &tensors.into_iter().collect::<Vec<_>>())
        .unwrap()
        .publish()
        .unwrap();
    let parts = ["model.dense_1.bias is extra", "model.dense.bias is missing", "use the pipeline"];
    refuses("a checkpoint of another network", &project, &["best.safetensors", "data/val"], &parts);
}

#[test]
fn a_run_without_an_epoch_is_refused() {
    let project = project();
    project.write("artifacts/runs/tiny/run.json", b"{}");
    let parts = ["checkpoints/best.safetensors: no epoch has ended yet", "wait for the first one"];
    refuses("a run without an epoch yet", &project, &["tiny", "data/val"], &parts);
}

#[test]
fn a_picture_of_any_size_and_format_is_taken() {
    let project = project();
    for name in ["one.bmp", "one.webp", "one.gif", "one.tiff"] {
        draw(0, 5).save(project.path(name)).unwrap();
        let output = predict(&project, &["best.safetensors", name]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
    }
}
