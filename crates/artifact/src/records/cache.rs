//! What stands beside the tensors of a cache.

use crate::{ArtifactError, atomic};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path};

/// `manifest.json`: what a cache holds and how it was made. It has no
/// timestamps: the same sources and recipe give the same bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Changes when an older reader would misread the cache.
    pub format_version: u32,
    /// Digest of the sources and the recipe; its first 16 digits name the folder.
    pub fingerprint: String,
    /// Sorted; a label is a position in this list.
    pub class_names: Vec<String>,
    /// Height and width of every picture, in pixels.
    pub image_size: [u32; 2],
    /// How pictures were made: the spec's `image_size` and `resize`, as JSON.
    pub recipe: serde_json::Value,
    /// Mean of each channel over the train split, 0–1.
    pub mean: [f64; 3],
    /// Standard deviation of each channel over the train split, 0–1.
    pub std: [f64; 3],
    /// By split name: `train`, `val`, `test`.
    pub splits: BTreeMap<String, SplitRecord>,
}

/// One split of a cache.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SplitRecord {
    /// The folder the pictures came from, as the spec names it.
    pub source: String,
    /// Pictures per class, in the order of the class names.
    pub counts: Vec<u64>,
    /// Files left out because they could not be decoded.
    pub skipped: u64,
    /// Length of the safetensors file, in bytes.
    pub bytes: u64,
    /// Digest of the whole safetensors file.
    pub checksum: String,
}

impl SplitRecord {
    /// All pictures of the split.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }
}

impl Manifest {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 1;
    /// The manifest's name in the cache folder.
    pub const FILE: &'static str = "manifest.json";
    /// The name of the list of samples in the cache folder.
    pub const SAMPLES_FILE: &'static str = "samples.csv";
    /// The name of the audit in the cache folder.
    pub const AUDIT_FILE: &'static str = "audit.json";
    /// The name of the contact sheet in the cache folder.
    pub const SHEET_FILE: &'static str = "samples.png";
    const REMEDY: &'static str = "run `prep` again";

    /// Reads the manifest of the cache in `folder`.
    ///
    /// # Errors
    /// As [`super::read_versioned`].
    pub fn read(folder: &Path) -> Result<Self, ArtifactError> {
        super::read_versioned(&folder.join(Self::FILE), Self::FORMAT_VERSION, Self::REMEDY)
    }
}

/// A line of `samples.csv`: where a row of a split came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// `train`, `val` or `test`.
    pub split: String,
    /// The row in the split's tensors, from 0.
    pub row: u64,
    /// Position in the class names.
    pub label: u32,
    /// The file, as the spec's folder names it, with `/` between folders.
    pub path: String,
    /// Digest of the file's content.
    pub digest: String,
    /// Width before resizing, in pixels, after the EXIF rotation.
    pub width: u32,
    /// Height before resizing, in pixels, after the EXIF rotation.
    pub height: u32,
}

/// Writes `samples.csv`.
///
/// # Errors
/// [`ArtifactError::Io`].
pub fn write_samples(path: &Path, samples: &[Sample]) -> Result<(), ArtifactError> {
    atomic::write(path, &super::prediction::csv_bytes(path, samples)?)
}

/// Reads `samples.csv`.
///
/// # Errors
/// [`ArtifactError::Io`] or [`ArtifactError::Malformed`].
pub fn read_samples(path: &Path) -> Result<Vec<Sample>, ArtifactError> {
    super::prediction::read_csv(path, Manifest::REMEDY)
}

/// `audit.json`: what was noticed about the pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// In the order in which they were found.
    pub findings: Vec<Finding>,
}

/// Something noticed about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What it is, for programs: `unreadable`, `missing_class`, …
    pub kind: String,
    /// The file or folder.
    pub path: String,
    /// The fact, for people.
    pub fact: String,
}

/// `cache/sources/<key>.json`: what the cache of a data section was built
/// from. Lies beside the caches since it changes when files are touched,
/// and a cache never does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Changes when an older reader would misread this file.
    pub format_version: u32,
    /// The fingerprint of the cache.
    pub fingerprint: String,
    /// Every folder that was scanned.
    pub folders: Vec<Folder>,
    /// Every file that the cache depends on, unreadable ones too.
    pub files: Vec<Source>,
}

/// A scanned folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// The folder, as the spec names it.
    pub path: String,
    /// How many entries it had.
    pub entries: u64,
}

/// A source file as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The file, as the spec's folder names it.
    pub path: String,
    /// Length in bytes.
    pub bytes: u64,
    /// Time of the last change, in nanoseconds since 1970 (UTC).
    pub modified_ns: i64,
    /// Digest of the content.
    pub digest: String,
}

impl Sources {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 1;

    /// Reads the record at `path`.
    ///
    /// # Errors
    /// As [`super::read_versioned`].
    pub fn read(path: &Path) -> Result<Self, ArtifactError> {
        super::read_versioned(path, Self::FORMAT_VERSION, Manifest::REMEDY)
    }
}
