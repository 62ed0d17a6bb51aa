//! What `prep` has to say at the end, and how it says it.

use crate::{
    PrepError,
    picture::Part,
    run::Outcome,
    words::{count, listed},
};
use serde::Serialize;
use shoebox_artifact::console::one_line;
use shoebox_artifact::records::{Audit, Finding, Manifest, Severity, SplitRecord, read_json};
use std::{fmt, path::PathBuf, time::Duration};

/// The outcome of [`crate::run()`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The cache's folder.
    pub cache: PathBuf,
    /// Digest of the sources and the recipe.
    pub fingerprint: String,
    /// Whether the cache was there already and nothing was written.
    pub up_to_date: bool,
    /// Files that had to be decoded; the rows of the others were there.
    pub decoded: u64,
    /// Sorted; a label is a position in this list.
    pub class_names: Vec<String>,
    /// Height and width of every prepared picture, in pixels.
    pub image_size: [u32; 2],
    /// In the order train, val, test.
    pub splits: Vec<SplitCounts>,
    /// Whether pictures were compared with one another.
    pub audited: bool,
    /// What was noticed, the gravest first.
    pub findings: Vec<Finding>,
    /// What a person should know about the artifacts folder: facts with their
    /// remedies.
    pub warnings: Vec<String>,
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
    /// Where the pictures came from, as the spec names it.
    pub source: String,
    /// Pictures in the cache per class, in the order of the class names.
    pub counts: Vec<u64>,
    /// Files that should be pictures and could not be decoded.
    pub skipped: u64,
    /// Pictures left out because their like is in another split.
    pub dropped: u64,
}

impl SplitCounts {
    fn new(name: &str, record: &SplitRecord) -> Self {
        Self {
            name: name.to_owned(),
            source: record.source.clone(),
            counts: record.counts.clone(),
            skipped: record.skipped,
            dropped: record.dropped,
        }
    }

    /// Pictures in the cache.
    pub fn images(&self) -> u64 {
        self.counts.iter().sum()
    }
}

impl Summary {
    pub(crate) fn new(outcome: Outcome, taken: Duration) -> Result<Self, PrepError> {
        let manifest = outcome.cache.manifest();
        let path = outcome.cache.folder().join(Manifest::AUDIT_FILE);
        let audit: Audit = read_json(&path, "run `prep` again")?;
        let split = |part: Part| {
            let record = manifest.splits.get(part.name())?;
            Some(SplitCounts::new(part.name(), record))
        };
        Ok(Self {
            cache: outcome.cache.folder().to_owned(),
            fingerprint: manifest.fingerprint.clone(),
            up_to_date: outcome.up_to_date,
            decoded: outcome.decoded,
            class_names: manifest.class_names.clone(),
            image_size: manifest.image_size,
            splits: Part::ALL.into_iter().filter_map(split).collect(),
            audited: audit.complete,
            findings: audit.findings,
            warnings: outcome.warnings,
            bytes: manifest.splits.values().map(SplitRecord::bytes).sum(),
            seconds: taken.as_secs_f64(),
        })
    }

    /// Pictures in the cache, over all splits.
    pub fn images(&self) -> u64 {
        self.splits.iter().map(SplitCounts::images).sum()
    }

    fn write_split(&self, split: &SplitCounts, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = split.images() + split.skipped + split.dropped;
        if files == 0 {
            return writeln!(out, "Found no files in {} for {}.", split.source, split.name);
        }
        let named = self.class_names.iter().zip(&split.counts);
        let counts: Vec<_> =
            named.map(|(name, images)| format!("{} {images}", one_line(name))).collect();
        let classes = split.counts.iter().filter(|&&count| count > 0).count();
        write!(
            out,
            "Found {} belonging to {} ({}) in {} for {}",
            count(files, "file"),
            count(classes as u64, "class"),
            counts.join(", "),
            split.source,
            split.name,
        )?;
        if split.skipped > 0 {
            write!(out, ", {} of them unreadable and left out", split.skipped)?;
        }
        if split.dropped > 0 {
            write!(out, ", {} of them dropped: their like is in another split", split.dropped)?;
        }
        writeln!(out, ".")
    }

    fn write_audit(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |severity| self.findings.iter().filter(|f| f.severity == severity).count();
        let numbers = [
            (number(Severity::Error), "error"),
            (number(Severity::Warning), "warning"),
            (number(Severity::Note), "note"),
        ];
        let numbers = numbers.iter().filter(|(number, _)| *number > 0);
        let counts: Vec<_> = numbers.map(|(number, word)| count(*number as u64, word)).collect();
        match (counts.is_empty(), self.audited) {
            (true, true) => return writeln!(out, "Audit: nothing was noticed."),
            (true, false) => return writeln!(out, "Audit: off."),
            (false, true) => writeln!(out, "Audit: {}.", counts.join(", "))?,
            (false, false) => writeln!(out, "Audit: off; reading showed {}.", counts.join(", "))?,
        }
        write!(out, "{}", listed(&self.findings))?;
        let path = self.cache.join(Manifest::AUDIT_FILE);
        writeln!(out, "  every path is in {}", path.display())
    }
}

/// The text for a terminal, with a final newline.
impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.splits.iter().try_for_each(|split| self.write_split(split, out))?;
        self.write_audit(out)?;
        self.warnings.iter().try_for_each(|warning| writeln!(out, "warning: {warning}"))?;
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
            "Prepared {images} images of {height}×{width} in {:.2} s, {:.0} images/s; {} were decoded.",
            self.seconds,
            images as f64 / self.seconds,
            match self.decoded {
                decoded if decoded >= images => "all".to_owned(),
                decoded => decoded.to_string(),
            }
        )?;
        writeln!(
            out,
            "Wrote {cache}, {megabytes:.1} MB; a look at it: {}",
            self.cache.join(Manifest::SHEET_FILE).display()
        )
    }
}
