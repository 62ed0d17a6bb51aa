//! Pictures in, accuracy and report out: the stages one after the other, and
//! what each leaves for the next.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::{
    Artifacts, RunDir, jsonl,
    records::{Evaluation, MetricRow, Prediction, RunStatus, read_predictions, read_samples},
};
use shoebox_infer::Predictor;
use shoebox_spec::Device;
use shoebox_tests::{CLASSES, Project, tensors, workspace};
use shoebox_train::{EvaluateOptions, Outcome, evaluate_run};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// A project that is prepared and trained once for all tests, which only read it.
struct Trained {
    project: Project,
    outcome: Outcome,
}

static TRAINED: LazyLock<Trained> = LazyLock::new(|| {
    let project = Project::prepared();
    let outcome = project.train(&[]).expect("the project is in order");
    Trained { project, outcome }
});

fn evaluate(project: &Project, run: &RunDir, split: &str) -> Evaluation {
    let options = EvaluateOptions {
        run: run.path().to_owned(),
        artifacts: project.path("artifacts"),
        split: split.to_owned(),
        device: Device::Cpu,
        tta: None,
        calibrate: false,
        precision: None,
    };
    evaluate_run(&options).unwrap().evaluations.remove(0)
}

fn metrics(run: &RunDir) -> Vec<MetricRow> {
    jsonl::read(&run.metrics()).unwrap()
}

fn predictions(run: &RunDir, split: &str) -> Vec<Prediction> {
    let (names, rows) = read_predictions(&run.predictions(split)).unwrap();
    assert_eq!(names, CLASSES);
    rows
}

/// Probabilities of `checkpoint` for these picture files.
fn predict(checkpoint: &Path, pictures: &[PathBuf]) -> Vec<Vec<f32>> {
    let nowhere = Artifacts::new("no-such-folder");
    let predictor = Predictor::open(checkpoint, &nowhere, Device::Cpu).unwrap();
    let mut probabilities = Vec::new();
    predictor
        .predict(pictures, |_, result| probabilities.push(result.unwrap().probabilities))
        .unwrap();
    probabilities
}

fn assert_close(found: &[f32], wanted: &[f32], what: &str) {
    assert_eq!(found.len(), wanted.len());
    let largest = found.iter().zip(wanted).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(largest < 1e-6, "{what}: {largest}");
}

#[test]
fn a_small_network_learns_to_tell_discs_from_stripes() {
    let record = &TRAINED.outcome.record;
    assert_eq!(record.status, RunStatus::Finished);
    assert_eq!(record.class_names, CLASSES);
    for (split, count) in [("val", 20), ("test", 12)] {
        let evaluation = record.evaluations.iter().find(|found| found.split == split).unwrap();
        assert_eq!(evaluation.count, count);
        assert!(evaluation.accuracy() > 0.9, "{split}: {}", evaluation.accuracy());
    }
    let losses: Vec<f64> = metrics(&TRAINED.outcome.run)
        .iter()
        .filter(|row| row.split == "train")
        .map(|row| row.loss)
        .collect();
    assert_eq!(losses.len(), 5);
    assert!(losses[4] < losses[0], "{losses:?}");
}

#[test]
fn the_best_weights_read_back_give_the_best_epochs_figures() {
    let Trained { outcome, .. } = &*TRAINED;
    let best = outcome.record.best_epoch.unwrap();
    let row = metrics(&outcome.run)
        .into_iter()
        .find(|row| row.epoch == best && row.split == "val")
        .unwrap();
    let val = &outcome.record.evaluations[0];
    assert_eq!((val.split.as_str(), val.loss, val.accuracy()), ("val", row.loss, row.accuracy));
}

#[test]
fn predictions_agree_with_the_evaluation() {
    let Trained { project, outcome } = &*TRAINED;
    for split in ["val", "test", "train"] {
        let evaluation = evaluate(project, &outcome.run, split);
        let rows = predictions(&outcome.run, split);
        assert_eq!(rows.len() as u64, evaluation.count);
        let correct = rows.iter().filter(|row| row.predicted == row.label).count() as u64;
        assert_eq!(correct, evaluation.correct, "{split}");
        let loss = |row: &Prediction| {
            let class = CLASSES.iter().position(|name| *name == row.label).unwrap();
            -f64::from(row.probabilities[class]).ln()
        };
        let loss = rows.iter().map(loss).sum::<f64>() / rows.len() as f64;
        // The probabilities are those at the temperature, where there is one.
        let wanted = evaluation.calibrated.map_or(evaluation.loss, |calibrated| calibrated.loss);
        assert!((loss - wanted).abs() < 1e-5, "{split}: {loss} and {wanted}");
    }
}

#[test]
fn predictions_name_the_samples_of_the_split_in_order() {
    let Trained { project, outcome } = &*TRAINED;
    let samples = read_samples(&project.cache_folder().join("samples.csv")).unwrap();
    let samples: Vec<_> = samples.into_iter().filter(|sample| sample.split == "val").collect();
    let rows = predictions(&outcome.run, "val");
    assert_eq!(rows.len(), samples.len());
    for (row, sample) in rows.iter().zip(samples) {
        assert_eq!(row.path, sample.path);
        assert_eq!(row.label, CLASSES[sample.label as usize]);
        assert!(row.path.contains(&format!("/{}/", row.label)), "{}", row.path);
    }
}

/// Training and serving cannot drift: a file that goes through `predict` gets
/// the probabilities that its row of the cache got in the evaluation.
#[test]
fn predicting_the_files_gives_the_evaluations_probabilities() {
    let Trained { outcome, .. } = &*TRAINED;
    for split in ["val", "test"] {
        let rows = predictions(&outcome.run, split);
        let files: Vec<PathBuf> = rows.iter().map(|row| PathBuf::from(&row.path)).collect();
        let probabilities = predict(&outcome.run.best_checkpoint(), &files);
        for (row, probabilities) in rows.iter().zip(&probabilities) {
            assert_close(probabilities, &row.probabilities, &row.path);
        }
    }
}

#[test]
fn the_checkpoint_alone_is_enough_to_predict() {
    let Trained { project, outcome } = &*TRAINED;
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("model.safetensors");
    fs::copy(outcome.run.best_checkpoint(), &copy).unwrap();
    let picture = elsewhere.path().join("photo");
    fs::copy(project.path("data/val/stripes/1.png"), &picture).unwrap();
    let probabilities = predict(&copy, &[picture]);
    assert!(probabilities[0][1] > 0.5, "{probabilities:?}");
}

#[test]
fn the_report_has_page_numbers_and_charts() {
    let Trained { project, outcome } = &*TRAINED;
    let options = shoebox_report::Options { run: None, artifacts: project.path("artifacts") };
    let reported = shoebox_report::run(&options).unwrap();
    assert_eq!(reported.index, outcome.run.report().join("index.html"));
    for name in [
        "index.html",
        "report.json",
        "loss.svg",
        "loss.png",
        "confusion_matrix_val.png",
        "confusion_matrix_test.svg",
    ] {
        assert!(outcome.run.report().join(name).metadata().unwrap().len() > 500, "{name}");
    }
    let val = &reported.report.splits[0];
    let evaluation = &outcome.record.evaluations[0];
    assert_eq!((val.count, val.correct), (evaluation.count, evaluation.correct));
}

/// Metrics without what differs from one run to the next: how long it took.
fn figures(run: &RunDir) -> Vec<(u32, String, f64, f64, f64)> {
    let figures =
        |row: MetricRow| (row.epoch, row.split, row.loss, row.accuracy, row.learning_rate);
    metrics(run).into_iter().map(figures).collect()
}

#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let project = Project::prepared();
    let runs = ["seed=7", "seed=7", "seed=8"]
        .map(|seed| project.train(&["train.epochs=2", seed]).unwrap().run);
    let [first, again, other] = &runs;
    for path in [RunDir::best_checkpoint, RunDir::last_checkpoint] {
        assert!(tensors(&path(first)) == tensors(&path(again)));
        assert!(tensors(&path(first)) != tensors(&path(other)));
    }
    assert_eq!(figures(first), figures(again));
    assert_ne!(figures(first), figures(other));
}

#[test]
fn preparing_anew_changes_no_byte_that_training_reads() {
    let project = Project::prepared();
    let before = shoebox_tests::contents(&project.cache_folder());
    fs::remove_dir_all(project.path("artifacts")).unwrap();
    project.prep(&[]).unwrap();
    assert_eq!(shoebox_tests::contents(&project.cache_folder()), before);
}

/// A cache may be all that another machine gets.
#[test]
fn training_goes_on_without_the_pictures() {
    let project = Project::prepared();
    fs::remove_dir_all(project.path("data")).unwrap();
    let record = project.train(&["train.epochs=1"]).unwrap().record;
    assert_eq!(record.status, RunStatus::Finished);
}

#[test]
fn early_stopping_ends_a_run_and_says_so() {
    let project = Project::prepared();
    let stopping = "train.early_stopping={monitor: val_accuracy, patience: 2, min_delta: 1.0}";
    let outcome = project.train(&["train.epochs=50", stopping]).unwrap();
    assert_eq!(outcome.record.status, RunStatus::StoppedEarly);
    assert_eq!(metrics(&outcome.run).len(), 2 * 3, "two epochs after the first");
}

#[test]
fn real_photographs_are_prepared_and_trained_on() {
    let photographs = workspace().join("../shared/data/sneakers");
    if !photographs.is_dir() {
        println!("skipped: there are no photographs at {}", photographs.display());
        return;
    }
    let project = Project::new();
    for (split, folder) in [("train", "train"), ("val", "test")] {
        let from =
            format!("{split}: {}/data/{split}", project.path("").display()).replace("//", "/");
        project.edit_pipeline(&from, &format!("{split}: {}", photographs.join(folder).display()));
    }
    let test = format!("  test: {}/data/test\n", project.path("").display()).replace("//", "/");
    project.edit_pipeline(&test, "");
    project.edit_pipeline("image_size: 24", "image_size: 32\n  unreadable: skip");
    let summary = project.prep(&[]).unwrap();
    assert_eq!(summary.class_names, ["adidas", "nike"]);
    assert_eq!(summary.images(), 402 + 60);
    let outcome = project.train(&["train.epochs=1", "train.batch_size=32"]).unwrap();
    assert_eq!(outcome.record.evaluations[0].count, 60);
    assert!(metrics(&outcome.run).iter().all(|row| row.loss.is_finite() && row.loss < 2.0));
}
