//! The loader visits each row once, in the order it is given.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use proptest::prelude::*;
use shoebox_artifact::{
    atomic::AtomicDir,
    records::{Manifest, SplitRecord},
};
use shoebox_cache::{Purpose, Row, SplitWriter, TensorCache};
use shoebox_spec::{Residency, Shuffle};
use shoebox_train::{Loader, Order, TrainError, View, epoch_order};
use std::{ops::ControlFlow, path::Path};
use tch::Device;

/// A cache of `rows` pictures of one pixel: row `r` is `[r, 0, 0]`, its label `r % 3`.
fn write(folder: &Path, rows: u8) -> TensorCache {
    let folder = folder.join("cache");
    let target = AtomicDir::create(&folder).unwrap();
    let mut writer =
        SplitWriter::create(&target, "train", [1, 1], rows.into(), Purpose::Publish).unwrap();
    for row in 0..rows {
        let pixels = [row, 0, 0];
        let label = u32::from(row) % 3;
        writer.append(&[Row::new(&pixels, label, &[row; 32])]).unwrap();
    }
    let shards = writer.finish().join().unwrap().into_iter().map(|(_, shard)| shard).collect();
    let record = SplitRecord {
        source: "data/train".to_owned(),
        counts: vec![rows.into(), 0, 0],
        skipped: 0,
        dropped: 0,
        shards,
    };
    let manifest = Manifest {
        format_version: Manifest::FORMAT_VERSION,
        fingerprint: "0".repeat(64),
        preparation_version: 1,
        class_names: ["a", "b", "c"].map(str::to_owned).to_vec(),
        image_size: [1, 1],
        recipe: serde_json::json!({}),
        mean: [0.5; 3],
        std: [0.25; 3],
        splits: [("train".to_owned(), record)].into(),
        files: [].into(),
        checksum: String::new(),
    };
    manifest.write(target.path()).unwrap();
    target.publish().unwrap();
    TensorCache::open(&folder).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn each_row_comes_once_in_the_order_given_with_its_label(
        rows in 1u8..60, batch_size in 1usize..20, seed: u64, epoch in 1u32..9, block in 0u32..9,
        held: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let cache = write(folder.path(), rows);
        let shuffle = if block == 0 { Shuffle::Full } else { Shuffle::Blocks(block) };
        let order = epoch_order(shuffle, seed, epoch, rows.into());
        let residency = if held { Residency::Device } else { Residency::Host };
        let view = View::of(cache.split("train").unwrap()).unwrap();
        let loader = Loader::new(view, Device::Cpu, residency).unwrap();
        let (mut seen, mut sizes) = (Vec::new(), Vec::new());
        loader.for_each_batch(&order, batch_size, |batch| {
            sizes.push(batch.len());
            let pixels = Vec::<i64>::try_from(batch.images.select(3, 0).flatten(0, -1)).unwrap();
            let labels = Vec::<i64>::try_from(&batch.labels).unwrap();
            let visits: Vec<usize> = batch.visits.iter().map(|visit| visit.row).collect();
            assert!(pixels.iter().map(|&pixel| pixel as usize).eq(visits));
            assert!(pixels.iter().zip(labels).all(|(pixel, label)| pixel % 3 == label));
            seen.extend(pixels.into_iter().map(|pixel| pixel as usize));
            Ok(ControlFlow::Continue(()))
        }).unwrap();
        prop_assert_eq!(seen, order.rows);
        let (last, full) = sizes.split_last().unwrap();
        prop_assert!(full.iter().all(|&size| size == batch_size) && *last <= batch_size);
    }
}

#[test]
fn breaking_off_and_failing_end_the_loop() {
    let folder = tempfile::tempdir().unwrap();
    let cache = write(folder.path(), 50);
    let view = View::of(cache.split("train").unwrap()).unwrap();
    let loader = Loader::new(view, Device::Cpu, Residency::Auto).unwrap();
    let order = Order::as_stored(50);
    let mut batches = 0;
    loader
        .for_each_batch(&order, 1, |_| {
            batches += 1;
            Ok(if batches == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })
        .unwrap();
    assert_eq!(batches, 3);
    let failed = loader.for_each_batch(&order, 1, |_| {
        Err(TrainError::BadLoss { loss: f64::NAN, epoch: 1, step: 1 })
    });
    assert!(matches!(failed, Err(TrainError::BadLoss { .. })));
}
