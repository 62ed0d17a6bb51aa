//! `samples.csv`, held against the rows that it is about.

use crate::{CacheError, Place, Sharding, shard::damaged, writer::Content};
use shoebox_artifact::{
    fingerprint::{self, digest_file},
    records::{Manifest, Sample, ShardRecord, SplitRecord, samples},
};
use std::{collections::BTreeMap, path::Path};

/// Calls `each` with every line of the table of the cache in `folder`, and the
/// place of its row. Lines are taken only in the order of the rows, and what
/// they say must be what each file of rows was made of.
///
/// # Errors
/// [`CacheError::Damaged`] for a table that is not the manifest's, or not that
/// of the rows; some lines may have been handed over then.
pub fn read_table(
    folder: &Path,
    manifest: &Manifest,
    mut each: impl FnMut(Place, Sample),
) -> Result<(), CacheError> {
    check_file(folder, manifest, Manifest::SAMPLES_FILE)?;
    let path = folder.join(Manifest::SAMPLES_FILE);
    let mut lines: BTreeMap<_, _> = manifest
        .splits
        .iter()
        .map(|(name, split)| (name.as_str(), Lines::new(split, manifest.image_size)))
        .collect();
    for sample in samples(&path)? {
        let sample = sample?;
        let lines = lines.get_mut(sample.split.as_str());
        let lines =
            lines.ok_or_else(|| damaged(&path, format!("there is no split `{}`", sample.split)))?;
        let place = lines.take(&sample).map_err(|fact| damaged(&path, fact))?;
        each(place, sample);
    }
    match lines.iter().find(|(_, lines)| !lines.is_complete()) {
        None => Ok(()),
        Some((split, _)) => Err(damaged(&path, format!("rows of {split} are missing"))),
    }
}

/// Compares a record beside the manifest with its digest there.
///
/// # Errors
/// [`CacheError::Damaged`] when it is another, or the manifest knows of none.
pub(crate) fn check_file(folder: &Path, manifest: &Manifest, name: &str) -> Result<(), CacheError> {
    let path = folder.join(name);
    match manifest.files.get(name) {
        Some(digest) if *digest == digest_file(&path)? => Ok(()),
        _ => Err(damaged(&path, "its checksum is not the manifest's".to_owned())),
    }
}

/// The lines of one split, as far as they have come.
struct Lines<'a> {
    shards: &'a [ShardRecord],
    capacity: u64,
    /// Where the next row is.
    place: Place,
    next: u64,
    /// Of the file of the next row.
    content: Content,
}

impl<'a> Lines<'a> {
    fn new(split: &'a SplitRecord, image_size: [u32; 2]) -> Self {
        let rows = split.shards.iter().map(|shard| shard.rows).sum();
        let capacity = Sharding::new(rows, image_size).capacity();
        let (place, content) = (Place { shard: 0, row: 0 }, Content::new(capacity));
        Self { shards: &split.shards, capacity, place, next: 0, content }
    }

    /// The place of the next row, which must be that of `sample`. The error is
    /// a fact.
    fn take(&mut self, sample: &Sample) -> Result<Place, String> {
        let (split, row) = (&sample.split, sample.row);
        if row != self.next {
            return Err(format!("row {row} of {split} stands where row {} should", self.next));
        }
        let shard = self.shards.get(self.place.shard as usize).filter(|shard| shard.rows > 0);
        let shard = shard.ok_or_else(|| format!("there is no row {row} of {split}"))?;
        let digest = fingerprint::parse(&sample.digest)
            .ok_or_else(|| format!("row {row} of {split} has no digest"))?;
        self.content.add_row(sample.label, &digest);
        let place = self.place;
        self.next += 1;
        self.place.row += 1;
        if u64::from(self.place.row) == shard.rows {
            if self.content.finish() != shard.content {
                return Err(format!("what it says of {} is not what that was made of", shard.file));
            }
            self.place = Place { shard: place.shard + 1, row: 0 };
            self.content = Content::new(self.capacity);
        }
        Ok(place)
    }

    fn is_complete(&self) -> bool {
        self.next == self.shards.iter().map(|shard| shard.rows).sum::<u64>()
    }
}
