//! The tutorial's network as a tch user writes it, for `benches/step.py`: eager
//! layers, channels first, tch's own Adam and allocator settings. Prints one
//! line of JSON: seconds of each epoch's training.
//!
//! `plain_tch CACHE_FOLDER EPOCHS SEED`

use shoebox_cache::{Split, TensorCache};
use std::{error::Error, path::Path, time::Instant};
use tch::{
    Device, Kind, Tensor,
    nn::{self, ModuleT, OptimizerConfig},
};

const BATCH: usize = 32;

fn network(path: &nn::Path, classes: i64) -> impl ModuleT + use<> {
    let conv = |name: &str, from, to| nn::conv2d(path / name, from, to, 3, Default::default());
    nn::seq_t()
        .add(conv("conv1", 3, 16))
        .add_fn(|x| x.relu().avg_pool2d_default(2))
        .add(conv("conv2", 16, 32))
        .add_fn_t(|x, train| x.relu().max_pool2d_default(2).dropout(0.3, train))
        .add(conv("conv3", 32, 64))
        .add_fn_t(|x, train| x.relu().dropout(0.3, train).flatten(1, -1))
        .add(nn::linear(path / "dense1", 64 * 52 * 52, 128, Default::default()))
        .add_fn(|x| x.relu())
        .add(nn::linear(path / "dense2", 128, classes, Default::default()))
}

fn batch(split: &Split, labels: &[i64], rows: &[i64]) -> (Tensor, Tensor) {
    let pixels: Vec<u8> =
        rows.iter().flat_map(|&row| split.row(row as usize).iter().copied()).collect();
    let [height, width] = split.image_size().map(|side| side as i64);
    let images = Tensor::from_slice(&pixels).view([rows.len() as i64, height, width, 3]);
    let images = images.to_kind(Kind::Float).permute([0, 3, 1, 2]).contiguous() / 255.0;
    let labels: Vec<i64> = rows.iter().map(|&row| labels[row as usize]).collect();
    (images, Tensor::from_slice(&labels))
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, epochs, seed] = &args[..] else {
        return Err("usage: plain_tch CACHE_FOLDER EPOCHS SEED".into());
    };
    tch::manual_seed(seed.parse()?);
    let cache = TensorCache::open(Path::new(folder))?;
    let split = cache.split("train").ok_or("the cache has no train split")?;
    let labels = split.labels()?;
    let variables = nn::VarStore::new(Device::Cpu);
    let network = network(&variables.root(), cache.manifest().class_names.len() as i64);
    let mut optimizer = nn::Adam::default().build(&variables, 1e-4)?;
    let mut seconds = Vec::new();
    for _ in 0..epochs.parse()? {
        let start = Instant::now();
        let order = Tensor::randperm(split.len() as i64, (Kind::Int64, Device::Cpu));
        let order = Vec::<i64>::try_from(order)?;
        for rows in order.chunks(BATCH) {
            let (images, labels) = batch(split, &labels, rows);
            let loss = network.forward_t(&images, true).cross_entropy_for_logits(&labels);
            optimizer.backward_step(&loss);
            if !loss.double_value(&[]).is_finite() {
                return Err("the loss is not a number".into());
            }
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    println!("{}", serde_json::to_string(&seconds)?);
    Ok(())
}
