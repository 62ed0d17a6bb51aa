//! What the report says, file by file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Made, Scene, make};
use shoebox_artifact::{atomic, records::RunStatus};
use shoebox_report::{Options, Outcome, ReportError, run, table};
use std::fs;

fn options(made: &Made) -> Options {
    Options { run: None, artifacts: made.artifacts().to_owned() }
}

fn report(made: &Made) -> Outcome {
    run(&options(made)).unwrap()
}

/// The one line that a user sees, with the temporary folder's name taken out.
fn refusal(made: &Made) -> String {
    let error: ReportError = run(&options(made)).unwrap_err();
    error.to_string().replace(&made.run.path().display().to_string(), "RUN")
}

fn images(html: &str) -> usize {
    html.matches("<img ").count()
}

#[test]
fn writes_page_numbers_and_charts_as_a_whole() {
    let made = make(&Scene::default());
    let outcome = report(&made);
    assert_eq!(outcome.index, made.run.report().join("index.html"));
    let mut files: Vec<_> = fs::read_dir(made.run.report())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let expected = [
        "accuracy.png",
        "accuracy.svg",
        "confusion_matrix_val.png",
        "confusion_matrix_val.svg",
        "coverage_val.png",
        "coverage_val.svg",
        "index.html",
        "learning_rate.png",
        "learning_rate.svg",
        "loss.png",
        "loss.svg",
        "reliability_val.png",
        "reliability_val.svg",
        "report.json",
    ];
    assert_eq!(files, expected);
    for file in files.iter().filter(|file| file.ends_with(".png")) {
        let picture = image::open(made.run.report().join(file)).unwrap().to_rgb8();
        let colours: std::collections::HashSet<_> = picture.pixels().collect();
        assert!(colours.len() > 20, "{file} has {} colours", colours.len());
    }
}

/// 76 images, of which every ninth is wrong: 8, from 9 on, so 4 in each class
/// (rows 8, 26, 44, 62 are adidas; 17, 35, 53, 71 are nike).
#[test]
fn numbers_are_those_counted_by_hand() {
    let made = make(&Scene::default());
    report(&made);
    let json = made.json();
    let val = &json["splits"][0];
    assert_eq!((val["count"].as_u64(), val["correct"].as_u64()), (Some(76), Some(68)));
    assert_eq!(val["confusion_matrix"]["counts"], serde_json::json!([[34, 4], [4, 34]]));
    assert_eq!(val["baseline_accuracy"], 0.5);
    let class = &val["classes"][0];
    for figure in ["precision", "recall", "f1"] {
        assert_eq!(class[figure], 34.0 / 38.0, "{figure}");
    }
    assert_eq!(val["misclassified"].as_array().unwrap().len(), 8);
    assert_eq!(json["epochs"].as_array().unwrap().len(), 23);
    assert_eq!(json["run"]["best_epoch"], 17);
}

#[test]
fn the_most_confident_mistake_comes_first() {
    let made = make(&Scene::default());
    let confidences: Vec<f32> = report(&made).report.splits[0]
        .misclassified
        .iter()
        .map(|mistake| mistake.confidence)
        .collect();
    assert!(confidences.is_sorted_by(|a, b| a >= b), "{confidences:?}");
}

#[test]
fn the_page_shows_each_mistake_and_the_sample_sheet() {
    let made = make(&Scene::default());
    report(&made);
    assert_eq!(images(&made.html()), 8 + 1);
}

#[test]
fn a_gallery_is_capped_and_says_how_many_more_there_are() {
    let scene =
        Scene { splits: vec![("train", 2), ("val", 100)], wrong_every: 2, ..Scene::default() };
    let made = make(&scene);
    report(&made);
    let html = made.html();
    assert_eq!(images(&html), 60 + 1);
    assert!(html.contains("And 40 more"));
}

#[test]
fn val_and_test_each_have_their_section_and_files() {
    let scene = Scene { splits: vec![("train", 4), ("val", 9), ("test", 9)], ..Scene::default() };
    let made = make(&scene);
    report(&made);
    let html = made.html();
    assert!(html.contains("Validation: class by class") && html.contains("Test: class by class"));
    assert!(html.contains("the accuracy on test is the fair one"));
    assert!(made.run.report().join("confusion_matrix_test.png").is_file());
}

#[test]
fn names_with_markup_in_them_are_shown_as_text() {
    let classes = ["<b>", "\"><script>alert(1)</script>"].map(str::to_owned).to_vec();
    let made = make(&Scene { classes, ..Scene::default() });
    atomic::write(&made.run.pipeline(), b"# </code><script>alert(2)</script>").unwrap();
    report(&made);
    let html = made.html();
    assert!(!html.contains("<b>") && !html.contains("<script"));
    assert!(html.contains("&lt;b&gt;") && html.contains("&lt;script&gt;alert(2)"));
}

#[test]
fn nothing_is_fetched_from_anywhere() {
    let made = make(&Scene::default());
    report(&made);
    let html = made.html();
    for forbidden in ["http://", "https://", "url(", "@import", "<script", "<iframe", "src=\"/"] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn a_run_at_work_is_reported_with_what_it_has() {
    let scene =
        Scene { status: RunStatus::Running, predictions: false, epochs: 5, ..Scene::default() };
    let made = make(&scene);
    let outcome = report(&made);
    let html = made.html();
    assert!(
        html.contains("at work when this report was written") && html.contains("5 epochs of 60")
    );
    assert!(html.contains("There are no predictions yet"));
    assert!(made.run.report().join("loss.svg").is_file());
    assert!(table(&outcome.report).contains("note: There are no predictions yet"));
}

#[test]
fn a_missing_cache_costs_the_pictures_and_nothing_else() {
    let made = make(&Scene::default());
    fs::remove_dir_all(&made.cache).unwrap();
    report(&made);
    let html = made.html();
    assert_eq!(images(&html), 0);
    assert_eq!(html.matches("no picture").count(), 8);
    assert!(html.contains("there is no such cache"));
    assert_eq!(made.json()["splits"][0]["correct"], 68);
}

#[test]
fn a_damaged_cache_costs_the_pictures_and_is_named() {
    let made = make(&Scene::default());
    atomic::write(&made.cache.join("val.0"), b"short").unwrap();
    report(&made);
    assert_eq!(images(&made.html()), 0);
    assert!(made.html().contains("the cache is damaged"));
}

#[test]
fn a_thousand_classes_make_a_page_of_modest_size() {
    let classes = (0..1000).map(|class| format!("class {class:04}")).collect();
    let splits = vec![("train", 1), ("val", 2)];
    let made = make(&Scene { classes, splits, side: 8, ..Scene::default() });
    let outcome = report(&made);
    let html = made.html();
    assert!(html.len() < 3_000_000, "{}", html.len());
    assert!(html.contains("Most confused pairs") && html.contains("All 1000 classes"));
    assert!(table(&outcome.report).lines().count() < 40);
}

#[test]
fn a_newer_report_takes_the_place_of_an_older_one() {
    let made = make(&Scene::default());
    report(&made);
    atomic::write(&made.run.report().join("stray.txt"), b"old").unwrap();
    report(&made);
    assert!(!made.run.report().join("stray.txt").exists());
    let leftovers = fs::read_dir(made.run.path()).unwrap().flatten();
    let leftovers = leftovers.filter(|entry| entry.path().extension().is_some_and(|e| e == "tmp"));
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn refuses_an_artifacts_folder_without_runs() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { run: None, artifacts: folder.path().to_owned() };
    let error = run(&options).unwrap_err().to_string();
    assert!(
        error.ends_with("runs: there is no run; run `train pipelines/sneakers.yaml` first"),
        "{error}"
    );
}

#[test]
fn refuses_a_folder_that_is_no_run() {
    let folder = tempfile::tempdir().unwrap();
    let run_path = Some(folder.path().to_owned());
    let options = Options { run: run_path, artifacts: folder.path().to_owned() };
    let error = run(&options).unwrap_err().to_string();
    assert!(
        error.contains("this is no run (there is no run.json in it); pass a folder of"),
        "{error}"
    );
}

#[test]
fn refuses_a_run_whose_first_epoch_has_not_ended() {
    let scene =
        Scene { epochs: 0, status: RunStatus::Running, predictions: false, ..Scene::default() };
    assert_eq!(
        refusal(&make(&scene)),
        "RUN/metrics.jsonl: no epoch has ended yet; run `report` again once the first one has"
    );
}

#[test]
fn refuses_a_run_that_failed_before_its_first_epoch() {
    let scene =
        Scene { epochs: 0, status: RunStatus::Failed, predictions: false, ..Scene::default() };
    assert_eq!(
        refusal(&make(&scene)),
        "RUN/metrics.jsonl: the run ended before its first epoch did; train again"
    );
}

#[test]
fn refuses_a_record_of_a_newer_version() {
    let made = make(&Scene::default());
    let text = fs::read_to_string(made.run.record()).unwrap();
    let text = text.replace("\"format_version\": 1", "\"format_version\": 2");
    atomic::write(&made.run.record(), text.as_bytes()).unwrap();
    assert_eq!(
        refusal(&made),
        "RUN/run.json: format version 2, this build reads 1; use the Shoebox that trained it, or train again"
    );
}

#[test]
fn refuses_a_record_that_is_not_json() {
    let made = make(&Scene::default());
    atomic::write(&made.run.record(), b"{").unwrap();
    let refusal = refusal(&made);
    assert!(refusal.starts_with("RUN/run.json: not the record it should be:"), "{refusal}");
    assert!(refusal.ends_with("; use the Shoebox that trained it, or train again"), "{refusal}");
}

#[test]
fn refuses_a_line_of_metrics_that_is_no_record_and_names_it() {
    let made = make(&Scene::default());
    let text = fs::read_to_string(made.run.metrics()).unwrap();
    atomic::write(&made.run.metrics(), text.replacen("\"loss\":", "\"los\":", 1).as_bytes())
        .unwrap();
    let refusal = refusal(&made);
    assert!(refusal.starts_with("RUN/metrics.jsonl: line 1 is not a record:"), "{refusal}");
}

#[test]
fn forgives_a_torn_last_line_of_metrics() {
    let made = make(&Scene::default());
    let mut text = fs::read_to_string(made.run.metrics()).unwrap();
    text.push_str("{\"epoch\":24,\"spl");
    atomic::write(&made.run.metrics(), text.as_bytes()).unwrap();
    assert_eq!(report(&made).report.epochs.len(), 23);
}

#[test]
fn refuses_predictions_of_other_classes() {
    let made = make(&Scene::default());
    let csv = "path,label,predicted,cat,dog\n";
    atomic::write(&made.run.predictions("val"), csv.as_bytes()).unwrap();
    assert_eq!(
        refusal(&made),
        "RUN/predictions/val.csv: its columns are the classes cat, dog, run.json has adidas, nike; run `evaluate` again"
    );
}

#[test]
fn refuses_a_prediction_of_a_class_that_is_none() {
    let made = make(&Scene::default());
    let csv =
        "path,label,predicted,adidas,nike\na.jpg,adidas,nike,0.4,0.6\nb.jpg,puma,nike,0.4,0.6\n";
    atomic::write(&made.run.predictions("val"), csv.as_bytes()).unwrap();
    assert_eq!(
        refusal(&made),
        "RUN/predictions/val.csv: row 2: `puma` is not one of the run's classes; run `evaluate` again"
    );
}

#[test]
fn refuses_a_probability_that_is_none() {
    let made = make(&Scene::default());
    let csv = "path,label,predicted,adidas,nike\na.jpg,adidas,nike,0.4,NaN\n";
    atomic::write(&made.run.predictions("val"), csv.as_bytes()).unwrap();
    assert_eq!(
        refusal(&made),
        "RUN/predictions/val.csv: row 1: NaN is no probability; run `evaluate` again"
    );
}

#[test]
fn refuses_to_write_beside_another_writer_and_keeps_the_older_report() {
    let made = make(&Scene::default());
    report(&made);
    let _lock = made.run.lock_report().unwrap();
    assert_eq!(
        refusal(&made),
        "RUN/.report.lock: another process is writing here; wait for it to end, or stop it"
    );
    assert!(made.run.report().join("index.html").is_file());
}
