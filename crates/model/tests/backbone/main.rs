//! Backbones: what of them is trained, and where their weights come from.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

mod freezing;
mod weights;

use shoebox_model::Network;
use shoebox_spec::{Backbone, Kernels, Layer, Shape, plan};
use std::sync::{Mutex, MutexGuard};
use tch::{Device, Tensor};

/// libtorch's generator, which tests seed, is the process's.
fn alone() -> MutexGuard<'static, ()> {
    static GENERATOR: Mutex<()> = Mutex::new(());
    GENERATOR.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A backbone and its network for pictures of 32×32 and three classes.
fn network(backbone: &str, seed: i64) -> (Backbone, Network) {
    tch::manual_seed(seed);
    let backbone: Backbone = serde_json::from_str(backbone).unwrap();
    let head = r#"[{"global_average_pool2d": {}}, {"dense": {"units": "classes"}}]"#;
    let head: Vec<Layer> = serde_json::from_str(head).unwrap();
    let input = Shape::Image { height: 32, width: 32, channels: 3 };
    let plan = plan(Some(&backbone), &head, input, Some(3)).unwrap();
    let (mean, std) = ([0.0; 3], [1.0; 3]);
    let network = Network::new(&plan.layers, mean, std, Device::Cpu, Kernels::Auto).unwrap();
    (backbone, network)
}

/// Copies of the network's tensors, by name.
fn snapshot(network: &Network) -> Vec<(String, Tensor)> {
    let parameters = network.parameters().iter();
    parameters.map(|parameter| (parameter.name.clone(), parameter.tensor.detach().copy())).collect()
}
