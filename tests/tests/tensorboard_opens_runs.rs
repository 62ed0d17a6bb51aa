//! The real TensorBoard, where pip can install it, reads what a run writes.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use serde_json::{Value, json};
use shoebox_artifact::{jsonl, records::MetricRow};
use shoebox_tests::{Project, python, workspace};
use std::{path::Path, process::Command};

const PACKAGES: [&str; 1] = ["tensorboard==2.21.0"];

/// What TensorBoard's own reader sees of a run, by the folder of each event file.
fn look(python: &Path, run: &Path) -> Value {
    let script = workspace().join("tests/fixtures/open_events.py");
    let output = Command::new(python).arg(script).arg(run.join("tensorboard")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// As TensorBoard keeps it: an f32.
fn of(rows: &[MetricRow], split: &str, figure: fn(&MetricRow) -> f64) -> Value {
    let rows = rows.iter().filter(|row| row.split == split);
    json!(rows.map(|row| (row.epoch, f64::from(figure(row) as f32))).collect::<Vec<_>>())
}

/// Scalars as the f32 that they are: reading JSON may miss an f64's last digit.
fn in_f32(scalars: &Value) -> Value {
    let points = scalars.as_array().into_iter().flatten();
    let rounded = |point: &Value| json!([point[0], f64::from(point[1].as_f64().unwrap() as f32)]);
    points.map(rounded).collect()
}

#[test]
fn tensorboard_sees_curves_confusion_matrix_and_pipeline() {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("tensorboard-venv");
    let Some(python) = python(&venv, &PACKAGES) else { return };
    let project = Project::prepared();
    let run = project.train(&["train.epochs=3", "train.tensorboard=true"]).unwrap().run;
    let rows: Vec<MetricRow> = jsonl::read(&run.metrics()).unwrap();
    let seen = look(&python, run.path());
    for (folder, split) in [("train", "train"), ("validation", "val")] {
        let scalars = &seen[folder]["scalars"];
        let seen = |tag| in_f32(&scalars[tag]);
        assert_eq!(seen("epoch_loss"), of(&rows, split, |row| row.loss), "{folder}");
        assert_eq!(seen("epoch_accuracy"), of(&rows, split, |row| row.accuracy), "{folder}");
    }
    let rates = &seen["train"]["scalars"]["epoch_learning_rate"];
    assert_eq!(in_f32(rates), of(&rows, "train", |row| row.learning_rate));
    let yaml = std::fs::read_to_string(project.pipeline()).unwrap();
    assert_eq!(seen["train"]["texts"]["pipeline"], json!([[0, format!("```yaml\n{yaml}\n```\n")]]));
    let matrices = seen["validation"]["images"]["confusion_matrix"].as_array().unwrap();
    assert_eq!(matrices.iter().map(|picture| picture[0].clone()).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(matrices.iter().all(|picture| picture[1].as_u64() > Some(300)), "{matrices:?}");
    let tables = &seen["validation"]["texts"]["confusion_matrix_table"];
    assert!(tables[2][1].as_str().unwrap().contains("| **discs** |"), "{tables}");
}

#[test]
fn a_run_without_the_key_has_no_event_files() {
    let project = Project::prepared();
    let run = project.short_run();
    assert!(run.metrics_table().is_file() && !run.path().join("tensorboard").exists());
}
