//! What `prep` has to say at the end, and how it says it.

use serde::Serialize;
use shoebox_artifact::records::{Finding, Manifest};
use std::{fmt, path::PathBuf};

/// The outcome of [`crate::run()`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The cache's folder.
    pub cache: PathBuf,
    /// Digest of the sources and the recipe.
    pub fingerprint: String,
    /// Whether the cache was there already and nothing was written.
    pub up_to_date: bool,
    /// Sorted; a label is a position in this list.
    pub class_names: Vec<String>,
    /// Height and width of every prepared picture, in pixels.
    pub image_size: [u32; 2],
    /// In the order train, val, test.
    pub splits: Vec<SplitCounts>,
    /// What was noticed about the files, unreadable ones that were left out too.
    pub findings: Vec<Finding>,
    /// Size of the cache's tensors, in bytes.
    pub bytes: u64,
    /// Time from the start to the end, in seconds.
    pub seconds: f64,
}

/// The files of one split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SplitCounts {
    /// `train`, `val` or `test`.
    pub name: String,
    /// The folder, as the spec names it.
    pub folder: PathBuf,
    /// Files that should be pictures.
    pub found: u64,
    /// Pictures in the cache per class, in the order of the class names.
    pub counts: Vec<u64>,
    /// Files that should be pictures and could not be decoded.
    pub skipped: u64,
    /// Files and folders that were not taken for pictures.
    pub ignored: u64,
}

impl SplitCounts {
    /// Counts of a split from its cache's manifest.
    pub(crate) fn new(split: &crate::scan::ScannedSplit, manifest: &Manifest) -> Self {
        let record = &manifest.splits[split.name];
        Self {
            name: split.name.to_owned(),
            folder: split.folder.clone(),
            found: split.files.len() as u64,
            counts: record.counts.clone(),
            skipped: record.skipped,
            ignored: split.ignored,
        }
    }
}

impl Summary {
    /// Pictures in the cache, over all splits.
    pub fn images(&self) -> u64 {
        self.splits.iter().flat_map(|split| &split.counts).sum()
    }

    fn write_split(&self, split: &SplitCounts, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = self.class_names.iter().zip(&split.counts);
        let counts: Vec<_> = named.map(|(name, count)| format!("{name} {count}")).collect();
        let classes = split.counts.iter().filter(|&&count| count > 0).count();
        write!(
            out,
            "Found {} files belonging to {classes} classes ({}) in {}",
            split.found,
            counts.join(", "),
            split.folder.display()
        )?;
        if split.skipped > 0 {
            write!(out, ", {} of them unreadable and left out", split.skipped)?;
        }
        if split.ignored > 0 {
            write!(out, "; ignored {}", split.ignored)?;
        }
        writeln!(out, ".")
    }

    fn write_findings(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 10;
        for finding in self.findings.iter().take(SHOWN) {
            writeln!(out, "warning: {}: {}", finding.path, finding.fact)?;
        }
        match self.findings.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => writeln!(
                out,
                "warning: and {more} more; all of them are in {}",
                self.cache.join(Manifest::AUDIT_FILE).display()
            ),
        }
    }
}

/// The text for a terminal, with a final newline.
impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.splits.iter().try_for_each(|split| self.write_split(split, out))?;
        self.write_findings(out)?;
        let (cache, megabytes) = (self.cache.display(), self.bytes as f64 / 1e6);
        let images = self.images();
        if self.up_to_date {
            return writeln!(
                out,
                "{cache} is up to date: {images} images, {megabytes:.1} MB, checked in {:.2} s.",
                self.seconds
            );
        }
        let [height, width] = self.image_size;
        writeln!(
            out,
            "Prepared {images} images of {height}×{width} in {:.2} s, {:.0} images/s.",
            self.seconds,
            images as f64 / self.seconds
        )?;
        writeln!(
            out,
            "Wrote {cache}, {megabytes:.1} MB; a look at it: {}",
            self.cache.join(Manifest::SHEET_FILE).display()
        )
    }
}
