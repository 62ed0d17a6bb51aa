//! What follows once every file is read: which pictures are alike, which part
//! each belongs to, which are left out, what there is to say, and whether
//! there may be a cache at all.

use crate::{
    PrepError,
    absorbed::{Absorbed, Refused},
    audit::{self, Groups, Subject},
    picture::Part,
    prepare::Recipe,
    scan::{Scan, ScannedPart},
    split,
    store::Store,
};
use shoebox_artifact::records::{Audit, Finding, Severity};
use shoebox_spec::{AuditRules, DataSpec, SplitSpec, Unreadable};
use std::collections::BTreeMap;

/// Everything that was decided.
#[derive(Debug)]
pub(crate) struct Decided {
    /// In the order train, val, test.
    pub(crate) parts: Vec<ScannedPart>,
    /// Whether each picture is left out, its like being in another part.
    pub(crate) dropped: Vec<bool>,
    pub(crate) audit: Audit,
}

/// Decides, and gives every picture its part.
///
/// # Errors
/// [`PrepError::Faults`] with all that forbids a cache; a damaged file of an
/// earlier cache.
pub(crate) fn decide(
    data: &DataSpec,
    scan: &Scan,
    absorbed: &mut Absorbed,
    store: &Store,
) -> Result<Decided, PrepError> {
    let rules = data.audit.rules();
    let recipe = Recipe::new(data);
    let groups = find_groups(data, &recipe, absorbed, store)?;
    let mut verdict = Verdict::default();
    let mut parts = scan.parts.clone();
    if let Some(split) = data.split {
        let place = parts.first().map(|part| part.source.clone()).unwrap_or_default();
        parts = divide(absorbed, &groups, split, scan, &place, &mut verdict);
    }
    let dropped = match rules {
        Some(rules) => audit::dropped(&absorbed.pictures, &groups, rules.leakage),
        None => vec![false; absorbed.pictures.len()],
    };
    verdict.add_scan(scan);
    verdict.add_refused(&absorbed.refused, data.unreadable);
    verdict.add_emptied(absorbed, &dropped);
    verdict.add_small(&parts, absorbed);
    match rules {
        Some(rules) => verdict.add_audit(scan, &parts, absorbed, &dropped, &recipe, rules, &groups),
        None => verdict.findings.extend(audit::shown_by_decoding(&absorbed.pictures)),
    }
    let findings = verdict.pronounce()?;
    Ok(Decided { parts, dropped, audit: Audit { complete: rules.is_some(), findings } })
}

/// Groups of pictures that are alike; of the same ones alone with the audit
/// off, and none at all when nothing would follow from them.
fn find_groups(
    data: &DataSpec,
    recipe: &Recipe,
    absorbed: &Absorbed,
    store: &Store,
) -> Result<Groups, PrepError> {
    let rules = data.audit.rules();
    if rules.is_none() && data.split.is_none() {
        return Ok(Groups::default());
    }
    let distance = rules.map_or(0, |rules| rules.near_duplicates);
    audit::groups(&absorbed.pictures, recipe.image_size, distance, |index, row| {
        store.read(absorbed.places[index], row)
    })
}

/// Gives every picture its part, by shares.
fn divide(
    absorbed: &mut Absorbed,
    groups: &Groups,
    split: SplitSpec,
    scan: &Scan,
    place: &str,
    verdict: &mut Verdict,
) -> Vec<ScannedPart> {
    let pictures = &mut absorbed.pictures;
    let labels: Vec<_> = pictures.iter().map(|picture| picture.candidate.label).collect();
    let keys: Vec<_> = pictures.iter().map(|picture| picture.digest).collect();
    let mut together: Vec<_> = (0..pictures.len() as u32).collect();
    for group in groups.iter() {
        group.iter().for_each(|&member| together[member as usize] = group[0]);
    }
    let assigned = split::assign(&labels, &together, &keys, scan.class_names.len(), split);
    verdict.add_split(split::split_findings(place, &scan.class_names, &labels, &assigned, split));
    pictures.iter_mut().zip(&assigned).for_each(|(file, part)| file.candidate.part = *part);
    let wanted = |part: &Part| *part != Part::Test || split.test > 0.0;
    let scanned = |part: Part| ScannedPart {
        part,
        source: place.to_owned(),
        found: assigned.iter().filter(|other| **other == part).count() as u64,
        ignored: 0,
    };
    Part::ALL.into_iter().filter(wanted).map(scanned).collect()
}

/// What there is to say.
#[derive(Debug, Default)]
struct Verdict {
    /// What forbids a cache.
    faults: Vec<Finding>,
    /// What does not.
    findings: Vec<Finding>,
}

impl Verdict {
    fn add(&mut self, finding: Finding, is_fault: bool) {
        if is_fault { &mut self.faults } else { &mut self.findings }.push(finding);
    }

    /// Whatever is wrong with folders, names and tables forbids a cache.
    fn add_scan(&mut self, scan: &Scan) {
        for finding in &scan.findings {
            self.add(finding.clone(), finding.severity == Severity::Error);
        }
    }

    fn add_split(&mut self, findings: Vec<Finding>) {
        for finding in findings {
            let is_fault = finding.severity == Severity::Error;
            self.add(finding, is_fault);
        }
    }

    fn add_refused(&mut self, refused: &[Refused], policy: Unreadable) {
        let (severity, remedy) = match policy {
            Unreadable::Fail => (
                Severity::Error,
                "repair or remove such files, or leave them out with --set data.unreadable=skip",
            ),
            Unreadable::Skip => (Severity::Warning, "it is left out; repair or remove it"),
        };
        for file in refused {
            let paths = vec![file.candidate.path.clone()];
            let finding = Finding::new("unreadable", severity, paths, &*file.fact, remedy);
            self.add(finding, policy == Unreadable::Fail);
        }
    }

    /// Classes of which nothing is left in a part, though files were there.
    fn add_emptied(&mut self, absorbed: &Absorbed, dropped: &[bool]) {
        let mut left: BTreeMap<(Part, u32), (bool, &str)> = BTreeMap::new();
        for file in &absorbed.refused {
            let place = (file.candidate.part, file.candidate.label);
            left.entry(place).or_insert((false, &file.candidate.path));
        }
        for (picture, dropped) in absorbed.pictures.iter().zip(dropped) {
            let file = &picture.candidate;
            left.entry((file.part, file.label)).or_insert((false, &file.path)).0 |= !dropped;
        }
        for ((part, _), (_, path)) in left.into_iter().filter(|(_, (is_left, _))| !is_left) {
            let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
            let fact = format!("none of the files of this class can be used for {part}");
            let remedy = "add pictures to it, or take the folder away";
            let paths = vec![folder.to_owned()];
            self.faults.push(Finding::new("empty_class", Severity::Error, paths, fact, remedy));
        }
    }

    fn add_small(&mut self, parts: &[ScannedPart], absorbed: &Absorbed) {
        let place = parts.first().map_or("", |part| part.source.as_str());
        let assigned: Vec<_> = absorbed.pictures.iter().map(|file| file.candidate.part).collect();
        self.findings.extend(split::small_data_findings(place, &assigned));
    }

    #[expect(clippy::too_many_arguments, reason = "the audit is about everything that is known")]
    fn add_audit(
        &mut self,
        scan: &Scan,
        parts: &[ScannedPart],
        absorbed: &Absorbed,
        dropped: &[bool],
        recipe: &Recipe,
        rules: &AuditRules,
        groups: &Groups,
    ) {
        let sources: Vec<_> = parts.iter().map(|part| (part.part, part.source.clone())).collect();
        let (pictures, class_names, sources) = (&absorbed.pictures, &scan.class_names, &sources);
        let subject = Subject { pictures, dropped, class_names, sources, recipe, rules };
        for finding in audit::findings(&subject, groups) {
            let is_fault = audit::is_fatal(&finding);
            self.add(finding, is_fault);
        }
    }

    /// All findings in order, unless there are faults.
    fn pronounce(mut self) -> Result<Vec<Finding>, PrepError> {
        audit::arrange(&mut self.faults);
        audit::arrange(&mut self.findings);
        match self.faults.is_empty() {
            true => Ok(self.findings),
            false => Err(PrepError::Faults { faults: self.faults, others: self.findings }),
        }
    }
}
