//! Writing a split's file, row by row, in memory that does not grow with it
//! (but for 8 bytes a label).

use crate::{CacheError, format};
use shoebox_artifact::{ArtifactError, atomic::AtomicFile, fingerprint};
use std::{
    io::{Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Writes `<split>.safetensors`. Nothing is at its path before [`SplitWriter::finish`].
#[derive(Debug)]
pub struct SplitWriter {
    path: PathBuf,
    file: AtomicFile,
    image_size: [u32; 2],
    capacity: u64,
    labels: Vec<i64>,
    moments: Moments,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitSummary {
    /// Rows.
    pub count: u64,
    /// Length of the file, in bytes.
    pub bytes: u64,
    /// Digest of the whole file.
    pub checksum: String,
    /// Mean of each channel over all pixels, 0–1.
    pub mean: [f64; 3],
    /// Population standard deviation of each channel over all pixels, 0–1.
    pub std: [f64; 3],
}

impl SplitWriter {
    /// Starts the file at `path` for pictures of `image_size` (height, width,
    /// in pixels); no more than `capacity` rows may come.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] when the file cannot be made.
    pub fn create(path: &Path, image_size: [u32; 2], capacity: u64) -> Result<Self, CacheError> {
        let mut file = AtomicFile::create(path)?;
        file.seek(SeekFrom::Start(format::pixels_start(capacity)))
            .map_err(ArtifactError::io(path, "write"))?;
        let (labels, moments) = (Vec::new(), Moments::default());
        Ok(Self { path: path.to_owned(), file, image_size, capacity, labels, moments })
    }

    /// Appends one picture: `[H,W,3]` bytes, row-major RGB, and its label.
    ///
    /// # Errors
    /// [`CacheError::BadRow`] for another number of bytes or a row beyond the
    /// capacity, [`ArtifactError::Io`] when the disk is full, for instance.
    pub fn push(&mut self, pixels: &[u8], label: u32) -> Result<(), CacheError> {
        let wanted = format::row_bytes(self.image_size);
        if pixels.len() as u64 != wanted {
            return Err(self.bad_row(format!(
                "a row of {} bytes came, but {wanted} are needed",
                pixels.len()
            )));
        }
        if self.labels.len() as u64 == self.capacity {
            return Err(
                self.bad_row(format!("more rows came than the {} announced", self.capacity))
            );
        }
        self.file.write_all(pixels).map_err(ArtifactError::io(&self.path, "write"))?;
        self.labels.push(label.into());
        self.moments.add(pixels);
        Ok(())
    }

    /// Writes header and labels and puts the file in its place.
    ///
    /// # Errors
    /// [`ArtifactError::Io`]; nothing is at the path then.
    pub fn finish(mut self) -> Result<SplitSummary, CacheError> {
        let start = format::pixels_start(self.capacity);
        let prologue = format::prologue(start, &self.labels, self.image_size);
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.write_all(&prologue))
            .map_err(ArtifactError::io(&self.path, "write"))?;
        self.file.publish()?;
        let count = self.labels.len() as u64;
        let (mean, std) = self.moments.mean_and_std();
        Ok(SplitSummary {
            count,
            bytes: start + count * format::row_bytes(self.image_size),
            checksum: fingerprint::digest_file(&self.path)?,
            mean,
            std,
        })
    }

    fn bad_row(&self, fact: String) -> CacheError {
        CacheError::BadRow { path: self.path.clone(), fact }
    }
}

/// Sums of each channel's bytes and of their squares. Whole numbers, so the
/// result does not depend on the order of the rows; u64 holds 2.8·10¹⁴ pixels.
#[derive(Debug, Default)]
struct Moments {
    pixels: u64,
    sum: [u64; 3],
    square_sum: [u64; 3],
}

impl Moments {
    fn add(&mut self, bytes: &[u8]) {
        let (mut sum, mut square_sum) = ([0u64; 3], [0u64; 3]);
        let (pixels, _) = bytes.as_chunks::<3>();
        for pixel in pixels {
            for channel in 0..3 {
                let value = u64::from(pixel[channel]);
                sum[channel] += value;
                square_sum[channel] += value * value;
            }
        }
        self.pixels += pixels.len() as u64;
        for channel in 0..3 {
            self.sum[channel] += sum[channel];
            self.square_sum[channel] += square_sum[channel];
        }
    }

    /// Zeros for a split without rows.
    fn mean_and_std(&self) -> ([f64; 3], [f64; 3]) {
        let pixels = self.pixels.max(1) as f64;
        let mean = self.sum.map(|sum| sum as f64 / pixels);
        let mut std = [0.0; 3];
        for channel in 0..3 {
            let variance = self.square_sum[channel] as f64 / pixels - mean[channel] * mean[channel];
            std[channel] = variance.max(0.0).sqrt() / 255.0;
        }
        (mean.map(|mean| mean / 255.0), std)
    }
}

#[cfg(test)]
mod tests {
    use super::Moments;

    #[test]
    fn mean_and_deviation_of_two_pixels_by_hand() {
        let mut moments = Moments::default();
        moments.add(&[0, 10, 255, 51, 10, 0]);
        let (mean, std) = moments.mean_and_std();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(mean[0], 0.1) && close(mean[1], 10.0 / 255.0) && close(mean[2], 0.5));
        assert!(close(std[0], 0.1) && close(std[1], 0.0) && close(std[2], 0.5));
    }
}
