//! The source files' contents as digests: what the fingerprint of a cache is
//! made of, and what tells later whether the cache still shows the files.

use crate::{
    prepare::PREPARATION_VERSION,
    progress::Progress,
    scan::{Candidate, Scan, ScannedSplit},
};
use rayon::prelude::*;
use serde::Serialize;
use shoebox_artifact::{
    fingerprint::{digest_file, digest_json},
    records::{Manifest, Source, Sources},
};
use shoebox_spec::{DataSpec, Resize, Unreadable};
use std::{fs, io, time::UNIX_EPOCH};

/// A file that should be a picture, and its content.
#[derive(Debug)]
pub(crate) struct Digested {
    pub(crate) candidate: Candidate,
    pub(crate) bytes: u64,
    pub(crate) modified_ns: i64,
    /// The digest, or why there is none.
    pub(crate) digest: Result<String, String>,
}

/// Reads and digests every file of a split, in the order of the scan.
pub(crate) fn digest_split(split: &ScannedSplit, progress: &dyn Progress) -> Vec<Digested> {
    progress.start(&format!("reading {}", split.name), split.files.len() as u64);
    let digest = |candidate: &Candidate| {
        let digested = digest_candidate(candidate.clone());
        progress.advance();
        digested
    };
    split.files.par_iter().map(digest).collect()
}

fn digest_candidate(candidate: Candidate) -> Digested {
    let (bytes, modified_ns) = fs::metadata(&candidate.file).map_or((0, 0), |found| {
        let age = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        (found.len(), age.map_or(0, |age| age.as_nanos() as i64))
    });
    let digest = digest_file(&candidate.file).map_err(|error| reason(&error));
    Digested { candidate, bytes, modified_ns, digest }
}

/// A fact to follow the path, which the error would repeat.
fn reason(error: &shoebox_artifact::ArtifactError) -> String {
    match error {
        shoebox_artifact::ArtifactError::Io { source, .. } => cannot_read(source),
        other => other.to_string(),
    }
}

/// The fact about a file that the operating system does not give.
pub(crate) fn cannot_read(error: &io::Error) -> String {
    format!("cannot read the file: {error}")
}

/// All that the bytes of a cache follow from.
#[derive(Serialize)]
struct Identity<'a> {
    format_version: u32,
    preparation_version: u32,
    recipe: serde_json::Value,
    unreadable: Unreadable,
    class_names: &'a [String],
    splits: Vec<(&'a str, Vec<Row<'a>>)>,
}

#[derive(Serialize)]
struct Row<'a> {
    path: &'a str,
    label: u32,
    digest: &'a str,
}

/// The fingerprint of the cache of these files under this recipe.
pub(crate) fn fingerprint(data: &DataSpec, scan: &Scan, digested: &[Vec<Digested>]) -> String {
    let splits = scan.splits.iter().zip(digested);
    digest_json(&Identity {
        format_version: Manifest::FORMAT_VERSION,
        preparation_version: PREPARATION_VERSION,
        recipe: recipe(data),
        unreadable: data.unreadable,
        class_names: &scan.class_names,
        splits: splits
            .map(|(split, files)| (split.name, files.iter().map(row).collect()))
            .collect(),
    })
}

fn row(file: &Digested) -> Row<'_> {
    Row {
        path: &file.candidate.path,
        label: file.candidate.label,
        digest: file.digest.as_deref().unwrap_or_default(),
    }
}

/// The recipe as the manifest shows it: the spec's `image_size` and `resize`.
pub(crate) fn recipe(data: &DataSpec) -> serde_json::Value {
    #[derive(Serialize)]
    struct Recipe {
        image_size: [u32; 2],
        resize: Resize,
    }
    serde_json::json!(Recipe { image_size: data.image_size.0, resize: data.resize })
}

/// The record of what a cache was built from.
pub(crate) fn record(fingerprint: String, scan: &Scan, digested: &[Vec<Digested>]) -> Sources {
    let source = |file: &Digested| Source {
        path: file.candidate.path.clone(),
        bytes: file.bytes,
        modified_ns: file.modified_ns,
        digest: file.digest.clone().unwrap_or_default(),
    };
    Sources {
        format_version: Sources::FORMAT_VERSION,
        fingerprint,
        folders: scan.folders.clone(),
        files: digested.iter().flatten().map(source).collect(),
    }
}
