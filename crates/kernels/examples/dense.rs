//! A fully connected layer by oneDNN beside libtorch's own, forward and
//! backward, in turns: `cargo run --release -p shoebox-kernels --example dense [THREADS]`.

use shoebox_kernels::{allocator, linear, linear_pays};
use std::time::Instant;
use tch::{Device, Kind, Tensor};

const ROUNDS: usize = 9;

/// Batch, inputs and outputs; the first is the tutorial's.
const CASES: [[i64; 3]; 5] =
    [[32, 173_056, 128], [32, 512, 1000], [32, 1280, 2], [256, 4096, 1024], [1, 173_056, 128]];

/// Milliseconds of a pass forward and backward.
fn time(layer: impl Fn(&Tensor, &Tensor) -> Tensor, input: &Tensor, weight: &Tensor) -> f64 {
    let start = Instant::now();
    let output = layer(input, weight);
    (&output * output.ones_like()).sum(Kind::Float).backward();
    start.elapsed().as_secs_f64() * 1e3
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    allocator::keep_pages();
    if let Some(threads) = std::env::args().nth(1) {
        tch::set_num_threads(threads.parse().expect("a number of threads"));
    }
    println!("chosen here: {}\n", if linear_pays() { "oneDNN" } else { "libtorch" });
    println!("| batch | inputs | outputs | libtorch, ms | oneDNN, ms | libtorch to oneDNN |");
    println!("|---:|---:|---:|---:|---:|---:|");
    for [batch, inputs, outputs] in CASES {
        let floats = |shape: [i64; 2]| {
            Tensor::randn(shape, (Kind::Float, Device::Cpu)).set_requires_grad(true)
        };
        let (input, weight) = (floats([batch, inputs]), floats([outputs, inputs]));
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let other = time(|x, w| x.linear::<Tensor>(w, None), &input, &weight);
            let own = time(|x, w| linear(x, w, None).expect("f32 on the CPU"), &input, &weight);
            if round > 0 {
                theirs.push(other);
                ours.push(own);
            }
        }
        let (theirs, ours) = (median(theirs), median(ours));
        let ratio = theirs / ours;
        println!("| {batch} | {inputs} | {outputs} | {theirs:.2} | {ours:.2} | {ratio:.2} |");
    }
}
