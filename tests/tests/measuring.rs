//! Figures of a trained network, and what `predict` makes of them.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::{
    Artifacts, RunDir,
    records::{Evaluation, Prediction, RunRecord, read_predictions},
};
use shoebox_infer::Predictor;
use shoebox_model::Checkpoint;
use shoebox_spec::{Device, Tta};
use shoebox_tests::Project;
use shoebox_train::{EvaluateOptions, evaluate_run};
use std::path::PathBuf;

/// A network whose weights fit pictures of any size.
const ANY_SIZE: &str = "model.layers=[{rescale: {scale: 0.004}}, \
    {conv2d: {filters: 16, kernel: 3, activation: relu}}, {max_pool2d: {size: 2}}, \
    {conv2d: {filters: 8, kernel: 3, activation: relu}}, {global_average_pool2d: {}}, \
    {dense: {units: classes}}]";

fn train(project: &Project, assignments: &[&str]) -> (RunDir, RunRecord) {
    let outcome = project.train(&[&[ANY_SIZE, "train.epochs=2"], assignments].concat()).unwrap();
    (outcome.run, outcome.record)
}

fn predictions(run: &RunDir, split: &str) -> Vec<Prediction> {
    read_predictions(&run.predictions(split)).unwrap().1
}

fn evaluate(project: &Project, run: &RunDir, split: &str, tta: Option<Tta>) -> Evaluation {
    let options = EvaluateOptions {
        run: run.path().to_owned(),
        artifacts: project.path("artifacts"),
        split: split.to_owned(),
        device: Device::Cpu,
        tta,
    };
    evaluate_run(&options).unwrap().1
}

/// `predict` on the files of these predictions.
fn predict(run: &RunDir, rows: &[Prediction], tta: Option<Tta>) -> Vec<Vec<f32>> {
    let nowhere = Artifacts::new("no-such-folder");
    let mut predictor = Predictor::open(&run.best_checkpoint(), &nowhere, Device::Cpu).unwrap();
    if let Some(tta) = tta {
        predictor = predictor.with_tta(tta);
    }
    let files: Vec<PathBuf> = rows.iter().map(|row| PathBuf::from(&row.path)).collect();
    let mut found = Vec::new();
    predictor.predict(&files, |_, result| found.push(result.unwrap().probabilities)).unwrap();
    found
}

fn assert_agree(found: &[Vec<f32>], rows: &[Prediction]) {
    assert_eq!(found.len(), rows.len());
    for (found, row) in found.iter().zip(rows) {
        for (found, wanted) in found.iter().zip(&row.probabilities) {
            assert!((found - wanted).abs() < 1e-6, "{}: {found} and {wanted}", row.path);
        }
    }
}

/// The views are written in one place, and the checkpoint carries which.
#[test]
fn predict_sees_the_views_that_the_evaluation_saw() {
    let project = Project::prepared();
    let (run, record) = train(&project, &["evaluate.tta=ten_crop"]);
    assert_eq!(record.evaluations[1].tta.as_deref(), Some("ten_crop"));
    let rows = predictions(&run, "test");
    assert_agree(&predict(&run, &rows, None), &rows);
    let plain = predict(&run, &rows, Some(Tta::None));
    assert!(plain.iter().zip(&rows).any(|(plain, row)| *plain != row.probabilities));

    // Evaluating again tells which views they were, in both places.
    let evaluation = evaluate(&project, &run, "test", Some(Tta::None));
    assert_eq!(evaluation.tta, None);
    let rows = predictions(&run, "test");
    assert_agree(&plain, &rows);
    let record = RunRecord::read(&run.record()).unwrap();
    assert_eq!(record.evaluations.len(), 2, "in the place of the earlier one");
    assert_eq!(record.evaluations[1], evaluation);
}

/// Training sees small pictures; val, test and `predict` those of the cache.
#[test]
fn a_training_size_changes_training_alone() {
    let project = Project::prepared();
    let (run, record) = train(&project, &["train.image_size=16"]);
    let (whole, _) = train(&project, &[]);
    let card = Checkpoint::read(&run.best_checkpoint()).unwrap().card;
    assert_eq!(card.image_size, [24, 24], "what `predict` prepares");
    assert_ne!(predictions(&run, "val"), predictions(&whole, "val"));
    assert_eq!(record.spec["train"]["image_size"], serde_json::json!([16, 16]));
    let rows = predictions(&run, "val");
    assert_agree(&predict(&run, &rows, None), &rows);
}
