//! How fast shuffled batches are gathered from a cache, next to `memcpy` of
//! the same bytes from one buffer in order:
//! `cargo run --release -p shoebox-cache --example gather`.
//!
//! Both copy from memory that was touched before, on one thread, and take
//! turns. A round copies every row once.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use shoebox_artifact::{
    atomic::AtomicDir,
    records::{Manifest, SplitRecord},
};
use shoebox_cache::{CacheError, Purpose, Row, Split, SplitWriter, TensorCache, shard_name};
use std::{hint::black_box, path::Path, time::Instant};

const ROWS: usize = 4000;
const SIDE: u32 = 224;
const ROW_BYTES: usize = (SIDE * SIDE * 3) as usize;
const ROUNDS: usize = 9;

fn main() -> Result<(), CacheError> {
    let folder = std::env::temp_dir().join(format!("shoebox-gather-{}", std::process::id()));
    let outcome = measure(&folder);
    // What is left in the temporary folder is only wasted space.
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

fn measure(folder: &Path) -> Result<(), CacheError> {
    let start = Instant::now();
    write(folder)?;
    println!("wrote {ROWS} rows of {SIDE}×{SIDE} in {:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let cache = TensorCache::open(folder)?;
    println!("opened in {:.2} ms", start.elapsed().as_secs_f64() * 1e3);
    let Some(split) = cache.split("train") else { return Ok(()) };
    println!("{} files", split.shards().len());
    let plain = vec![7u8; ROWS * ROW_BYTES];
    for batch_size in [32, 256] {
        let mut batch = vec![0u8; batch_size * ROW_BYTES];
        // The first round of each touches every page.
        let mut rounds: Vec<[f64; 2]> = (0..=ROUNDS as u64)
            .map(|seed| [gather(split, &mut batch, seed), copy(&plain, &mut batch)])
            .collect();
        rounds.remove(0);
        let ratios = rounds.iter().map(|[gathered, copied]| gathered / copied).collect();
        println!(
            "batch {batch_size}: gathered {} GB/s, memcpy {} GB/s, ratio {}",
            spread(rounds.iter().map(|round| round[0]).collect()),
            spread(rounds.iter().map(|round| round[1]).collect()),
            spread(ratios),
        );
    }
    Ok(())
}

fn write(folder: &Path) -> Result<(), CacheError> {
    let target = AtomicDir::create(folder)?;
    let mut writer =
        SplitWriter::create(&target, "rows", [SIDE; 2], ROWS as u64, Purpose::Publish)?;
    for number in 0..ROWS {
        let pixels = vec![number as u8; ROW_BYTES];
        let mut digest = [0; 32];
        digest[..8]
            .copy_from_slice(&(number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes());
        writer.append(&[Row::new(&pixels, 0, &digest)])?;
    }
    let mut shards = Vec::new();
    let finished = writer.finish().join()?;
    let count = finished.len();
    for (position, (path, mut shard)) in finished.into_iter().enumerate() {
        shard.file = shard_name("train", position, count);
        target.link(&path, &shard.file)?;
        shards.push(shard);
    }
    let (counts, skipped, dropped) = (vec![ROWS as u64], 0, 0);
    let record = SplitRecord { source: "made up".to_owned(), counts, skipped, dropped, shards };
    let manifest = Manifest {
        format_version: Manifest::FORMAT_VERSION,
        fingerprint: "0".repeat(64),
        preparation_version: 0,
        class_names: vec!["rows".to_owned()],
        image_size: [SIDE; 2],
        recipe: serde_json::json!({}),
        mean: [0.0; 3],
        std: [1.0; 3],
        splits: [("train".to_owned(), record)].into(),
        files: [].into(),
        checksum: String::new(),
    };
    manifest.write(target.path())?;
    Ok(target.publish()?)
}

/// Gathers every row once in shuffled batches, and tells the GB/s.
fn gather(split: &Split, batch: &mut [u8], seed: u64) -> f64 {
    let mut order: Vec<usize> = (0..ROWS).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let start = Instant::now();
    for rows in order.chunks(batch.len() / ROW_BYTES) {
        for (place, &row) in batch.chunks_mut(ROW_BYTES).zip(rows) {
            place.copy_from_slice(split.row(row));
        }
        black_box(&mut *batch);
    }
    gigabytes_per_second(start)
}

/// Copies as many bytes in order.
fn copy(plain: &[u8], batch: &mut [u8]) -> f64 {
    let start = Instant::now();
    for part in plain.chunks(batch.len()) {
        batch[..part.len()].copy_from_slice(part);
        black_box(&mut *batch);
    }
    gigabytes_per_second(start)
}

fn gigabytes_per_second(start: Instant) -> f64 {
    (ROWS * ROW_BYTES) as f64 / 1e9 / start.elapsed().as_secs_f64()
}

/// `median [min–max]`.
fn spread(mut values: Vec<f64>) -> String {
    values.sort_by(f64::total_cmp);
    let last = values.len() - 1;
    format!("{:.2} [{:.2}–{:.2}]", values[last / 2], values[0], values[last])
}
