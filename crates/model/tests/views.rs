//! What a network says of a picture, seen once and more than once.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_model::{Mode, Network};
use shoebox_spec::{Kernels, Layer, Shape, Tta, infer};
use tch::{Device, Kind, Tensor};

/// A network of any weights, whose input may have any size.
fn network() -> Network {
    let layers = r#"[{"rescale": {"scale": 0.004}},
        {"conv2d": {"filters": 16, "kernel": 3, "activation": "relu"}},
        {"global_average_pool2d": {}}, {"dense": {"units": 3}}]"#;
    let layers: Vec<Layer> = serde_json::from_str(layers).unwrap();
    let input = Shape::Image { height: 16, width: 32, channels: 3 };
    let plan = infer(&layers, input, None).unwrap();
    tch::manual_seed(7);
    Network::new(&plan, [0.5; 3], [0.25; 3], Device::Cpu, Kernels::Auto).unwrap()
}

/// Four pictures whose left half is brighter than the right one.
fn pictures() -> Tensor {
    let noise = Tensor::randint(100, [4, 16, 32, 3], (Kind::Uint8, Device::Cpu));
    let _ = noise.narrow(2, 0, 16).g_add_scalar_(150);
    noise
}

fn probabilities(network: &Network, images: &Tensor) -> Tensor {
    tch::no_grad(|| network.forward(images, Mode::Evaluate).unwrap().softmax(-1, Kind::Float))
}

fn assert_near(found: &Tensor, wanted: &Tensor) {
    let largest = (found - wanted).abs().max().double_value(&[]);
    assert!(largest < 1e-6, "{largest}: {found:?} and {wanted:?}");
}

#[test]
fn one_view_has_the_networks_own_probabilities() {
    let (network, images) = (network(), pictures());
    let seen = network.log_probabilities(&images, Tta::None).unwrap();
    assert_eq!((seen.size(), seen.kind()), (vec![4, 3], Kind::Float));
    assert_near(&seen.exp(), &probabilities(&network, &images));
}

#[test]
fn two_views_have_the_mean_of_their_probabilities() {
    let (network, images) = (network(), pictures());
    let seen = network.log_probabilities(&images, Tta::Flip).unwrap().exp();
    let [straight, mirrored] =
        [images.shallow_clone(), images.flip([2])].map(|images| probabilities(&network, &images));
    assert_near(&seen, &((&straight + &mirrored) / 2.0));
    assert!((&seen - &straight).abs().max().double_value(&[]) > 1e-6, "the mirror image counts");
}

#[test]
fn a_picture_and_its_mirror_image_are_told_the_same() {
    let (network, images) = (network(), pictures());
    for tta in [Tta::Flip, Tta::TenCrop] {
        let [one, other] = [&images, &images.flip([2])]
            .map(|images| network.log_probabilities(images, tta).unwrap());
        assert_near(&one, &other);
    }
}

#[test]
fn a_probability_too_small_for_a_number_still_has_a_logarithm() {
    let (network, images) = (network(), pictures());
    for parameter in network.parameters() {
        let _ = tch::no_grad(|| parameter.tensor.shallow_clone().g_mul_scalar_(100.0));
    }
    let seen = network.log_probabilities(&images, Tta::Flip).unwrap();
    assert!(seen.min().double_value(&[]) < -110.0, "below every f32");
    assert!(bool::try_from(seen.isfinite().all()).unwrap());
}
