//! Removing caches that nobody uses any more.

use crate::PrepError;
use shoebox_artifact::{
    ArtifactError, Artifacts, atomic, fingerprint,
    records::{Prepared, RunRecord, Sources},
};
use std::{
    collections::BTreeMap,
    fmt, fs, io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

/// What was removed, and what was kept for whom.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// Folders of caches, and leftovers of a `prep` that was killed.
    pub removed: Vec<PathBuf>,
    /// The room that this gave back, in bytes. Files that two caches share
    /// count when the last of them goes.
    pub freed: u64,
    /// Folders of caches, and a pipeline or a run that uses each.
    pub kept: Vec<(PathBuf, String)>,
}

impl fmt::Display for Pruned {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, user) in &self.kept {
            writeln!(out, "kept    {}: {user} uses it", path.display())?;
        }
        for path in &self.removed {
            writeln!(out, "removed {}", path.display())?;
        }
        match self.removed.len() {
            0 => write!(out, "Nothing to remove."),
            1 => write!(out, "Removed 1 folder, {:.1} MB.", self.freed as f64 / 1e6),
            more => write!(out, "Removed {more} folders, {:.1} MB.", self.freed as f64 / 1e6),
        }
    }
}

/// Removes every cache that is neither the one that a pipeline prepared last
/// nor one that a run was trained on, and what killed runs of `prep` left.
///
/// # Errors
/// [`ArtifactError::Locked`] while another `prep` is at work; what the disk says.
pub fn prune(artifacts: &Artifacts) -> Result<Pruned, PrepError> {
    let _lock = artifacts.lock_caches()?;
    let users = users(artifacts)?;
    let mut pruned = Pruned::default();
    for cache in artifacts.caches() {
        let name = cache.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match users.get(&name) {
            Some(user) => pruned.kept.push((cache, user.clone())),
            None => pruned.remove(cache)?,
        }
    }
    for leftover in leftovers(artifacts) {
        pruned.remove(leftover)?;
    }
    artifacts.remove_stale_files();
    remove_records(artifacts)?;
    Ok(pruned)
}

/// The caches that are used, by the names of their folders.
fn users(artifacts: &Artifacts) -> Result<BTreeMap<String, String>, PrepError> {
    let mut users = BTreeMap::new();
    for run in artifacts.runs() {
        let record = RunRecord::read(&run.record())?;
        let name = fingerprint::short(&record.cache_fingerprint).to_owned();
        users.insert(name, format!("the run {}", run.name()));
    }
    for path in artifacts.all_prepared() {
        let record = Prepared::read(&path)?;
        users.insert(fingerprint::short(&record.fingerprint).to_owned(), record.pipeline);
    }
    Ok(users)
}

/// Temporary folders: whoever holds the lock knows that nobody fills them.
pub(crate) fn leftovers(artifacts: &Artifacts) -> Vec<PathBuf> {
    let is_leftover = |path: &PathBuf| atomic::is_temporary(path) && path.is_dir();
    entries(&artifacts.root().join("cache")).into_iter().filter(is_leftover).collect()
}

/// Records of the sources of caches that are gone.
fn remove_records(artifacts: &Artifacts) -> Result<(), PrepError> {
    for path in artifacts.all_sources() {
        let used = Sources::open(&path)
            .is_ok_and(|sources| artifacts.cache(&sources.header().fingerprint).is_dir());
        if !used {
            fs::remove_file(&path).map_err(ArtifactError::io(&path, "remove"))?;
        }
    }
    Ok(())
}

impl Pruned {
    fn remove(&mut self, folder: PathBuf) -> Result<(), PrepError> {
        let only_name = |path: &PathBuf| {
            fs::metadata(path).map_or(0, |file| if file.nlink() == 1 { file.len() } else { 0 })
        };
        let freed: u64 = entries(&folder).iter().map(only_name).sum();
        fs::remove_dir_all(&folder).map_err(ArtifactError::io(&folder, "remove"))?;
        self.freed += freed;
        self.removed.push(folder);
        Ok(())
    }
}

/// What a folder holds, sorted; nothing when it is not there.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = fs::read_dir(folder).into_iter().flatten().collect::<io::Result<Vec<_>>>();
    let mut paths: Vec<_> =
        listed.unwrap_or_default().into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}
