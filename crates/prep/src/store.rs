//! Rows that are on the disk already: those of earlier caches with the same
//! recipe, and those that this run has prepared.

use crate::{
    PrepError,
    facts::{Facts, Format, Notes},
    picture::{Digest, Look},
    prepare::{PREPARATION_VERSION, Recipe},
    soundness::Soundness,
};
use shoebox_artifact::{
    ArtifactError, Artifacts,
    records::{Manifest, Sample, ShardRecord},
};
use shoebox_cache::{CacheError, Place, Purpose, TensorCache, is_intact, read_table, row_bytes};
use std::{
    collections::HashMap,
    fs::File,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// Files of rows, and where each picture's row lies in them.
#[derive(Debug)]
pub(crate) struct Store {
    image_size: [u32; 2],
    shards: Vec<StoredShard>,
    rows: HashMap<Digest, StoredRow>,
    /// Folders of caches that are damaged.
    refused: Vec<(PathBuf, CacheError)>,
    /// What is known of the files of earlier caches.
    pub(crate) soundness: Soundness,
}

/// A picture that need not be decoded again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StoredRow {
    pub(crate) place: Place,
    pub(crate) facts: Facts,
    pub(crate) look: Option<Look>,
}

/// A file of rows.
#[derive(Debug)]
pub(crate) struct StoredShard {
    pub(crate) path: PathBuf,
    pub(crate) record: ShardRecord,
    /// Whether it is synced, so that it may be published.
    is_durable: bool,
    /// Whether its bytes are those that its record says; looked at once.
    is_whole: OnceLock<bool>,
}

impl Store {
    /// The rows of every cache that was made with this recipe.
    pub(crate) fn open(artifacts: &Artifacts, recipe: &Recipe) -> Self {
        let image_size = recipe.image_size;
        let (shards, rows, refused) = (Vec::new(), HashMap::new(), Vec::new());
        let soundness = Soundness::read(artifacts);
        let mut store = Self { image_size, shards, rows, refused, soundness };
        for folder in artifacts.caches() {
            let taken = match Manifest::read(&folder) {
                Ok(manifest) if !is_usable(&manifest, recipe) => Ok(()),
                // Not damaged, but of another build.
                Err(ArtifactError::Version { .. }) => Ok(()),
                Ok(manifest) => store.add_cache(&folder, manifest),
                Err(error) => Err(error.into()),
            };
            if let Err(error) = taken {
                store.refused.push((folder, error));
            }
        }
        store
    }

    fn add_cache(&mut self, folder: &Path, manifest: Manifest) -> Result<(), CacheError> {
        // Opening compares the lengths of all files.
        TensorCache::open(folder)?;
        let records: Vec<_> = manifest.splits.values().flat_map(|split| &split.shards).collect();
        let (mut first, mut firsts) = (self.shards.len() as u32, HashMap::new());
        for (name, split) in &manifest.splits {
            firsts.insert(name.clone(), first);
            first += split.shards.len() as u32;
        }
        let mut rows = Vec::new();
        read_table(folder, &manifest, |place, sample| {
            let place = Place { shard: firsts[&sample.split] + place.shard, ..place };
            rows.extend(parse(&sample, place));
        })?;
        self.soundness.check(folder, &records, self.image_size)?;
        self.rows.extend(rows);
        for record in manifest.splits.into_values().flat_map(|split| split.shards) {
            self.push_shard(folder.join(&record.file), record, true);
        }
        Ok(())
    }

    /// What there is to say about caches that are damaged, but for the one in
    /// the folder `replaced`.
    pub(crate) fn warnings(&self, replaced: Option<&Path>) -> Vec<String> {
        let others = self.refused.iter().filter(|(folder, _)| Some(folder.as_path()) != replaced);
        others.map(|(_, error)| format!("{error}; nothing is taken over from it")).collect()
    }

    fn push_shard(&mut self, path: PathBuf, record: ShardRecord, is_durable: bool) {
        self.shards.push(StoredShard { path, record, is_durable, is_whole: OnceLock::new() });
    }

    /// Takes files that were just written, and tells the position of the first.
    pub(crate) fn add_shards(
        &mut self,
        shards: Vec<(PathBuf, ShardRecord)>,
        purpose: Purpose,
    ) -> u32 {
        let first = self.shards.len() as u32;
        for (path, record) in shards {
            self.push_shard(path, record, purpose == Purpose::Publish);
            let is_whole = &self.shards[self.shards.len() - 1].is_whole;
            // This very run has written it.
            let _ = is_whole.set(true);
        }
        first
    }

    /// The row of the picture with this content.
    pub(crate) fn find(&self, digest: &Digest) -> Option<&StoredRow> {
        self.rows.get(digest)
    }

    /// A file with exactly the rows that follow from `content` (see
    /// [`shoebox_cache::shard_content`]), and fit to be published.
    pub(crate) fn find_shard(&self, content: &str) -> Option<&StoredShard> {
        self.shards.iter().find(|shard| {
            let record = &shard.record;
            record.content == content && shard.is_durable && shard.path.is_file()
        })
    }

    /// Reads the `[H,W,3]` bytes of a row. The files are not mapped, so that
    /// memory does not grow with what is read.
    ///
    /// # Errors
    /// [`CacheError::Damaged`] when an earlier cache's file is not what it was.
    pub(crate) fn read(&self, place: Place, row: &mut [u8]) -> Result<(), PrepError> {
        let shard = &self.shards[place.shard as usize];
        shard.check(self.image_size)?;
        let row_bytes = row_bytes(self.image_size);
        let pixels = shard.record.bytes - shard.record.rows * row_bytes;
        let offset = pixels + u64::from(place.row) * row_bytes;
        File::open(&shard.path)
            .and_then(|file| file.read_exact_at(row, offset))
            .map_err(ArtifactError::io(&shard.path, "read"))?;
        Ok(())
    }
}

impl StoredShard {
    /// Rows are copied only from a file whose every byte is still right: the
    /// copy gets a checksum of its own, which would hide the damage.
    fn check(&self, image_size: [u32; 2]) -> Result<(), PrepError> {
        let compare = || is_intact(&self.path, &self.record, image_size).unwrap_or(false);
        match self.is_whole.get_or_init(compare) {
            true => Ok(()),
            false => Err(CacheError::Damaged {
                path: self.path.clone(),
                fact: "its checksum is not the manifest's".to_owned(),
            }
            .into()),
        }
    }
}

/// Whether the rows of a cache are those that this recipe and build would make.
fn is_usable(manifest: &Manifest, recipe: &Recipe) -> bool {
    manifest.recipe == serde_json::json!(recipe)
        && manifest.preparation_version == PREPARATION_VERSION
}

/// What a line of `samples.csv` says, when this build understands all of it.
fn parse(sample: &Sample, place: Place) -> Option<(Digest, StoredRow)> {
    let mut notes = sample.notes.as_str();
    let mut look = None;
    if !sample.phash.is_empty() {
        let phash = u64::from_str_radix(&sample.phash, 16).ok()?;
        let blank = notes.strip_suffix(BLANK);
        notes = blank.unwrap_or(notes);
        look = Some(Look { phash, blank: blank.is_some() });
    }
    let facts = Facts {
        width: sample.width,
        height: sample.height,
        format: Format::from_word(&sample.format)?,
        notes: Notes::from_words(notes)?,
    };
    Some((Digest::from_hex(&sample.digest)?, StoredRow { place, facts, look }))
}

/// The last of a sample's notes when there is nothing to see in its row.
const BLANK: &str = "blank";

/// The notes of a sample: what was done to the picture, and whether it is blank.
pub(crate) fn notes(facts: &Facts, look: Option<Look>) -> String {
    let blank = look.is_some_and(|look| look.blank).then_some(BLANK);
    let notes = facts.notes.to_string();
    let words = [Some(notes.as_str()).filter(|notes| !notes.is_empty()), blank];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
