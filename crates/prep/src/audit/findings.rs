//! What was noticed, in words. Each kind of finding is one function that finds
//! its own occasion.
//!
//! Facts follow one path or several and a colon, so they are phrases that fit
//! both: “one and the same picture, twice in train”.

mod balance;
mod content;
mod same;
mod shape;
mod words;

#[cfg(test)]
mod tests;

use super::groups::Groups;
use crate::{
    picture::{Part, Picture},
    prepare::Recipe,
};
use shoebox_artifact::records::{Finding, Severity};
use shoebox_spec::AuditRules;

/// What findings are about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// Every picture, each in its final part.
    pub(crate) pictures: &'a [Picture],
    /// Whether each is left out: see [`super::dropped`].
    pub(crate) dropped: &'a [bool],
    /// A label is a position in this list.
    pub(crate) class_names: &'a [String],
    /// Where the pictures of each part come from, as the spec names it.
    pub(crate) sources: &'a [(Part, String)],
    /// How rows were made.
    pub(crate) recipe: &'a Recipe,
    /// What the spec asks for.
    pub(crate) rules: &'a AuditRules,
}

/// All that a complete audit notices, in the order of [`arrange`].
pub(crate) fn findings(subject: &Subject, groups: &Groups) -> Vec<Finding> {
    let mut found = shown_by_decoding(subject.pictures);
    found.extend(same::all(subject, groups));
    found.extend(balance::all(subject));
    found.extend(shape::all(subject));
    found.extend(content::all(subject.pictures));
    arrange(&mut found);
    found
}

/// What there is to say with the audit off: what decoding has shown and a
/// person must know.
pub(crate) fn shown_by_decoding(pictures: &[Picture]) -> Vec<Finding> {
    content::repaired(pictures).into_iter().collect()
}

/// Whether there must be no cache while this is found: leakage, where the spec
/// calls it an error.
pub(crate) fn is_fatal(finding: &Finding) -> bool {
    finding.kind == same::LEAKAGE && finding.severity == Severity::Error
}

/// Sorts findings: the gravest first, within a severity by kind and paths.
pub(crate) fn arrange(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.severity, finding.kind.clone());
        key(a).cmp(&key(b)).then_with(|| a.paths.cmp(&b.paths)).then_with(|| a.fact.cmp(&b.fact))
    });
}

/// A finding about the pictures at `members`, of whose paths the first are
/// kept.
fn about(
    kind: &str,
    severity: Severity,
    pictures: &[Picture],
    members: &[u32],
    (fact, remedy): (String, &str),
) -> Finding {
    let paths = members.iter().take(Finding::MAX_PATHS);
    let paths = paths.map(|&member| pictures[member as usize].candidate.path.clone());
    let mut finding = Finding::new(kind, severity, paths.collect(), fact, remedy);
    finding.count = members.len() as u64;
    finding
}

/// The positions of the pictures of which `holds` is true, by part and path.
fn select(pictures: &[Picture], holds: impl Fn(&Picture) -> bool) -> Vec<u32> {
    let mut found: Vec<u32> =
        (0..).zip(pictures).filter(|(_, p)| holds(p)).map(|(i, _)| i).collect();
    found.sort_by_key(|&member| {
        let file = &pictures[member as usize].candidate;
        (file.part, file.path.as_str())
    });
    found
}
