//! The report of several trainings as one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use assert_cmd::Command;
use common::{Scene, make_campaign};
use shoebox_artifact::records::{CampaignRecord, read_predictions};
use shoebox_report::{CampaignOutcome, Options, run_campaign};
use std::{collections::BTreeSet, fs, path::PathBuf};

fn report(artifacts: &std::path::Path, campaign: PathBuf) -> CampaignOutcome {
    let options = Options { run: Some(campaign), artifacts: artifacts.to_owned() };
    run_campaign(&options).unwrap().unwrap()
}

#[test]
fn the_page_shows_every_run_the_pooled_accuracy_and_the_spread() {
    let (made, campaign) = make_campaign(&Scene::default());
    let outcome = report(made.artifacts(), campaign.path().to_owned());
    let (_, rows) = read_predictions(&campaign.out_of_fold()).unwrap();
    let right = rows.iter().filter(|row| row.label == row.predicted).count() as u64;
    let pooled = outcome.report.out_of_fold.as_ref().unwrap();
    assert_eq!((pooled.count, pooled.correct), (156, right));
    let html = fs::read_to_string(&outcome.index).unwrap();
    for part in [
        "Out of fold: class by class",
        "Suspected label errors",
        "fold 1",
        "fold 2",
        "mean of 2 runs, standard deviation",
        "optimistic",
        &made.run.name(),
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(html.matches("line member").count(), 4, "two runs in two charts");
    let folder = campaign.report();
    for chart in ["loss", "accuracy", "confusion_matrix_out_of_fold"] {
        for ending in ["svg", "png"] {
            assert!(folder.join(format!("{chart}.{ending}")).is_file(), "{chart}.{ending}");
        }
    }
    assert!(!html.contains("http://") && !html.contains("<script"));
}

#[test]
fn suspects_are_confident_mistakes_with_their_pictures_from_any_split() {
    let (made, campaign) = make_campaign(&Scene::default());
    let outcome = report(made.artifacts(), campaign.path().to_owned());
    let suspects = &outcome.report.suspects;
    assert!(suspects.len() > 2);
    assert!(suspects.is_sorted_by_key(|one| (one.label_probability * 1e6) as u64));
    let (_, rows) = read_predictions(&campaign.out_of_fold()).unwrap();
    let wrong: BTreeSet<&str> =
        rows.iter().filter(|row| row.label != row.predicted).map(|row| &*row.path).collect();
    assert!(suspects.iter().all(|one| wrong.contains(&*one.path) && one.label != one.looks_like));
    assert!(suspects.len() < wrong.len(), "unsure mistakes are none");
    let splits: BTreeSet<_> = suspects.iter().map(|one| one.path.split('/').nth(2)).collect();
    assert_eq!(splits.len(), 2, "{splits:?}");
    let html = fs::read_to_string(&outcome.index).unwrap();
    assert_eq!(html.matches("<img").count(), suspects.len());
}

#[test]
fn the_program_takes_a_campaign_by_path_or_by_name() {
    let (made, campaign) = make_campaign(&Scene::default());
    for name in [campaign.path().to_owned(), PathBuf::from(campaign.name())] {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("report"));
        let output = command.arg(name).arg("--artifacts").arg(made.artifacts()).assert().success();
        let (stdout, stderr) = (&output.get_output().stdout, &output.get_output().stderr);
        let (stdout, stderr) = (String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr));
        assert!(stdout.trim_end().ends_with("report/index.html"), "{stdout}");
        for part in ["2 folds in", "out_of_fold accuracy", "suspected label error", "looks like"] {
            assert!(stderr.contains(part), "{part}: {stderr}");
        }
    }
}

#[test]
fn a_campaign_without_a_run_yet_is_refused() {
    let (made, campaign) = make_campaign(&Scene::default());
    let mut record = CampaignRecord::read(&campaign.record()).unwrap();
    record.members.clear();
    shoebox_artifact::atomic::write_json(&campaign.record(), &record).unwrap();
    let options =
        Options { run: Some(campaign.path().to_owned()), artifacts: made.artifacts().to_owned() };
    let error = run_campaign(&options).unwrap_err().to_string();
    assert!(error.contains("no run of the campaign has ended yet"), "{error}");
}

#[test]
fn without_cache_and_runs_the_numbers_are_still_there() {
    let (made, campaign) = make_campaign(&Scene::default());
    fs::remove_dir_all(&made.cache).unwrap();
    fs::remove_dir_all(made.run.path()).unwrap();
    let outcome = report(made.artifacts(), campaign.path().to_owned());
    assert_eq!((outcome.report.runs.len(), outcome.report.campaign.members.len()), (1, 2));
    assert!(outcome.report.cautions.iter().any(|text| text.starts_with("Pictures are left out")));
}
