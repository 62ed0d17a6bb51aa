//! What goes into a cache comes out of it, and a file that is not what its
//! manifest says is refused.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use proptest::prelude::*;
use safetensors::SafeTensors;
use shoebox_artifact::{
    ArtifactError,
    atomic::{self, AtomicDir},
    records::{Manifest, ShardRecord, SplitRecord},
};
use shoebox_cache::{CacheError, Purpose, SplitWriter, TensorCache, shard_name};
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Class names of a test cache: labels 0 to 2 are valid.
const CLASSES: [&str; 3] = ["adidas", "nike", "vans"];

/// The pixels of a picture, and its label.
type Row = (Vec<u8>, u32);

/// Writes a cache of one split with these rows into `folder`, which announces
/// `spare` rows more than come.
fn write(folder: &Path, size: [u32; 2], rows: &[Row], spare: u64) -> Manifest {
    let target = AtomicDir::create(folder).unwrap();
    let mut writer =
        SplitWriter::create(&target, "train", size, rows.len() as u64 + spare, Purpose::Publish)
            .unwrap();
    let digests: Vec<[u8; 32]> = (0..rows.len()).map(|row| [row as u8; 32]).collect();
    for (rows, digests) in rows.chunks(5).zip(digests.chunks(5)) {
        let rows: Vec<_> = rows
            .iter()
            .zip(digests)
            .map(|((pixels, label), digest)| shoebox_cache::Row::new(pixels, *label, digest))
            .collect();
        writer.append(&rows).unwrap();
    }
    let (path, mut shard) = writer.finish().join().unwrap().remove(0);
    shard.file = shard_name("train", 0, 1);
    target.link(&path, &shard.file).unwrap();
    fs::remove_file(path).unwrap();
    let mut counts = vec![0; CLASSES.len()];
    rows.iter().for_each(|(_, label)| counts[(*label as usize).min(CLASSES.len() - 1)] += 1);
    let record = SplitRecord {
        source: "data/train".to_owned(),
        counts,
        skipped: 0,
        dropped: 0,
        shards: vec![shard],
    };
    let manifest = Manifest {
        format_version: Manifest::FORMAT_VERSION,
        fingerprint: "0".repeat(64),
        preparation_version: 1,
        class_names: CLASSES.map(str::to_owned).to_vec(),
        image_size: size,
        recipe: serde_json::json!({}),
        mean: [0.0; 3],
        std: [1.0; 3],
        splits: [("train".to_owned(), record)].into(),
        files: [].into(),
        checksum: String::new(),
    };
    manifest.clone().write(target.path()).unwrap();
    target.publish().unwrap();
    manifest
}

/// A size, some rows of it, and how many more are announced.
fn anything() -> impl Strategy<Value = ([u32; 2], Vec<Row>, u64)> {
    ([1u32..6, 1u32..6], 0u64..700).prop_flat_map(|(size, spare)| {
        let bytes = (size[0] * size[1] * 3) as usize;
        let row = (prop::collection::vec(any::<u8>(), bytes), 0u32..3);
        prop::collection::vec(row, 0..12).prop_map(move |rows| (size, rows, spare))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rows_and_labels_come_back((size, rows, spare) in anything()) {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("cache"), size, &rows, spare);
        let cache = TensorCache::open(&folder.path().join("cache")).unwrap();
        cache.verify(|_, outcome| assert!(outcome.is_ok())).unwrap();
        let split = cache.split("train").unwrap();
        let labels: Vec<i64> = rows.iter().map(|(_, label)| i64::from(*label)).collect();
        prop_assert_eq!(split.labels().unwrap(), labels);
        prop_assert_eq!(split.len(), rows.len());
        let [height, width] = size.map(|side| side as usize);
        prop_assert_eq!(split.shards()[0].images().dim(), (rows.len(), height, width, 3));
        for (row, (pixels, _)) in rows.iter().enumerate() {
            prop_assert_eq!(split.row(row), &pixels[..]);
        }
    }

    /// The file is one of safetensors, its pixels starting on a page.
    #[test]
    fn any_reader_of_safetensors_opens_it((size, rows, spare) in anything()) {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("cache"), size, &rows, spare);
        let bytes = fs::read(folder.path().join("cache/train.safetensors")).unwrap();
        let file = SafeTensors::deserialize(&bytes).unwrap();
        let images = file.tensor("images").unwrap();
        prop_assert_eq!(images.data(), rows.iter().flat_map(|(pixels, _)| pixels.clone()).collect::<Vec<_>>());
        let start = images.data().as_ptr() as usize - bytes.as_ptr() as usize;
        prop_assert!(rows.is_empty() || start.is_multiple_of(4096), "pixels start at {}", start);
    }
}

/// A sound cache of three 2×3 pictures.
struct Sound {
    folder: TempDir,
    manifest: Manifest,
}

impl Sound {
    fn new() -> Self {
        Self::labelled([0, 1, 2])
    }

    fn labelled(labels: [u32; 3]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rows = labels.map(|label| ((0..18).map(|value| value * 14).collect(), label));
        let manifest = write(&folder.path().join("cache"), [2, 3], &rows, 0);
        Self { folder, manifest }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    fn file(&self) -> PathBuf {
        self.path().join("train.safetensors")
    }

    fn damage(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(self.file()).unwrap();
        change(&mut bytes);
        atomic::write(&self.file(), &bytes).unwrap();
    }

    /// Replaces text of the header by text of the same length.
    fn edit_header(&self, from: &str, to: &str) {
        assert_eq!(from.len(), to.len());
        self.damage(|bytes| {
            let at = bytes.windows(from.len()).position(|window| window == from.as_bytes());
            let at = at.expect("the header has this text");
            bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        });
    }

    fn edit_manifest(&self, change: impl FnOnce(&mut Manifest)) {
        let mut manifest = self.manifest.clone();
        change(&mut manifest);
        manifest.write(&self.path()).unwrap();
    }

    /// Asserts that opening fails and says all of `parts`, the file first.
    fn is_damaged(&self, parts: &[&str]) {
        let error = TensorCache::open(&self.path()).expect_err("it is damaged");
        assert!(matches!(error, CacheError::Damaged { .. }), "{error}");
        let said = error.to_string();
        assert!(said.starts_with(&self.file().display().to_string()), "{said}");
        assert!(said.ends_with("remove its folder and run `prep` again"), "{said}");
        for part in parts {
            assert!(said.contains(part), "no `{part}` in: {said}");
        }
    }
}

#[test]
fn rejects_a_truncated_file() {
    let sound = Sound::new();
    sound.damage(|bytes| bytes.truncate(bytes.len() - 1));
    let whole = sound.manifest.splits["train"].bytes();
    sound.is_damaged(&[&format!("it has {} bytes, the manifest says {whole}", whole - 1)]);
}

#[test]
fn rejects_a_file_that_is_longer() {
    let sound = Sound::new();
    sound.damage(|bytes| bytes.push(0));
    sound.is_damaged(&["the manifest says"]);
}

#[test]
fn rejects_a_header_that_is_garbage() {
    let sound = Sound::new();
    sound.damage(|bytes| bytes[8..40].fill(b'#'));
    sound.is_damaged(&["its header is not one of safetensors"]);
}

#[test]
fn rejects_a_header_longer_than_the_file() {
    let sound = Sound::new();
    sound.damage(|bytes| bytes[..8].fill(0xFF));
    sound.is_damaged(&["its header is not one of safetensors"]);
}

#[test]
fn rejects_another_shape() {
    let sound = Sound::new();
    sound.edit_manifest(|manifest| manifest.image_size = [3, 2]);
    sound.is_damaged(&["there is no tensor `images` of U8 [3, 3, 2, 3]"]);
}

#[test]
fn rejects_another_number_of_rows() {
    let sound = Sound::new();
    sound.edit_manifest(|manifest| {
        manifest.splits.get_mut("train").expect("it has a train split").shards[0].rows += 1;
    });
    sound.is_damaged(&["there is no tensor `labels` of I64 [4]"]);
}

#[test]
fn rejects_another_type() {
    let sound = Sound::new();
    sound.edit_header("\"I64\"", "\"F64\"");
    sound.is_damaged(&["there is no tensor `labels` of I64 [3]"]);
}

#[test]
fn rejects_a_missing_tensor() {
    let sound = Sound::new();
    sound.edit_header("\"images\"", "\"imagos\"");
    sound.is_damaged(&["there is no tensor `images`"]);
}

#[test]
fn rejects_a_label_beyond_the_class_count() {
    let sound = Sound::labelled([0, 1, 3]);
    let cache = TensorCache::open(&sound.path()).unwrap();
    let said = cache.split("train").unwrap().labels().unwrap_err().to_string();
    assert!(said.contains("row 2 has label 3, but there are 3 classes"), "{said}");
}

#[test]
fn rejects_a_negative_label() {
    let sound = Sound::new();
    let pixels = 3 * 18;
    // The labels end where the pixels start.
    sound.damage(|bytes| {
        let end = bytes.len() - pixels;
        bytes[end - 8..end].fill(0xFF);
    });
    let cache = TensorCache::open(&sound.path()).unwrap();
    let said = cache.split("train").unwrap().labels().unwrap_err().to_string();
    assert!(said.contains("row 2 has label -1"), "{said}");
}

#[test]
fn rejects_a_newer_manifest_naming_both_versions() {
    let sound = Sound::new();
    sound.edit_manifest(|manifest| manifest.format_version += 1);
    let error = TensorCache::open(&sound.path()).unwrap_err();
    let versions = CacheError::Artifact(ArtifactError::Version {
        path: sound.path().join(Manifest::FILE),
        found: u64::from(Manifest::FORMAT_VERSION) + 1,
        expected: Manifest::FORMAT_VERSION,
        remedy: "run `prep` again",
    });
    assert_eq!(error.to_string(), versions.to_string());
    assert!(error.to_string().contains("format version 3, this build reads 2"), "{error}");
}

#[test]
fn rejects_a_manifest_that_is_no_manifest() {
    let sound = Sound::new();
    atomic::write(&sound.path().join(Manifest::FILE), b"{}").unwrap();
    let said = TensorCache::open(&sound.path()).unwrap_err().to_string();
    assert!(said.contains("manifest.json: ") && said.ends_with("run `prep` again"), "{said}");
}

#[test]
fn rejects_a_manifest_that_says_something_else_than_was_written() {
    let sound = Sound::new();
    let path = sound.path().join(Manifest::FILE);
    let text = fs::read_to_string(&path).unwrap();
    for (from, to) in [("\"nike\"", "\"puma\""), ("0.0", "0.5"), ("  ", "   ")] {
        atomic::write(&path, text.replacen(from, to, 1).as_bytes()).unwrap();
        let said = TensorCache::open(&sound.path()).unwrap_err().to_string();
        assert!(said.contains("it was altered: its checksum is not that of its text"), "{said}");
    }
    atomic::write(&path, text.as_bytes()).unwrap();
    TensorCache::open(&sound.path()).unwrap();
}

#[test]
fn rejects_a_missing_split_file() {
    let sound = Sound::new();
    fs::remove_file(sound.file()).unwrap();
    sound.is_damaged(&["the file is gone"]);
}

#[test]
fn rejects_a_folder_that_is_not_there() {
    let error = TensorCache::open(Path::new("gone")).unwrap_err();
    assert!(matches!(error, CacheError::Missing { .. }), "{error}");
}

#[test]
fn verify_finds_any_flipped_bit() {
    let length = Sound::new().manifest.splits["train"].bytes() as usize;
    // In the header's padding, in the labels, in the pixels.
    for position in [2000, length - 3 * 18 - 8, length - 1] {
        let sound = Sound::new();
        let cache = TensorCache::open(&sound.path()).unwrap();
        cache.verify(|_, _| ()).unwrap();
        sound.damage(|bytes| bytes[position] ^= 1);
        let error = cache.verify(|_, _| ()).unwrap_err();
        assert!(error.to_string().contains("its checksum is not the manifest's"), "{error}");
    }
}

#[test]
fn the_writer_refuses_a_row_of_another_size_or_beyond_the_number_announced() {
    let folder = tempfile::tempdir().unwrap();
    let target = AtomicDir::create(&folder.path().join("cache")).unwrap();
    let mut writer = SplitWriter::create(&target, "val", [1, 1], 1, Purpose::Scratch).unwrap();
    let row = |pixels| shoebox_cache::Row::new(pixels, 0, &[0; 32]);
    let said = writer.append(&[row(&[0; 4])]).unwrap_err().to_string();
    assert!(said.contains("4 bytes came, but a row has 3"), "{said}");
    let said = writer.append(&[row(&[0; 3])]).unwrap_err().to_string();
    assert!(said.contains("more rows came than the 1 announced"), "{said}");
}

/// The names and bytes of the files of a split that is cut, and its pixels.
fn write_cut(rows: impl Iterator<Item = u32>, count: u64) -> (Vec<ShardRecord>, Vec<u8>) {
    const SIZE: [u32; 2] = [512, 512];
    let folder = tempfile::tempdir().unwrap();
    let target = AtomicDir::create(&folder.path().join("cache")).unwrap();
    let mut writer = SplitWriter::create(&target, "train", SIZE, count, Purpose::Publish).unwrap();
    for row in rows {
        let pixels = vec![row as u8; 512 * 512 * 3];
        let mut digest = [0; 32];
        digest[..4].copy_from_slice(&row.wrapping_mul(2_654_435_769).to_le_bytes());
        let row = shoebox_cache::Row::new(&pixels, row % 3, &digest);
        writer.append(&[row]).unwrap();
    }
    let finished = writer.finish().join().unwrap();
    let first = fs::read(&finished[0].0).unwrap();
    (finished.into_iter().map(|(_, record)| record).collect(), first)
}

#[test]
fn a_row_more_leaves_most_files_of_a_large_split_as_they_are() {
    let (before, first) = write_cut(0..400, 400);
    let (after, _) = write_cut((0..250).chain([1000]).chain(250..400), 401);
    assert!(before.len() > 10, "{} files", before.len());
    assert_eq!(before.iter().map(|shard| shard.rows).sum::<u64>(), 400);
    let known: Vec<_> = before.iter().map(|shard| (&shard.content, &shard.checksum)).collect();
    let fresh =
        after.iter().filter(|shard| !known.contains(&(&shard.content, &shard.checksum))).count();
    assert!((1..=3).contains(&fresh), "{fresh} of {} files are new", after.len());
    SafeTensors::deserialize(&first).unwrap();
}
