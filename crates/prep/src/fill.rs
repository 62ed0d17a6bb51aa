//! One split's files into its tensors, many at a time, in the scan's order.

use crate::{
    PrepError,
    prepare::{Prepared, prepare},
    progress::Progress,
    scan::ScannedSplit,
    sources::{Digested, cannot_read},
};
use rayon::prelude::*;
use shoebox_artifact::{
    fingerprint,
    records::{Finding, Sample},
};
use shoebox_cache::{SplitSummary, SplitWriter};
use shoebox_spec::DataSpec;
use std::{fs, path::Path};

/// The most prepared pixels that wait to be written, in bytes. Memory depends
/// on this and on the size of a single photograph, not on their number.
const WAITING_BYTES: u64 = 64 << 20;

/// A split after preparation.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) written: SplitSummary,
    pub(crate) samples: Vec<Sample>,
    /// Pictures per class.
    pub(crate) counts: Vec<u64>,
    pub(crate) unreadable: Vec<Finding>,
}

/// Why a file gave no row.
enum Failure {
    /// It is no picture: a fact to follow its path.
    Unreadable(String),
    /// It is not the file that was digested.
    Changed,
}

/// Prepares `files` and writes them to `path`.
///
/// # Errors
/// [`PrepError::Changed`], or what the writer says. Unreadable files are no
/// error here: they are listed.
pub(crate) fn fill_split(
    path: &Path,
    data: &DataSpec,
    split: &ScannedSplit,
    files: &[Digested],
    classes: usize,
    progress: &dyn Progress,
) -> Result<Filled, PrepError> {
    progress.start(&format!("preparing {}", split.name), files.len() as u64);
    let mut writer = SplitWriter::create(path, data.image_size.0, files.len() as u64)?;
    let (mut samples, mut unreadable) = (Vec::new(), Vec::new());
    let mut counts = vec![0; classes];
    for chunk in files.chunks(chunk_length(data)) {
        let prepare = |file: &Digested| {
            let prepared = prepare_file(file, data);
            progress.advance();
            prepared
        };
        let prepared: Vec<_> = chunk.par_iter().map(prepare).collect();
        for (file, prepared) in chunk.iter().zip(prepared) {
            match prepared {
                Ok((picture, digest)) => {
                    writer.push(&picture.pixels, file.candidate.label)?;
                    counts[file.candidate.label as usize] += 1;
                    samples.push(sample(split.name, samples.len(), file, &picture, digest));
                }
                Err(Failure::Unreadable(fact)) => unreadable.push(finding(file, fact)),
                Err(Failure::Changed) => {
                    return Err(PrepError::Changed { path: file.candidate.path.clone() });
                }
            }
        }
    }
    Ok(Filled { written: writer.finish()?, samples, counts, unreadable })
}

/// Files that are prepared before any is written: enough to keep every thread
/// busy to the end of a chunk, and few enough for memory.
fn chunk_length(data: &DataSpec) -> usize {
    let [height, width] = data.image_size.0.map(u64::from);
    let threads = rayon::current_num_threads();
    let fitting = usize::try_from(WAITING_BYTES / (height * width * 3)).unwrap_or(usize::MAX);
    fitting.clamp(threads, 32 * threads)
}

fn prepare_file(file: &Digested, data: &DataSpec) -> Result<(Prepared, String), Failure> {
    let expected = file.digest.as_ref().map_err(|fact| Failure::Unreadable(fact.clone()))?;
    let bytes =
        fs::read(&file.candidate.file).map_err(|error| Failure::Unreadable(cannot_read(&error)))?;
    let digest = fingerprint::digest(&bytes);
    if digest != *expected {
        return Err(Failure::Changed);
    }
    prepare(&bytes, data.image_size.0, data.resize)
        .map(|picture| (picture, digest))
        .map_err(|error| Failure::Unreadable(error.to_string()))
}

fn sample(split: &str, row: usize, file: &Digested, picture: &Prepared, digest: String) -> Sample {
    Sample {
        split: split.to_owned(),
        row: row as u64,
        label: file.candidate.label,
        path: file.candidate.path.clone(),
        digest,
        width: picture.width,
        height: picture.height,
    }
}

fn finding(file: &Digested, fact: String) -> Finding {
    Finding { kind: "unreadable".to_owned(), path: file.candidate.path.clone(), fact }
}
