//! `manifest.json`: what a cache holds.

use crate::ArtifactError;
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
    /// Changes when the same file and recipe give other pixels than before.
    pub preparation_version: u32,
    /// Sorted; a label is a position in this list.
    pub class_names: Vec<String>,
    /// Height and width of every picture, in pixels.
    pub image_size: [u32; 2],
    /// How pictures were made: the parts of the spec that their pixels follow
    /// from, as JSON.
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
    /// Where the pictures came from, as the spec names it.
    pub source: String,
    /// Pictures per class, in the order of the class names.
    pub counts: Vec<u64>,
    /// Files left out because they could not be decoded.
    pub skipped: u64,
    /// Pictures left out because their like is in another split.
    pub dropped: u64,
    /// The files that hold the rows, in their order.
    pub shards: Vec<ShardRecord>,
}

/// One file of a split: consecutive rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardRecord {
    /// Its name in the cache folder.
    pub file: String,
    /// Rows in it.
    pub rows: u64,
    /// Its length, in bytes.
    pub bytes: u64,
    /// Digest of the digests of its rows' pixels and of all that stands before
    /// them.
    pub checksum: String,
    /// Digest of what its rows follow from: labels and contents of the
    /// sources. With the same recipe, equal contents are equal files.
    pub content: String,
    /// Sum over its pixels, per channel.
    pub sum: [u64; 3],
    /// Sum of the squares over its pixels, per channel.
    pub square_sum: [u64; 3],
}

impl SplitRecord {
    /// All pictures of the split.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The length of all its files, in bytes.
    pub fn bytes(&self) -> u64 {
        self.shards.iter().map(|shard| shard.bytes).sum()
    }
}

impl Manifest {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 2;
    /// The manifest's name in the cache folder.
    pub const FILE: &'static str = "manifest.json";
    /// The name of the list of samples in the cache folder.
    pub const SAMPLES_FILE: &'static str = "samples.csv";
    /// The name of the audit in the cache folder.
    pub const AUDIT_FILE: &'static str = "audit.json";
    /// The name of the contact sheet in the cache folder.
    pub const SHEET_FILE: &'static str = "samples.png";
    pub(super) const REMEDY: &'static str = "run `prep` again";

    /// Reads the manifest of the cache in `folder`.
    ///
    /// # Errors
    /// As [`super::read_versioned`].
    pub fn read(folder: &Path) -> Result<Self, ArtifactError> {
        super::read_versioned(&folder.join(Self::FILE), Self::FORMAT_VERSION, Self::REMEDY)
    }
}
