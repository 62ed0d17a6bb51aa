//! What a user sees for a mistake in a pipeline: every message, as a snapshot.

use shoebox_spec::{Optimizer, PipelineSpec, Sgd, load, parse};
use std::{fs, path::Path};

/// The tutorial's pipeline as it once was: the messages name its lines.
const SNEAKERS: &str = include_str!("tutorial.yaml");

/// What is said of sneakers.yaml with `from` replaced by `to`.
fn message(from: &str, to: &str) -> String {
    assert!(SNEAKERS.contains(from), "{from} is not in sneakers.yaml");
    let text = SNEAKERS.replacen(from, to, 1);
    let error = parse(&text, "sneakers.yaml", &[]).expect_err(to);
    format!("{from:?} → {to:?}\n  {error}\n")
}

fn set(assignments: &[&str]) -> Result<PipelineSpec, String> {
    let owned: Vec<String> = assignments.iter().map(|&text| text.to_owned()).collect();
    parse(SNEAKERS, "sneakers.yaml", &owned).map_err(|error| error.to_string())
}

#[test]
fn mistakes_are_named_with_line_expectation_and_nearest_name() {
    let mistakes = [
        ("name: sneakers", "nam: sneakers"),
        ("name: sneakers", "name: my sneakers"),
        ("seed: 123", "seed: -1"),
        ("  train: data/sneakers/train", "  tain: data/sneakers/train"),
        ("  val: data/sneakers/test\n", ""),
        ("[224, 224]", "[224]"),
        ("[224, 224]", "[224, 0]"),
        ("resize: {stretch: bilinear}", "resize: {stretch: bicubic}"),
        ("resize: {stretch: bilinear}", "resize: {strech: bilinear}"),
        ("resize: {stretch: bilinear}", "resize: stretch"),
        ("filters: 32", "fliters: 32"),
        ("filters: 32", "filters: -32"),
        ("kernel: 3, activation: relu}\n    - max", "kernel: 300, activation: relu}\n    - max"),
        ("activation: relu}\n    - average", "activation: rellu}\n    - average"),
        ("- max_pool2d: {size: 2}", "- max_pool2d: {size: 0}"),
        ("- flatten: {}", "- flattne: {}"),
        ("- flatten: {}\n", "\n"),
        ("- flatten: {}", "- flatten: {axis: 1}"),
        ("rate: 0.3", "rate: 1.3"),
        ("units: classes", "units: 0"),
        ("units: classes", "units: clases"),
        ("units: classes", "units: classes, activation: relu"),
        ("device: auto", "device: gpu"),
        ("batch_size: 32", "batch_sise: 32"),
        ("batch_size: 32", "batch_size: many"),
        ("batch_size: 32", "batch_size: 0"),
        ("batch_size: 32", "batch_size: 32\n  batch_size: 16"),
        ("  epochs: 60", "epochs: 60"),
        ("adam: {}", "adam: {}, sgd: {}"),
        ("adam: {}", "adam: {beta_3: 0.9}"),
        ("adam: {}", "sgd: {nesterov: true}"),
        ("initial: 1.0e-4", "initial: -1"),
        ("decay_steps: 50", "decay_steps: 0"),
        ("patience: 20", "patience: twenty"),
        ("monitor: val_accuracy, min", "monitor: val_acuracy, min"),
        ("layers:", "layers: ["),
    ];
    let said: Vec<String> = mistakes.iter().map(|(from, to)| message(from, to)).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn mistakes_in_set_name_the_assignment() {
    let mistakes = [
        &["train.epoch=5"][..],
        &["train.epochs"],
        &["train.epochs=five"],
        &["train.batch_size=0"],
        &["trian.epochs=5"],
        &["model.layers.99.dropout.rate=1"],
        &["model.layers.first.dropout.rate=1"],
        &["model.layers.1.conv2d.kernel=300"],
        &["name.x=1"],
        &["train.epochs=["],
        // The first of these is the one to blame.
        &["train.epoch=5", "seed=7"],
        &["seed=7", "train.learning_rate.constant=0.1"],
    ];
    let said: Vec<String> = mistakes
        .iter()
        .map(|given| format!("{given:?}\n  {}\n", set(given).expect_err(given[0])))
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn set_overrides_values_and_defaults() {
    let spec = set(&[
        "train.epochs=5",
        "model.layers.1.conv2d.filters=8",
        "train.optimizer={sgd: {momentum: 0.9}}",
        "train.early_stopping.baseline=0.5",
        "data.test=foo",
    ])
    .unwrap();
    assert_eq!(spec.train.epochs, 5);
    assert_eq!(spec.train.optimizer, Optimizer::Sgd(Sgd { momentum: 0.9, nesterov: false }));
    assert_eq!(spec.train.early_stopping.unwrap().baseline, Some(0.5));
    assert_eq!(spec.data.test.as_deref(), Some(Path::new("foo")));
    assert_eq!(spec.model.layers[1].kind(), "conv2d");
}

#[test]
fn the_last_of_two_assignments_counts() {
    assert_eq!(set(&["train.epochs=5", "train.epochs=6"]).unwrap().train.epochs, 6);
    // What is no spec on the way there does not matter.
    assert_eq!(set(&["train.epochs=five", "train.epochs=6"]).unwrap().train.epochs, 6);
}

#[test]
fn every_pipeline_loads() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pipelines");
    let files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "yaml" || kind == "yml"))
        .collect();
    assert!(!files.is_empty());
    for file in files {
        if let Err(error) = load(&file, &[]) {
            panic!("{error}");
        }
    }
}
