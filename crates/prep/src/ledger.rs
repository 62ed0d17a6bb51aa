//! What earlier runs know of the files: a digest for each length and time.
//!
//! A file that has the length and the time of change that a record of sources
//! gives need not be read again. A time too close to the writing of that
//! record is not trusted, since the file may have changed once more within
//! the clock's step: its content is compared.

use crate::picture::{Candidate, Digest};
use rayon::prelude::*;
use shoebox_artifact::{
    ArtifactError, Artifacts,
    fingerprint::digest_file,
    records::{Source, Sources},
};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// A file's length and the time of its last change.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    /// Since 1970, UTC.
    pub(crate) modified_ns: i64,
}

/// Times closer to the record's own than this are not trusted.
const CLOCK_STEP_NS: i64 = 1_000_000_000;

/// Looks at every file; one that cannot be looked at gets zeros, and reading
/// it will tell why.
pub(crate) fn stamps(files: &[Candidate]) -> Vec<Stamp> {
    files.par_iter().map(|file| stamp(Path::new(&file.path))).collect()
}

/// Looks at one file.
pub(crate) fn stamp(path: &Path) -> Stamp {
    fs::metadata(path).map_or(Stamp::default(), |found| Stamp {
        bytes: found.len(),
        modified_ns: found.modified().map_or(0, since_1970_ns),
    })
}

fn since_1970_ns(time: SystemTime) -> i64 {
    let age = time.duration_since(UNIX_EPOCH).ok();
    age.map_or(0, |age| i64::try_from(age.as_nanos()).unwrap_or(i64::MAX))
}

/// The digests that records of sources know of these files, the record of
/// this data section asked first, and whether it alone knew all of them.
pub(crate) fn known_digests(
    artifacts: &Artifacts,
    key: &str,
    files: &[Candidate],
    stamps: &[Stamp],
) -> (Vec<Option<Digest>>, bool) {
    let positions: HashMap<&str, usize> =
        files.iter().enumerate().map(|(index, file)| (file.path.as_str(), index)).collect();
    let mut known = Known { positions, stamps, digests: vec![None; files.len()], missing: 0 };
    known.missing = files.len();
    let own = artifacts.sources(key);
    known.read(&own);
    let complete = known.missing == 0;
    for other in other_records(&own) {
        if known.missing > 0 {
            known.read(&other);
        }
    }
    (known.digests, complete)
}

struct Known<'a> {
    positions: HashMap<&'a str, usize>,
    stamps: &'a [Stamp],
    digests: Vec<Option<Digest>>,
    missing: usize,
}

impl Known<'_> {
    /// Learns from the record at `path`. One that is absent or damaged teaches
    /// nothing: the files are then read.
    fn read(&mut self, path: &Path) {
        let Ok(written) = fs::metadata(path).and_then(|found| found.modified()) else { return };
        let trusted_until = since_1970_ns(written).saturating_sub(CLOCK_STEP_NS);
        let Ok(record) = Sources::open(path) else { return };
        let Ok(files) = record.read_folders(|_| Ok::<(), ArtifactError>(())) else { return };
        let mut doubtful = Vec::new();
        let mut learn = |source: Source| {
            if let Some((position, digest)) = self.recognize(&source) {
                match source.modified_ns <= trusted_until {
                    true => self.learn(position, digest),
                    false => doubtful.push((position, source.path, digest)),
                }
            }
            Ok::<(), ArtifactError>(())
        };
        // Whatever stood before a damaged line is true all the same.
        let _ = files.read(&mut learn);
        let is_same = |(_, path, digest): &(usize, String, Digest)| {
            digest_file(Path::new(path)).is_ok_and(|found| found == digest.to_string())
        };
        let same: Vec<_> = doubtful.into_par_iter().filter(is_same).collect();
        same.into_iter().for_each(|(position, _, digest)| self.learn(position, digest));
    }

    /// The file of this record, if it is looked for and seems unchanged.
    fn recognize(&self, source: &Source) -> Option<(usize, Digest)> {
        let position = *self.positions.get(source.path.as_str())?;
        let stamp = Stamp { bytes: source.bytes, modified_ns: source.modified_ns };
        let is_wanted = self.digests[position].is_none() && stamp == self.stamps[position];
        is_wanted
            .then(|| Digest::from_hex(&source.digest))
            .flatten()
            .map(|digest| (position, digest))
    }

    fn learn(&mut self, position: usize, digest: Digest) {
        self.digests[position] = Some(digest);
        self.missing -= 1;
    }
}

/// The records of other data sections, in the order of their names.
fn other_records(own: &Path) -> Vec<PathBuf> {
    let entries = own.parent().and_then(|folder| fs::read_dir(folder).ok());
    let paths = entries.into_iter().flatten().flatten().map(|entry| entry.path());
    let is_record = |path: &PathBuf| path != own && path.extension().is_some_and(|e| e == "jsonl");
    let mut records: Vec<_> = paths.filter(is_record).collect();
    records.sort();
    records
}
