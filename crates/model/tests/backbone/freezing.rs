use crate::{alone, network, snapshot};
use shoebox_model::{Mode, Network};
use tch::{Device, Kind, Reduction, Tensor, no_grad};

fn pictures() -> Tensor {
    Tensor::randint(256, [4, 32, 32, 3], (Kind::Uint8, Device::Cpu))
}

/// One step of gradient descent. Returns the names of the tensors that changed.
fn changed_by_a_step(network: &Network) -> Vec<String> {
    let before = snapshot(network);
    let logits = network.forward(&pictures(), Mode::Train).unwrap();
    let labels = Tensor::from_slice(&[0i64, 1, 2, 0]);
    logits.cross_entropy_loss(&labels, None::<&Tensor>, Reduction::Mean, -100, 0.0).backward();
    no_grad(|| {
        for tensor in network.trainable() {
            let _ = tensor.shallow_clone().f_sub_(&(tensor.grad() * 0.1)).unwrap();
        }
    });
    let pairs = before.iter().zip(network.parameters());
    let changed = pairs.filter(|((_, before), now)| *before != now.tensor.detach());
    changed.map(|((name, _), _)| name.clone()).collect()
}

#[test]
fn a_step_changes_all_of_what_is_trained_and_nothing_before_it() {
    let _guard = alone();
    let (_, network) = network(r#"{"resnet18": {"weights": "random", "train_from": "layer4"}}"#, 1);
    let changed = changed_by_a_step(&network);
    let trained = |name: &&String| {
        name.starts_with("model.backbone.layer4.") || name.starts_with("model.dense.")
    };
    let expected = network.parameters().iter().map(|parameter| &parameter.name).filter(trained);
    assert_eq!(changed.iter().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    // Five convolutions with five tensors each, and the dense layer's two.
    assert_eq!(changed.len(), 27);
}

#[test]
fn frozen_statistics_stay_while_weights_are_trained() {
    let _guard = alone();
    let spec = r#"{"resnet18": {"weights": "random", "statistics": "frozen"}}"#;
    let (_, network) = network(spec, 2);
    let pictures = pictures();
    let logits = |mode| no_grad(|| network.forward(&pictures, mode)).unwrap();
    assert_eq!(logits(Mode::Train), logits(Mode::Evaluate));
    let changed = changed_by_a_step(&network);
    assert_eq!(changed.len(), network.trainable().len());
    assert!(changed.iter().all(|name| !name.contains("running")), "{changed:?}");
}

#[test]
fn a_network_whose_head_alone_is_trained_computes_no_other_gradient() {
    let _guard = alone();
    let (_, network) = network(r#"{"resnet18": {"weights": "imagenet"}}"#, 3);
    assert_eq!(changed_by_a_step(&network), ["model.dense.weight", "model.dense.bias"]);
    let backbone = network.parameters().iter().filter(|parameter| !parameter.trainable);
    assert!(backbone.into_iter().all(|parameter| !parameter.tensor.requires_grad()));
}

#[test]
fn a_number_may_part_a_convolution_from_its_norm() {
    let _guard = alone();
    let (_, network) = network(r#"{"resnet18": {"weights": "random", "train_from": 39}}"#, 4);
    let changed = changed_by_a_step(&network);
    let norm = ["weight", "bias", "running_mean", "running_var"]
        .map(|tensor| format!("model.backbone.layer4.1.bn2.{tensor}"));
    assert_eq!(changed[..4], norm);
    assert_eq!(changed[4..], ["model.dense.weight", "model.dense.bias"]);
}
