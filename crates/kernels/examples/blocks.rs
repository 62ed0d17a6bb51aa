//! Convolution blocks beside libtorch's layers, forward and backward, in turns:
//! `cargo run --release -p shoebox-kernels --example blocks [THREADS]`.

use shoebox_kernels::{ConvBlock, Pool, Vectors, allocator, conv_block, conv_block_in_steps};
use std::time::Instant;
use tch::{Device, Kind, Tensor};

const ROUNDS: usize = 7;

struct Case {
    batch: i64,
    side: i64,
    channels: i64,
    filters: i64,
    kernel: i64,
    pool: Option<Pool>,
}

const fn case(side: i64, channels: i64, filters: i64, kernel: i64, pool: Option<Pool>) -> Case {
    let batch = if side >= 100 { 8 } else { 32 };
    Case { batch, side, channels, filters, kernel, pool }
}

/// The tutorial's three, then those of deeper networks.
const CASES: [Case; 12] = [
    case(224, 3, 16, 3, Some(Pool::Average)),
    case(111, 16, 32, 3, Some(Pool::Max)),
    case(54, 32, 64, 3, None),
    case(56, 64, 64, 3, None),
    case(28, 64, 128, 3, Some(Pool::Max)),
    case(28, 128, 128, 3, None),
    case(14, 256, 256, 3, None),
    case(7, 512, 512, 3, None),
    case(56, 64, 256, 1, None),
    case(28, 256, 64, 1, None),
    case(30, 32, 32, 5, Some(Pool::Average)),
    case(13, 16, 16, 3, None),
];

type Compute = fn(&Tensor, &Tensor, &Tensor, &ConvBlock) -> Tensor;

/// Milliseconds of a pass forward and backward.
fn time(compute: Compute, tensors: &[Tensor; 3], block: &ConvBlock) -> f64 {
    let [input, weight, bias] = tensors;
    let start = Instant::now();
    let output = compute(input, weight, bias, block);
    output.backward_with(&output.ones_like());
    start.elapsed().as_secs_f64() * 1e3
}

trait BackwardWith {
    fn backward_with(&self, gradient: &Tensor);
}

impl BackwardWith for Tensor {
    /// The cheapest scalar whose gradient is dense: a sum's would be an
    /// expanded number, which no layer of a network ever sees.
    fn backward_with(&self, gradient: &Tensor) {
        (self * gradient).sum(Kind::Float).backward();
    }
}

fn fused(input: &Tensor, weight: &Tensor, bias: &Tensor, block: &ConvBlock) -> Tensor {
    conv_block(input, weight, Some(bias), block).expect("a case that fits")
}

fn in_steps(input: &Tensor, weight: &Tensor, bias: &Tensor, block: &ConvBlock) -> Tensor {
    conv_block_in_steps(input, weight, Some(bias), block).expect("libtorch takes any")
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn run(case: &Case) {
    let &Case { batch, side, channels, filters, kernel, pool } = case;
    let floats = |shape: &[i64]| Tensor::randn(shape, (Kind::Float, Device::Cpu));
    let input = if channels == 3 {
        Tensor::randint(256, [batch, side, side, 3], (Kind::Uint8, Device::Cpu))
    } else {
        let images = floats(&[batch, side, side, channels]).permute([0, 3, 1, 2]);
        images.set_requires_grad(true)
    };
    let weight = floats(&[filters, channels, kernel, kernel]).set_requires_grad(true);
    let tensors = [input, weight, floats(&[filters]).set_requires_grad(true)];
    let block = ConvBlock { pool, relu: true, ..ConvBlock::PLAIN };
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (own, other) = (time(fused, &tensors, &block), time(in_steps, &tensors, &block));
        if round > 0 {
            ours.push(own);
            theirs.push(other);
        }
    }
    let ratios = ours.iter().zip(&theirs).map(|(own, other)| other / own).collect();
    println!(
        "| {batch}×{side}×{side}×{channels} | {kernel}×{kernel} to {filters}{} | {:.1} | {:.1} | {:.2} |",
        pool.map_or(String::new(), |pool| format!(", {pool:?} pool")),
        median(theirs),
        median(ours),
        median(ratios),
    );
}

fn main() {
    allocator::keep_pages();
    if let Some(threads) = std::env::args().nth(1).and_then(|text| text.parse().ok()) {
        tch::set_num_threads(threads);
    }
    println!("{} threads, {} vectors", tch::get_num_threads(), Vectors::in_use());
    println!("| input | convolution | libtorch, ms | fused, ms | libtorch to fused |");
    println!("|---|---|---:|---:|---:|");
    CASES.iter().for_each(run);
}
