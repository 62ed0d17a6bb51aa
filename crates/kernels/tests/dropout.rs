//! Dropout on all cores.
use shoebox_kernels::dropout;
use tch::{Device, Kind, Tensor};

#[test]
fn a_share_is_dropped_the_rest_is_scaled_and_the_gradient_follows() {
    tch::manual_seed(1);
    // More than one thread's share, and no multiple of any vector's length.
    let shape = [3, 7, 131, 101];
    let input = Tensor::ones(shape, (Kind::Float, Device::Cpu)).set_requires_grad(true);
    let output = dropout(&input, 0.25).unwrap();
    let kept = output.not_equal(0.0).to_kind(Kind::Float);
    let share = kept.mean(Kind::Float).double_value(&[]);
    assert!((share - 0.75).abs() < 0.01, "{share} were kept");
    assert!((&output - &kept / 0.75).abs().max().double_value(&[]) < 1e-6);
    // Neighbours fall independently of each other.
    let flat = kept.flatten(0, -1);
    let length = flat.size()[0];
    for distance in [1, 16, 101] {
        let both =
            flat.narrow(0, 0, length - distance) * flat.narrow(0, distance, length - distance);
        let share = both.mean(Kind::Float).double_value(&[]);
        assert!((share - 0.5625).abs() < 0.01, "{share} of pairs {distance} apart");
    }
    output.sum(Kind::Float).backward();
    assert_eq!(input.grad(), output.detach());
}

#[test]
fn the_gradient_finds_its_values_whatever_the_memory_layout() {
    let input = Tensor::ones([2, 5, 6, 4], (Kind::Float, Device::Cpu)).permute([0, 3, 1, 2]);
    let input = input.detach().set_requires_grad(true);
    let output = dropout(&input, 0.5).unwrap();
    // As many ones, laid out channels first.
    let ones = Tensor::ones(output.size(), (Kind::Float, Device::Cpu)).contiguous();
    (&output * ones.set_requires_grad(false)).sum(Kind::Float).backward();
    assert_eq!(input.grad(), output.detach());
}

#[test]
fn nan_stays_where_it_is_kept_and_other_kinds_are_refused() {
    let input = Tensor::full([1000], f64::NAN, (Kind::Float, Device::Cpu));
    let output = dropout(&input, 0.5).unwrap();
    let nans = output.isnan().sum(Kind::Int64).int64_value(&[]);
    let zeros = output.eq(0.0).sum(Kind::Int64).int64_value(&[]);
    assert!(nans > 400 && zeros > 400 && nans + zeros == 1000, "{nans} NaN, {zeros} zeros");
    let bytes = Tensor::ones([4], (Kind::Uint8, Device::Cpu));
    let error = dropout(&bytes, 0.5).unwrap_err();
    assert_eq!(error.to_string(), "dropout here is for f32 on the CPU");
    assert!(dropout(&input, 1.0).is_err());
    assert!(dropout(&input, 0.0).unwrap().isnan().all().int64_value(&[]) == 1);
}
