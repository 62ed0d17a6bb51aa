//! The output folder: whether it may be written.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use shoebox_artifact::ArtifactError;

use crate::item::{Class, Item, Split};
use crate::{DemoError, Options};

/// Counts up whenever the same options give other pictures.
const GENERATOR_VERSION: u32 = 1;

/// The file beside `train/` and `test/` that says what they were made from.
pub(crate) const RECORD: &str = "demo.json";

/// What `demo.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    generator_version: u32,
    seed: u64,
    train: usize,
    test: usize,
    /// Size of all pictures together, to notice a damaged set.
    pub(crate) bytes: u64,
}

impl Record {
    pub(crate) fn new(options: &Options, bytes: u64) -> Self {
        let Options { seed, train, test, .. } = *options;
        Self { generator_version: GENERATOR_VERSION, seed, train, test, bytes }
    }

    /// The record in a folder; none when it is missing or not readable as one.
    fn read(out: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(out.join(RECORD)).ok()?).ok()
    }
}

/// Looks at the output folder before anything is drawn: the record of a
/// complete set of the same options, or nothing where one may be drawn.
///
/// # Errors
/// `Foreign`, `Stray` or `Outdated` when it must not be written.
pub(crate) fn inspect(options: &Options, items: &[Item]) -> Result<Option<Record>, DemoError> {
    let out = &options.out;
    if is_free(out)? {
        return Ok(None);
    }
    if !out.join(RECORD).is_file() {
        return Err(DemoError::Foreign { out: out.clone() });
    }
    if options.force {
        refuse_strays(out)?;
        return Ok(None);
    }
    match Record::read(out) {
        Some(record) if is_complete(&record, options, items) => Ok(Some(record)),
        _ => Err(DemoError::Outdated { out: out.clone() }),
    }
}

/// Whether nothing would be lost: no such path, or a folder with nothing in it.
fn is_free(out: &Path) -> Result<bool, DemoError> {
    if out.symlink_metadata().is_err() {
        return Ok(true);
    }
    Ok(out.is_dir() && entries(out)?.is_empty())
}

/// Whether the record is of these options and each of its pictures is there.
fn is_complete(record: &Record, options: &Options, items: &[Item]) -> bool {
    let sizes = items.iter().map(|item| fs::metadata(options.out.join(item.path())));
    let bytes: Result<u64, _> = sizes.map(|meta| meta.map(|m| m.len())).sum();
    bytes.is_ok_and(|bytes| *record == Record::new(options, bytes))
}

/// Refuses to replace a folder with a file in it that no run of ours wrote.
fn refuse_strays(out: &Path) -> Result<(), DemoError> {
    for top in entries(out)? {
        if top.file_name() == Some(OsStr::new(RECORD)) {
            continue;
        }
        expect_named(&top, Split::ALL.map(Split::folder))?;
        for class in entries(&top)? {
            expect_named(&class, Class::ALL.map(Class::folder))?;
            entries(&class)?.iter().try_for_each(|picture| expect_picture(picture))?;
        }
    }
    Ok(())
}

fn expect_named(path: &Path, names: [&str; 2]) -> Result<(), DemoError> {
    let known = path.file_name().is_some_and(|name| names.iter().any(|n| name == *n));
    if known && path.is_dir() { Ok(()) } else { Err(DemoError::Stray { path: path.into() }) }
}

fn expect_picture(path: &Path) -> Result<(), DemoError> {
    let stem = path.file_stem().and_then(OsStr::to_str).unwrap_or_default();
    let numbered = stem.len() >= 3 && stem.bytes().all(|byte| byte.is_ascii_digit());
    let known = numbered && path.extension() == Some(OsStr::new("jpg"));
    if known { Ok(()) } else { Err(DemoError::Stray { path: path.into() }) }
}

/// What is in a folder, by name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, DemoError> {
    let listing = fs::read_dir(folder).map_err(ArtifactError::io(folder, "list"))?;
    let mut paths = listing
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(ArtifactError::io(folder, "list"))?;
    paths.sort();
    Ok(paths)
}
