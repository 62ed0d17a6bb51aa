//! `train --seeds` and `train --folds`: several trainings as one.
#![cfg(unix)]

use crate::{
    interrupt::Training,
    programs::{evaluate_refuses, train, train_refuses},
};
use serde_json::Value;
use shoebox_artifact::{
    CampaignDir, RunDir, jsonl,
    records::{
        CampaignKind, CampaignRecord, Manifest, MetricRow, Prediction, RunRecord, RunStatus,
        Weights, read_predictions, read_samples,
    },
};
use shoebox_model::Checkpoint;
use shoebox_tests::{Project, draw};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

fn campaign(
    project: &Project,
    kind: CampaignKind,
    assignments: &[&str],
) -> (CampaignDir, CampaignRecord) {
    let folder = project.campaign(kind, assignments).unwrap().campaign;
    let record = CampaignRecord::read(&folder.record()).unwrap();
    (folder, record)
}

fn runs(project: &Project, record: &CampaignRecord) -> Vec<RunDir> {
    record.members.iter().map(|member| project.artifacts().run(&member.run)).collect()
}

fn predictions(run: &RunDir) -> Vec<Prediction> {
    read_predictions(&run.predictions("val")).unwrap().1
}

fn assert_close(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-5, "{found} instead of {wanted}");
}

/// Mean, and deviation with n − 1.
fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (mean, (squares / (count - 1.0)).sqrt())
}

#[test]
fn folds_measure_every_picture_once_by_a_network_that_has_not_seen_it() {
    let project = Project::prepared();
    let folds = CampaignKind::Folds(3);
    let (folder, record) = campaign(&project, folds, &["train.epochs=2"]);
    assert_eq!((record.status, record.members.len()), (RunStatus::Finished, 3));
    let (classes, all) = read_predictions(&folder.out_of_fold()).unwrap();
    assert_eq!(classes, ["discs", "stripes"]);
    let samples = read_samples(&project.cache_folder().join(Manifest::SAMPLES_FILE)).unwrap();
    let pooled = samples.iter().filter(|sample| sample.split != "test");
    let wanted: BTreeMap<&str, &str> =
        pooled.map(|sample| (&*sample.path, &*classes[sample.label as usize])).collect();
    let found: BTreeMap<&str, &str> = all.iter().map(|row| (&*row.path, &*row.label)).collect();
    assert_eq!((found, all.len()), (wanted, 68));

    let mut seen = BTreeSet::new();
    for (run, number) in runs(&project, &record).iter().zip(1..) {
        let part = RunRecord::read(&run.record()).unwrap().campaign.unwrap();
        assert_eq!((part.name, part.number, part.kind), (folder.name(), number, folds));
        let rows = predictions(run);
        assert!((22..=23).contains(&rows.len()), "{}", rows.len());
        for row in rows {
            assert!(seen.insert(row.path.clone()), "{} is in two folds", row.path);
            let pooled = all.iter().find(|other| other.path == row.path).unwrap();
            assert_eq!(pooled.probabilities, row.probabilities);
        }
        let train_rows: Vec<MetricRow> = jsonl::read(&run.metrics()).unwrap();
        let trained = (train_rows[0].images_per_second * train_rows[0].seconds).round() as usize;
        assert_eq!(trained + predictions(run).len(), 68);
        assert!(run.best_checkpoint().is_file() && !run.last_checkpoint().exists());
        assert!(!run.predictions("test").exists(), "test is not looked at");
    }
}

#[test]
fn pooled_figures_are_those_of_the_predictions() {
    let project = Project::prepared();
    let (folder, record) = campaign(&project, CampaignKind::Folds(2), &["train.epochs=2"]);
    let (classes, all) = read_predictions(&folder.out_of_fold()).unwrap();
    let right = all.iter().filter(|row| row.label == row.predicted).count();
    let loss = |row: &Prediction| {
        let label = classes.iter().position(|class| *class == row.label).unwrap();
        -f64::from(row.probabilities[label]).ln()
    };
    let pooled = record.pooled[0];
    assert_eq!((pooled.weights, pooled.count), (Weights::Best, all.len() as u64));
    assert_eq!(pooled.correct, right as u64);
    assert_close(pooled.loss, all.iter().map(loss).sum::<f64>() / all.len() as f64);
    // Wilson's interval, as E. B. Wilson wrote it.
    let (n, p, z) = (68.0, right as f64 / 68.0, 1.959_964);
    let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let low = (p + z * z / (2.0 * n) - half) / (1.0 + z * z / n);
    assert_close(pooled.interval_95.low, low);

    let runs = runs(&project, &record);
    let accuracy = |run: &RunDir| {
        let rows = predictions(run);
        rows.iter().filter(|row| row.label == row.predicted).count() as f64 / rows.len() as f64
    };
    let (mean, sd) = mean_and_sd(&runs.iter().map(accuracy).collect::<Vec<_>>());
    let figure = record.figure("val", Weights::Best).unwrap();
    assert_close(figure.accuracy.mean, mean);
    assert_close(figure.accuracy.sd.unwrap(), sd);
    let last = |run: &RunDir| jsonl::read::<MetricRow>(&run.metrics()).unwrap()[3].loss;
    let (mean, sd) = mean_and_sd(&runs.iter().map(last).collect::<Vec<_>>());
    let figure = record.figure("val", Weights::Last).unwrap();
    assert_close(figure.loss.mean, mean);
    assert_close(figure.loss.sd.unwrap(), sd);
    assert!(record.figure("test", Weights::Best).is_none());
}

#[test]
fn statistics_of_pixels_are_of_a_folds_own_training_pictures() {
    let project = Project::prepared();
    let (_, record) = campaign(&project, CampaignKind::Folds(2), &["train.epochs=1"]);
    let cache = project.cache();
    let samples = read_samples(&project.cache_folder().join(Manifest::SAMPLES_FILE)).unwrap();
    for run in runs(&project, &record) {
        let held_out: BTreeSet<String> =
            predictions(&run).into_iter().map(|row| row.path).collect();
        let learned =
            samples.iter().filter(|one| one.split != "test" && !held_out.contains(&one.path));
        let (mut sum, mut count) = (0u64, 0u64);
        for sample in learned {
            let row = cache.split(&sample.split).unwrap().row(sample.row as usize);
            sum += row.iter().step_by(3).map(|&value| u64::from(value)).sum::<u64>();
            count += row.len() as u64 / 3;
        }
        let card = Checkpoint::read(&run.best_checkpoint()).unwrap().card;
        assert!((card.mean[0] - sum as f64 / count as f64 / 255.0).abs() < 1e-12);
        assert_ne!(card.mean, cache.manifest().mean);
    }
}

#[test]
fn copies_are_in_one_fold_whichever_splits_they_lie_in() {
    let project = Project::new();
    let original = project.path("data/train/stripes/1.png");
    project.write("data/val/stripes/copy.png", &fs::read(&original).unwrap());
    // The same picture, as `Project` draws it, in another light.
    let mut brighter = draw(1, 5001);
    brighter.pixels_mut().for_each(|pixel| pixel.0 = pixel.0.map(|tone| tone.saturating_add(9)));
    brighter.save(project.path("data/train/stripes/brighter.png")).unwrap();
    project.prep(&[]).unwrap();
    let (_, record) = campaign(&project, CampaignKind::Folds(7), &["train.epochs=1"]);
    let homes = runs(&project, &record).into_iter().enumerate().flat_map(|(fold, run)| {
        let of_group = |row: &Prediction| {
            ["train/stripes/1.png", "copy.png", "brighter.png"]
                .iter()
                .any(|n| row.path.ends_with(n))
        };
        let rows = predictions(&run).into_iter().filter(of_group);
        rows.map(move |row| (row.path, fold)).collect::<Vec<_>>()
    });
    let homes: Vec<_> = homes.collect();
    assert_eq!(homes.len(), 3, "{homes:?}");
    assert!(homes.iter().all(|(_, fold)| *fold == homes[0].1), "{homes:?}");
}

#[test]
fn seeds_differ_and_the_first_is_an_ordinary_run() {
    let project = Project::prepared();
    let (_, record) = campaign(&project, CampaignKind::Seeds(3), &["train.epochs=2"]);
    let seeds: Vec<u64> = record.members.iter().map(|member| member.seed).collect();
    assert_eq!(seeds, [7, 8, 9]);
    let losses = |run: &RunDir| -> Vec<f64> {
        jsonl::read::<MetricRow>(&run.metrics()).unwrap().iter().map(|row| row.loss).collect()
    };
    let runs = runs(&project, &record);
    let ordinary = project.train(&["train.epochs=2"]).unwrap().run;
    assert_eq!(losses(&runs[0]), losses(&ordinary));
    assert_eq!(
        losses(&runs[1]),
        losses(&project.train(&["train.epochs=2", "seed=8"]).unwrap().run)
    );
    assert_ne!(losses(&runs[1]), losses(&runs[2]));
    let test: Vec<f64> =
        record.members.iter().map(|member| member.evaluations[1].accuracy()).collect();
    let (mean, sd) = mean_and_sd(&test);
    let figure = record.figure("test", Weights::Best).unwrap();
    assert_eq!(figure.runs, 3);
    assert_close(figure.accuracy.mean, mean);
    assert_close(figure.accuracy.sd.unwrap(), sd);
    assert!(record.pooled.is_empty());
}

#[test]
fn the_folder_goes_to_stdout_and_a_table_to_stderr() {
    let project = Project::prepared();
    let output = train(&project, &["--folds", "2", "--set", "train.epochs=1"]);
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    let folder = project.artifacts().find_campaign(stdout.trim_end().as_ref()).unwrap();
    assert!(folder.out_of_fold().is_file());
    for part in
        ["68 pictures of train and val in 2 folds", "fold 2 of 2", "mean ± sd", "out of fold"]
    {
        assert!(stderr.contains(part), "{part}: {stderr}");
    }
    assert_eq!(stderr.matches("Parameters").count(), 1, "the network is shown once: {stderr}");
}

#[test]
fn what_cannot_be_is_refused_before_there_is_a_run() {
    let project = Project::prepared();
    for args in [&["--seeds", "1"][..], &["--folds", "0"], &["--folds", "2", "--seeds", "2"]] {
        let output = train(&project, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty());
    }
    let parts = ["68 pictures", "too few for 100 folds"];
    train_refuses("more folds than pictures", &project, &["--folds", "100"], 1, &parts);
    assert!(project.runs().is_empty());
}

#[test]
fn a_folds_run_is_evaluated_on_test_alone() {
    let project = Project::prepared();
    let (_, record) = campaign(&project, CampaignKind::Folds(2), &["train.epochs=1"]);
    let run = record.members[1].run.clone();
    let parts = ["this run is fold 2 of a campaign"];
    evaluate_refuses("val of a fold's run", &project, &[&run, "--split", "val"], &parts);
    let output = crate::programs::evaluate(&project, &[&run, "--split", "test"]);
    assert!(output.status.success());
}

#[test]
fn an_interrupt_ends_it_and_keeps_what_was_made() {
    let project = Project::prepared();
    let args =
        ["--seeds", "3", "--set", "train.early_stopping={monitor: loss, baseline: 0, patience: 2}"];
    let mut training =
        Training::start(&project, &[&args[..], &["--set", "train.epochs=100000"]].concat());
    training.wait_for("seed 2 of 3");
    training.wait_for("run ");
    training.send("INT");
    training.wait_for("interrupted in seed 2 of 3");
    assert_eq!(training.status(), Some(1));
    let folder = fs::read_dir(project.path("artifacts/campaigns")).unwrap().next().unwrap();
    let record = project.artifacts().find_campaign(&folder.unwrap().path()).unwrap().record();
    let record = CampaignRecord::read(&record).unwrap();
    let statuses: Vec<_> = record.members.iter().map(|member| member.status).collect();
    assert_eq!(statuses, [RunStatus::StoppedEarly, RunStatus::Interrupted]);
    assert_eq!(record.status, RunStatus::Interrupted);
    assert_eq!(record.figure("val", Weights::Best).unwrap().runs, 1);
}

/// What a campaign came to, but for names and times.
fn figures(project: &Project, folder: &CampaignDir) -> (Vec<Value>, Vec<Prediction>) {
    let record = CampaignRecord::read(&folder.record()).unwrap();
    let mut members = serde_json::to_value(&record.members).unwrap();
    for member in members.as_array_mut().unwrap() {
        let member = member.as_object_mut().unwrap();
        member.retain(|key, _| key != "run" && key != "seconds");
    }
    let mut all = serde_json::to_value((&record.figures, &record.pooled)).unwrap();
    all.as_array_mut().unwrap().push(members);
    assert_eq!(runs(project, &record).len(), 3);
    (all.as_array().unwrap().clone(), read_predictions(&folder.out_of_fold()).unwrap().1)
}

#[test]
fn one_that_was_interrupted_or_killed_goes_on_to_what_it_would_have_been() {
    let project = Project::prepared();
    let sets = ["train.epochs=40", "train.checkpoint.every_steps=1"];
    let whole = campaign(&project, CampaignKind::Folds(3), &sets).0;
    let words = sets.map(|set| ["--set", set]).concat();
    for (signal, status) in [("TERM", Some(75)), ("KILL", None)] {
        let mut training = Training::start(&project, &[&["--folds", "3"][..], &words].concat());
        training.wait_for("fold 2 of 3");
        training.wait_for("epoch  10/40");
        training.send(signal);
        assert_eq!(training.status(), status);
        let folders = fs::read_dir(project.path("artifacts/campaigns")).unwrap();
        let newest =
            folders.map(|folder| folder.unwrap().path()).filter(|path| path != whole.path());
        let newest = newest.max_by_key(|path| path.metadata().unwrap().created().unwrap()).unwrap();
        let name = newest.file_name().unwrap().to_str().unwrap();

        let refused = train(&project, &["--resume", name, "--set", "train.epochs=41"]);
        assert_eq!(refused.status.code(), Some(2));
        let said = String::from_utf8_lossy(&refused.stderr);
        assert!(said.contains("train.epochs: 40 → 41"), "{said}");
        let output = train(&project, &[&["--resume", name][..], &words].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let folder = project.artifacts().find_campaign(&newest).unwrap();
        assert_eq!(figures(&project, &folder), figures(&project, &whole), "{signal}");
        let record = CampaignRecord::read(&folder.record()).unwrap();
        assert_eq!(record.status, RunStatus::Finished);
        let resumed = runs(&project, &record)[1].record();
        assert_eq!(RunRecord::read(&resumed).unwrap().resumed, 1);
    }
}
