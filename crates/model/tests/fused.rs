//! Networks with fused layers against the same networks layer by layer.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_model::{Mode, Network, groups};
use shoebox_spec::{Kernels, Layer, LayerPlan, Shape, infer};
use std::sync::{Mutex, MutexGuard};
use tch::{Device, Kind, Reduction, Tensor};

/// libtorch's generator, which tests seed, is the process's.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

const SIDE: u32 = 120;

fn plan(layers: &str) -> Vec<LayerPlan> {
    let layers: Vec<Layer> = serde_json::from_str(layers).unwrap();
    infer(&layers, Shape::Image { height: SIDE, width: SIDE, channels: 3 }, Some(3)).unwrap()
}

/// A network of `layers` whose weights follow from a fixed seed.
fn network(layers: &str, kernels: Kernels) -> Network {
    tch::manual_seed(11);
    let (mean, std) = ([0.4, 0.5, 0.6], [0.2, 0.25, 0.3]);
    Network::new(&plan(layers), mean, std, Device::Cpu, kernels).unwrap()
}

/// Logits and the gradient of each parameter.
fn step(network: &Network) -> (Tensor, Vec<Tensor>) {
    tch::manual_seed(12);
    let size = i64::from(SIDE);
    let images = Tensor::randint(256, [6, size, size, 3], (Kind::Uint8, Device::Cpu));
    let logits = network.forward(&images, Mode::Train).unwrap();
    let labels = Tensor::from_slice(&[0i64, 1, 2, 0, 1, 2]);
    logits.cross_entropy_loss(&labels, None::<&Tensor>, Reduction::Mean, -100, 0.0).backward();
    (logits.detach(), network.trainable().iter().map(Tensor::grad).collect())
}

fn difference(found: &Tensor, expected: &Tensor) -> f64 {
    let largest = expected.abs().max().double_value(&[]).max(1e-30);
    (found - expected).abs().max().double_value(&[]) / largest
}

/// Compares the two, and returns how many groups are fused.
fn compare(layers: &str) -> usize {
    let (plain, fused) = (network(layers, Kernels::Plain), network(layers, Kernels::Auto));
    let names = |network: &Network| {
        network.parameters().iter().map(|parameter| parameter.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&plain), names(&fused));
    let (expected, found) = (step(&plain), step(&fused));
    let logits = difference(&found.0, &expected.0);
    assert!(logits < 1e-4, "{layers}: logits differ by {logits:e}");
    for (name, (found, expected)) in names(&plain).iter().zip(found.1.iter().zip(&expected.1)) {
        let gradient = difference(found, expected);
        // Where rounding decides which side of a relu a value is on, a
        // gradient jumps by one pixel's share.
        assert!(gradient < 5e-3, "{layers}: gradient of {name} differs by {gradient:e}");
    }
    fused.groups().iter().filter(|group| group.fused).count()
}

const TAIL: &str = r#"{"flatten": {}}, {"dense": {"units": "classes"}}"#;

#[test]
fn the_tutorials_layers_are_three_blocks() {
    let _alone = alone();
    let layers = format!(
        r#"[{{"rescale": {{"scale": 0.0039215686}}}},
        {{"conv2d": {{"filters": 16, "kernel": 3, "activation": "relu"}}}}, {{"average_pool2d": {{"size": 2}}}},
        {{"conv2d": {{"filters": 32, "kernel": 3, "activation": "relu"}}}}, {{"max_pool2d": {{"size": 2}}}}, {{"dropout": {{"rate": 0.0}}}},
        {{"conv2d": {{"filters": 64, "kernel": 3, "activation": "relu"}}}}, {{"dropout": {{"rate": 0.0}}}},
        {TAIL}]"#
    );
    assert_eq!(compare(&layers), 3);
}

#[test]
fn other_paddings_kernels_activations_and_normalization_mean_the_same() {
    let _alone = alone();
    let layers = format!(
        r#"[{{"normalize": {{}}}},
        {{"conv2d": {{"filters": 16, "kernel": 2, "padding": "same", "activation": "relu"}}}}, {{"max_pool2d": {{"size": 2}}}},
        {{"conv2d": {{"filters": 32, "kernel": [2, 3], "padding": "same", "activation": "gelu"}}}},
        {{"conv2d": {{"filters": 16, "kernel": 2, "use_bias": false}}}}, {{"batch_norm": {{}}}}, {{"activation": "relu"}},
        {TAIL}]"#
    );
    assert_eq!(compare(&layers), 3);
}

#[test]
fn what_does_not_match_is_left_to_libtorch() {
    let _alone = alone();
    let strided = r#"{"conv2d": {"filters": 16, "kernel": 3, "strides": 2, "activation": "relu"}}"#;
    let odd = r#"{"conv2d": {"filters": 20, "kernel": 3, "activation": "relu"}}"#;
    let pointwise = r#"{"conv2d": {"filters": 16, "kernel": 1, "activation": "relu"}}"#;
    let large = r#"{"conv2d": {"filters": 16, "kernel": 5, "activation": "relu"}}"#;
    assert_eq!(compare(&format!("[{strided}, {odd}, {pointwise}, {large}, {TAIL}]")), 0);
    let plan = plan(&format!("[{odd}, {TAIL}]"));
    let cuda = groups(&plan, Kernels::Auto, Device::Cuda(0));
    assert!(cuda.iter().all(|group| !group.fused && group.layers.len() == 1));
}

#[test]
fn dropout_is_off_when_predicting() {
    let _alone = alone();
    let layers = format!(
        r#"[{{"conv2d": {{"filters": 16, "kernel": 3, "activation": "relu"}}}}, {{"dropout": {{"rate": 0.9}}}}, {TAIL}]"#
    );
    let network = network(&layers, Kernels::Auto);
    let images = Tensor::randint(256, [2, 120, 120, 3], (Kind::Uint8, Device::Cpu));
    let predict = || tch::no_grad(|| network.forward(&images, Mode::Evaluate).unwrap());
    assert_eq!(predict(), predict());
    assert_ne!(network.forward(&images, Mode::Train).unwrap().detach(), predict());
}
