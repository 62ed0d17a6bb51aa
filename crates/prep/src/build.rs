//! A cache folder, made under a temporary name and published as a whole.

use crate::{
    PrepError,
    fill::{Filled, fill_split},
    progress::Progress,
    scan::{Scan, ScannedSplit},
    sheet,
    sources::{Digested, recipe},
};
use shoebox_artifact::{
    Artifacts,
    atomic::{self, AtomicDir},
    records::{Audit, Finding, Manifest, Sample, SplitRecord, write_samples},
};
use shoebox_cache::TensorCache;
use shoebox_spec::{DataSpec, Unreadable};
use std::{fs, path::Path};

/// The cache in `folder`, when it is whole and of this fingerprint. Lengths
/// are compared, contents are not: `--verify` does that.
pub(crate) fn existing(folder: &Path, fingerprint: &str) -> Option<TensorCache> {
    let beside = [Manifest::SAMPLES_FILE, Manifest::AUDIT_FILE, Manifest::SHEET_FILE];
    let cache = TensorCache::open(folder).ok()?;
    let whole = cache.manifest().fingerprint == fingerprint
        && beside.iter().all(|name| folder.join(name).is_file());
    whole.then_some(cache)
}

/// Builds and publishes the cache of `scan`.
///
/// # Errors
/// [`PrepError::Unreadable`] with every such file, unless the spec skips
/// them; [`PrepError::EmptyClass`] when none of a class is left; what the
/// disk says. Nothing is left at the cache's place then.
pub(crate) fn build(
    artifacts: &Artifacts,
    fingerprint: &str,
    data: &DataSpec,
    scan: &Scan,
    digested: &[Vec<Digested>],
    progress: &dyn Progress,
) -> Result<TensorCache, PrepError> {
    let target = artifacts.cache(fingerprint);
    remove_leftovers(&target);
    let folder = AtomicDir::create(&target)?;
    let mut filled = Vec::new();
    for (split, files) in scan.splits.iter().zip(digested) {
        let path = folder.path().join(format!("{}.safetensors", split.name));
        filled.push(fill_split(&path, data, split, files, scan.class_names.len(), progress)?);
    }
    let unreadable = accept(data, scan, digested, &filled)?;
    let samples: Vec<Sample> = filled.iter().flat_map(|split| &split.samples).cloned().collect();
    write_samples(&folder.path().join(Manifest::SAMPLES_FILE), &samples)?;
    let findings = scan.findings.iter().cloned().chain(unreadable).collect();
    atomic::write_json(&folder.path().join(Manifest::AUDIT_FILE), &Audit { findings })?;
    let manifest = manifest(fingerprint, data, scan, &filled);
    atomic::write_json(&folder.path().join(Manifest::FILE), &manifest)?;
    let cache = TensorCache::open(folder.path())?;
    sheet::write(&folder.path().join(Manifest::SHEET_FILE), &cache)?;
    drop(cache);
    folder.publish()?;
    Ok(TensorCache::open(&target)?)
}

/// Removes what a `prep` that was killed has left. Whoever calls this holds
/// the lock of the caches, so no temporary folder belongs to anybody alive.
fn remove_leftovers(target: &Path) {
    let entries = target.parent().and_then(|folder| fs::read_dir(folder).ok());
    for entry in entries.into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(".tmp") {
            // A leftover that stays is only wasted space.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// The unreadable files, when the spec accepts them and every class is left
/// with pictures.
fn accept(
    data: &DataSpec,
    scan: &Scan,
    digested: &[Vec<Digested>],
    filled: &[Filled],
) -> Result<Vec<Finding>, PrepError> {
    let unreadable: Vec<_> = filled.iter().flat_map(|split| &split.unreadable).cloned().collect();
    if data.unreadable == Unreadable::Fail && !unreadable.is_empty() {
        return Err(PrepError::Unreadable(unreadable));
    }
    for ((split, files), filled) in scan.splits.iter().zip(digested).zip(filled) {
        let emptied = files.iter().find(|file| filled.counts[file.candidate.label as usize] == 0);
        if let Some(file) = emptied {
            let class = &scan.class_names[file.candidate.label as usize];
            return Err(PrepError::EmptyClass {
                path: split.folder.join(class).display().to_string(),
                fact: "none of the files in this class folder can be used as a picture".to_owned(),
            });
        }
    }
    Ok(unreadable)
}

fn manifest(fingerprint: &str, data: &DataSpec, scan: &Scan, filled: &[Filled]) -> Manifest {
    let records = scan.splits.iter().zip(filled);
    Manifest {
        format_version: Manifest::FORMAT_VERSION,
        fingerprint: fingerprint.to_owned(),
        class_names: scan.class_names.clone(),
        image_size: data.image_size.0,
        recipe: recipe(data),
        mean: filled[0].written.mean,
        std: filled[0].written.std,
        splits: records
            .map(|(split, filled)| (split.name.to_owned(), record(split, filled)))
            .collect(),
    }
}

fn record(split: &ScannedSplit, filled: &Filled) -> SplitRecord {
    SplitRecord {
        source: split.folder.display().to_string(),
        counts: filled.counts.clone(),
        skipped: filled.unreadable.len() as u64,
        bytes: filled.written.bytes,
        checksum: filled.written.checksum.clone(),
    }
}
