//! Which pictures must stay together, as the audit of `prep` has found them.

use shoebox_artifact::records::{Audit, Finding, Sample};
use std::collections::HashMap;

/// The kinds of findings that are about pictures of one group. Each group has
/// at least one finding that names all of its pictures, in whichever splits
/// they are.
const KINDS: [&str; 5] =
    ["exact_duplicate", "near_duplicate", "leakage", "leakage_dropped", "two_labels"];

/// The group of each sample: a number that its pictures share and no others
/// have. Equal files are always of one group; pictures that look alike are
/// where the audit has compared them.
///
/// # Errors
/// A fact, where the audit does not list all pictures of a group.
pub(super) fn groups(samples: &[Sample], audit: &Audit) -> Result<Vec<usize>, String> {
    let mut sets = Sets((0..samples.len()).collect());
    let mut first_of = HashMap::new();
    let mut at_path: HashMap<&str, usize> = HashMap::new();
    for (place, sample) in samples.iter().enumerate() {
        sets.join(*first_of.entry(sample.digest.as_str()).or_insert(place), place);
        // One file may be in two splits; its digest has joined those.
        at_path.insert(&sample.path, place);
    }
    for finding in audit.findings.iter().filter(|found| KINDS.contains(&found.kind.as_str())) {
        check_complete(finding)?;
        let mut places = finding.paths.iter().filter_map(|path| at_path.get(path.as_str()));
        if let Some(&first) = places.next() {
            places.for_each(|&place| sets.join(first, place));
        }
    }
    Ok((0..samples.len()).map(|place| sets.find(place)).collect())
}

/// Equal files are known by their digests, however many there are.
fn check_complete(finding: &Finding) -> Result<(), String> {
    if finding.kind == "exact_duplicate" || finding.count <= finding.paths.len() as u64 {
        return Ok(());
    }
    let (count, listed) = (finding.count, finding.paths.len());
    Err(format!("{count} pictures are alike, of which it lists {listed}"))
}

/// Disjoint sets: each place points towards the first one of its set.
struct Sets(Vec<usize>);

impl Sets {
    fn find(&mut self, mut place: usize) -> usize {
        while self.0[place] != place {
            self.0[place] = self.0[self.0[place]];
            place = self.0[place];
        }
        place
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        self.0[one.max(other)] = one.min(other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoebox_artifact::records::Severity;

    fn samples(files: &[(&str, &str)]) -> Vec<Sample> {
        let sample = |&(path, digest): &(&str, &str)| Sample {
            split: "train".to_owned(),
            row: 0,
            label: 0,
            path: path.to_owned(),
            digest: digest.to_owned(),
            width: 1,
            height: 1,
            format: "png".to_owned(),
            phash: String::new(),
            notes: String::new(),
        };
        files.iter().map(sample).collect()
    }

    fn finding(kind: &str, paths: &[&str]) -> Finding {
        let paths = paths.iter().map(|&path| path.to_owned()).collect();
        Finding::new(kind, Severity::Note, paths, "", "")
    }

    #[test]
    fn equal_files_are_together_without_an_audit() {
        let samples = samples(&[("a", "1"), ("b", "2"), ("c", "1"), ("d", "3")]);
        assert_eq!(groups(&samples, &Audit::default()).unwrap(), [0, 1, 0, 3]);
    }

    #[test]
    fn findings_join_what_they_name_and_chains_of_them() {
        let samples = samples(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4"), ("e", "5")]);
        let findings = vec![
            finding("near_duplicate", &["d", "b"]),
            // A picture of the test split is no sample here.
            finding("leakage", &["test/x", "c", "d"]),
            finding("odd_shape", &["a", "e"]),
        ];
        let audit = Audit { complete: true, findings };
        assert_eq!(groups(&samples, &audit).unwrap(), [0, 1, 1, 1, 4]);
    }

    #[test]
    fn a_group_that_is_not_listed_whole_is_refused() {
        let mut cut = finding("near_duplicate", &["a", "b"]);
        cut.count = 1001;
        let mut equal = finding("exact_duplicate", &["a", "b"]);
        equal.count = 1001;
        let audit = |finding| Audit { complete: true, findings: vec![finding] };
        let samples = samples(&[("a", "1"), ("b", "2")]);
        let fact = groups(&samples, &audit(cut)).unwrap_err();
        assert_eq!(fact, "1001 pictures are alike, of which it lists 2");
        assert!(groups(&samples, &audit(equal)).is_ok());
    }
}
