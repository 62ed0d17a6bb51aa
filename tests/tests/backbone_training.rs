//! Training with a backbone, from the pipeline to a prediction.

use shoebox_artifact::{
    Artifacts, jsonl,
    records::{MetricRow, read_predictions},
};
use shoebox_infer::Predictor;
use shoebox_model::{Checkpoint, Mode, Network};
use shoebox_tests::Project;
use shoebox_train::Outcome;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};
use tch::{Device, Kind, Tensor};

/// libtorch's generator, which one test seeds and all draw from, is the process's.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(PoisonError::into_inner)
}

const HEAD: &str =
    "model.head=[{global_average_pool2d: {}}, {dropout: {rate: 0.1}}, {dense: {units: classes}}]";

/// `--set` for a network of `backbone` and a head.
fn with<'a>(backbone: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&["model.layers=[]", backbone, HEAD], more].concat()
}

#[test]
fn a_backbone_is_trained_from_the_layer_on_that_the_pipeline_names() {
    let _guard = alone();
    let project = Project::prepared();
    let backbone = "model.backbone={mobilenet_v2: {weights: random, train_from: features.14}}";
    let assignments = with(backbone, &["train.epochs=2"]);
    let outcome = project.train(&assignments).unwrap();
    let spec = project.spec(&assignments);
    let plan = spec.plan(2).unwrap();
    assert_eq!(outcome.record.parameters, plan.params());

    // The same weights as training began with.
    tch::manual_seed(spec.seed as i64);
    let manifest = project.cache().manifest().clone();
    let (mean, std) = (manifest.mean, manifest.std);
    let first = Network::new(&plan.layers, mean, std, Device::Cpu, spec.train.kernels).unwrap();
    let last = Checkpoint::read(&outcome.run.last_checkpoint()).unwrap();
    assert_eq!(last.card.backbone, spec.model.backbone);
    let mut changed: BTreeMap<bool, usize> = BTreeMap::new();
    for parameter in first.parameters() {
        let name = parameter.name.as_str();
        let same = parameter.tensor.detach() == last.tensors[name];
        let block: Option<usize> = name
            .strip_prefix("model.backbone.features.")
            .and_then(|rest| rest.split('.').next()?.parse().ok());
        let frozen = block.is_some_and(|block| block < 14);
        assert_eq!(same, frozen, "{name}");
        *changed.entry(same).or_default() += 1;
        let moment = format!("optimizer.first_moment.{}", &name["model.".len()..]);
        assert_eq!(last.tensors.contains_key(&moment), parameter.trainable, "{moment}");
    }
    assert_eq!(changed.len(), 2, "{changed:?}");
}

#[test]
fn a_trained_backbone_predicts_what_its_run_says() {
    let _guard = alone();
    let project = Project::prepared();
    let backbone = "model.backbone={resnet18: {weights: random}}";
    let rate = "train.learning_rate={constant: 0.0005}";
    let outcome = project.train(&with(backbone, &["train.epochs=4", rate])).unwrap();
    let metrics: Vec<MetricRow> = jsonl::read(&outcome.run.metrics()).unwrap();
    let losses = metrics.iter().filter(|row| row.split == "train").map(|row| row.loss);
    let losses: Vec<f64> = losses.collect();
    assert!(losses.iter().any(|loss| *loss < 0.5 * losses[0]), "discs and stripes: {losses:?}");
    let (_, rows) = read_predictions(&outcome.run.predictions("val")).unwrap();
    let files: Vec<PathBuf> = rows.iter().map(|row| PathBuf::from(&row.path)).collect();
    let nowhere = Artifacts::new("nowhere");
    let checkpoint = outcome.run.best_checkpoint();
    let predictor = Predictor::open(&checkpoint, &nowhere, shoebox_spec::Device::Cpu).unwrap();
    let mut found = Vec::new();
    predictor.predict(&files, |_, result| found.push(result.unwrap().probabilities)).unwrap();
    for (row, found) in rows.iter().zip(found) {
        let difference = (found[0] - row.probabilities[0]).abs();
        assert!(difference < 1e-5, "{}: {difference}", row.path);
    }
}

#[test]
fn weights_that_are_not_there_end_training_before_it_leaves_anything() {
    let _guard = alone();
    let project = Project::prepared();
    let backbone = "model.backbone={efficientnet_lite0: {weights: imagenet}}";
    let said = project.train(&with(backbone, &[])).unwrap_err().to_string();
    assert!(said.ends_with("there are no such weights; run `make weights`"), "{said}");
    assert!(project.runs().is_empty());
}

/// A pipeline whose backbone stays, and whose head's rate is next to nothing
/// from the first epoch on: what is learned is learned before.
const STILL: [&str; 3] = [
    "model.backbone={resnet18: {weights: random, train_from: head}}",
    HEAD,
    "train.learning_rate={constant: 1.0e-12}",
];

#[test]
fn a_head_is_trained_first_on_features_that_are_kept() {
    let _guard = alone();
    let project = Project::prepared();
    let first = "train.head_first={epochs: 60, learning_rate: {cosine: {peak: 0.01}}}";
    let words = |more: &[&str]| {
        let still: Vec<String> = STILL.map(str::to_owned).into();
        let all = [&["model.layers=[]", "train.epochs=1"], more].concat();
        all.into_iter().map(str::to_owned).chain(still).collect::<Vec<String>>()
    };
    let train = |words: Vec<String>| {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        project.train(&words).unwrap()
    };
    let (without, with) = (train(words(&[])), train(words(&[first])));
    let epochs = |outcome: &Outcome| outcome.record.head_first.as_ref().map(|head| head.epochs);
    assert_eq!((epochs(&without), epochs(&with)), (None, Some(60)));
    let loss = |outcome: &Outcome| {
        let rows: Vec<MetricRow> = jsonl::read(&outcome.run.metrics()).unwrap();
        assert_eq!(rows.len(), 2, "its epochs are not among those of all that is trained");
        rows[1].loss
    };
    let (before, after) = (loss(&without), loss(&with));
    assert!(after < 0.7 * before, "{before} {after}");
    let weights = |outcome: &Outcome| Checkpoint::read(&outcome.run.last_checkpoint()).unwrap();
    let (without, with) = (weights(&without).tensors, weights(&with).tensors);
    for (name, tensor) in &without {
        let is_backbone = name.starts_with(Network::BACKBONE_PREFIX);
        assert!(!is_backbone || *tensor == with[name], "{name} has changed");
    }
    assert_ne!(without["model.dense.weight"], with["model.dense.weight"]);
}

#[test]
fn features_and_head_together_are_the_network() {
    let _guard = alone();
    let project = Project::prepared();
    let spec = project.spec(&with("model.backbone={mobilenet_v2: {weights: random}}", &[]));
    let (plan, statistics) = (spec.plan(2).unwrap(), [0.5; 3]);
    let network =
        Network::new(&plan.layers, statistics, statistics, Device::Cpu, spec.train.kernels);
    let network = network.unwrap();
    let images = Tensor::randint(256, [3, 40, 40, 3], (Kind::Uint8, Device::Cpu));
    let features = network.features(&images).unwrap();
    assert_eq!(features.size(), [3, 1280], "pooled, since that has neither weights nor chance");
    assert!(!features.requires_grad());
    let logits = network.classify(&features, Mode::Evaluate).unwrap();
    assert_eq!(logits, network.forward(&images, Mode::Evaluate).unwrap());
}
