//! A cache folder, made under a temporary name and published as a whole.

use crate::{
    PrepError,
    absorbed::Absorbed,
    assemble::Assembly,
    picture::Part,
    prepare::{PREPARATION_VERSION, Recipe},
    progress::Progress,
    scan::ScannedPart,
    sheet,
    store::{Store, notes},
};
use shoebox_artifact::{
    Artifacts,
    atomic::{self, AtomicDir},
    fingerprint::digest_file,
    records::{Audit, Manifest, Sample, SampleWriter, ShardRecord, SplitRecord},
};
use shoebox_cache::{Moments, TensorCache};
use std::{collections::BTreeMap, path::Path};

/// The cache in `folder`, when it is whole and of this fingerprint. Lengths
/// are compared, contents are not: `--verify` does that.
pub(crate) fn existing(folder: &Path, fingerprint: &str) -> Option<TensorCache> {
    let beside = [Manifest::SAMPLES_FILE, Manifest::AUDIT_FILE, Manifest::SHEET_FILE];
    let cache = TensorCache::open(folder).ok()?;
    let whole = cache.manifest().fingerprint == fingerprint
        && beside.iter().all(|name| folder.join(name).is_file());
    whole.then_some(cache)
}

/// All that a cache is made of.
#[derive(Debug)]
pub(crate) struct Build<'a> {
    pub(crate) fingerprint: String,
    pub(crate) recipe: Recipe,
    pub(crate) class_names: Vec<String>,
    /// What the scan said of each part.
    pub(crate) parts: &'a [ScannedPart],
    pub(crate) absorbed: &'a Absorbed,
    /// Whether each picture is left out, its like being in another part.
    pub(crate) dropped: Vec<bool>,
    pub(crate) store: &'a Store,
    pub(crate) audit: Audit,
}

impl Build<'_> {
    /// Builds and publishes the cache.
    ///
    /// # Errors
    /// What the disk says. Nothing is left at the cache's place then.
    pub(crate) fn publish(
        &self,
        artifacts: &Artifacts,
        progress: &dyn Progress,
    ) -> Result<TensorCache, PrepError> {
        let target = artifacts.cache(&self.fingerprint);
        let folder = AtomicDir::create(&target)?;
        let orders: Vec<_> = self.orders().collect();
        let (recipe, store, absorbed) = (self.recipe, self.store, self.absorbed);
        let assembly = Assembly { folder: &folder, recipe, store, absorbed, progress };
        let mut splits = BTreeMap::new();
        for (part, order) in &orders {
            let record = self.record(*part, order, assembly.split(*part, order)?);
            splits.insert(part.name().to_owned(), record);
        }
        self.write_samples(&folder.path().join(Manifest::SAMPLES_FILE), &orders)?;
        atomic::write_json(&folder.path().join(Manifest::AUDIT_FILE), &self.audit)?;
        let digest = |name: &str| Ok((name.to_owned(), digest_file(&folder.path().join(name))?));
        let files = [Manifest::SAMPLES_FILE, Manifest::AUDIT_FILE].map(digest);
        let files = files.into_iter().collect::<Result<_, PrepError>>()?;
        self.manifest(splits, files).write(folder.path())?;
        let cache = TensorCache::open(folder.path())?;
        sheet::write(&folder.path().join(Manifest::SHEET_FILE), &cache)?;
        drop(cache);
        folder.publish()?;
        Ok(TensorCache::open(&target)?)
    }

    /// The pictures of each part, in the order of its rows: by label, then by
    /// path.
    fn orders(&self) -> impl Iterator<Item = (Part, Vec<usize>)> {
        let pictures = &self.absorbed.pictures;
        self.parts.iter().map(move |scanned| {
            let belongs = |index: &usize| {
                pictures[*index].candidate.part == scanned.part && !self.dropped[*index]
            };
            let mut order: Vec<_> = (0..pictures.len()).filter(belongs).collect();
            order.sort_by_key(|&index| {
                let file = &pictures[index].candidate;
                (file.label, file.path.as_str())
            });
            (scanned.part, order)
        })
    }

    fn record(&self, part: Part, order: &[usize], shards: Vec<ShardRecord>) -> SplitRecord {
        let mut counts = vec![0; self.class_names.len()];
        for &index in order {
            counts[self.absorbed.pictures[index].candidate.label as usize] += 1;
        }
        let refused = self.absorbed.refused.iter().filter(|file| file.candidate.part == part);
        let pictures = self.absorbed.pictures.iter().zip(&self.dropped);
        let dropped = pictures.filter(|(file, dropped)| **dropped && file.candidate.part == part);
        let scanned = self.parts.iter().find(|scanned| scanned.part == part);
        SplitRecord {
            source: scanned.map(|scanned| scanned.source.clone()).unwrap_or_default(),
            counts,
            skipped: refused.count() as u64,
            dropped: dropped.count() as u64,
            shards,
        }
    }

    fn write_samples(&self, path: &Path, orders: &[(Part, Vec<usize>)]) -> Result<(), PrepError> {
        let mut out = SampleWriter::create(path)?;
        for (part, order) in orders {
            for (row, &index) in (0..).zip(order) {
                out.push(&self.sample(*part, row, index))?;
            }
        }
        Ok(out.finish()?)
    }

    fn sample(&self, part: Part, row: u64, index: usize) -> Sample {
        let picture = &self.absorbed.pictures[index];
        Sample {
            split: part.name().to_owned(),
            row,
            label: picture.candidate.label,
            path: picture.candidate.path.clone(),
            digest: picture.digest.to_string(),
            width: picture.facts.width,
            height: picture.facts.height,
            format: picture.facts.format.word().to_owned(),
            phash: picture.look.map_or(String::new(), |look| format!("{:016x}", look.phash)),
            notes: notes(&picture.facts, picture.look),
        }
    }

    fn manifest(
        &self,
        splits: BTreeMap<String, SplitRecord>,
        files: BTreeMap<String, String>,
    ) -> Manifest {
        let mut moments = Moments::default();
        let [height, width] = self.recipe.image_size.map(u64::from);
        for shard in splits.get(Part::Train.name()).into_iter().flat_map(|train| &train.shards) {
            let pixels = shard.rows * height * width;
            moments.add(&Moments { pixels, sum: shard.sum, square_sum: shard.square_sum });
        }
        let (mean, std) = moments.mean_and_std();
        Manifest {
            format_version: Manifest::FORMAT_VERSION,
            fingerprint: self.fingerprint.clone(),
            preparation_version: PREPARATION_VERSION,
            class_names: self.class_names.clone(),
            image_size: self.recipe.image_size,
            recipe: serde_json::json!(self.recipe),
            mean,
            std,
            splits,
            files,
            checksum: String::new(),
        }
    }
}
