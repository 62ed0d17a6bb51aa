//! Which files of rows are what their records say.
//!
//! An earlier cache's file that gets a second name in a new cache brings along
//! whatever is wrong with it. Reading all of it each time would cost more than
//! all else that a small change costs, so a file that `prep` has written or
//! read itself is trusted while its stamp stays. Any other is read first: one
//! that was written to, that came from elsewhere, that `--verify` has found
//! damaged, and one that shared a cache which was removed, since that changes
//! the stamp as well. So damage that no stamp shows spreads until `--verify`
//! finds it, and no further.

use rayon::prelude::*;
use shoebox_artifact::{
    ArtifactError, Artifacts, atomic,
    records::{Checked, CheckedFile, ShardRecord, Stamp},
};
use shoebox_cache::{CacheError, TensorCache, is_intact};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// What is known of the files of all caches.
#[derive(Debug)]
pub(crate) struct Soundness {
    /// As it was read.
    recorded: BTreeSet<CheckedFile>,
    right: BTreeSet<CheckedFile>,
    wrong: BTreeSet<CheckedFile>,
}

impl Soundness {
    /// What is recorded. Nothing is known where that cannot be read.
    pub(crate) fn read(artifacts: &Artifacts) -> Self {
        let recorded =
            Checked::read(&artifacts.checked()).map(|record| record.files).unwrap_or_default();
        Self { right: recorded.clone(), recorded, wrong: BTreeSet::new() }
    }

    /// Makes sure that the files of a cache are what their records say; those
    /// that are not known are read.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] for the first that is not.
    pub(crate) fn check(
        &mut self,
        folder: &Path,
        records: &[&ShardRecord],
        image_size: [u32; 2],
    ) -> Result<(), CacheError> {
        let files: Vec<_> = records.iter().map(|record| look(folder, record)).collect();
        let is_unknown =
            |file: &CheckedFile| !self.right.contains(file) && !self.wrong.contains(file);
        let unknown: Vec<_> =
            files.iter().zip(records).filter(|(file, _)| is_unknown(file)).collect();
        let read = |(file, record): (&CheckedFile, &&ShardRecord)| {
            let right = is_intact(&folder.join(&record.file), record, image_size);
            (file.clone(), right.unwrap_or(false))
        };
        let verdicts: Vec<_> = unknown.into_par_iter().map(read).collect();
        for (file, is_right) in verdicts {
            if is_right { &mut self.right } else { &mut self.wrong }.insert(file);
        }
        match files.iter().zip(records).find(|(file, _)| !self.right.contains(file)) {
            None => Ok(()),
            Some((_, record)) => Err(CacheError::Damaged {
                path: folder.join(&record.file),
                fact: "its checksum is not the manifest's".to_owned(),
            }),
        }
    }

    /// Notes what is known, and that the files of a cache which was just
    /// published are right. To be called when nothing is linked or removed any
    /// more: that changes stamps.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub(crate) fn record(
        &mut self,
        artifacts: &Artifacts,
        published: Option<&TensorCache>,
    ) -> Result<(), ArtifactError> {
        if let Some(cache) = published {
            let records = cache.manifest().splits.values().flat_map(|split| &split.shards);
            self.right.extend(records.map(|record| look(cache.folder(), record)));
        }
        let present: BTreeSet<_> =
            artifacts.caches().iter().flat_map(|cache| stamps(cache)).collect();
        self.right.retain(|file| present.contains(&file.stamp));
        match self.right == self.recorded {
            true => Ok(()),
            false => write(artifacts, self.right.clone()),
        }
    }
}

/// Sees to it that the next run reads these files before it uses them. It is
/// not as bad if that cannot be noted: whoever removes a damaged cache, as the
/// messages say, changes the stamps of the files that others share with it.
pub(crate) fn forget(artifacts: &Artifacts, files: &[PathBuf]) {
    let Ok(_lock) = artifacts.lock_caches() else { return };
    let stamps: BTreeSet<_> = files.iter().flat_map(|path| Stamp::of(path)).collect();
    let mut known = Soundness::read(artifacts);
    known.right.retain(|file| !stamps.contains(&file.stamp));
    if known.right != known.recorded {
        let _ = write(artifacts, known.right);
    }
}

/// The folders of the other caches that have one of these files of `cache`.
pub(crate) fn sharers(artifacts: &Artifacts, cache: &Path, files: &[PathBuf]) -> Vec<PathBuf> {
    let stamps_of_files: BTreeSet<_> = files.iter().flat_map(|path| Stamp::of(path)).collect();
    let shares = |other: &PathBuf| stamps(other).any(|stamp| stamps_of_files.contains(&stamp));
    artifacts.caches().into_iter().filter(|other| other != cache && shares(other)).collect()
}

fn write(artifacts: &Artifacts, files: BTreeSet<CheckedFile>) -> Result<(), ArtifactError> {
    let record = Checked { format_version: Checked::FORMAT_VERSION, files };
    atomic::write_json(&artifacts.checked(), &record)
}

fn look(folder: &Path, record: &ShardRecord) -> CheckedFile {
    let stamp = Stamp::of(&folder.join(&record.file)).unwrap_or_default();
    CheckedFile { checksum: record.checksum.clone(), stamp }
}

/// Of all files in a folder.
fn stamps(folder: &Path) -> impl Iterator<Item = Stamp> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.flat_map(|entry| Stamp::of(&entry.path()))
}
