//! From a pipeline's data section to its cache, and whether that still shows
//! the pictures as they are.

use crate::{CacheError, TensorCache};
use shoebox_artifact::{
    Artifacts, fingerprint,
    records::{Folder, Source, Sources, SourcesReader, Stamp},
};
use std::{fs, path::Path};

/// A cache, and what is known about its sources.
#[derive(Debug)]
pub struct Found {
    /// The open cache.
    pub cache: TensorCache,
    /// Whether the pictures it was made of could be looked at. On a machine
    /// that got only the cache they are not there, and it is used as it is.
    pub sources_present: bool,
}

/// Opens the cache that `prep` made for the data section with digest `key`.
/// Costs one look at each source file; one whose stamp is not the recorded one
/// is read and compared by content.
///
/// # Errors
/// [`CacheError::Missing`] before `prep` ran, [`CacheError::Changed`] when
/// a picture was added, removed or altered since, otherwise as [`TensorCache::open`].
pub fn find(artifacts: &Artifacts, key: &str) -> Result<Found, CacheError> {
    let record = artifacts.sources(key);
    if !record.is_file() {
        return Err(CacheError::Missing { path: artifacts.root().to_owned() });
    }
    let sources = Sources::open(&record)?;
    let fingerprint = sources.header().fingerprint.clone();
    let sources_present = check_sources(sources)?;
    let cache = TensorCache::open(&artifacts.cache(&fingerprint))?;
    Ok(Found { cache, sources_present })
}

/// Compares folders and files with their records, and tells whether there are
/// any.
fn check_sources(sources: SourcesReader) -> Result<bool, CacheError> {
    let mut folders = Vec::new();
    let mut present = None;
    let keep = |folder: Folder| {
        folders.push(folder);
        Ok::<(), CacheError>(())
    };
    let files = sources.read_folders(keep)?;
    files.read(|file| {
        if present.is_none() {
            let folder = folders.iter().any(|folder| Path::new(&folder.path).exists());
            let found = folder || Path::new(&file.path).exists();
            present = Some(found);
            if found {
                folders.iter().try_for_each(check_folder)?;
            }
        }
        if present == Some(true) { check_file(&file) } else { Ok(()) }
    })?;
    Ok(present.unwrap_or(false))
}

fn check_folder(folder: &Folder) -> Result<(), CacheError> {
    let path = Path::new(&folder.path);
    let entries = fs::read_dir(path)
        .map_err(|error| changed(path, format!("the folder is gone ({error})")))?;
    match entries.count() as u64 {
        found if found == folder.entries => Ok(()),
        found => Err(changed(
            path,
            format!("the folder has gone from {} to {found} entries", folder.entries),
        )),
    }
}

fn check_file(source: &Source) -> Result<(), CacheError> {
    let path = Path::new(&source.path);
    let fact = match Stamp::of(path) {
        Ok(found) if found == source.stamp => None,
        // What could not be read then, and cannot now, is as it was.
        _ if source.digest.is_empty() => fingerprint::digest_file(path)
            .is_ok()
            .then(|| "the file, which could not be used, has changed".to_owned()),
        Ok(found) => {
            let same = found.bytes == source.stamp.bytes
                && fingerprint::digest_file(path)? == source.digest;
            (!same).then(|| "the picture has changed".to_owned())
        }
        Err(error) => Some(format!("the picture is gone ({error})")),
    };
    fact.map_or(Ok(()), |fact| Err(changed(path, fact)))
}

fn changed(path: &Path, fact: String) -> CacheError {
    CacheError::Changed { path: path.to_owned(), fact }
}
