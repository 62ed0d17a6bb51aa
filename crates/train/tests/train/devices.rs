//! Devices, precision, residency and batch sizes, as far as a CPU has them.

use crate::programs::{refused, train, train_command, train_refuses};
use shoebox_artifact::{
    jsonl,
    records::{MetricRow, RunRecord},
};
use shoebox_model::Checkpoint;
use shoebox_tests::{Project, contents};
use std::process::Command;
use tch::Kind;

/// Losses and accuracies of a run, in the order of its lines.
fn figures(project: &Project, assignments: &[&str]) -> Vec<[f64; 2]> {
    let run = project.train(assignments).unwrap().run;
    let rows: Vec<MetricRow> = jsonl::read(&run.metrics()).unwrap();
    rows.iter().map(|row| [row.loss, row.accuracy]).collect()
}

#[test]
fn devices_are_listed_or_told_why_they_are_not_usable() {
    let output = Command::new(env!("CARGO_BIN_EXE_train")).arg("--devices").output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("cpu     ") && lines[0].ends_with(" vectors"), "{text}");
    assert!(
        lines[1].starts_with("cuda    not usable: ") || lines[1].starts_with("cuda:0"),
        "{text}"
    );
}

#[test]
fn tf32_is_refused_on_the_cpu() {
    let parts = ["train.precision tf32: only CUDA devices have it", "use float32 or bfloat16"];
    let args = ["--set", "train.precision=tf32"];
    train_refuses("TF32 on the CPU", &Project::prepared(), &args, 1, &parts);
}

#[test]
fn bfloat16_learns_and_keeps_its_weights_in_float32() {
    let project = Project::prepared();
    let run = project.train(&["train.precision=bfloat16"]).unwrap().run;
    for path in [run.best_checkpoint(), run.last_checkpoint()] {
        let tensors = Checkpoint::read(&path).unwrap().tensors;
        assert!(tensors.values().all(|tensor| tensor.kind() == Kind::Float));
    }
    let rows: Vec<MetricRow> = jsonl::read(&run.metrics()).unwrap();
    let losses: Vec<f64> =
        rows.iter().filter(|row| row.split == "train").map(|row| row.loss).collect();
    assert!(losses[losses.len() - 1] < 0.9 * losses[0], "{losses:?}");
    let exact = figures(&project, &["train.kernels=plain", "train.epochs=1"]);
    assert!((exact[0][0] - losses[0]).abs() < 0.05 * exact[0][0], "{exact:?} {losses:?}");
    assert_ne!(exact[0][0], losses[0], "it was not bfloat16 at all");
}

#[test]
fn every_kind_of_layer_computes_in_bfloat16() {
    let layers = "model.layers=[{normalize: {}}, \
        {conv2d: {filters: 8, kernel: 3, padding: same}}, {batch_norm: {}}, {activation: gelu}, \
        {average_pool2d: {size: 2, padding: same}}, {conv2d: {filters: 8, kernel: 4, strides: 2}}, \
        {max_pool2d: {size: 2}}, {global_average_pool2d: {}}, {dropout: {rate: 0.1}}, \
        {dense: {units: classes}}]";
    let figures =
        figures(&Project::prepared(), &[layers, "train.precision=bfloat16", "train.epochs=2"]);
    assert!(figures.iter().all(|[loss, _]| loss.is_finite()), "{figures:?}");
}

#[test]
fn a_split_held_on_the_device_gives_the_same_figures() {
    let project = Project::prepared();
    let [held, mapped, auto] = ["device", "host", "auto"].map(|residency| {
        figures(&project, &[&format!("data.residency={residency}"), "train.epochs=2"])
    });
    assert_eq!(held, mapped);
    assert_eq!(auto, mapped);
}

#[test]
fn batch_size_auto_is_32_on_the_cpu_and_said() {
    let project = Project::prepared();
    let args = ["--set", "train.batch_size=auto", "--set", "train.epochs=1"];
    let output = train(&project, &args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("train.batch_size: auto is 32 on cpu\n"), "{said}");
    let run = project.artifacts().newest_run().unwrap();
    assert_eq!(RunRecord::read(&run.record()).unwrap().spec["train"]["batch_size"], 32);
}

/// A limit on the address space stands for a small memory: the first layer's
/// output alone has 110 GB.
#[cfg(unix)]
#[test]
fn too_little_memory_names_a_batch_size() {
    let project = Project::prepared();
    let layers = "model.layers=[{rescale: {scale: 0.004}}, {conv2d: {filters: 1000000, kernel: 1}}, \
        {global_average_pool2d: {}}, {dense: {units: classes}}]";
    let inner = train_command(&project, &["--set", layers, "--set", "train.batch_size=48"]);
    let before = contents(&project.cache_folder());
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 60000000; exec \"$0\" \"$@\""])
        .arg(inner.get_program())
        .args(inner.get_args())
        .output()
        .unwrap();
    let parts = ["out of memory with batches of 48", "set train.batch_size to 24"];
    refused("too little memory for a step", "train", &project, &output, 1, &parts);
    assert_eq!(contents(&project.cache_folder()), before);
}
