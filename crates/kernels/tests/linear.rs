//! A fully connected layer by oneDNN against libtorch's own.

use shoebox_kernels::linear;
use tch::{Device, Kind, Tensor};

const FLOATS: (Kind, Device) = (Kind::Float, Device::Cpu);

/// The largest difference, relative to the largest value of `expected`.
fn difference(found: &Tensor, expected: &Tensor) -> f64 {
    assert_eq!(found.size(), expected.size());
    let largest = expected.abs().max().double_value(&[]).max(1e-30);
    (found - expected).abs().max().double_value(&[]) / largest
}

/// Output and gradients of input, weight and bias for a fixed weighting of the output.
fn work(
    tensors: &[Tensor; 3],
    has_bias: bool,
    layer: impl Fn(&Tensor, &Tensor, Option<&Tensor>) -> Tensor,
) -> Vec<Tensor> {
    let [input, weight, bias] =
        tensors.each_ref().map(|tensor| tensor.detach().copy().set_requires_grad(true));
    let output = layer(&input, &weight, has_bias.then_some(&bias));
    let places = Tensor::arange(output.numel() as i64, FLOATS);
    (&output * places.cos().view_as(&output)).sum(Kind::Float).backward();
    let mut found = vec![output.detach(), input.grad(), weight.grad()];
    if has_bias {
        found.push(bias.grad());
    }
    found
}

fn tensors(batch: i64, inputs: i64, outputs: i64) -> [Tensor; 3] {
    [&[batch, inputs][..], &[outputs, inputs], &[outputs]].map(|shape| Tensor::randn(shape, FLOATS))
}

#[test]
fn it_is_libtorchs_own_in_value_and_gradients() {
    tch::manual_seed(7);
    let random = Tensor::randint_low(1, 90, [36], (Kind::Int64, Device::Cpu));
    let random = Vec::<i64>::try_from(&random).unwrap();
    let random = random.chunks_exact(3).map(|shape| (shape[0], shape[1], shape[2]));
    let fixed = [(32, 5000, 128), (1, 17, 3), (18, 301, 2), (7, 1, 33), (64, 64, 1)];
    for ((batch, inputs, outputs), has_bias) in
        fixed.into_iter().chain(random).flat_map(|shape| [(shape, true), (shape, false)])
    {
        let tensors = tensors(batch, inputs, outputs);
        let found = work(&tensors, has_bias, |x, w, b| linear(x, w, b).unwrap());
        let expected = work(&tensors, has_bias, |x, w, b| x.linear(w, b));
        for (index, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let difference = difference(found, expected);
            assert!(difference < 1e-5, "{batch}×{inputs}→{outputs}, {index}: {difference}");
        }
    }
}

#[test]
fn no_number_stays_none_and_the_same_comes_out_each_time() {
    tch::manual_seed(8);
    let [input, weight, bias] = tensors(8, 1000, 16);
    let _ = input.get(3).get(500).fill_(f64::NAN);
    let _ = input.get(5).get(7).fill_(f64::INFINITY);
    let tensors = [input, weight, bias];
    let found = work(&tensors, true, |x, w, b| linear(x, w, b).unwrap());
    let nans = found[0].isnan().any_dim(1, false);
    assert_eq!(Vec::<bool>::try_from(&nans).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7].map(|row| row == 3));
    let infinite = found[0].isinf().any_dim(1, false);
    assert_eq!(
        Vec::<bool>::try_from(&infinite).unwrap(),
        [0, 1, 2, 3, 4, 5, 6, 7].map(|row| row == 5)
    );
    let again = work(&tensors, true, |x, w, b| linear(x, w, b).unwrap());
    for (one, other) in found.iter().zip(&again) {
        assert!(one.allclose(other, 0.0, 0.0, true));
    }
}

#[test]
fn other_kinds_and_shapes_are_refused() {
    let [input, weight, _] = tensors(4, 10, 3);
    assert!(linear(&input.to_kind(Kind::Double), &weight, None).is_err());
    assert!(linear(&Tensor::randn([4, 9], FLOATS), &weight, None).is_err());
}
