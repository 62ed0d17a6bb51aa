//! What the report says about the audit.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use common::{Made, Scene, make, path};
use shoebox_artifact::records::{Finding, Severity};
use shoebox_report::{Options, Outcome, run, table};

/// Pictures on a page without findings: eight mistakes and the sample sheet.
const OTHERS: usize = 9;

fn report(made: &Made) -> Outcome {
    run(&Options { run: None, artifacts: made.artifacts().to_owned() }).unwrap()
}

fn images(html: &str) -> usize {
    html.matches("<img ").count()
}

fn leak(scene: &Scene, row: usize) -> Finding {
    let paths = vec![path(scene, "train", row), path(scene, "val", row)];
    let fact = "nearly the same picture in train and val";
    let remedy = "move both into one split, or leave the copies out with `data.audit`";
    Finding::new("leakage", Severity::Warning, paths, fact, remedy)
}

fn grey(scene: &Scene, rows: usize) -> Finding {
    let paths = (0..rows).map(|row| path(scene, "train", row)).collect();
    let fact = "grey, made into three equal channels";
    Finding::new("converted_grey", Severity::Note, paths, fact, "nothing needs to be done")
}

#[test]
fn each_finding_has_severity_fact_remedy_paths_and_pictures() {
    let mut scene = Scene::default();
    scene.findings = vec![leak(&scene, 3), grey(&scene, 1)];
    let made = make(&scene);
    let outcome = report(&made);
    let html = made.html();
    for text in [
        ">Audit</h2>",
        "<span class=\"badge warning\">warning</span> Leakage",
        "<span class=\"badge note\">note</span> Converted grey",
        "nearly the same picture in train and val",
        "or leave the copies out with <code>data.audit</code>.",
        "data/<wbr>sneakers/<wbr>train/<wbr>nike/<wbr>003.jpg",
        "The splits share pictures (1 group alike across splits)",
        "The audit of the pictures found 1 warning; see Audit.",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert_eq!(images(&html), OTHERS + 2 + 1);
    assert!(table(&outcome.report).contains("audit: 0 errors, 1 warning, 1 note\n"));
}

#[test]
fn counts_and_findings_are_in_the_numbers() {
    let mut scene = Scene::default();
    scene.findings = vec![leak(&scene, 3), leak(&scene, 4), grey(&scene, 5)];
    let made = make(&scene);
    report(&made);
    let audit = &made.json()["audit"];
    let counts = ["errors", "warnings", "notes"].map(|name| audit[name].as_u64());
    assert_eq!(counts, [Some(0), Some(2), Some(1)]);
    assert_eq!(audit["complete"], true);
    assert_eq!(audit["findings"][2]["paths"].as_array().unwrap().len(), 5);
}

#[test]
fn ten_thousand_findings_make_a_page_of_modest_size() {
    let mut scene = Scene::default();
    let leaks = (0..9_990).map(|number| leak(&scene, number % 76));
    scene.findings = leaks.chain((0..10).map(|_| grey(&scene, 3000))).collect();
    let made = make(&scene);
    report(&made);
    let html = made.html();
    assert!(html.contains("And 9,982 more of this kind"), "leakage");
    assert!(html.contains("× 9,990"));
    // Two of each of eight leaks; twelve of the first note and of the second.
    assert_eq!(images(&html), OTHERS + 16 + 24);
    assert!(html.contains("2,988 more"));
    assert!(html.len() < 1_500_000, "{}", html.len());
}

#[test]
fn files_that_are_not_in_the_cache_have_no_picture() {
    let paths = vec!["data/<b>/broken.jpg".to_owned()];
    let remedy = "it is left out; repair or remove it";
    let finding = Finding::new("unreadable", Severity::Warning, paths, "no picture", remedy);
    let made = make(&Scene { findings: vec![finding], ..Scene::default() });
    report(&made);
    assert_eq!(images(&made.html()), OTHERS);
    assert!(made.html().contains("data/<wbr>&lt;b&gt;/<wbr>broken.jpg"));
}

#[test]
fn an_audit_without_findings_says_so() {
    let made = make(&Scene::default());
    let outcome = report(&made);
    assert!(made.html().contains("Nothing was noticed about the pictures."));
    assert!(table(&outcome.report).contains("audit: 0 errors, 0 warnings, 0 notes\n"));
}

#[test]
fn an_audit_that_was_off_says_so() {
    let made = make(&Scene { audited: false, ..Scene::default() });
    let outcome = report(&made);
    assert!(made.html().contains("The audit was off"));
    assert!(table(&outcome.report).contains("audit: off; reading showed 0 errors"));
}

#[test]
fn pictures_left_out_are_counted() {
    let made = make(&Scene { dropped: 3, ..Scene::default() });
    report(&made);
    assert!(made.html().contains(", 3 left out since their like is in another split"));
}

#[test]
fn without_a_cache_nothing_is_said_of_the_audit() {
    let made = make(&Scene::default());
    std::fs::remove_dir_all(&made.cache).unwrap();
    let outcome = report(&made);
    assert!(!made.html().contains("#audit") && !made.html().contains(">Audit<"));
    assert!(made.json()["audit"].is_null());
    assert!(!table(&outcome.report).contains("audit:"));
}
