//! Trainings that cannot go on, and what they leave.

use crate::programs::{refused, train, train_command, train_refuses};
use shoebox_artifact::{
    RunDir, atomic,
    records::{RunRecord, RunStatus},
};
use shoebox_model::Checkpoint;
use shoebox_tests::{Project, Said, assert_documented, contents};
use std::{fs, process::Command};

/// The project's newest run.
fn newest(project: &Project) -> RunDir {
    project.artifacts().newest_run().unwrap()
}

#[test]
fn a_loss_that_is_no_number_ends_training_naming_epoch_and_step() {
    let project = Project::prepared();
    let earlier = project.short_run();
    let before = contents(earlier.path());
    let output =
        train(&project, &["--set", "name=wild", "--set", "train.learning_rate.constant=1e30"]);
    let parts = ["the loss became ", " at epoch 1, step 2", "lower train.learning_rate"];
    refused("the loss is no longer a number", "train", &project, &output, 1, &parts);
    let wild = project.artifacts().find_run(&newest_named(&project, "wild")).unwrap();
    assert_eq!(RunRecord::read(&wild.record()).unwrap().status, RunStatus::Failed);
    assert_eq!(contents(earlier.path()), before, "the earlier run may not change");
}

fn newest_named(project: &Project, name: &str) -> std::path::PathBuf {
    let is_it =
        |path: &&std::path::PathBuf| path.file_name().unwrap().to_string_lossy().starts_with(name);
    project.runs().iter().rfind(is_it).unwrap().clone()
}

#[test]
fn a_device_that_is_not_there_is_refused_with_reason_and_command() {
    if tch::Cuda::is_available() {
        println!("skipped: there is a CUDA device here");
        return;
    }
    let project = Project::prepared();
    let before = contents(&project.path("artifacts"));
    let output = train(&project, &["--set", "train.device=cuda"]);
    let said = Said::from_output("train", &project, &output);
    // What is missing depends on what is installed.
    let missing = ["libtorch's CUDA libraries cannot be opened", "NVIDIA's driver "];
    assert!(missing.iter().any(|what| said.message.contains(what)), "{}", said.message);
    said.assert_says(&["train.device cuda:0: ", "or use cpu"]);
    assert_eq!(said.status, 1);
    assert_eq!(contents(&project.path("artifacts")), before);
    // Which library it is that cannot be opened differs from machine to machine.
    if said.message.contains(missing[0]) {
        let (start, end) = (said.message.find('(').unwrap(), said.message.rfind(')').unwrap());
        let message = said.message.replace(&said.message[start + 1..end], "…");
        assert_documented("`train.device: cuda` without CUDA", &Said { message, ..said });
    }
}

#[test]
fn artifacts_that_cannot_be_written_are_refused() {
    let project = Project::prepared();
    project.write("artifacts/runs", b"a file");
    let parts =
        ["artifacts/runs: cannot make the folder: File exists", "pass --artifacts with a folder"];
    train_refuses("artifacts that cannot be written to", &project, &[], 1, &parts);
}

/// A limit on the size of files stands for a full disk: writing fails in the
/// middle of `last.safetensors`, which holds the optimizer's memory and is
/// three times as long as `best.safetensors`.
#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_leaves_every_earlier_checkpoint_whole() {
    let project = Project::prepared();
    let earlier = project.short_run();
    let before = contents(earlier.path());
    let size = |path| fs::metadata(path).unwrap().len();
    let (best, last) = (size(earlier.best_checkpoint()), size(earlier.last_checkpoint()));
    // POSIX counts in blocks of 512 bytes.
    let blocks = best.div_ceil(512) + 2;
    assert!(blocks * 512 < last, "the limit lies between {best} and {last}");
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let inner = train_command(&project, &["--set", "name=full"]);
    let output = Command::new("sh")
        .arg("-c")
        .arg(script)
        .arg(inner.get_program())
        .args(inner.get_args())
        .output()
        .unwrap();
    let full = project.artifacts().find_run(&newest_named(&project, "full")).unwrap();
    let parts =
        ["checkpoints/last.safetensors: the disk is full", "make room, and go on with --resume"];
    refused("the disk is full", "train", &project, &output, 1, &parts);
    assert_eq!(contents(earlier.path()), before, "the earlier run may not change");
    assert_eq!(Checkpoint::read(&full.best_checkpoint()).unwrap().card.epoch, 1);
    assert_eq!(RunRecord::read(&full.record()).unwrap().status, RunStatus::Failed);
    let left = fs::read_dir(full.path().join("checkpoints")).unwrap().count();
    assert_eq!(left, 1, "no half file is left");
}

#[test]
fn two_trainings_at_once_have_a_run_each() {
    let project = Project::prepared();
    let runs: Vec<_> = (0..2)
        .map(|_| train_command(&project, &["--set", "train.epochs=1"]).spawn().unwrap())
        .collect();
    for run in runs {
        assert!(run.wait_with_output().unwrap().status.success());
    }
    assert_eq!(project.runs().len(), 2);
}

#[test]
fn a_run_that_was_killed_is_still_evaluated() {
    let project = Project::prepared();
    let run = project.short_run();
    let mut record = RunRecord::read(&run.record()).unwrap();
    record.status = RunStatus::Running;
    atomic::write_json(&run.record(), &record).unwrap();
    let output = crate::programs::evaluate(&project, &[&newest(&project).name()]);
    assert_eq!(output.status.code(), Some(0));
}
