//! The checksum of a file of rows: one digest for each row and one for what
//! stands before them. A row's digest is taken while its pixels are at hand,
//! so a file need not be read again once it is written.
//!
//! ```text
//! checksum = BLAKE3( BLAKE3(row 0) ‖ BLAKE3(row 1) ‖ … ‖ BLAKE3(everything before the pixels) )
//! ```

use crate::{Moments, row_bytes};
use shoebox_artifact::{
    ArtifactError,
    fingerprint::{Hasher, digest_bytes},
    records::ShardRecord,
};
use std::{fs::File, io::Read, path::Path};

/// What a file keeps of the pixels of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowSums {
    /// Sums over the pixels.
    pub moments: Moments,
    /// BLAKE3 of the pixels.
    pub digest: [u8; 32],
}

impl RowSums {
    /// Of the `[H,W,3]` bytes of a row.
    pub fn of(pixels: &[u8]) -> Self {
        Self { moments: Moments::of(pixels), digest: digest_bytes(pixels) }
    }
}

/// The checksum of a file while its rows come, in order.
#[derive(Debug, Default)]
pub(crate) struct Checksum(Hasher);

impl Checksum {
    pub(crate) fn add_row(&mut self, digest: &[u8; 32]) {
        self.0.update(digest);
    }

    /// The checksum, once it is known what stands before the pixels.
    pub(crate) fn finish(mut self, prologue: &[u8]) -> String {
        self.0.update(&digest_bytes(prologue));
        self.0.finish()
    }
}

/// Whether the bytes of the file at `path` are those of its record, for rows
/// of `image_size` (height, width, in pixels). Reads a row at a time.
///
/// # Errors
/// [`ArtifactError::Io`] when it cannot be read, or is shorter than the record
/// says.
pub fn is_intact(
    path: &Path,
    record: &ShardRecord,
    image_size: [u32; 2],
) -> Result<bool, ArtifactError> {
    let row_bytes = row_bytes(image_size);
    let Some(start) =
        record.rows.checked_mul(row_bytes).and_then(|all| record.bytes.checked_sub(all))
    else {
        return Ok(false);
    };
    let mut file = File::open(path).map_err(ArtifactError::io(path, "read"))?;
    let mut read =
        |bytes: &mut [u8]| file.read_exact(bytes).map_err(ArtifactError::io(path, "read"));
    let mut prologue = vec![0; start as usize];
    read(&mut prologue)?;
    let (mut checksum, mut row) = (Checksum::default(), vec![0; row_bytes as usize]);
    for _ in 0..record.rows {
        read(&mut row)?;
        checksum.add_row(&digest_bytes(&row));
    }
    Ok(checksum.finish(&prologue) == record.checksum)
}
