//! What a comparison of runs says, file by file.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Made, Scene, another_run, make};
use shoebox_artifact::{RunDir, atomic, fingerprint};
use shoebox_report::{CompareOptions, CompareOutcome, ReportError, compare, comparison_table};
use std::{fs, path::PathBuf};

/// Two runs on 76 val images: A is wrong for every ninth, B for every fifth.
fn two() -> (Made, RunDir) {
    let made = make(&Scene::default());
    let other = another_run(&made, &Scene { wrong_every: 5, epochs: 30, ..Scene::default() });
    (made, other)
}

fn options(made: &Made, runs: &[&RunDir]) -> CompareOptions {
    let runs = runs.iter().map(|run| PathBuf::from(run.name())).collect();
    CompareOptions { runs, artifacts: made.artifacts().to_owned() }
}

fn compared(made: &Made, runs: &[&RunDir]) -> CompareOutcome {
    compare(&options(made, runs)).unwrap()
}

fn html(outcome: &CompareOutcome) -> String {
    fs::read_to_string(&outcome.index).unwrap()
}

/// Changes the text of a file.
fn edit(path: &std::path::Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from} is not in {}", path.display());
    atomic::write(path, text.replace(from, to).as_bytes()).unwrap();
}

#[test]
fn writes_page_numbers_and_overlaid_curves_as_a_whole() {
    let (made, other) = two();
    let outcome = compared(&made, &[&made.run, &other]);
    let folder = outcome.index.parent().unwrap();
    assert!(folder.starts_with(made.artifacts().join("comparisons")));
    for name in ["val_loss", "val_accuracy", "train_loss", "train_accuracy"] {
        assert!(folder.join(format!("{name}.png")).is_file(), "{name}");
        let svg = fs::read_to_string(folder.join(format!("{name}.svg"))).unwrap();
        assert_eq!(svg.matches("<polyline").count(), 2, "{name}");
        assert!(svg.contains(">A</text>") && svg.contains(">B</text>"), "{name}");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("comparison.json")).unwrap()).unwrap();
    assert_eq!((&json["format_version"], &json["runs"][1]["letter"]), (&1.into(), &"B".into()));
}

/// Of rows 0 to 75, A is wrong for 8, 17, 26, 35, 44, 53, 62, 71 (8 images), B
/// for 4, 9, …, 74 (15). Both are wrong for 44 alone. So A alone is right for 14,
/// B alone for 7, neither for 1, both for the other 54.
#[test]
fn the_paired_counts_are_those_counted_by_hand() {
    let (made, other) = two();
    let outcome = compared(&made, &[&made.run, &other]);
    let [test] = &outcome.comparison.tests[..] else { panic!("val alone was measured") };
    let counts = test.pairs[0].counts;
    let found = [counts.both, counts.only_a, counts.only_b, counts.neither];
    assert_eq!((found, counts.total()), ([54, 14, 7, 1], 76));
    // P(X ≤ 7) of Binomial(21, ½) is 0.0946; McNemar's p is twice that.
    assert!((test.pairs[0].p - 0.18925).abs() < 1e-4, "{}", test.pairs[0].p);
    let said = comparison_table(&outcome.comparison);
    let verdict = "14 images only A got right, 7 only B: p = 0.189: no evidence of a difference.";
    assert!(said.contains(verdict) && html(&outcome).contains(verdict), "{said}");
}

#[test]
fn the_images_on_which_they_differ_are_shown_with_what_each_said() {
    let (made, other) = two();
    let page = html(&compared(&made, &[&made.run, &other]));
    assert_eq!(page.matches("<img ").count(), 14 + 7);
    assert_eq!(page.matches("class=\"opinion\"").count(), 2 * (14 + 7));
}

#[test]
fn only_what_differs_between_the_specs_is_listed() {
    let (made, other) = two();
    let same = compared(&made, &[&made.run, &other]);
    assert!(same.comparison.differences.is_empty() && html(&same).contains("Nothing: every key"));
    edit(&other.record(), "\"batch_size\": 32", "\"batch_size\": 64");
    let outcome = compared(&made, &[&made.run, &other]);
    let keys: Vec<_> = outcome.comparison.differences.iter().map(|one| &*one.key).collect();
    assert_eq!(keys, ["train.batch_size"]);
    assert!(comparison_table(&outcome.comparison).contains("  train.batch_size: 32 | 64\n"));
}

#[test]
fn three_runs_make_three_corrected_tests() {
    let (made, other) = two();
    let third = another_run(&made, &Scene { wrong_every: 3, ..Scene::default() });
    let outcome = compared(&made, &[&made.run, &other, &third]);
    let pairs = &outcome.comparison.tests[0].pairs;
    assert_eq!(pairs.iter().map(|pair| pair.runs).collect::<Vec<_>>(), [[0, 1], [0, 2], [1, 2]]);
    assert!(pairs.iter().all(|pair| pair.p_holm >= pair.p));
    assert!(comparison_table(&outcome.comparison).contains("after Holm’s correction"));
}

#[test]
fn runs_of_other_images_are_not_tested_and_the_rest_is_shown() {
    let (made, other) = two();
    edit(&other.predictions("val"), "val/nike/001.jpg", "val/nike/999.jpg");
    let outcome = compared(&made, &[&made.run, &other]);
    let [test] = &outcome.comparison.tests[..] else { panic!("val alone was measured") };
    assert!(test.pairs.is_empty());
    let reason =
        "A and B: their val splits are not the same images (76 and 76, 75 of them in both)";
    assert_eq!(test.untested, [reason]);
    let page = html(&outcome);
    assert!(page.contains(reason) && page.contains("<polyline"));
}

#[test]
fn images_of_two_caches_are_compared_by_their_contents() {
    let (made, other) = two();
    let first = made.cache.file_name().unwrap().to_str().unwrap();
    let digest = fingerprint::digest(b"another recipe");
    edit(&other.record(), first, &digest[..first.len()]);
    let untested = || compared(&made, &[&made.run, &other]).comparison.tests[0].untested.clone();
    let said = untested().join("; ");
    assert!(said.contains("whether the images are the same cannot be told"), "{said}");

    let copy = made.cache.with_file_name(&digest[..first.len()]);
    for entry in fs::read_dir(&made.cache).unwrap().map(Result::unwrap) {
        let bytes = fs::read(entry.path()).unwrap();
        atomic::write(&copy.join(entry.file_name()), &bytes).unwrap();
    }
    assert_eq!(untested(), [""; 0]);

    let image = fingerprint::digest(b"data/sneakers/val/nike/001.jpg");
    edit(&copy.join("samples.csv"), &image, &digest);
    let said = untested().join("; ");
    assert!(said.contains("val/nike/001.jpg is another image in the cache of one"), "{said}");
}

#[test]
fn refuses_a_run_that_is_named_twice() {
    let made = make(&Scene::default());
    let error: ReportError = compare(&options(&made, &[&made.run, &made.run])).unwrap_err();
    let error = error.to_string();
    assert!(error.ends_with("the run is named twice; name each run once"), "{error}");
}

#[test]
fn nothing_is_fetched_from_anywhere() {
    let (made, other) = two();
    let page = html(&compared(&made, &[&made.run, &other]));
    for forbidden in ["http://", "https://", "url(", "@import", "<script", "<iframe", "src=\"/"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
}
