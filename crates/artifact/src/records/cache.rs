//! `manifest.json`: what a cache holds.

use crate::{ArtifactError, atomic, fingerprint::digest};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

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
    /// Digests of the records beside the manifest, by file name.
    pub files: BTreeMap<String, String>,
    /// Digest of the manifest's own text, with this digest left out.
    pub checksum: String,
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
    /// As [`super::read_versioned`]; [`ArtifactError::Malformed`] also when it
    /// is not the text that was written.
    pub fn read(folder: &Path) -> Result<Self, ArtifactError> {
        let path = folder.join(Self::FILE);
        let text = fs::read_to_string(&path).map_err(ArtifactError::io(&path, "read"))?;
        let manifest: Self =
            super::parse_versioned(&path, text.as_bytes(), Self::FORMAT_VERSION, Self::REMEDY)?;
        let without = text.replacen(&manifest.checksum, "", 1);
        if digest(without.as_bytes()) == manifest.checksum {
            return Ok(manifest);
        }
        let fact = "it was altered: its checksum is not that of its text".to_owned();
        Err(ArtifactError::Malformed { path, fact, remedy: Self::REMEDY })
    }

    /// Writes the manifest of the cache in `folder`, with its checksum.
    ///
    /// # Errors
    /// [`ArtifactError::Io`]; what was there before is then still there.
    pub fn write(mut self, folder: &Path) -> Result<(), ArtifactError> {
        let path = folder.join(Self::FILE);
        self.checksum.clear();
        self.checksum = digest(atomic::json_text(&path, &self)?.as_bytes());
        atomic::write_json(&path, &self)
    }
}
