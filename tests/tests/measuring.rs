//! Figures of a trained network, and what `predict` makes of them.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::{
    Artifacts, RunDir,
    records::{Calibration, Evaluation, Prediction, RunRecord, read_predictions},
};
use shoebox_infer::Predictor;
use shoebox_model::Checkpoint;
use shoebox_spec::{Device, Tta};
use shoebox_tests::{Project, draw};
use shoebox_train::{EvaluateOptions, Outcome, evaluate_run};
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
        calibrate: false,
        precision: None,
    };
    evaluate_run(&options).unwrap().evaluations.remove(0)
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
    assert_eq!(counts(&record.evaluations[1]), counts(&evaluation));
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

/// A project in which a fifth of val and test has the wrong label: a network
/// that has learned is surer than it is right.
fn mislabelled() -> Project {
    let project = Project::new();
    for (split, count) in [("val", 5), ("test", 3)] {
        for number in 0..count {
            for (class, other) in [(0, "stripes"), (1, "discs")] {
                let path = format!("data/{split}/{other}/wrong{number}.png");
                draw(class, 500 + 10 * split.len() as u64 + number)
                    .save(project.path(&path))
                    .unwrap();
            }
        }
    }
    project.prep(&[]).unwrap();
    project
}

fn card_calibration(run: &RunDir) -> Option<Calibration> {
    Checkpoint::read(&run.best_checkpoint()).unwrap().card.calibration
}

/// Numbers that went through JSON, or were made in batches of another size, may
/// differ in their last digits.
fn assert_fitted_alike(one: &Calibration, other: &Calibration) {
    let (temperature, wanted) = (one.temperature(), other.temperature());
    assert!((temperature - wanted).abs() < 1e-4, "{temperature} and {wanted}");
    let counts =
        |fitted: &Calibration| fitted.reject.as_ref().map(|one| (one.accepted, one.correct));
    assert_eq!((one.images, counts(one)), (other.images, counts(other)));
}

/// The split, and how many are right and answered.
fn counts(evaluation: &Evaluation) -> (&str, u64, Option<u64>) {
    let answered = evaluation.answered.as_ref().map(|answered| answered.count);
    (&evaluation.split, evaluation.correct, answered)
}

fn calibrate(project: &Project, run: &RunDir, precision: Option<f64>) -> Vec<Evaluation> {
    let options = EvaluateOptions {
        run: run.path().to_owned(),
        artifacts: project.path("artifacts"),
        split: "val".to_owned(),
        device: Device::Cpu,
        tta: None,
        calibrate: true,
        precision,
    };
    evaluate_run(&options).unwrap().evaluations
}

#[test]
fn a_network_that_is_too_sure_gets_a_temperature_that_its_checkpoint_keeps() {
    let project = mislabelled();
    let outcome = project.train(&["train.epochs=8", "train.checkpoint.keep=last"]).unwrap();
    let (run, record) = (outcome.run, outcome.record);
    let fitted = record.calibration.clone().unwrap();
    assert_eq!((fitted.images, &fitted.reject), (30, &None));
    assert!(fitted.temperature.unwrap() > 1.2, "{fitted:?}");
    assert_fitted_alike(&card_calibration(&run).unwrap(), &fitted);
    let val = &record.evaluations[0];
    let at = val.calibrated.as_ref().unwrap();
    assert!(at.loss < val.loss && at.ece < val.ece.unwrap(), "{val:?}");
    for evaluation in &record.evaluations {
        let rows = predictions(&run, &evaluation.split);
        assert_agree(&predict(&run, &rows, None), &rows);
        let right = rows.iter().filter(|row| row.predicted == row.label).count() as u64;
        assert_eq!(right, evaluation.correct, "no answer changes");
    }
}

#[test]
fn calibrating_later_is_calibrating_at_once() {
    let project = mislabelled();
    let with = "evaluate.reject.precision=0.6";
    let Outcome { run, record, .. } = project.train(&["train.epochs=8", with]).unwrap();
    let mut checkpoint = Checkpoint::read(&run.best_checkpoint()).unwrap();
    checkpoint.card.calibration = None;
    checkpoint.rewrite().unwrap();
    let evaluations = calibrate(&project, &run, Some(0.6));
    let again = RunRecord::read(&run.record()).unwrap();
    assert!(again.evaluations.iter().map(counts).eq(evaluations.iter().map(counts)));
    assert!(again.evaluations.iter().map(counts).eq(record.evaluations.iter().map(counts)));
    assert_eq!(card_calibration(&run), again.calibration);
    let [at_once, later] = [record.calibration, again.calibration].map(Option::unwrap);
    assert_fitted_alike(&at_once, &later);
    assert!(later.reject.is_some());
}

/// Ground without a figure is neither a disc nor stripes.
#[test]
fn a_picture_of_nothing_that_was_learned_is_unknown() {
    let project = Project::prepared();
    let outcome = project.train(&["train.epochs=8", "evaluate.reject.precision=0.9"]).unwrap();
    let fitted = outcome.record.calibration.unwrap();
    let reject = fitted.reject.unwrap();
    assert!(reject.accepted >= 10 && reject.correct * 10 >= reject.accepted * 9, "{reject:?}");
    let val = &outcome.record.evaluations[0];
    let answered = val.answered.as_ref().unwrap();
    assert_eq!((answered.count, answered.correct), (reject.accepted, reject.correct));
    let odd = project.path("odd.png");
    image::RgbImage::from_pixel(48, 48, image::Rgb([128; 3])).save(&odd).unwrap();
    let nowhere = Artifacts::new("no-such-folder");
    let open = || Predictor::open(&outcome.run.best_checkpoint(), &nowhere, Device::Cpu).unwrap();
    let ask = |predictor: Predictor, path: &PathBuf| {
        let mut found = Vec::new();
        predictor
            .predict(std::slice::from_ref(path), |_, result| found.push(result.unwrap()))
            .unwrap();
        found.remove(0)
    };
    let unknown = ask(open(), &odd);
    assert!(unknown.is_unknown, "{unknown:?} with {reject:?}");
    assert!(!ask(open().without_threshold(), &odd).is_unknown);
    let unknown = predictions(&outcome.run, "val")
        .into_iter()
        .filter(|row| ask(open(), &PathBuf::from(&row.path)).is_unknown);
    assert_eq!(unknown.count() as u64, val.count - answered.count, "as in the evaluation");
}

#[test]
fn a_precision_that_val_does_not_reach_makes_nothing_unknown() {
    let project = mislabelled();
    let outcome = project.train(&["evaluate.reject.precision=0.99"]).unwrap();
    let fitted = outcome.record.calibration.unwrap();
    assert_eq!(fitted.reject, None);
    assert_eq!(outcome.record.evaluations[0].answered, None);
    let notes = shoebox_train::calibration_notes(Some(&fitted), true, Some(0.99));
    assert!(notes.iter().any(|note| note.starts_with("no threshold")), "{notes:?}");
}
