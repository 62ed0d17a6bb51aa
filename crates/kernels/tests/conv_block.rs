//! Fused layers against libtorch's own, layer by layer, on every kind of
//! vectors that this processor has.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_kernels::{ConvBlock, Pool, Vectors, conv_block, conv_block_in_steps};
use std::sync::{Mutex, MutexGuard};
use tch::{Device, Kind, Tensor};

/// The chosen vectors, and libtorch's generator, are the process's.
fn alone() -> MutexGuard<'static, ()> {
    static PROCESS: Mutex<()> = Mutex::new(());
    PROCESS.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn on_all_vectors(test: impl Fn(Vectors)) {
    let before = Vectors::in_use();
    for vectors in Vectors::ALL {
        if vectors.choose() {
            test(vectors);
        }
    }
    assert!(before.choose());
}

/// The largest difference, relative to the largest value of `expected`.
fn difference(found: &Tensor, expected: &Tensor) -> f64 {
    assert_eq!(found.size(), expected.size());
    let largest = expected.abs().max().double_value(&[]).max(1e-30);
    (found - expected).abs().max().double_value(&[]) / largest
}

/// What a block makes of its tensors, and the gradients for a fixed weighting
/// of its output.
struct Worked {
    output: Tensor,
    gradients: Vec<Tensor>,
}

type Compute = fn(&Tensor, &Tensor, Option<&Tensor>, &ConvBlock) -> Tensor;

fn fused(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, block: &ConvBlock) -> Tensor {
    conv_block(input, weight, bias, block).unwrap()
}

fn in_steps(input: &Tensor, weight: &Tensor, bias: Option<&Tensor>, block: &ConvBlock) -> Tensor {
    conv_block_in_steps(input, weight, bias, block).unwrap()
}

fn work(compute: Compute, tensors: &[Tensor], block: &ConvBlock) -> Worked {
    let tensors: Vec<Tensor> = tensors
        .iter()
        .map(|tensor| {
            let tensor = tensor.detach().copy();
            let is_float = tensor.kind() == Kind::Float;
            tensor.set_requires_grad(is_float)
        })
        .collect();
    let output = compute(&tensors[0], &tensors[1], tensors.get(2), block);
    // Of one sign, so that a sum over all pixels is no difference of large numbers.
    let places = Tensor::arange(output.numel() as i64, (Kind::Float, Device::Cpu));
    let weighting = (places * 0.37).sin() + 1.5;
    let loss = (&output * weighting.view_as(&output)).sum(Kind::Float);
    loss.backward();
    let gradients = tensors.iter().filter(|tensor| tensor.requires_grad());
    Worked { output: output.detach(), gradients: gradients.map(Tensor::grad).collect() }
}

fn assert_same(tensors: &[Tensor], block: &ConvBlock, what: &str) {
    let expected = work(in_steps, tensors, block);
    on_all_vectors(|vectors| {
        let found = work(fused, tensors, block);
        let forward = difference(&found.output, &expected.output);
        assert!(forward <= 1e-5, "{what}, {vectors}: output differs by {forward:e}");
        for (place, (found, expected)) in
            found.gradients.iter().zip(&expected.gradients).enumerate()
        {
            let backward = difference(found, expected);
            assert!(
                backward <= 1e-5,
                "{what}, {vectors}: gradient {place} differs by {backward:e}"
            );
        }
    });
}

/// Small whole numbers, whose sums are exact in any order: so a value that is
/// 0, or equal to its neighbour, is so in every computation, and relu and max
/// pool choose alike.
fn whole(shape: &[i64]) -> Tensor {
    Tensor::randint_low(-3, 4, shape, (Kind::Int64, Device::Cpu)).to_kind(Kind::Float)
}

fn floats(shape: &[i64]) -> Tensor {
    Tensor::randn(shape, (Kind::Float, Device::Cpu))
}

/// `[B,C,H,W]` in channels-last memory.
fn images(draw: fn(&[i64]) -> Tensor, [batch, channels, height, width]: [i64; 4]) -> Tensor {
    draw(&[batch, height, width, channels]).permute([0, 3, 1, 2])
}

const POOLS: [Option<Pool>; 3] = [None, Some(Pool::Average), Some(Pool::Max)];

fn random(low: i64, high: i64) -> i64 {
    Tensor::randint_low(low, high + 1, [1], (Kind::Int64, Device::Cpu)).int64_value(&[0])
}

/// A block and its tensors, of a shape that follows from `round` and chance.
fn random_case(round: usize, draw: fn(&[i64]) -> Tensor) -> (ConvBlock, Vec<Tensor>) {
    let (kernel_h, kernel_w) = match round % 4 {
        0 | 1 => (3, 3),
        2 => (random(1, 5), random(1, 5)),
        _ => (1, 1),
    };
    let (channels, filters) = (16 * random(1, 4), 16 * random(1, 9));
    let (height, width) = (kernel_h + random(1, 30), kernel_w + random(1, 30));
    let pool = POOLS[round % 3];
    let pad = |kernel: i64| if round % 5 < 2 { random(0, kernel - 1) } else { 0 };
    let padding = [pad(kernel_h), pad(kernel_h), pad(kernel_w), pad(kernel_w)];
    let relu = pool.is_some() || round.is_multiple_of(2);
    let block = ConvBlock { padding, pool, relu, ..ConvBlock::PLAIN };
    let mut tensors = vec![
        images(draw, [random(1, 5), channels, height, width]),
        draw(&[filters, channels, kernel_h, kernel_w]),
    ];
    if round % 7 != 6 {
        tensors.push(draw(&[filters]));
    }
    (block, tensors)
}

#[test]
fn random_shapes_give_what_the_layers_give_one_by_one() {
    let _alone = alone();
    tch::manual_seed(1);
    for round in 0..60 {
        let (block, tensors) = random_case(round, whole);
        let sizes: Vec<_> = tensors.iter().map(Tensor::size).collect();
        assert_same(&tensors, &block, &format!("round {round}: {block:?} on {sizes:?}"));
    }
}

#[test]
fn sums_of_any_numbers_are_as_near_as_floats_can_be() {
    let _alone = alone();
    tch::manual_seed(8);
    for round in 0..30 {
        let (block, tensors) = random_case(round, floats);
        // Where rounding decides what relu or a max pool does, gradients jump.
        let block = ConvBlock { relu: false, pool: None, ..block };
        assert_same(&tensors, &block, &format!("round {round}"));
    }
}

#[test]
fn pixels_are_scaled_on_the_way() {
    let _alone = alone();
    tch::manual_seed(2);
    for (round, pool) in POOLS.into_iter().enumerate() {
        let padding = if round == 1 { [0; 4] } else { [1, 1, 1, 0] };
        let block = ConvBlock {
            pixel_scale: [0.004, 0.005, 0.006],
            pixel_offset: [-0.4, -0.5, 0.1],
            padding,
            pool,
            relu: true,
            ..ConvBlock::PLAIN
        };
        let pixels = Tensor::randint(256, [3, 31, 38, 3], (Kind::Uint8, Device::Cpu));
        let tensors = [pixels, floats(&[16, 3, 3, 3]), floats(&[16]) + 20.0];
        assert_same(&tensors, &block, &format!("{pool:?}"));
    }
}

#[test]
fn what_lies_channels_first_is_understood() {
    let _alone = alone();
    tch::manual_seed(3);
    let block = ConvBlock { relu: true, pool: Some(Pool::Max), ..ConvBlock::PLAIN };
    assert_same(&[whole(&[2, 16, 9, 8]), whole(&[32, 16, 3, 3]), whole(&[32])], &block, "NCHW");
}

#[test]
fn equal_pixels_of_a_max_pool_pass_the_gradient_once() {
    let _alone = alone();
    let block = ConvBlock { relu: true, pool: Some(Pool::Max), ..ConvBlock::PLAIN };
    let input = Tensor::ones([1, 16, 6, 6], (Kind::Float, Device::Cpu));
    let weight = Tensor::ones([16, 16, 3, 3], (Kind::Float, Device::Cpu));
    assert_same(&[input, weight], &block, "equal pixels");
}

#[test]
fn nan_and_infinity_come_out_where_libtorch_has_them() {
    let _alone = alone();
    tch::manual_seed(4);
    for (pool, bad) in POOLS.into_iter().zip([f64::NAN, f64::INFINITY, f64::NAN]) {
        let block = ConvBlock { relu: true, pool, ..ConvBlock::PLAIN };
        let input = images(floats, [1, 16, 12, 12]);
        let _ = input.get(0).get(3).get(5).get(6).fill_(bad);
        let (weight, bias) = (floats(&[16, 16, 3, 3]), floats(&[16]));
        let expected = conv_block_in_steps(&input, &weight, Some(&bias), &block).unwrap();
        on_all_vectors(|vectors| {
            let found = conv_block(&input, &weight, Some(&bias), &block).unwrap();
            assert!(!bool::try_from(expected.isfinite().all()).unwrap());
            assert_eq!(found.isnan(), expected.isnan(), "{pool:?}, {vectors}");
            assert_eq!(found.isinf(), expected.isinf(), "{pool:?}, {vectors}");
        });
    }
}

#[test]
fn dropout_drops_its_share_and_its_gradient_the_same_values() {
    let _alone = alone();
    for pool in POOLS {
        let block = ConvBlock { relu: true, pool, dropout: 0.3, ..ConvBlock::PLAIN };
        tch::manual_seed(5);
        let tensors =
            [images(floats, [4, 16, 20, 20]), floats(&[32, 16, 3, 3]), floats(&[32]) + 60.0];
        let without = conv_block(
            &tensors[0],
            &tensors[1],
            Some(&tensors[2]),
            &ConvBlock { dropout: 0.0, ..block },
        )
        .unwrap();
        on_all_vectors(|vectors| {
            tch::manual_seed(6);
            let input = tensors[0].copy().set_requires_grad(true);
            let output = fused(&input, &tensors[1], Some(&tensors[2]), &block);
            let kept = output.detach().not_equal(0.0).to_kind(Kind::Float);
            // With biases this large relu alone zeroes nothing.
            let share = kept.mean(Kind::Float).double_value(&[]);
            assert!((share - 0.7).abs() < 0.02, "{pool:?}, {vectors}: {share} were kept");
            let between = (kept.get(0) * kept.get(1)).mean(Kind::Float).double_value(&[]);
            assert!((between - 0.49).abs() < 0.03, "two samples drop alike: {between}");
            let expected = &without * &kept / 0.7;
            assert!(difference(&output.detach(), &expected) < 1e-5);

            output.sum(Kind::Float).backward();
            let masked = tensors[0].copy().set_requires_grad(true);
            let plain = ConvBlock { dropout: 0.0, ..block };
            let steps = in_steps(&masked, &tensors[1], Some(&tensors[2]), &plain);
            (steps * &kept / 0.7).sum(Kind::Float).backward();
            assert!(difference(&input.grad(), &masked.grad()) < 1e-5);
        });
    }
}

#[test]
fn one_seed_gives_one_result_and_the_masks_do_not_depend_on_the_vectors() {
    let _alone = alone();
    let block = ConvBlock { relu: true, dropout: 0.5, pool: Some(Pool::Max), ..ConvBlock::PLAIN };
    let tensors = [images(floats, [5, 16, 30, 30]), floats(&[48, 16, 3, 3]), floats(&[48]) + 60.0];
    let run = || {
        tch::manual_seed(7);
        work(fused, &tensors, &block)
    };
    let first = run();
    let zeros = first.output.eq(0.0);
    let again = run();
    assert_eq!(first.output, again.output);
    assert_eq!(first.gradients, again.gradients);
    on_all_vectors(|_| assert_eq!(run().output.eq(0.0), zeros));
}

#[test]
fn without_gradients_nothing_else_changes() {
    let _alone = alone();
    let block = ConvBlock { relu: true, ..ConvBlock::PLAIN };
    let (input, weight) =
        (images(floats, [2, 16, 9, 9]), floats(&[16, 16, 3, 3]).set_requires_grad(true));
    let with = conv_block(&input, &weight, None, &block).unwrap();
    let without = tch::no_grad(|| conv_block(&input, &weight, None, &block).unwrap());
    assert!(with.requires_grad() && !without.requires_grad());
    assert_eq!(with.detach(), without);
}

#[test]
fn what_does_not_fit_is_an_error() {
    let _alone = alone();
    let refuse = |input: &Tensor, weight: &Tensor, block: &ConvBlock| {
        conv_block(input, weight, None, block).unwrap_err().to_string()
    };
    let input = images(floats, [1, 16, 8, 8]);
    let plain = ConvBlock::PLAIN;
    assert_eq!(
        refuse(&input, &floats(&[20, 16, 3, 3]), &plain),
        "the output channels are a multiple of 16"
    );
    assert_eq!(
        refuse(&input, &floats(&[16, 8, 3, 3]), &plain),
        "the weight is for 8 channels, not 16"
    );
    assert_eq!(
        refuse(&input, &floats(&[16, 16, 9, 9]), &plain),
        "the picture is smaller than the kernel"
    );
    assert_eq!(
        refuse(&input.to_kind(Kind::Double), &floats(&[16, 16, 3, 3]), &plain),
        "the input is u8 or f32"
    );
    let unpooled = ConvBlock { pool: Some(Pool::Max), ..plain };
    assert_eq!(refuse(&input, &floats(&[16, 16, 3, 3]), &unpooled), "a pool comes after a relu");
    let padded = ConvBlock { padding: [3, 0, 0, 0], ..plain };
    assert_eq!(
        refuse(&input, &floats(&[16, 16, 3, 3]), &padded),
        "padding is less than the kernel"
    );
}
