//! What earlier runs know of the files: a digest for each stamp.
//!
//! A file whose stamp is the one that a record of sources gives need not be
//! read again. A time too close to the writing of that record is not trusted,
//! since the file may have changed once more within the clock's step. Such a
//! file is read, and so is one of another stamp but the same length: a copy of
//! the pictures, or a folder that was only touched, then costs no more than
//! reading it.

use crate::picture::{Candidate, Digest};
use rayon::prelude::*;
use shoebox_artifact::{
    ArtifactError, Artifacts,
    fingerprint::digest_file,
    records::{Folder, Source, Sources, Stamp},
};
use std::{collections::HashMap, path::Path};

/// Times closer to the record's own than this are not trusted.
const CLOCK_STEP_NS: i64 = 1_000_000_000;

/// Looks at every file; one that cannot be looked at gets zeros, and reading
/// it will tell why.
pub(crate) fn stamps(files: &[Candidate]) -> Vec<Stamp> {
    files.par_iter().map(|file| stamp(Path::new(&file.path))).collect()
}

/// Looks at one file.
pub(crate) fn stamp(path: &Path) -> Stamp {
    Stamp::of(path).unwrap_or_default()
}

/// What the records of sources say.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// The digest of each file, where it is known.
    pub(crate) digests: Vec<Option<Digest>>,
    /// What else the record of this very data section says, if it has every
    /// file as it is.
    pub(crate) own: Option<Recorded>,
}

/// What a record says besides the digests of the files.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) fingerprint: String,
    pub(crate) folders: Vec<Folder>,
    /// Files that are not among those looked for.
    pub(crate) others: Vec<Source>,
}

/// Learns from every record of sources, that of this data section first.
pub(crate) fn read(
    artifacts: &Artifacts,
    key: &str,
    files: &[Candidate],
    stamps: &[Stamp],
) -> Ledger {
    let positions: HashMap<&str, usize> =
        files.iter().enumerate().map(|(index, file)| (file.path.as_str(), index)).collect();
    let (digests, missing) = (vec![None; files.len()], files.len());
    let mut known = Known { positions, stamps, digests, missing, is_stale: false };
    let path = artifacts.sources(key);
    let own = known.read(&path).filter(|_| known.missing == 0 && !known.is_stale);
    for other in artifacts.all_sources() {
        if known.missing > 0 && other != path {
            known.read(&other);
        }
    }
    Ledger { digests: known.digests, own }
}

struct Known<'a> {
    positions: HashMap<&'a str, usize>,
    stamps: &'a [Stamp],
    digests: Vec<Option<Digest>>,
    missing: usize,
    /// Whether a record was met that has not every file as it is.
    is_stale: bool,
}

impl Known<'_> {
    /// Learns from the record at `path`. One that is absent or damaged teaches
    /// nothing: the files are then read.
    fn read(&mut self, path: &Path) -> Option<Recorded> {
        let written = Stamp::of(path).ok()?.modified_ns;
        let trusted_until = written.saturating_sub(CLOCK_STEP_NS);
        let record = Sources::open(path).ok()?;
        let mut recorded =
            Recorded { fingerprint: record.header().fingerprint.clone(), ..Recorded::default() };
        let folders = record.read_folders(|folder| {
            recorded.folders.push(folder);
            Ok::<(), ArtifactError>(())
        });
        let mut doubtful = Vec::new();
        let whole = folders.ok()?.read(|source| {
            let Some(&position) = self.positions.get(source.path.as_str()) else {
                recorded.others.push(source);
                return Ok::<(), ArtifactError>(());
            };
            if let (None, Some(digest)) = (self.digests[position], Digest::from_hex(&source.digest))
            {
                match self.stamps[position] {
                    now if now == source.stamp && now.latest_ns() <= trusted_until => {
                        self.learn(position, digest);
                    }
                    now if now.bytes == source.stamp.bytes => {
                        self.is_stale |= now != source.stamp;
                        doubtful.push((position, source.path, digest));
                    }
                    _ => {}
                }
            }
            Ok(())
        });
        self.read_doubtful(doubtful);
        // Whatever stood before a damaged line is true all the same.
        whole.ok().map(|()| recorded)
    }

    /// Learns the digests of files that seem to be the recorded ones.
    fn read_doubtful(&mut self, files: Vec<(usize, String, Digest)>) {
        let found = |(position, path, recorded): (usize, String, Digest)| {
            let digest = Digest::from_hex(&digest_file(Path::new(&path)).ok()?)?;
            Some((position, digest, digest != recorded))
        };
        let found: Vec<_> = files.into_par_iter().filter_map(found).collect();
        for (position, digest, is_other) in found {
            self.is_stale |= is_other;
            self.learn(position, digest);
        }
    }

    fn learn(&mut self, position: usize, digest: Digest) {
        self.digests[position] = Some(digest);
        self.missing -= 1;
    }
}
