//! The audit of the pictures, as the report tells it: numbers for
//! `report.json`, and the findings that the page shows.

use crate::{
    ReportError,
    inputs::Inputs,
    pictures::{Inline, Pictures},
};
use serde::Serialize;
use shoebox_artifact::records::{Audit, Finding, Severity};

/// Findings of a kind that the page shows.
const MAX_FINDINGS: usize = 8;
/// Paths of a finding that the page shows.
const MAX_PATHS: usize = 24;
/// Pictures of a kind that the page shows.
const MAX_PICTURES: usize = 24;
/// Pictures of a single finding that the page shows.
const MAX_PICTURES_EACH: usize = 12;
/// The longest side of a picture, in pixels.
const PICTURE_SIDE: u32 = 160;

/// What the audit noticed, and how much of it there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditReport {
    /// Whether pictures were compared with one another, or only those things
    /// noted that reading them shows anyway.
    pub complete: bool,
    /// Findings by which figures would be wrong, or pictures are lost.
    pub errors: u64,
    /// Findings by which figures may mislead.
    pub warnings: u64,
    /// Findings that are good to know.
    pub notes: u64,
    /// The gravest first; within a severity in the order of kinds and paths.
    pub findings: Vec<Finding>,
}

impl AuditReport {
    /// Counts what `audit` found.
    pub(crate) fn new(audit: &Audit) -> Self {
        let count = |severity| {
            audit.findings.iter().filter(|finding| finding.severity == severity).count() as u64
        };
        Self {
            complete: audit.complete,
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            findings: audit.findings.clone(),
        }
    }
}

/// The findings of one kind that the page shows.
#[derive(Debug)]
pub(crate) struct Exhibit<'a> {
    /// What they are: `leakage`, …
    pub(crate) kind: &'a str,
    pub(crate) severity: Severity,
    /// How many there are in all.
    pub(crate) count: usize,
    /// What can be done, where that is the same for all of them.
    pub(crate) remedy: Option<&'a str>,
    pub(crate) shown: Vec<Exhibited<'a>>,
}

/// A finding that the page shows.
#[derive(Debug)]
pub(crate) struct Exhibited<'a> {
    pub(crate) finding: &'a Finding,
    /// Its first paths.
    pub(crate) paths: &'a [String],
    /// Pictures of the first of these, where the cache has them.
    pub(crate) pictures: Vec<(&'a str, Inline)>,
}

/// The findings by severity and kind, in their order. So much of them that a
/// page of ten thousand findings is still a page.
///
/// # Errors
/// [`ReportError::Encode`].
pub(crate) fn exhibits<'a>(
    audit: &'a AuditReport,
    inputs: &Inputs,
) -> Result<Vec<Exhibit<'a>>, ReportError> {
    let same = |a: &Finding, b: &Finding| (a.severity, &a.kind) == (b.severity, &b.kind);
    let kinds = audit.findings.chunk_by(same);
    kinds.map(|findings| exhibit(findings, &inputs.pictures)).collect()
}

fn exhibit<'a>(findings: &'a [Finding], pictures: &Pictures) -> Result<Exhibit<'a>, ReportError> {
    let first = &findings[0];
    let mut left = MAX_PICTURES;
    let mut shown = Vec::new();
    for finding in findings.iter().take(MAX_FINDINGS) {
        let found = fetch(finding, left.min(MAX_PICTURES_EACH), pictures)?;
        left -= found.len();
        let paths = &finding.paths[..finding.paths.len().min(MAX_PATHS)];
        shown.push(Exhibited { finding, paths, pictures: found });
    }
    let agree = findings.iter().all(|finding| finding.remedy == first.remedy);
    Ok(Exhibit {
        kind: &first.kind,
        severity: first.severity,
        count: findings.len(),
        remedy: agree.then_some(first.remedy.as_str()),
        shown,
    })
}

/// The first `most` pictures of a finding that the cache has.
fn fetch<'a>(
    finding: &'a Finding,
    most: usize,
    pictures: &Pictures,
) -> Result<Vec<(&'a str, Inline)>, ReportError> {
    let mut found = Vec::new();
    for path in finding.paths.iter().take(MAX_PATHS) {
        if found.len() == most {
            break;
        }
        if let Some(picture) = pictures.find(path, PICTURE_SIDE)? {
            found.push((path.as_str(), picture));
        }
    }
    Ok(found)
}
