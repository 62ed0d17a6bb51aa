//! What a run notes beside its cache: what the cache was made of, and which
//! pipeline uses it.

use crate::{
    absorbed::Absorbed,
    ledger::{self, Recorded},
    picture::Digest,
    scan::Scan,
};
use shoebox_artifact::{
    ArtifactError, Artifacts, atomic,
    fingerprint::digest_file,
    records::{Prepared, Source, Sources, Stamp},
};
use std::path::Path;

/// What the record of a data section says besides the pictures, when all of it
/// is as it is now; the fingerprint follows later. To be asked before pictures
/// are read: a table that changes meanwhile is then seen by training.
///
/// # Errors
/// [`ArtifactError::Io`] when a table cannot be read any more.
pub(crate) fn present(scan: &Scan) -> Result<Recorded, ArtifactError> {
    let others = scan.watched.iter().map(|path| watched(path)).collect::<Result<_, _>>()?;
    Ok(Recorded { fingerprint: String::new(), folders: scan.folders.clone(), others })
}

/// Writes the record of a data section: what is `present`, and its pictures.
///
/// # Errors
/// [`ArtifactError::Io`].
pub(crate) fn record_sources(
    artifacts: &Artifacts,
    key: &str,
    present: Recorded,
    mut files: Vec<Source>,
) -> Result<(), ArtifactError> {
    files.extend(present.others);
    let header = Sources {
        format_version: Sources::FORMAT_VERSION,
        fingerprint: present.fingerprint,
        folders: present.folders.len() as u64,
        files: files.len() as u64,
    };
    header.write(&artifacts.sources(key), present.folders.iter(), files.into_iter())
}

/// Notes which cache the pipeline uses, unless that is noted already. Gives a
/// warning when it cannot: the cache can be used all the same.
pub(crate) fn record_pipeline(
    artifacts: &Artifacts,
    pipeline: &str,
    key: String,
    fingerprint: &str,
) -> Option<String> {
    let record = Prepared {
        format_version: Prepared::FORMAT_VERSION,
        pipeline: pipeline.to_owned(),
        key,
        fingerprint: fingerprint.to_owned(),
    };
    let path = artifacts.prepared(pipeline);
    if Prepared::read(&path).ok().as_ref() == Some(&record) {
        return None;
    }
    let error = atomic::write_json(&path, &record).err()?;
    Some(format!(
        "{error}; the cache can be used, but `prep --prune` does not know that {pipeline} uses it"
    ))
}

/// A file as it was.
pub(crate) fn source(path: String, stamp: Stamp, digest: Option<&Digest>) -> Source {
    Source { path, digest: digest.map(Digest::to_string).unwrap_or_default(), stamp }
}

/// The files as they were read.
pub(crate) fn sources(absorbed: Absorbed) -> Vec<Source> {
    let pictures = absorbed.pictures.into_iter().zip(absorbed.stamps);
    let pictures = pictures
        .map(|(picture, stamp)| source(picture.candidate.path, stamp, Some(&picture.digest)));
    let refused = absorbed.refused.into_iter();
    let refused = refused.map(|file| source(file.candidate.path, file.stamp, file.digest.as_ref()));
    pictures.chain(refused).collect()
}

/// A file that is no picture, but that the scan depends on.
fn watched(path: &str) -> Result<Source, ArtifactError> {
    let stamp = ledger::stamp(Path::new(path));
    Ok(Source { path: path.to_owned(), digest: digest_file(Path::new(path))?, stamp })
}
