//! `docs/guides/bad-input.md` is true: what it says of `prep` and `report` is
//! what they say (their own tests look closer), and a test stands behind
//! each of its rows.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::{atomic, records::RunStatus};
use shoebox_prep::PrepError;
use shoebox_tests::{Project, Said, assert_documented, documented_cases, workspace};
use std::fs;

/// Prepares `project` after `change`, which must fail as documented for `case`.
fn prep_refuses(case: &str, change: impl FnOnce(&Project)) {
    let project = Project::new();
    change(&project);
    let error = project.prep(&[]).expect_err(case);
    documented(case, &project, &error);
    let caches = fs::read_dir(project.path("artifacts/cache")).into_iter().flatten().flatten();
    let left: Vec<_> =
        caches.map(|entry| entry.file_name()).filter(|name| name != ".lock").collect();
    assert!(left.is_empty(), "{case}: {left:?} is left");
}

fn documented(case: &str, project: &Project, error: &PrepError) {
    let status = if error.is_usage() { 2 } else { 1 };
    let message = project.neutral(&error.to_string());
    assert_documented(case, &Said { program: "prep", message, status });
}

fn remove(project: &Project, name: &str) {
    fs::remove_dir_all(project.path(name)).unwrap();
}

#[test]
fn what_prep_says_of_folders() {
    prep_refuses("a missing folder", |project| remove(project, "data/train"));
    prep_refuses("an empty folder", |project| {
        remove(project, "data/train");
        fs::create_dir(project.path("data/train")).unwrap();
    });
    prep_refuses("pictures without class folders", |project| {
        remove(project, "data/train");
        project.write("data/train/1.jpg", b"");
    });
    prep_refuses("one class", |project| remove(project, "data/train/discs"));
    prep_refuses("a file where a folder should be", |project| {
        remove(project, "data/val");
        project.write("data/val", b"a file");
    });
    prep_refuses("a class only in val", |project| {
        project.write("data/val/squares/0.jpg", b"");
    });
    prep_refuses("a class without pictures", |project| {
        remove(project, "data/train/discs");
        fs::create_dir(project.path("data/train/discs")).unwrap();
    });
}

#[test]
fn what_prep_says_of_files() {
    prep_refuses("an unreadable picture", |project| {
        project.write("data/train/discs/3.png", b"<html>404</html>");
    });
    prep_refuses("a class without readable pictures", |project| {
        project.edit_pipeline("image_size: 24", "image_size: 24\n  unreadable: skip");
        remove(project, "data/test/discs");
        project.write("data/test/discs/0.png", b"<html>404</html>");
    });
}

#[test]
fn what_prep_says_of_artifacts() {
    let project = Project::new();
    project.write("artifacts", b"a file");
    let error = project.prep(&[]).unwrap_err();
    documented("artifacts that cannot be written to", &project, &error);
    assert_eq!(fs::read(project.path("artifacts")).unwrap(), b"a file");

    let project = Project::new();
    let lock = project.artifacts().lock_caches().unwrap();
    let error = project.prep(&[]).unwrap_err();
    documented("two writers at once", &project, &error);
    drop(lock);
    documented("no cache yet, with `--verify`", &project, &project.verify().unwrap_err());
}

#[test]
fn what_prep_says_of_damage() {
    let project = Project::prepared();
    let file = project.cache_folder().join("train.safetensors");
    let whole = fs::read(&file).unwrap();
    project.damage(&file, |bytes| bytes[60_000] ^= 4);
    documented("a flipped bit, with `--verify`", &project, &project.verify().unwrap_err());
    project.damage(&file, |bytes| bytes.truncate(60_000));
    documented("a truncated cache, with `--verify`", &project, &project.verify().unwrap_err());
    assert!(!project.prep(&[]).unwrap().up_to_date, "a truncated cache is made anew");
    assert!(fs::read(&file).unwrap() == whole);
}

fn report_refuses(case: &str, project: &Project) {
    let options = shoebox_report::Options { run: None, artifacts: project.path("artifacts") };
    let error = shoebox_report::run(&options).expect_err(case);
    let message = project.neutral(&error.to_string());
    assert_documented(case, &Said { program: "report", message, status: 1 });
}

#[test]
fn what_report_says_of_runs() {
    let project = Project::prepared();
    report_refuses("no run yet", &project);
    let outcome = project.train(&["train.epochs=1"]).unwrap();
    let (run, mut record) = (outcome.run, outcome.record);
    fs::remove_file(run.metrics()).unwrap();
    report_refuses("a run that failed before its first epoch ended", &project);
    record.status = RunStatus::Running;
    atomic::write_json(&run.record(), &record).unwrap();
    report_refuses("a run without an epoch yet", &project);
    record.format_version = 2;
    atomic::write_json(&run.record(), &record).unwrap();
    report_refuses("a run of a newer version", &project);
}

/// The text of every test file of the workspace.
fn tests() -> String {
    let mut text = String::new();
    let mut folders = vec![workspace().join("tests/tests")];
    let crates = fs::read_dir(workspace().join("crates")).unwrap();
    folders.extend(crates.map(|entry| entry.unwrap().path().join("tests")));
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                text += &fs::read_to_string(&path).unwrap();
            }
        }
    }
    text
}

/// The disk that is full under `prep` is a test of `prep` itself.
const ELSEWHERE: [(&str, &str, &str); 1] =
    [("the disk is full", "prep", "a_disk_that_fills_up_leaves_no_cache")];

#[test]
fn a_test_stands_behind_every_row() {
    let (cases, tests) = (documented_cases(), tests());
    assert!(cases.len() > 50, "{} cases", cases.len());
    for (case, program) in &cases {
        let elsewhere = ELSEWHERE.iter().find(|(known, of, _)| known == case && of == program);
        let wanted = elsewhere.map_or(format!("\"{case}\""), |(_, _, test)| format!("fn {test}("));
        assert!(tests.contains(&wanted), "no test has {wanted}");
    }
    let mut unique = cases.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), cases.len(), "a row stands twice");
}
