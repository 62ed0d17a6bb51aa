//! Reading a cache. Opening maps a bounded number of files, whatever the
//! number of rows.

use crate::{
    CacheError,
    shard::Shard,
    table::{check_file, read_table},
};
use shoebox_artifact::records::{Manifest, SplitRecord};
use std::{
    collections::BTreeMap,
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
    /// shape that, the manifest says; [`shoebox_artifact::ArtifactError`] when
    /// one cannot be read or is of another version; [`CacheError::Missing`]
    /// without a folder.
    pub fn open(folder: &Path) -> Result<Self, CacheError> {
        if !folder.is_dir() {
            return Err(CacheError::Missing { path: folder.to_owned() });
        }
        let manifest = Manifest::read(folder)?;
        let mut splits = BTreeMap::new();
        for (name, record) in &manifest.splits {
            splits.insert(name.clone(), Split::open(folder, record, &manifest)?);
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

    /// Reads every byte of every split, and the records beside the manifest,
    /// and compares their checksums; what `samples.csv` says must be what the
    /// files of rows were made of.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] for the first file that has changed, after
    /// `each` was called with the outcome of every one.
    pub fn verify(
        &self,
        mut each: impl FnMut(&Path, Result<(), &CacheError>),
    ) -> Result<(), CacheError> {
        let mut first = Ok(());
        let mut note = |path: &Path, outcome: Result<(), CacheError>| {
            each(path, outcome.as_ref().copied());
            if first.is_ok() {
                first = outcome;
            }
        };
        for (name, split) in &self.splits {
            for (shard, record) in split.shards.iter().zip(&self.manifest.splits[name].shards) {
                note(shard.path(), shard.verify(record));
            }
        }
        for name in self.manifest.files.keys() {
            let outcome = match name.as_str() {
                Manifest::SAMPLES_FILE => read_table(&self.folder, &self.manifest, |_, _| ()),
                other => check_file(&self.folder, &self.manifest, other),
            };
            note(&self.folder.join(name), outcome);
        }
        first
    }
}

/// The pictures and labels of one split.
#[derive(Debug)]
pub struct Split {
    shards: Vec<Shard>,
    /// The first row of each shard, and the number of all rows.
    starts: Vec<usize>,
    image_size: [usize; 2],
    classes: usize,
}

impl Split {
    fn open(folder: &Path, record: &SplitRecord, manifest: &Manifest) -> Result<Self, CacheError> {
        let (mut shards, mut starts) = (Vec::new(), vec![0]);
        let mut rows = 0;
        for shard in &record.shards {
            let shard = Shard::open(folder, shard, manifest.image_size)?;
            rows += shard.len();
            shards.push(shard);
            starts.push(rows);
        }
        let image_size = manifest.image_size.map(|side| side as usize);
        Ok(Self { shards, starts, image_size, classes: manifest.class_names.len() })
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.starts[self.shards.len()]
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Height and width of each picture, in pixels.
    pub fn image_size(&self) -> [usize; 2] {
        self.image_size
    }

    /// The files that hold the rows, in their order.
    pub fn shards(&self) -> &[Shard] {
        &self.shards
    }

    /// The `[H,W,3]` bytes of one picture.
    ///
    /// # Panics
    /// When `row` is not below [`Split::len`].
    pub fn row(&self, row: usize) -> &[u8] {
        let (shard, row) = self.find(row);
        shard.row(row)
    }

    /// Tells the operating system that each picture is asked for by
    /// [`Split::prefetch`], and that nothing around it is wanted. Otherwise it
    /// reads up to some megabytes on either side of every picture. From then
    /// on, a picture that was not asked for is read page by page.
    pub fn read_by_row(&self) {
        self.shards.iter().for_each(Shard::read_by_row);
    }

    /// Has the operating system read one picture from the disk, where it does
    /// not hold it yet, without waiting for it.
    ///
    /// # Panics
    /// When `row` is not below [`Split::len`].
    pub fn prefetch(&self, row: usize) {
        let (shard, row) = self.find(row);
        shard.prefetch(row);
    }

    /// The shard that holds `row`, and which of its rows that is.
    fn find(&self, row: usize) -> (&Shard, usize) {
        let shard = self.starts.partition_point(|&start| start <= row) - 1;
        (&self.shards[shard], row - self.starts[shard])
    }

    /// Every label: a position in the manifest's class names.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] when one is beyond the class names.
    pub fn labels(&self) -> Result<Vec<i64>, CacheError> {
        let mut labels = Vec::with_capacity(self.len());
        for shard in &self.shards {
            labels.extend_from_slice(&shard.labels(self.classes)?);
        }
        Ok(labels)
    }
}
