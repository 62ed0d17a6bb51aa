//! Reading every byte of a cache to see whether it is what was written.

use crate::PrepError;
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
/// pictures it was made of are not looked at.
///
/// # Errors
/// [`CacheError::Missing`] before `prep` ran for this data section,
/// [`CacheError::Damaged`] when a single file is not what was written,
/// [`PrepError::Damaged`] with all of them when there are several.
pub fn verify(artifacts: &Artifacts, data: &DataSpec) -> Result<Verified, PrepError> {
    let record = artifacts.sources(&digest_json(data));
    if !record.is_file() {
        return Err(CacheError::Missing { path: artifacts.root().to_owned() }.into());
    }
    let sources = Sources::open(&record)?;
    let cache = TensorCache::open(&artifacts.cache(&sources.header().fingerprint))?;
    let mut damaged = Vec::new();
    let outcome = cache.verify(|path, outcome| {
        damaged.extend(outcome.is_err().then(|| path.to_owned()));
    });
    match outcome {
        Err(_) if damaged.len() > 1 => Err(PrepError::Damaged { files: damaged }),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(Verified {
            cache: cache.folder().to_owned(),
            files: cache.manifest().splits.values().map(|split| split.shards.len() as u64).sum(),
            bytes: cache.manifest().splits.values().map(|split| split.bytes()).sum(),
        }),
    }
}
