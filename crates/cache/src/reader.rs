//! Reading a cache: opening costs the same for any number of rows.

use crate::{CacheError, format};
use memmap2::Mmap;
use ndarray::ArrayView4;
use safetensors::{Dtype, SafeTensors};
use shoebox_artifact::{
    ArtifactError, fingerprint,
    records::{Manifest, SplitRecord},
};
use std::{
    collections::BTreeMap,
    fs::File,
    io,
    ops::Range,
    path::{Path, PathBuf},
};

/// An open cache. It owns the memory maps and lends views of them.
#[derive(Debug)]
pub struct TensorCache {
    folder: PathBuf,
    manifest: Manifest,
    splits: BTreeMap<String, Split>,
}

impl TensorCache {
    /// Opens the cache in `folder`, checking version, shapes and lengths.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] when a file is not as long as, or not of the
    /// shape that, the manifest says; [`ArtifactError`] when one cannot be
    /// read or is of another version; [`CacheError::Missing`] without a folder.
    pub fn open(folder: &Path) -> Result<Self, CacheError> {
        if !folder.is_dir() {
            return Err(CacheError::Missing { path: folder.to_owned() });
        }
        let manifest = Manifest::read(folder)?;
        let mut splits = BTreeMap::new();
        for (name, record) in &manifest.splits {
            let path = folder.join(format!("{name}.safetensors"));
            splits.insert(name.clone(), Split::open(path, record, &manifest)?);
        }
        Ok(Self { folder: folder.to_owned(), manifest, splits })
    }

    /// The cache's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the cache holds and how it was made.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The split `train`, `val` or `test`, where the cache has it.
    pub fn split(&self, name: &str) -> Option<&Split> {
        self.splits.get(name)
    }

    /// Reads every byte of every split and compares its checksum.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] for the first file that has changed.
    pub fn verify(&self) -> Result<(), CacheError> {
        for (name, split) in &self.splits {
            let found = fingerprint::digest_file(&split.path)?;
            if found != self.manifest.splits[name].checksum {
                return Err(damaged(&split.path, "its checksum is not the manifest's".to_owned()));
            }
        }
        Ok(())
    }
}

/// The pictures and labels of one split.
#[derive(Debug)]
pub struct Split {
    path: PathBuf,
    map: Mmap,
    /// `[N, H, W, 3]`.
    shape: [usize; 4],
    classes: usize,
    labels: Range<usize>,
    pixels: Range<usize>,
}

impl Split {
    fn open(path: PathBuf, record: &SplitRecord, manifest: &Manifest) -> Result<Self, CacheError> {
        let file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => damaged(&path, "the file is gone".to_owned()),
            _ => ArtifactError::io(&path, "read")(error).into(),
        })?;
        let found = file.metadata().map_err(ArtifactError::io(&path, "read"))?.len();
        if found != record.bytes {
            return Err(damaged(
                &path,
                format!("it has {found} bytes, the manifest says {}", record.bytes),
            ));
        }
        #[expect(unsafe_code, reason = "a memory map is what makes opening O(1) and memory flat")]
        // SAFETY: the map is read-only, and a published cache is never written
        // to again (writers fill a new folder and rename it). Somebody who
        // truncates the file while it is mapped breaks this: the process then
        // gets SIGBUS, not wrong data.
        let map = unsafe { Mmap::map(&file) }.map_err(ArtifactError::io(&path, "map"))?;
        let (header, metadata) = SafeTensors::read_metadata(&map).map_err(|error| {
            damaged(&path, format!("its header is not one of safetensors: {error}"))
        })?;
        let data = size_of::<u64>() + header;
        let [height, width] = manifest.image_size.map(|side| side as usize);
        let rows = usize::try_from(record.count()).unwrap_or(usize::MAX);
        let tensor = |name: &str, dtype: Dtype, shape: &[usize]| {
            let info =
                metadata.info(name).filter(|info| info.dtype == dtype && info.shape == shape);
            let (start, end) = info.map(|info| info.data_offsets).ok_or_else(|| {
                damaged(&path, format!("there is no tensor `{name}` of {dtype:?} {shape:?}"))
            })?;
            Ok::<_, CacheError>(data + start..data + end)
        };
        let shape = [rows, height, width, 3];
        let labels = tensor("labels", Dtype::I64, &[rows])?;
        let pixels = tensor("images", Dtype::U8, &shape)?;
        let classes = manifest.class_names.len();
        Ok(Self { path, map, shape, classes, labels, pixels })
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.shape[0]
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Height and width of each picture, in pixels.
    pub fn image_size(&self) -> [usize; 2] {
        [self.shape[1], self.shape[2]]
    }

    /// Every picture: `[N,H,W,3]` u8, RGB, row-major.
    pub fn images(&self) -> ArrayView4<'_, u8> {
        // `open` has compared shape and length of this very range.
        ArrayView4::from_shape(self.shape, self.pixels())
            .expect("the header's shape fits its bytes")
    }

    /// The `[H,W,3]` bytes of one picture.
    pub fn row(&self, row: usize) -> &[u8] {
        let bytes = format::row_bytes([self.shape[1] as u32, self.shape[2] as u32]) as usize;
        &self.pixels()[row * bytes..][..bytes]
    }

    /// Every label: a position in the manifest's class names.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] when one is beyond the class names.
    pub fn labels(&self) -> Result<&[i64], CacheError> {
        let labels: &[i64] =
            bytemuck::try_cast_slice(&self.map[self.labels.clone()]).map_err(|error| {
                damaged(&self.path, format!("its labels cannot be read in place: {error}"))
            })?;
        let valid = 0..self.classes as i64;
        match labels.iter().position(|label| !valid.contains(label)) {
            None => Ok(labels),
            Some(row) => Err(damaged(
                &self.path,
                format!(
                    "row {row} has label {}, but there are {} classes",
                    labels[row], self.classes
                ),
            )),
        }
    }

    fn pixels(&self) -> &[u8] {
        &self.map[self.pixels.clone()]
    }
}

fn damaged(path: &Path, fact: String) -> CacheError {
    CacheError::Damaged { path: path.to_owned(), fact }
}
