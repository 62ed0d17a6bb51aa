//! Reading every byte of a cache to see whether it is what was written.

use crate::{
    PrepError,
    soundness::{forget, sharers},
};
use shoebox_artifact::{Artifacts, fingerprint::digest_json, records::Sources};
use shoebox_cache::{CacheError, TensorCache};
use shoebox_spec::DataSpec;
use std::{fmt, path::PathBuf};

/// A cache that is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The cache's folder.
    pub cache: PathBuf,
    /// Files of rows whose checksums were compared.
    pub files: u64,
    /// Their size, in bytes.
    pub bytes: u64,
}

impl fmt::Display for Verified {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cache, megabytes) = (self.cache.display(), self.bytes as f64 / 1e6);
        write!(
            out,
            "{cache} is ok: the checksums of {} files, {megabytes:.1} MB, and of the records beside them are right.",
            self.files
        )
    }
}

/// Compares every checksum of the cache that was prepared for `data`. The
/// pictures it was made of are not looked at. Damage is noted, so that later
/// runs do not take it over.
///
/// # Errors
/// [`CacheError::Missing`] before `prep` ran for this data section,
/// [`CacheError::Damaged`] when a single file is not what was written,
/// [`PrepError::Damaged`] with all of them when there are several, or other
/// caches share them.
pub fn verify(artifacts: &Artifacts, data: &DataSpec) -> Result<Verified, PrepError> {
    let record = artifacts.sources(&digest_json(&data.preparation()));
    if !record.is_file() {
        return Err(CacheError::Missing { path: artifacts.root().to_owned() }.into());
    }
    let sources = Sources::open(&record)?;
    let folder = artifacts.cache(&sources.header().fingerprint);
    let mut damaged = Vec::new();
    let outcome = TensorCache::open(&folder).and_then(|cache| {
        cache.verify(|path, outcome| damaged.extend(outcome.is_err().then(|| path.to_owned())))?;
        Ok(cache)
    });
    let error = match outcome {
        Ok(cache) => return Ok(Verified::new(&cache)),
        Err(error) => error,
    };
    if let (CacheError::Damaged { path, .. }, true) = (&error, damaged.is_empty()) {
        damaged.push(path.clone());
    }
    let sharers = sharers(artifacts, &folder, &damaged);
    forget(artifacts, &damaged);
    match damaged.len() > 1 || !sharers.is_empty() {
        true => Err(PrepError::Damaged { files: damaged, sharers }),
        false => Err(error.into()),
    }
}

impl Verified {
    fn new(cache: &TensorCache) -> Self {
        let splits = cache.manifest().splits.values();
        Self {
            cache: cache.folder().to_owned(),
            files: splits.clone().map(|split| split.shards.len() as u64).sum(),
            bytes: splits.map(|split| split.bytes()).sum(),
        }
    }
}
