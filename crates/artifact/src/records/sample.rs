//! `samples.csv`: where every row of a cache came from. Written and read a
//! line at a time, so memory does not grow with it.

use super::{Manifest, prediction::open_csv};
use crate::{ArtifactError, atomic::AtomicFile};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// A line of `samples.csv`: where a row of a split came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// `train`, `val` or `test`.
    pub split: String,
    /// The row in the split's tensors, from 0.
    pub row: u64,
    /// Position in the class names.
    pub label: u32,
    /// The file, as the spec names it, with `/` between folders.
    pub path: String,
    /// Digest of the file's content.
    pub digest: String,
    /// Width before resizing, in pixels, after the EXIF rotation.
    pub width: u32,
    /// Height before resizing, in pixels, after the EXIF rotation.
    pub height: u32,
    /// What the content is: `jpeg`, `png`, `webp`, `gif`, `bmp` or `tiff`.
    pub format: String,
    /// The perceptual hash of the row, 16 hexadecimal digits; empty where the
    /// audit is off.
    pub phash: String,
    /// What was done to the picture, words with spaces between: `rotated`, …
    pub notes: String,
}

/// Writes `samples.csv`. Nothing is at its path before [`SampleWriter::finish`].
#[derive(Debug)]
pub struct SampleWriter {
    path: PathBuf,
    out: csv::Writer<AtomicFile>,
}

impl SampleWriter {
    /// Starts the file at `path`.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub fn create(path: &Path) -> Result<Self, ArtifactError> {
        let out = csv::Writer::from_writer(AtomicFile::create(path)?);
        Ok(Self { path: path.to_owned(), out })
    }

    /// Appends a line.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub fn push(&mut self, sample: &Sample) -> Result<(), ArtifactError> {
        self.out
            .serialize(sample)
            .map_err(|error| ArtifactError::io(&self.path, "write")(error.into()))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// [`ArtifactError::Io`]; nothing is at the path then.
    pub fn finish(self) -> Result<(), ArtifactError> {
        let file = self
            .out
            .into_inner()
            .map_err(|error| ArtifactError::io(&self.path, "write")(error.into_error()))?;
        file.publish()
    }
}

/// Writes all of `samples.csv`.
///
/// # Errors
/// [`ArtifactError::Io`].
pub fn write_samples(path: &Path, samples: &[Sample]) -> Result<(), ArtifactError> {
    let mut out = SampleWriter::create(path)?;
    samples.iter().try_for_each(|sample| out.push(sample))?;
    out.finish()
}

/// Reads `samples.csv`, a line at a time.
///
/// # Errors
/// [`ArtifactError::Io`] now, or [`ArtifactError::Malformed`] from the iterator.
pub fn samples(
    path: &Path,
) -> Result<impl Iterator<Item = Result<Sample, ArtifactError>> + use<>, ArtifactError> {
    let reader = open_csv(path)?;
    let path = path.to_owned();
    Ok(reader.into_deserialize().map(move |line| {
        line.map_err(|error| ArtifactError::Malformed {
            path: path.clone(),
            fact: error.to_string(),
            remedy: Manifest::REMEDY,
        })
    }))
}

/// Reads all of `samples.csv`.
///
/// # Errors
/// [`ArtifactError::Io`] or [`ArtifactError::Malformed`].
pub fn read_samples(path: &Path) -> Result<Vec<Sample>, ArtifactError> {
    samples(path)?.collect()
}
