//! One file of a split, mapped into memory.

use crate::{CacheError, checksum::is_intact};
use memmap2::{Advice, Mmap};
use ndarray::ArrayView4;
use safetensors::{Dtype, SafeTensors};
use shoebox_artifact::{ArtifactError, records::ShardRecord};
use std::{
    borrow::Cow,
    fs::File,
    io,
    ops::Range,
    path::{Path, PathBuf},
};

/// Bytes that the system is asked to read at a time. Of more, Linux reads no
/// more than its read-ahead, which is 128 KiB where nobody has set it.
const READ_AT_ONCE: usize = 128 << 10;

/// Consecutive rows of a split, from one file.
#[derive(Debug)]
pub struct Shard {
    path: PathBuf,
    map: Mmap,
    /// `[N, H, W, 3]`.
    shape: [usize; 4],
    labels: Range<usize>,
    pixels: Range<usize>,
}

impl Shard {
    /// Opens the file of this record in `folder`.
    ///
    /// # Errors
    /// As [`crate::TensorCache::open`].
    pub(crate) fn open(
        folder: &Path,
        record: &ShardRecord,
        [height, width]: [u32; 2],
    ) -> Result<Self, CacheError> {
        let path = folder.join(&record.file);
        let map = map(&path, record.bytes)?;
        let (header, metadata) = SafeTensors::read_metadata(&map).map_err(|error| {
            damaged(&path, format!("its header is not one of safetensors: {error}"))
        })?;
        let data = size_of::<u64>() + header;
        let tensor = |name: &str, dtype: Dtype, shape: &[usize]| {
            let info =
                metadata.info(name).filter(|info| info.dtype == dtype && info.shape == shape);
            let (start, end) = info.map(|info| info.data_offsets).ok_or_else(|| {
                damaged(&path, format!("there is no tensor `{name}` of {dtype:?} {shape:?}"))
            })?;
            Ok::<_, CacheError>(data + start..data + end)
        };
        let rows = usize::try_from(record.rows).unwrap_or(usize::MAX);
        let shape = [rows, height as usize, width as usize, 3];
        let labels = tensor("labels", Dtype::I64, &[rows])?;
        let pixels = tensor("images", Dtype::U8, &shape)?;
        Ok(Self { path, map, shape, labels, pixels })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.shape[0]
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every picture of the file: `[N,H,W,3]` u8, RGB, row-major.
    pub fn images(&self) -> ArrayView4<'_, u8> {
        // `open` has compared shape and length of this very range.
        ArrayView4::from_shape(self.shape, &self.map[self.pixels.clone()])
            .expect("the header's shape fits its bytes")
    }

    /// The `[H,W,3]` bytes of one picture.
    pub(crate) fn row(&self, row: usize) -> &[u8] {
        &self.map[self.place(row)]
    }

    /// As [`crate::Split::read_by_row`].
    pub(crate) fn read_by_row(&self) {
        // Advice: where it cannot be taken, more is read than is used.
        let _ = self.map.advise(Advice::Random);
    }

    /// As [`crate::Split::prefetch`].
    pub(crate) fn prefetch(&self, row: usize) {
        let place = self.place(row);
        for start in place.clone().step_by(READ_AT_ONCE) {
            let length = READ_AT_ONCE.min(place.end - start);
            // Advice: where it cannot be taken, the row is read when it is used.
            let _ = self.map.advise_range(Advice::WillNeed, start, length);
        }
    }

    /// Where a row stands in the file.
    fn place(&self, row: usize) -> Range<usize> {
        let bytes = self.shape[1..].iter().product::<usize>();
        let start = self.pixels.start + row * bytes;
        start..start + bytes
    }

    /// Every label, read in place where the file's alignment allows it: each
    /// is a position among `classes` class names.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] when one is beyond the class names.
    pub(crate) fn labels(&self, classes: usize) -> Result<Cow<'_, [i64]>, CacheError> {
        let bytes = &self.map[self.labels.clone()];
        let labels: Cow<'_, [i64]> = match bytemuck::try_cast_slice(bytes) {
            Ok(labels) => labels.into(),
            Err(_) => bytes.as_chunks().0.iter().map(|&label| i64::from_le_bytes(label)).collect(),
        };
        let valid = 0..classes as i64;
        match labels.iter().position(|label| !valid.contains(label)) {
            None => Ok(labels),
            Some(row) => Err(damaged(
                &self.path,
                format!("row {row} has label {}, but there are {classes} classes", labels[row]),
            )),
        }
    }

    /// Reads every byte and compares its checksum with the record's.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] when it has changed.
    pub(crate) fn verify(&self, record: &ShardRecord) -> Result<(), CacheError> {
        let image_size = [self.shape[1] as u32, self.shape[2] as u32];
        match is_intact(&self.path, record, image_size)? {
            true => Ok(()),
            false => Err(damaged(&self.path, "its checksum is not the manifest's".to_owned())),
        }
    }
}

fn map(path: &Path, bytes: u64) -> Result<Mmap, CacheError> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => damaged(path, "the file is gone".to_owned()),
        _ => ArtifactError::io(path, "read")(error).into(),
    })?;
    let found = file.metadata().map_err(ArtifactError::io(path, "read"))?.len();
    if found != bytes {
        return Err(damaged(path, format!("it has {found} bytes, the manifest says {bytes}")));
    }
    #[expect(unsafe_code, reason = "a memory map is what makes opening O(1) and memory flat")]
    // SAFETY: the map is read-only, and a published cache is never written
    // to again (writers fill a new folder and rename it). Somebody who
    // truncates the file while it is mapped breaks this: the process then
    // gets SIGBUS, not wrong data.
    let map = unsafe { Mmap::map(&file) }.map_err(ArtifactError::io(path, "map"))?;
    Ok(map)
}

pub(crate) fn damaged(path: &Path, fact: String) -> CacheError {
    CacheError::Damaged { path: path.to_owned(), fact }
}
