//! Any bytes as a cache: opened, and then everything in it can be read, or
//! refused. Bytes that start with `{` are a manifest, a line break and a shard;
//! of others the first three are rows, height and width, and the rest a shard.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use shoebox_artifact::records::Manifest;
use shoebox_cache::TensorCache;
use std::{cell::LazyCell, fs};
use tempfile::TempDir;

const SHARD: &str = "train.safetensors";

thread_local! {
    static FOLDER: LazyCell<TempDir> = LazyCell::new(|| TempDir::new().unwrap());
}

/// The manifest of a cache of two classes with one split.
fn manifest_of(rows: u8, height: u8, width: u8, shard: &[u8]) -> Vec<u8> {
    let digest = "0".repeat(64);
    let shard = json!({
        "file": SHARD, "rows": rows, "bytes": shard.len(), "checksum": digest,
        "content": digest, "sum": [0, 0, 0], "square_sum": [0, 0, 0],
    });
    let split = json!({
        "source": "data/train", "counts": [rows, 0], "skipped": 0, "dropped": 0,
        "shards": [shard],
    });
    let manifest = json!({
        "format_version": Manifest::FORMAT_VERSION, "fingerprint": digest,
        "preparation_version": 1, "class_names": ["adidas", "nike"],
        "image_size": [height, width], "recipe": {}, "mean": [0.0, 0.0, 0.0],
        "std": [1.0, 1.0, 1.0], "splits": {"train": split}, "files": {}, "checksum": "",
    });
    manifest.to_string().into_bytes()
}

fn read_everything(cache: &TensorCache) {
    let image_size = cache.manifest().image_size;
    for name in cache.manifest().splits.keys() {
        let split = cache.split(name).unwrap();
        let labels = split.labels();
        let shards = split.shards().iter().map(|shard| shard.images().dim().0);
        assert_eq!(shards.sum::<usize>(), split.len());
        for row in [0, split.len() / 2, split.len().saturating_sub(1)] {
            if row < split.len() {
                assert_eq!(split.row(row).len() as u64, shoebox_cache::row_bytes(image_size));
            }
        }
        if let Ok(labels) = labels {
            let classes = cache.manifest().class_names.len() as i64;
            assert_eq!(labels.len(), split.len());
            assert!(labels.iter().all(|label| (0..classes).contains(label)));
        }
    }
    let _ = cache.verify(|_, _| {});
}

fuzz_target!(|bytes: &[u8]| {
    let (manifest, shard) = match *bytes {
        [b'{', ..] => {
            let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
            (bytes[..end].to_vec(), bytes.get(end + 1..).unwrap_or_default())
        }
        [rows, height, width, ref shard @ ..] => (manifest_of(rows, height, width, shard), shard),
        _ => return,
    };
    FOLDER.with(|folder| {
        // With the right checksum, or nothing behind it would be reached.
        match serde_json::from_slice::<Manifest>(&manifest) {
            Ok(manifest) => manifest.write(folder.path()).unwrap(),
            Err(_) => fs::write(folder.path().join(Manifest::FILE), manifest).unwrap(),
        }
        fs::write(folder.path().join(SHARD), shard).unwrap();
        if let Ok(cache) = TensorCache::open(folder.path()) {
            read_everything(&cache);
        }
    });
});
