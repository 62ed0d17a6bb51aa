//! Writing one file of a split, in memory that does not grow with it (but for
//! 8 bytes a label).

use crate::{
    CacheError, Moments,
    checksum::{Checksum, RowSums},
    format,
};
use shoebox_artifact::{ArtifactError, fingerprint, records::ShardRecord};
use std::{
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

/// What becomes of a file of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It is to be published: it must survive a power cut.
    Publish,
    /// Its rows are read by the same program and copied from there.
    Scratch,
}

/// Writes a file of rows. Each row's place is reserved first, in order; the
/// pixels may then come in any order and from any thread.
///
/// The file is written in place: it belongs into a folder that is published
/// as a whole, such as [`shoebox_artifact::atomic::AtomicDir`].
#[derive(Debug)]
pub struct ShardWriter {
    path: PathBuf,
    file: File,
    image_size: [u32; 2],
    capacity: u64,
    labels: Vec<i64>,
    content: Content,
    moments: Moments,
    checksum: Checksum,
}

impl ShardWriter {
    /// Starts a file in `file`, which is new, empty and at `path`, for
    /// pictures of `image_size` (height, width, in pixels). No more than
    /// `capacity` rows may come; it decides where the pixels start.
    pub fn new(file: File, path: &Path, image_size: [u32; 2], capacity: u64) -> Self {
        Self {
            path: path.to_owned(),
            file,
            image_size,
            capacity,
            labels: Vec::new(),
            content: Content::new(capacity),
            moments: Moments::default(),
            checksum: Checksum::default(),
        }
    }

    /// Rows whose places are reserved.
    pub fn rows(&self) -> u64 {
        self.labels.len() as u64
    }

    /// The next row's place, for a picture with this label, whose file has
    /// this digest and whose pixels have these sums.
    ///
    /// # Errors
    /// [`CacheError::BadRow`] beyond the capacity.
    pub fn reserve(
        &mut self,
        label: u32,
        digest: &[u8; 32],
        sums: &RowSums,
    ) -> Result<u64, CacheError> {
        let row = self.rows();
        if row == self.capacity {
            return Err(self.bad_row(format!("more rows came than the {row} announced")));
        }
        self.labels.push(label.into());
        self.content.add_row(label, digest);
        self.moments.add(&sums.moments);
        self.checksum.add_row(&sums.digest);
        Ok(row)
    }

    /// Writes the `[n,H,W,3]` bytes of rows, row-major RGB, from the reserved
    /// place `row` on.
    ///
    /// # Errors
    /// [`CacheError::BadRow`] for bytes that are not whole rows,
    /// [`ArtifactError::Io`] when the disk is full, for instance.
    pub fn write(&self, row: u64, pixels: &[u8]) -> Result<(), CacheError> {
        let wanted = format::row_bytes(self.image_size);
        if !(pixels.len() as u64).is_multiple_of(wanted) {
            let fact = format!("{} bytes came, but a row has {wanted}", pixels.len());
            return Err(self.bad_row(fact));
        }
        let offset = format::pixels_start(self.capacity) + row * wanted;
        self.file
            .write_all_at(pixels, offset)
            .map_err(|error| ArtifactError::io(&self.path, "write")(error).into())
    }

    /// Writes header and labels and, to publish the file, puts everything on
    /// the disk. Gives the file's place, too.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub fn finish(self, purpose: Purpose) -> Result<(PathBuf, ShardRecord), CacheError> {
        let start = format::pixels_start(self.capacity);
        let prologue = format::prologue(start, &self.labels, self.image_size);
        self.file.write_all_at(&prologue, 0).map_err(ArtifactError::io(&self.path, "write"))?;
        if purpose == Purpose::Publish {
            self.file.sync_all().map_err(ArtifactError::io(&self.path, "write"))?;
        }
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let rows = self.rows();
        let record = ShardRecord {
            file: name,
            rows,
            bytes: start + rows * format::row_bytes(self.image_size),
            checksum: self.checksum.finish(&prologue),
            content: self.content.finish(),
            sum: self.moments.sum,
            square_sum: self.moments.square_sum,
        };
        Ok((self.path, record))
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn bad_row(&self, fact: String) -> CacheError {
        CacheError::BadRow { path: self.path.clone(), fact }
    }
}

/// The [`ShardRecord::content`] of a file while its rows come, in order.
#[derive(Debug)]
pub(crate) struct Content(fingerprint::Hasher);

impl Content {
    /// Of a file of this capacity.
    pub(crate) fn new(capacity: u64) -> Self {
        let mut hasher = fingerprint::Hasher::default();
        hasher.update(&capacity.to_le_bytes());
        Self(hasher)
    }

    pub(crate) fn add_row(&mut self, label: u32, digest: &[u8; 32]) {
        self.0.update(&label.to_le_bytes());
        self.0.update(digest);
    }

    pub(crate) fn finish(&self) -> String {
        self.0.finish()
    }
}

/// The [`ShardRecord::content`] of rows with these labels and digests in a
/// file of this capacity.
pub fn shard_content<'a>(capacity: u64, rows: impl Iterator<Item = (u32, &'a [u8; 32])>) -> String {
    let mut content = Content::new(capacity);
    rows.for_each(|(label, digest)| content.add_row(label, digest));
    content.finish()
}
