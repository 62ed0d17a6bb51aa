//! What to say about a division: shares that groups did not allow, classes
//! that are too small, data that is too small to measure anything with.

use super::{Quota, quotas};
use crate::{picture::Part, words::count};
use shoebox_artifact::records::{Finding, Severity};
use shoebox_spec::SplitSpec;

/// Below this many pictures, figures mean little.
const SMALL_DATA: usize = 50;

/// Names that a message lists before it counts the rest.
const SHOWN: usize = 5;

/// What is noteworthy about the `parts` that [`super::assign`] gave the
/// pictures of `place`.
pub(crate) fn split_findings(
    place: &str,
    class_names: &[String],
    labels: &[u32],
    parts: &[Part],
    split: SplitSpec,
) -> Vec<Finding> {
    let counts = counts(class_names.len(), labels, parts);
    let quotas = quotas(labels, class_names.len(), split);
    let wanted = |part: &Part| *part != Part::Test || split.test > 0.0;
    let mut findings: Vec<_> = Part::ALL
        .into_iter()
        .filter(wanted)
        .filter_map(|part| {
            empty_part(place, part, &counts)
                .or_else(|| missing_classes(place, part, class_names, &counts))
        })
        .collect();
    findings.extend(inexact(place, class_names, &counts, &quotas));
    findings
}

/// Advice for data of any source with fewer than fifty pictures.
pub(crate) fn small_data_findings(place: &str, parts: &[Part]) -> Vec<Finding> {
    let val = parts.iter().filter(|part| **part == Part::Val).count();
    if parts.len() >= SMALL_DATA {
        return Vec::new();
    }
    let all = format!("there are only {}", count(parts.len() as u64, "picture"));
    let (fact, remedy) = match val {
        0 => (all, "collect more pictures: with fewer than fifty, figures mean little"),
        _ => (
            format!(
                "{all}, {val} of them in val, where one picture more or less right moves the accuracy by {:.0} points",
                100.0 / val as f64
            ),
            "collect more pictures, and trust no difference smaller than that",
        ),
    };
    vec![Finding::new("small_data", Severity::Warning, vec![place.to_owned()], fact, remedy)]
}

fn counts(classes: usize, labels: &[u32], parts: &[Part]) -> Vec<Quota> {
    let mut counts = vec![[0; 3]; classes];
    for (label, part) in labels.iter().zip(parts) {
        counts[*label as usize][*part as usize] += 1;
    }
    counts
}

/// A part that has none of the pictures: there is nothing to measure on then.
fn empty_part(place: &str, part: Part, counts: &[Quota]) -> Option<Finding> {
    let pictures: u64 = counts.iter().flatten().sum();
    let is_empty = counts.iter().all(|count| count[part as usize] == 0);
    let fact = format!("no class has a picture for {part}: each is too small, or looks all alike");
    let remedy = match part {
        Part::Test => {
            "a class needs three pictures that do not look alike; add some, or set data.split.test to 0"
        }
        _ => {
            "a class needs two pictures that do not look alike, and three with a share for test; add some"
        }
    };
    let paths = vec![place.to_owned()];
    (pictures > 0 && is_empty)
        .then(|| Finding::new("empty_split", Severity::Error, paths, fact, remedy))
}

/// The classes that have pictures, but none in `part`.
fn missing_classes(
    place: &str,
    part: Part,
    class_names: &[String],
    counts: &[Quota],
) -> Option<Finding> {
    let missing = |count: &Quota| count[part as usize] == 0 && count.iter().sum::<u64>() > 0;
    let named = class_names.iter().zip(counts).filter(|(_, count)| missing(count));
    let names: Vec<_> = named
        .map(|(name, count)| format!("`{name}` ({} in all)", count.iter().sum::<u64>()))
        .collect();
    let what = match part {
        Part::Train => "has nothing to learn from of",
        _ => "measures nothing of",
    };
    let fact = format!("{part} {what} {}", listed(&names));
    let remedy = "add pictures that do not look like those there are, or leave the class out with data.classes";
    let severity = if part == Part::Train { Severity::Error } else { Severity::Warning };
    let finding =
        || Finding::new("class_too_small", severity, vec![place.to_owned()], fact, remedy);
    (!names.is_empty()).then(finding)
}

/// The classes that groups keep from their shares.
fn inexact(
    place: &str,
    class_names: &[String],
    counts: &[Quota],
    quotas: &[Quota],
) -> Option<Finding> {
    let rows = class_names.iter().zip(counts.iter().zip(quotas));
    let off = rows.filter(|(_, (count, quota))| count != quota);
    let said: Vec<_> = off
        .map(|(name, ([train, val, test], [t, v, e]))| {
            format!("`{name}` {train}/{val}/{test} instead of {t}/{v}/{e}")
        })
        .collect();
    let fact = format!(
        "pictures that look alike stay together, so train/val/test are not exact: {}",
        listed(&said)
    );
    let remedy = "nothing needs to be done; fewer copies of the same picture would make it exact";
    let finding =
        || Finding::new("inexact_split", Severity::Note, vec![place.to_owned()], fact, remedy);
    (!said.is_empty()).then(finding)
}

fn listed(items: &[String]) -> String {
    let shown = items[..items.len().min(SHOWN)].join(", ");
    match items.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
