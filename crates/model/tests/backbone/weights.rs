use crate::{alone, network, snapshot};
use shoebox_artifact::{Artifacts, atomic};
use shoebox_model::load_backbone;
use std::{collections::BTreeMap, path::Path};
use tch::{Kind, Tensor};

const NAME: &str = "mobilenet_v2";
const SPEC: &str = r#"{"mobilenet_v2": {"weights": "imagenet"}}"#;

/// The backbone's tensors by their published names, and those that a
/// published file has besides.
fn published(seed: i64) -> BTreeMap<String, Tensor> {
    let (_, network) = network(SPEC, seed);
    let all = snapshot(&network).into_iter();
    let mut tensors: BTreeMap<_, _> = all
        .filter_map(|(name, tensor)| {
            Some((name.strip_prefix("model.backbone.")?.to_owned(), tensor))
        })
        .collect();
    tensors.insert(
        "classifier.1.weight".to_owned(),
        Tensor::zeros([1000, 1280], tch::kind::FLOAT_CPU),
    );
    let steps = Tensor::from_slice(&[5i64]);
    tensors.insert("features.0.1.num_batches_tracked".to_owned(), steps);
    tensors
}

fn write(path: &Path, tensors: &BTreeMap<String, Tensor>) {
    let bytes: Vec<(Vec<u8>, safetensors::Dtype, Vec<usize>)> = tensors
        .values()
        .map(|tensor| {
            let shape = tensor.size().iter().map(|&side| side as usize).collect();
            let mut bytes = vec![0; tensor.numel() * tensor.kind().elt_size_in_bytes()];
            tensor.contiguous().copy_data_u8(&mut bytes, tensor.numel());
            let dtype = match tensor.kind() {
                Kind::Int64 => safetensors::Dtype::I64,
                Kind::Half => safetensors::Dtype::F16,
                _ => safetensors::Dtype::F32,
            };
            (bytes, dtype, shape)
        })
        .collect();
    let views = tensors.keys().zip(&bytes).map(|(name, (bytes, dtype, shape))| {
        (name, safetensors::tensor::TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    let file = safetensors::serialize(views, None).unwrap();
    atomic::write(path, &file).unwrap();
}

/// What loading `tensors` into a network of other weights says.
fn said_of(tensors: &BTreeMap<String, Tensor>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::new(folder.path());
    write(&artifacts.weights(NAME), tensors);
    let (backbone, network) = network(SPEC, 2);
    let before = snapshot(&network);
    let error = load_backbone(&network, &backbone, &artifacts).unwrap_err().to_string();
    assert_eq!(snapshot(&network), before, "a refused file changes nothing");
    error.replace(&folder.path().display().to_string(), "artifacts")
}

#[test]
fn published_weights_fill_the_backbone_and_leave_the_head() {
    let _guard = alone();
    let folder = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::new(folder.path());
    let tensors = published(1);
    write(&artifacts.weights(NAME), &tensors);
    let (backbone, network) = network(SPEC, 2);
    let before: BTreeMap<_, _> = snapshot(&network).into_iter().collect();
    load_backbone(&network, &backbone, &artifacts).unwrap();
    for (name, now) in snapshot(&network) {
        match name.strip_prefix("model.backbone.") {
            Some(published) => assert_eq!(now, tensors[published], "{name}"),
            None => assert_eq!(now, before[&name], "{name}"),
        }
    }
}

#[test]
fn every_missing_extra_and_misshapen_tensor_is_named() {
    let _guard = alone();
    let mut tensors = published(1);
    tensors.remove("features.3.conv.2.weight");
    tensors.remove("features.18.1.running_var");
    tensors.insert("features.19.weight".to_owned(), Tensor::zeros([1], tch::kind::FLOAT_CPU));
    tensors.insert(
        "features.0.0.weight".to_owned(),
        Tensor::zeros([8, 3, 3, 3], tch::kind::FLOAT_CPU),
    );
    assert_eq!(
        said_of(&tensors),
        "artifacts/weights/mobilenet_v2.safetensors: these are not the weights of mobilenet_v2: \
         features.19.weight is extra, \
         features.0.0.weight is [8, 3, 3, 3] instead of [32, 3, 3, 3], \
         features.3.conv.2.weight is missing, features.18.1.running_var is missing; \
         use a file with its published tensors"
    );
}

#[test]
fn tensors_of_another_type_are_named() {
    let _guard = alone();
    let mut tensors = published(1);
    let half = tensors["features.0.0.weight"].to_kind(Kind::Half);
    tensors.insert("features.0.0.weight".to_owned(), half);
    let said = said_of(&tensors);
    assert!(said.contains("features.0.0.weight is of type F16"), "{said}");
}

#[test]
fn a_truncated_file_is_refused() {
    let _guard = alone();
    let folder = tempfile::tempdir().unwrap();
    let artifacts = Artifacts::new(folder.path());
    let path = artifacts.weights(NAME);
    write(&path, &published(1));
    let whole = std::fs::read(&path).unwrap();
    atomic::write(&path, &whole[..whole.len() / 2]).unwrap();
    let (backbone, network) = network(SPEC, 2);
    let said = load_backbone(&network, &backbone, &artifacts).unwrap_err().to_string();
    assert!(said.contains("not a whole safetensors file"), "{said}");
}

#[test]
fn weights_that_are_not_there_come_with_the_way_to_get_them() {
    let _guard = alone();
    let artifacts = Artifacts::new("nowhere");
    let said = |spec: &str| {
        let (backbone, network) = network(spec, 1);
        load_backbone(&network, &backbone, &artifacts).unwrap_err().to_string()
    };
    assert_eq!(
        said(r#"{"efficientnet_lite0": {"weights": "imagenet"}}"#),
        "nowhere/weights/efficientnet_lite0.safetensors: there are no such weights; run `make weights`"
    );
    let own = "put a safetensors file of mobilenet_v2 with its published tensor names there, or write `weights: random`";
    assert_eq!(
        said(SPEC),
        format!("nowhere/weights/mobilenet_v2.safetensors: there are no such weights; {own}")
    );
    assert_eq!(
        said(r#"{"mobilenet_v2": {"weights": "mine.safetensors"}}"#),
        format!("mine.safetensors: there are no such weights; {own}")
    );
}

#[test]
fn random_weights_need_no_file() {
    let _guard = alone();
    let (backbone, network) = network(r#"{"mobilenet_v2": {"weights": "random"}}"#, 1);
    load_backbone(&network, &backbone, &Artifacts::new("nowhere")).unwrap();
}
