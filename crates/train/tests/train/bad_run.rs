//! Runs and checkpoints that `evaluate` cannot use.

use crate::programs::{evaluate, evaluate_refuses};
use shoebox_artifact::{
    RunDir, atomic,
    records::{RunRecord, RunStatus},
};
use shoebox_model::Checkpoint;
use shoebox_tests::Project;
use std::fs;

/// A project with one short run.
fn trained() -> (Project, RunDir) {
    let project = Project::prepared();
    let run = project.short_run();
    (project, run)
}

fn refuses(case: &str, project: &Project, run: &RunDir, parts: &[&str]) {
    evaluate_refuses(case, project, &[&run.name()], parts);
}

#[test]
fn a_run_that_is_not_there_is_refused() {
    let parts = ["no-such-run: this is no run", "pass a folder of artifacts/runs"];
    evaluate_refuses("no such run", &Project::prepared(), &["no-such-run"], &parts);
}

#[test]
fn a_run_without_an_epoch_is_refused() {
    let (project, run) = trained();
    fs::remove_file(run.best_checkpoint()).unwrap();
    let parts = ["best.safetensors: no epoch has ended yet", "wait for the first one"];
    refuses("a run without an epoch yet", &project, &run, &parts);
}

#[test]
fn a_newer_run_is_refused_naming_both_versions() {
    let (project, run) = trained();
    let mut record: serde_json::Value =
        serde_json::from_slice(&fs::read(run.record()).unwrap()).unwrap();
    record["format_version"] = 7.into();
    atomic::write_json(&run.record(), &record).unwrap();
    let parts = ["run.json: format version 7, this build reads 1", "train again"];
    refuses("a run of a newer version", &project, &run, &parts);
}

#[test]
fn a_split_that_the_cache_lacks_is_refused() {
    let (project, run) = trained();
    let parts = ["the cache has no split `tset`", "it has test, train, val"];
    evaluate_refuses("no such split", &project, &[&run.name(), "--split", "tset"], &parts);
}

#[test]
fn a_run_whose_cache_is_gone_is_refused() {
    let (project, run) = trained();
    let folder = project.cache_folder();
    // Where it stood stays known, so that the message shows a neutral name.
    let aside = project.path("aside");
    #[expect(clippy::disallowed_methods, reason = "nothing depends on this")]
    fs::rename(&folder, &aside).unwrap();
    let output = evaluate(&project, &[&run.name()]);
    #[expect(clippy::disallowed_methods, reason = "nothing depends on this")]
    fs::rename(&aside, &folder).unwrap();
    let parts = ["there is no cache", "run `prep`"];
    crate::programs::refused("a run whose cache is gone", "evaluate", &project, &output, 1, &parts);
}

#[test]
fn a_file_that_is_no_checkpoint_is_refused() {
    let (project, run) = trained();
    fs::copy(project.path("data/val/discs/0.jpg"), run.best_checkpoint()).unwrap();
    let parts = ["best.safetensors: not a whole safetensors file", "pass another checkpoint"];
    refuses("not a checkpoint at all", &project, &run, &parts);
}

#[test]
fn tensors_that_are_no_checkpoint_are_refused() {
    let (project, run) = trained();
    fs::copy(project.cache_folder().join("val.safetensors"), run.best_checkpoint()).unwrap();
    let parts = ["a safetensors file, but not a checkpoint of Shoebox", "pass another checkpoint"];
    refuses("a safetensors file that is no checkpoint", &project, &run, &parts);
}

#[test]
fn a_truncated_checkpoint_is_refused() {
    let (project, run) = trained();
    project.damage(&run.best_checkpoint(), |bytes| bytes.truncate(bytes.len() - 100));
    let parts = ["best.safetensors: not a whole safetensors file", "train again"];
    refuses("a truncated checkpoint", &project, &run, &parts);
}

#[test]
fn a_newer_checkpoint_is_refused_naming_both_versions() {
    let (project, run) = trained();
    project.damage(&run.best_checkpoint(), |bytes| {
        let (from, to) = (br#"\"format_version\":1"#, br#"\"format_version\":9"#);
        let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
        bytes[at..at + to.len()].copy_from_slice(to);
    });
    let parts = ["best.safetensors: format version 9, this build reads 1", "train again"];
    refuses("a checkpoint of a newer version", &project, &run, &parts);
}

#[test]
fn a_checkpoint_of_another_network_is_refused_naming_every_tensor() {
    let (project, run) = trained();
    let Checkpoint { card, mut tensors, .. } = Checkpoint::read(&run.best_checkpoint()).unwrap();
    let weight = tensors.remove("model.conv2d.weight").unwrap();
    tensors.insert("model.conv2d_7.weight".to_owned(), weight);
    tensors.insert(
        "model.dense.bias".to_owned(),
        tch::Tensor::zeros([3], (tch::Kind::Float, tch::Device::Cpu)),
    );
    let tensors: Vec<_> = tensors.into_iter().collect();
    Checkpoint::write(&run.best_checkpoint(), &card, &tensors).unwrap().publish().unwrap();
    let parts = [
        "best.safetensors: a checkpoint of another network",
        "model.conv2d.weight is missing",
        "model.conv2d_7.weight is extra",
        "model.dense.bias is [3] instead of [2]",
        "use the pipeline it was trained with",
    ];
    refuses("a checkpoint of another network", &project, &run, &parts);
}

#[test]
fn a_checkpoint_of_another_cache_is_refused() {
    let (project, run) = trained();
    let Checkpoint { mut card, tensors, .. } = Checkpoint::read(&run.best_checkpoint()).unwrap();
    card.cache_fingerprint = "f".repeat(64);
    let tensors: Vec<_> = tensors.into_iter().collect();
    Checkpoint::write(&run.best_checkpoint(), &card, &tensors).unwrap().publish().unwrap();
    let parts =
        ["the checkpoint was trained on cache ffffffffffffffff, the run on", "restore the file"];
    refuses("a checkpoint of another cache", &project, &run, &parts);
}

#[test]
fn a_run_that_is_being_written_is_refused() {
    let (project, run) = trained();
    let lock = run.lock().unwrap();
    let parts = [".lock: another process is writing here", "wait for it to end"];
    refuses("a run that another program writes into", &project, &run, &parts);
    drop(lock);
    assert_eq!(evaluate(&project, &[&run.name()]).status.code(), Some(0));
}

#[test]
fn a_finished_run_says_so() {
    let (_project, run) = trained();
    let record = RunRecord::read(&run.record()).unwrap();
    assert_eq!((record.status, record.best_epoch), (RunStatus::Finished, Some(1)));
}
