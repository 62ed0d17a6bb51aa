//! What needs a CUDA device. docs/guides/cuda.md tells how to run these.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::{jsonl, records::MetricRow};
use shoebox_tests::Project;

/// The metrics of a run on the first CUDA device.
fn metrics(project: &Project, assignments: &[&str]) -> Vec<MetricRow> {
    let assignments = [&["train.device=cuda"], assignments].concat();
    let run = project.train(&assignments).unwrap().run;
    jsonl::read(&run.metrics()).unwrap()
}

/// Asserts that a run on the first CUDA device learns the two classes.
fn learns(assignments: &[&str]) {
    let rows = metrics(&Project::prepared(), &[&["train.epochs=8"], assignments].concat());
    let best = rows.iter().filter(|row| row.split == "val").map(|row| row.accuracy);
    assert!(best.fold(0.0, f64::max) > 0.8, "{rows:?}");
}

#[test]
#[ignore = "needs CUDA"]
fn the_devices_are_listed_by_name() {
    let text = shoebox_model::describe_devices();
    assert!(text.lines().any(|line| line.starts_with("cuda:0  ")), "{text}");
}

#[test]
#[ignore = "needs CUDA"]
fn float32_learns() {
    learns(&["train.precision=float32"]);
}

#[test]
#[ignore = "needs CUDA"]
fn tf32_learns() {
    learns(&["train.precision=tf32"]);
}

#[test]
#[ignore = "needs CUDA"]
fn bfloat16_learns() {
    learns(&["train.precision=bfloat16"]);
}

#[test]
#[ignore = "needs CUDA"]
fn augmented_and_mixed_pictures_are_learnt_from() {
    learns(&["train.augment=[{rotation: {degrees: 5}}, {contrast: {amount: 0.1}}, {cutmix: {}}]"]);
}

/// The order of sums on a device may differ from run to run.
#[test]
#[ignore = "needs CUDA"]
fn a_split_held_on_the_device_gives_the_figures_of_one_that_is_sent() {
    let project = Project::prepared();
    let [held, sent] = ["device", "host"].map(|residency| {
        metrics(&project, &[&format!("data.residency={residency}"), "train.epochs=1"])
    });
    for (held, sent) in held.iter().zip(&sent) {
        assert!((held.loss - sent.loss).abs() < 1e-3 * sent.loss, "{held:?} {sent:?}");
    }
}

#[test]
#[ignore = "needs CUDA"]
fn a_batch_size_is_found() {
    let project = Project::prepared();
    let record = project
        .train(&["train.device=cuda", "train.batch_size=auto", "train.epochs=1"])
        .unwrap()
        .record;
    // All 48 pictures fit; the largest power of two among them is 32.
    assert_eq!(record.spec["train"]["batch_size"], 32);
}

#[test]
#[ignore = "needs CUDA"]
fn a_loss_that_is_no_number_is_found_at_the_end_of_the_epoch() {
    let rate = "train.learning_rate.constant=1e30";
    let error = Project::prepared().train(&["train.device=cuda", rate]).unwrap_err().to_string();
    assert!(error.contains("at epoch 1, step 2"), "{error}");
}
