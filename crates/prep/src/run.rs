//! The whole of `prep`, in the order in which it happens.

use crate::{
    PrepError, build,
    progress::Progress,
    scan::{Scan, scan},
    sources::{self, Digested},
    summary::{SplitCounts, Summary},
};
use shoebox_artifact::{
    Artifacts, atomic,
    fingerprint::digest_json,
    records::{Audit, Finding, Manifest, Sources, read_json},
};
use shoebox_cache::TensorCache;
use shoebox_spec::DataSpec;
use std::{path::PathBuf, time::Instant};

/// What to prepare, and where to.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The pipeline's data section.
    pub data: DataSpec,
    /// The artifacts folder, which need not exist yet.
    pub artifacts: PathBuf,
}

/// Prepares the cache of a data section, or finds it up to date.
///
/// # Errors
/// A [`PrepError`]; there is then no new cache, and an older one is as it was.
pub fn run(options: &Options, progress: &dyn Progress) -> Result<Summary, PrepError> {
    let start = Instant::now();
    let (data, artifacts) = (&options.data, Artifacts::new(&options.artifacts));
    let scan = scan(data)?;
    let digested: Vec<Vec<Digested>> =
        scan.splits.iter().map(|split| sources::digest_split(split, progress)).collect();
    let fingerprint = sources::fingerprint(data, &scan, &digested);
    let existing = build::existing(&artifacts.cache(&fingerprint), &fingerprint);
    let up_to_date = existing.is_some();
    let cache = match existing {
        Some(cache) => cache,
        None => write(&artifacts, &fingerprint, data, &scan, &digested, progress)
            .map_err(|error| error.explain_write(artifacts.root(), size(data, &scan)))?,
    };
    let sources = sources::record(fingerprint, &scan, &digested);
    record_sources(&artifacts, data, &sources)?;
    progress.finish();
    summarize(&cache, &scan, up_to_date, start)
}

/// Builds the cache, as the only one who does.
fn write(
    artifacts: &Artifacts,
    fingerprint: &str,
    data: &DataSpec,
    scan: &Scan,
    digested: &[Vec<Digested>],
    progress: &dyn Progress,
) -> Result<TensorCache, PrepError> {
    let _lock = artifacts.lock_caches()?;
    build::build(artifacts, fingerprint, data, scan, digested, progress)
}

/// The bytes that the pixels of the cache take.
fn size(data: &DataSpec, scan: &Scan) -> u64 {
    let [height, width] = data.image_size.0.map(u64::from);
    let files: u64 = scan.splits.iter().map(|split| split.files.len() as u64).sum();
    files * height * width * 3
}

/// Writes the record of the sources, unless it says the same already.
fn record_sources(
    artifacts: &Artifacts,
    data: &DataSpec,
    sources: &Sources,
) -> Result<(), PrepError> {
    let path = artifacts.sources(&digest_json(data));
    // One that cannot be read is replaced by one that can.
    let known = Sources::read(&path).ok();
    if known.as_ref() != Some(sources) {
        atomic::write_json(&path, sources)?;
    }
    Ok(())
}

fn summarize(
    cache: &TensorCache,
    scan: &Scan,
    up_to_date: bool,
    start: Instant,
) -> Result<Summary, PrepError> {
    let manifest = cache.manifest();
    Ok(Summary {
        cache: cache.folder().to_owned(),
        fingerprint: manifest.fingerprint.clone(),
        up_to_date,
        class_names: manifest.class_names.clone(),
        image_size: manifest.image_size,
        splits: scan.splits.iter().map(|split| SplitCounts::new(split, manifest)).collect(),
        findings: findings(cache, scan)?,
        bytes: manifest.splits.values().map(|split| split.bytes).sum(),
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// What the scan shows now, and the unreadable files that the cache left out.
fn findings(cache: &TensorCache, scan: &Scan) -> Result<Vec<Finding>, PrepError> {
    let audit: Audit = read_json(&cache.folder().join(Manifest::AUDIT_FILE), "run `prep` again")?;
    let unreadable = audit.findings.into_iter().filter(|finding| finding.kind == "unreadable");
    Ok(scan.findings.iter().cloned().chain(unreadable).collect())
}
